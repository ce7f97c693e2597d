//! External witness for receipts: a file or an HTTP endpoint.

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

/// Timeout of a request to a witness.
const TIMEOUT: Duration = Duration::from_secs(10);

/// External place where receipts are stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReceiptWitness {
    /// A file to which each receipt is appended as one line.
    File(PathBuf),
    /// A URL to which each receipt is posted as JSON.
    Address(String),
}

impl fmt::Display for ReceiptWitness {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(formatter),
            // The query string may contain a secret.
            Self::Address(address) => address.split('?').next().unwrap_or_default().fmt(formatter),
        }
    }
}

impl ReceiptWitness {
    /// Parses a setting: an `http` or `https` URL, or else a file path.
    ///
    /// # Errors
    /// When it is empty, a URL with another scheme, or a URL without a host.
    pub fn of(text: &str) -> Result<Self> {
        match text.split_once("://") {
            Some(("http" | "https", _)) => {
                let address: Uri = text.parse().context("the witness is not a valid URL")?;
                if address.host().is_none_or(str::is_empty) {
                    bail!("the URL of the witness has no host");
                }
                Ok(Self::Address(text.to_owned()))
            }
            Some((scheme, _)) => {
                bail!("a witness must be a file or an http or https URL, not `{scheme}`")
            }
            None if text.trim().is_empty() => bail!("a witness must be a file or a URL; this one is empty"),
            None => Ok(Self::File(text.into())),
        }
    }
}

impl Witness for ReceiptWitness {
    fn take(&self, receipt: &Receipt) -> Result<()> {
        match self {
            Self::File(path) => {
                let mut file = OpenOptions::new().create(true).read(true).append(true).open(path)?;
                // After a truncated line, the receipt starts on a new one.
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
                    bail!("the witness responded with {status}; redirects are not followed");
                }
                Ok(())
            }
        }
    }
}

/// Whether a file is empty or ends with a line break.
fn ends_in_line(file: &mut File) -> Result<bool> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}
