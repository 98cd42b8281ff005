//! The issuers' keys: fetched once and kept.
//!
//! A key that is not known is looked for at the issuer, at most once a minute; keys known for an hour are
//! fetched anew, and go on working while the issuer is away. Where none were ever had, it is asked again
//! after some seconds.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Bytes;
use hyper_rustls::HttpsConnector;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use shared::error::Fault;

use crate::{
    issuer::{Source, is_safe},
    key::{self, Key},
    token::Unverified,
};

/// An issuer whose keys are known is asked at most this often.
const PAUSE: SignedDuration = SignedDuration::from_secs(60);
/// One whose keys could not be had, at most this often: with every new process asking for each request, who
/// sends tokens of an issuer that is away would keep many of them waiting.
const RETRY: SignedDuration = SignedDuration::from_secs(5);
/// Keys older than this are fetched anew.
const FRESH: SignedDuration = SignedDuration::from_hours(1);
/// For one request. Two of them are within the ten seconds that API Gateway waits for an authorizer.
const TIMEOUT: Duration = Duration::from_secs(3);
const MOST_BYTES: usize = 256 * 1024;

/// Why the keys of an issuer cannot be had.
#[derive(Debug, Clone)]
pub(crate) struct KeysError(String);

impl fmt::Display for KeysError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the issuer's keys cannot be had: {}", self.0)
    }
}

impl std::error::Error for KeysError {}

impl KeysError {
    fn at(uri: &str, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(format!("{uri}: {}", Fault::new(cause).chain()))
    }
}

impl From<KeysError> for lambda_runtime::Diagnostic {
    fn from(error: KeysError) -> Self {
        Self { error_type: "KeysUnavailable".to_owned(), error_message: error.to_string() }
    }
}

/// The keys of every issuer, as this execution environment knows them.
pub(crate) struct Keys {
    client: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
    timeout: Duration,
    known: Mutex<HashMap<Source, Known>>,
}

#[derive(Clone)]
struct Known {
    /// Or why they were never had.
    keys: Result<Arc<[Key]>, KeysError>,
    fetched_at: Timestamp,
    asked_at: Timestamp,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys")
    }
}

impl Default for Keys {
    fn default() -> Self {
        // Issuers are anywhere, so the machine's roots count. Without any, no https issuer can be reached,
        // and the error says so when it is tried.
        let builder = hyper_rustls::HttpsConnectorBuilder::new();
        let tls = match builder.with_native_roots() {
            Ok(builder) => builder,
            Err(_) => hyper_rustls::HttpsConnectorBuilder::new().with_tls_config(without_roots()),
        };
        let connector = tls.https_or_http().enable_http1().build();
        Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            timeout: TIMEOUT,
            known: Mutex::default(),
        }
    }
}

fn without_roots() -> rustls::ClientConfig {
    rustls::ClientConfig::builder().with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth()
}

impl Keys {
    /// The key that a token says it is signed with; `None` if its issuer has no such key.
    pub(crate) async fn find(&self, token: &Unverified<'_>, now: Timestamp) -> Result<Option<Key>, KeysError> {
        let pick = |keys: &[Key]| key::pick(keys, token.key_id.as_deref(), token.algorithm).cloned();
        let source = token.issuer.source();
        let known = self.known(&source, now);
        if let Some(Known { keys, fetched_at, asked_at }) = &known {
            let found = keys.as_ref().map(|keys| pick(keys));
            let is_fresh = matches!(found, Ok(Some(_))) && now.duration_since(*fetched_at) < FRESH;
            let pause = if keys.is_ok() { PAUSE } else { RETRY };
            if is_fresh || now.duration_since(*asked_at) < pause {
                return found.map_err(Clone::clone);
            }
        }
        let (keys, fetched_at) = match (self.fetch(&source).await, known) {
            (Err(error), Some(Known { keys: Ok(keys), fetched_at, .. })) => {
                tracing::warn!(cause = %error, "keys not fetched anew");
                (Ok(keys), fetched_at) // what was known goes on working; what was not lets nobody in
            }
            (fetched, _) => (fetched, now),
        };
        let found = keys.as_ref().map(|keys| pick(keys)).map_err(Clone::clone);
        self.keep(source, Known { keys, fetched_at, asked_at: now });
        found
    }

    /// What is known of an issuer. Events overtake each other a little; what was learnt long after `now` does
    /// not count.
    fn known(&self, source: &Source, now: Timestamp) -> Option<Known> {
        let known = self.known.lock().ok()?.get(source).cloned()?;
        (known.asked_at.duration_since(now) < PAUSE).then_some(known)
    }

    fn keep(&self, source: Source, known: Known) {
        if let Ok(mut all) = self.known.lock() {
            all.insert(source, known);
        }
    }

    async fn fetch(&self, source: &Source) -> Result<Arc<[Key]>, KeysError> {
        #[derive(Deserialize)]
        struct Discovery {
            issuer: String,
            jwks_uri: String,
        }
        #[derive(Deserialize)]
        struct KeySet {
            keys: Vec<Value>,
        }
        let uri = match source {
            Source::KeySet(uri) => uri.clone(),
            Source::Discovery { uri, issuer } => {
                let found: Discovery = self.get(uri).await?;
                if found.issuer != *issuer {
                    return Err(KeysError::at(uri, format!("describes another issuer, {}", found.issuer)));
                }
                found.jwks_uri
            }
        };
        if !is_safe(&uri) {
            return Err(KeysError::at(&uri, "is not https"));
        }
        let set: KeySet = self.get(&uri).await?;
        let keys: Arc<[Key]> = set.keys.iter().filter_map(Key::read).collect();
        if keys.is_empty() {
            return Err(KeysError::at(&uri, "has no key for RS256 or ES256"));
        }
        Ok(keys)
    }

    async fn get<T: DeserializeOwned>(&self, uri: &str) -> Result<T, KeysError> {
        let address = uri.parse().map_err(|error: hyper::http::uri::InvalidUri| KeysError::at(uri, error))?;
        let body = async {
            let response = self.client.get(address).await.map_err(|error| KeysError::at(uri, error))?;
            if response.status() != hyper::StatusCode::OK {
                return Err(KeysError::at(uri, response.status().to_string()));
            }
            let body = Limited::new(response.into_body(), MOST_BYTES).collect().await;
            Ok(body.map_err(|error| KeysError::at(uri, error))?.to_bytes())
        };
        let answer = tokio::time::timeout(self.timeout, body).await;
        let bytes = answer.map_err(|_| KeysError::at(uri, "no answer in time"))??;
        serde_json::from_slice(&bytes).map_err(|error| KeysError::at(uri, error))
    }
}

#[cfg(test)]
mod tests;
