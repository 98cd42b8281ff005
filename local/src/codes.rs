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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    // The example of RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn issued(codes: &Codes) -> String {
        let person = json!({ "tenantId": "11111111-1111-4111-8111-111111111111" });
        let grant = Grant {
            person: serde_json::from_value(person).unwrap(),
            client_id: "portal".to_owned(),
            redirect_uri: "http://127.0.0.1:8787/signed-in".to_owned(),
            scope: "openid".to_owned(),
            nonce: None,
            challenge: CHALLENGE.to_owned(),
        };
        codes.issue(grant, at("2030-01-01T00:00:00Z"))
    }

    fn redeemed(code: &str) -> Redeemed<'_> {
        Redeemed { code, client_id: "portal", redirect_uri: "http://127.0.0.1:8787/signed-in", verifier: VERIFIER }
    }

    #[test]
    fn a_code_is_redeemed_once_within_a_minute() {
        let codes = Codes::default();
        let code = issued(&codes);
        let seen = codes.redeem(&redeemed(&code), at("2030-01-01T00:00:59.999Z"));
        assert_eq!(seen.unwrap().client_id, "portal");
        let again = codes.redeem(&redeemed(&code), at("2030-01-01T00:00:59.999Z"));
        assert_eq!(again.unwrap_err(), "the code is unknown or was used");
    }

    #[test]
    fn a_code_serves_only_whom_it_was_given_to() {
        let codes = Codes::default();
        for (change, now, why) in [
            (Redeemed { verifier: CHALLENGE, ..redeemed("") }, "2030-01-01T00:00:01Z", "code_verifier"),
            (Redeemed { client_id: "another", ..redeemed("") }, "2030-01-01T00:00:01Z", "another client"),
            (
                Redeemed { redirect_uri: "http://127.0.0.1:8787/", ..redeemed("") },
                "2030-01-01T00:00:01Z",
                "redirect_uri",
            ),
            (redeemed(""), "2030-01-01T00:01:00Z", "expired"),
            (redeemed(""), "2029-12-31T23:59:59Z", "expired"),
        ] {
            let code = issued(&codes);
            let seen = codes.redeem(&Redeemed { code: &code, ..change }, at(now)).unwrap_err();
            assert!(seen.contains(why), "{why}: {seen}");
            // Whoever guessed wrong does not guess again.
            assert!(codes.redeem(&redeemed(&code), at("2030-01-01T00:00:01Z")).is_err(), "{why}");
        }
    }

    #[test]
    fn codes_that_nobody_redeemed_are_not_kept() {
        let codes = Codes::default();
        let code = issued(&codes);
        let grant = codes.kept.lock().unwrap()[&code].1.clone();
        codes.issue(grant, at("2030-01-01T00:01:00Z"));
        assert_eq!(codes.kept.lock().unwrap().len(), 1);
    }
}
