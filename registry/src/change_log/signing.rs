//! Signing receipts of the log and sending them to a witness.

use std::{fmt, fs::File, io::Read, path::Path, sync::Arc, time::Duration};

use anyhow::{Context, Result, bail};
use chrono::SubsecRound;
use ed25519_dalek::{SigningKey, pkcs8::DecodePrivateKey};
use entities::{change, receipt};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Receipt, Registry, append, clock};
use crate::database::{self, bulk};

/// Interval for signing receipts.
const INTERVAL: Duration = Duration::from_secs(60);
/// Maximum size of a key file, in bytes.
const MAX_KEY_BYTES: u64 = 16 << 10;
/// Maximum number of receipts searched for the last valid one.
const LOOKED_AT: u64 = 100;

/// Signing key and witness.
#[derive(Clone)]
pub struct Signer {
    key: Arc<SigningKey>,
    witness: Option<Arc<dyn Witness>>,
}

impl fmt::Debug for Signer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let witness = self.witness.as_ref().map(ToString::to_string);
        formatter.debug_struct("Signer").field("witness", &witness).finish_non_exhaustive()
    }
}

/// External store of receipts: a file or a server of a third party.
pub trait Witness: fmt::Display + Send + Sync {
    /// Stores a receipt; blocks until it is stored.
    ///
    /// # Errors
    /// When it is not confirmed as stored.
    fn take(&self, receipt: &Receipt) -> Result<()>;
}

impl Signer {
    /// Reads an Ed25519 key from a PKCS #8 file in PEM, as created by `openssl genpkey -algorithm ed25519`.
    ///
    /// # Errors
    /// When the file cannot be read or contains no such key.
    pub fn read(path: &Path, witness: Option<Arc<dyn Witness>>) -> Result<Self> {
        let mut text = String::new();
        let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
        file.take(MAX_KEY_BYTES)
            .read_to_string(&mut text)
            .with_context(|| format!("cannot read {}", path.display()))?;
        let Ok(key) = SigningKey::from_pkcs8_pem(&text) else {
            bail!(
                "{} contains no Ed25519 key; create one with `openssl genpkey -algorithm ed25519 -out FILE`",
                path.display()
            );
        };
        Ok(Self { key: key.into(), witness })
    }

    /// Public key for verifying signatures: 32 bytes.
    pub fn public_key(&self) -> [u8; 32] {
        self.key.verifying_key().to_bytes()
    }
}

impl Registry {
    /// Signs the state of the log, unless a receipt for it exists; returns the last receipt.
    ///
    /// # Errors
    /// When the database does not answer, or its log differs from the served one.
    pub async fn sign(&self, signer: &Signer) -> Result<Option<Receipt>> {
        let (registry, signer) = (self.clone(), signer.clone());
        database::detached(async move {
            let snapshot = registry.snapshot();
            let Some(identity) = registry.identity() else { return Ok(None) };
            let own_key = signer.public_key();
            // Avoids the write lock when there is nothing to sign.
            let is_signed = |known: &Receipt| known.seq >= snapshot.seq() && known.is_signed_with(&own_key);
            if let Some(known) = registry.receipt().filter(|known| is_signed(known)) {
                return Ok(Some(Receipt::clone(&known)));
            }
            let transaction = database::begin_write(registry.database()).await?;
            let last = last_true(&transaction, &identity).await?;
            if let Some(receipt) = last.filter(is_signed) {
                registry.keep_receipt(receipt.clone());
                return Ok(Some(receipt));
            }
            let hash = change::Entity::find().select_only().column(change::Column::Hash);
            let hash = hash.filter(change::Column::Seq.eq(snapshot.seq()));
            let hash: Option<Vec<u8>> = hash.into_tuple().one(&transaction).await?;
            if hash.as_deref() != Some(snapshot.hash()) {
                bail!("the database's log differs from the one that is served; no receipt is signed");
            }
            let at = clock::now(&transaction, append::head(&transaction).await?.at).await?.trunc_subsecs(6);
            let receipt = Receipt::sign(&signer.key, &identity, (snapshot.seq(), snapshot.hash()), at);
            // Replaces any other receipt for this sequence number: only this one was compared with the log.
            bulk::upsert::<receipt::Entity>(&transaction, vec![receipt.row()?]).await?;
            transaction.commit().await?;
            registry.keep_receipt(receipt.clone());
            Ok(Some(receipt))
        })
        .await
    }

