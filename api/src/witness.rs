//! Where receipts are kept by somebody else: a file, or an address by HTTP.

use std::{
    fmt,
    fs::{File, OpenOptions},
    io::{Read, Seek, SeekFrom, Write},
    path::PathBuf,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use registry::change_log::{Receipt, Witness};
use ureq::http::Uri;

/// Time that a witness has.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Where somebody else keeps receipts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReceiptWitness {
    /// A file that one line a receipt is appended to.
    File(PathBuf),
    /// An address that each receipt is posted to as JSON.
    Address(String),
}

impl fmt::Display for ReceiptWitness {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(formatter),
            // What follows may be a secret.
            Self::Address(address) => address.split('?').next().unwrap_or_default().fmt(formatter),
        }
    }
}

impl ReceiptWitness {
    /// The witness that a setting names: an address by HTTP, or else a file.
    ///
    /// # Errors
    /// When it is empty, an address of another kind, or one without a host.
    pub fn of(text: &str) -> Result<Self> {
        match text.split_once("://") {
            Some(("http" | "https", _)) => {
                let address: Uri = text.parse().context("the witness is no address")?;
                if address.host().is_none_or(str::is_empty) {
                    bail!("the address of the witness names no host");
                }
                Ok(Self::Address(text.to_owned()))
            }
            Some((scheme, _)) => {
                bail!("a witness is a file or an address by http or https, not by `{scheme}`")
            }
            None if text.trim().is_empty() => bail!("a witness is a file or an address; this one is empty"),
            None => Ok(Self::File(text.into())),
        }
    }
}

impl Witness for ReceiptWitness {
    fn take(&self, receipt: &Receipt) -> Result<()> {
        match self {
            Self::File(path) => {
                let mut file = OpenOptions::new().create(true).read(true).append(true).open(path)?;
                // A line that was cut short does not spoil the next.
                let begin = if ends_in_line(&mut file)? { "" } else { "\n" };
                file.write_all(format!("{begin}{}\n", receipt.to_json()).as_bytes())?;
                Ok(file.sync_data()?)
            }
            Self::Address(address) => {
                let agent = ureq::Agent::config_builder()
                    .timeout_global(Some(TIMEOUT))
                    .max_redirects(0)
                    .build()
                    .new_agent();
                let post = agent.post(address).header("Content-Type", "application/json");
                let status = post.send(receipt.to_json().as_bytes())?.status();
                if !status.is_success() {
                    bail!("it answered {status}, and redirects are not followed");
                }
                Ok(())
            }
        }
    }
}

/// Whether a file is empty, or its last line is whole.
fn ends_in_line(file: &mut File) -> Result<bool> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}
