//! Authorization codes with PKCE (RFC 7636), as the local issuer gives them.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::issuer::TokenRequest;

/// How long a code lives.
const LIFE: SignedDuration = SignedDuration::from_secs(60);

/// What a code stands for.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub(crate) person: TokenRequest,
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) scope: String,
    pub(crate) nonce: Option<String>,
    /// SHA-256 of the verifier, as base64url.
    pub(crate) challenge: String,
}

/// What comes with a code when it is redeemed.
#[derive(Debug)]
pub(crate) struct Redeemed<'a> {
    pub(crate) code: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) redirect_uri: &'a str,
    pub(crate) verifier: &'a str,
}

/// The codes that can still be redeemed.
#[derive(Debug, Default)]
pub(crate) struct Codes {
    kept: Mutex<BTreeMap<String, (Timestamp, Grant)>>,
}

impl Codes {
    /// A code for this.
    pub(crate) fn issue(&self, grant: Grant, now: Timestamp) -> String {
        let code = Uuid::new_v4().simple().to_string();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, (since, _)| lives(*since, now));
        kept.insert(code.clone(), (now, grant));
        code
    }

    /// What a code stands for, or why it stands for nothing. Right or wrong, it is used up.
    pub(crate) fn redeem(&self, given: &Redeemed<'_>, now: Timestamp) -> Result<Grant, &'static str> {
        let found = self.kept.lock().unwrap_or_else(PoisonError::into_inner).remove(given.code);
        let (since, grant) = found.ok_or("the code is unknown or was used")?;
        if !lives(since, now) {
            return Err("the code has expired");
        }
        if grant.client_id != given.client_id {
            return Err("the code was given to another client");
        }
        if grant.redirect_uri != given.redirect_uri {
            return Err("the redirect_uri is not the one that the code was sent to");
        }
        if grant.challenge != challenge(given.verifier) {
            return Err("the code_verifier does not fit the code_challenge");
        }
        Ok(grant)
    }
}

/// Not past its time, and time has not gone back before it.
fn lives(since: Timestamp, now: Timestamp) -> bool {
    let age = now.duration_since(since);
    age >= SignedDuration::ZERO && age < LIFE
}

/// The challenge of a verifier by the method S256.
fn challenge(verifier: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}