    /// Signs the state of the log and sends the last receipt to the witness, unless it has the receipt of
    /// that sequence number.
    ///
    /// # Errors
    /// When signing fails.
    pub async fn sign_and_send(&self, signer: &Signer, last_sent: &mut Option<i64>) -> Result<()> {
        if let Some(receipt) = self.sign(signer).await?.filter(|receipt| *last_sent != Some(receipt.seq)) {
            let seq = receipt.seq;
            if signer.send_to_witness(receipt).await {
                *last_sent = Some(seq);
            }
        }
        Ok(())
    }

    /// Reads the last receipt that any process signed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn read_receipt(&self) -> Result<()> {
        if let Some(identity) = self.identity()
            && let Some(last) = last_true(&self.database().follow, &identity).await?
        {
            self.keep_receipt(last);
        }
        Ok(())
    }
}

impl Signer {
    /// Sends the receipt to the witness, if there is one; returns whether it was stored.
    async fn send_to_witness(&self, receipt: Receipt) -> bool {
        let Some(witness) = self.witness.clone() else { return true };
        let (seq, name) = (receipt.seq, witness.to_string());
        let result = tokio::task::spawn_blocking(move || witness.take(&receipt)).await;
        let result = result.map_err(anyhow::Error::from).and_then(|result| result);
        if let Err(error) = &result {
            tracing::warn!(%error, seq, witness = name, "the witness did not store a receipt");
        }
        result.is_ok()
    }
}

/// Last valid receipt that matches the log: anyone with write access to the table could add others.
async fn last_true(db: &impl ConnectionTrait, identity: &[u8]) -> Result<Option<Receipt>> {
    use receipt::Column::Seq;
    let head = append::log_end(db).await?.0;
    let last = receipt::Entity::find().order_by_desc(Seq).limit(LOOKED_AT).all(db).await?;
    if let Some(beyond) = last.iter().find(|row| row.seq > head) {
        tracing::error!(
            seq = beyond.seq,
            "a receipt refers to a change that is not in the log: run `registry check`"
        );
    }
    let seqs = last.iter().map(|row| row.seq);
    let hashes = change::Entity::find().select_only().columns([change::Column::Seq, change::Column::Hash]);
    let hashes = hashes.filter(change::Column::Seq.is_in(seqs)).into_tuple();
    let hashes: Vec<(i64, Vec<u8>)> = hashes.all(db).await?;
    let is_true = |row: &receipt::Model| {
        let hash = hashes.iter().find(|(seq, _)| *seq == row.seq);
        hash.is_some_and(|(_, hash)| Receipt::of_row(identity, row).denial(identity, hash).is_none())
    };
    let found = last.iter().find(|row| is_true(row)).map(|row| Receipt::of_row(identity, row));
    if found.is_none() && !last.is_empty() {
        tracing::error!("none of the last receipts matches the log: run `registry check`");
    }
    Ok(found)
}

/// Signs a receipt once a minute if there were changes, and sends the last one to the witness until it is
/// stored; without a key, reads the receipts of other processes. Never returns.
pub(super) async fn run(registry: Registry, signer: Option<Signer>) {
    let status = registry.tasks().register("receiptSigner");
    let mut last_sent = None;
    loop {
        let done = match &signer {
            Some(signer) => registry.sign_and_send(signer, &mut last_sent).await,
            None => registry.read_receipt().await,
        };
        status.report(done.as_ref());
        if let Err(error) = done {
            tracing::warn!(%error, "no receipt could be signed or read");
        }
        tokio::time::sleep(INTERVAL).await;
    }
}
