//! What is kept between runs under `--data`: the table, the issuer's key, the keys of links and cursors.
//!
//! Without `--data` all of it is made anew and forgotten.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Secrets of one set, as base64.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Secrets {
    issuer_key: String,
    link_key: String,
    cursor_key: String,
}

/// The folder, while it is in use.
#[derive(Debug)]
pub(crate) struct Data {
    folder: PathBuf,
    _lock: File,
}

impl Data {
    /// Takes the folder for this process alone; makes it where it is missing.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let lock =
            File::create(folder.join("lock")).with_context(|| format!("cannot write in {}", folder.display()))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { folder: folder.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => bail!("{} is in use by another `local`", folder.display()),
            Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("cannot lock {}", folder.display())),
        }
    }

    /// The file of the table.
    pub(crate) fn table(&self) -> PathBuf {
        self.folder.join("table.sqlite")
    }

    /// The secrets of earlier runs, or new ones.
    pub(crate) fn secrets(&self) -> Result<Secrets> {
        let path = self.folder.join("secrets.json");
        if path.exists() {
            let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            return serde_json::from_str(&text)
                .with_context(|| format!("{} is not what was written there", path.display()));
        }
        let secrets = Secrets::new();
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path).with_context(|| format!("cannot write {}", path.display()))?;
        file.write_all(serde_json::to_string_pretty(&secrets)?.as_bytes())?;
        file.sync_all()?;
        Ok(secrets)
    }
}

impl Secrets {
    /// Fresh ones.
    pub(crate) fn new() -> Self {
        let issuer_key = loop {
            // One in 2^32 numbers of that length is no key.
            let bytes = random();
            if p256::SecretKey::from_slice(&bytes).is_ok() {
                break BASE64_STANDARD.encode(bytes);
            }
        };
        Self { issuer_key, link_key: BASE64_STANDARD.encode(random()), cursor_key: BASE64_STANDARD.encode(random()) }
    }

    /// The issuer's private key.
    pub(crate) fn issuer_key(&self) -> Result<Vec<u8>> {
        BASE64_STANDARD.decode(&self.issuer_key).context("the issuer's key is not base64")
    }

    /// `LINK_KEYS`: a ring of one.
    pub(crate) fn link_keys(&self) -> String {
        format!("k1:{}", self.link_key)
    }

    /// `CURSOR_KEY`.
    pub(crate) fn cursor_key(&self) -> String {
        self.cursor_key.clone()
    }
}

/// 32 random bytes: three random UUIDs hold 366 random bits, the hash keeps 256 of them.
fn random() -> [u8; 32] {
    let mut hash = Sha256::new();
    for _ in 0..3 {
        hash.update(Uuid::new_v4().as_bytes());
    }
    hash.finalize().into()
}
