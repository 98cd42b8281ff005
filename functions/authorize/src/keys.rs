//! The issuers' keys: fetched once and kept.
//!
//! A key that is not known is looked for at the issuer, at most once a minute; keys known for an hour are
//! fetched anew, and go on working while the issuer is away.

use std::{collections::HashMap, fmt, sync::Mutex, time::Duration};

use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Bytes;
use hyper_rustls::HttpsConnector;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use serde::{Deserialize, de::DeserializeOwned};

use crate::issuer::{Issuer, is_safe};

/// An issuer is asked at most this often.
const PAUSE: SignedDuration = SignedDuration::from_secs(60);
/// Keys older than this are fetched anew.
const FRESH: SignedDuration = SignedDuration::from_hours(1);
const TIMEOUT: Duration = Duration::from_secs(3);
const MOST_BYTES: usize = 256 * 1024;

/// Why the keys of an issuer cannot be had.
#[derive(Debug)]
pub(crate) struct KeysError(String);

impl fmt::Display for KeysError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the issuer's keys cannot be had: {}", self.0)
    }
}

impl std::error::Error for KeysError {}

impl From<KeysError> for lambda_runtime::Diagnostic {
    fn from(error: KeysError) -> Self {
        Self { error_type: "KeysUnavailable".to_owned(), error_message: error.to_string() }
    }
}

/// The keys of every issuer, as this execution environment knows them.
pub(crate) struct Keys {
    client: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
    known: Mutex<HashMap<String, Known>>,
}

#[derive(Clone)]
struct Known {
    keys: JwkSet,
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
        Self { client: Client::builder(TokioExecutor::new()).build(connector), known: Mutex::default() }
    }
}

fn without_roots() -> rustls::ClientConfig {
    rustls::ClientConfig::builder().with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth()
}

impl Keys {
    /// The key with this id; without an id, the issuer's only key.
    pub(crate) async fn find(
        &self,
        issuer: &Issuer,
        id: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<Jwk>, KeysError> {
        let known = self.known(issuer, now);
        let key = known.as_ref().and_then(|known| pick(&known.keys, id));
        let is_fresh = known.as_ref().is_some_and(|known| now.duration_since(known.fetched_at) < FRESH);
        let asked_lately = known.as_ref().is_some_and(|known| now.duration_since(known.asked_at) < PAUSE);
        if asked_lately || (key.is_some() && is_fresh) {
            return Ok(key);
        }
        match (self.fetch(issuer).await, known) {
            (Ok(keys), _) => {
                let key = pick(&keys, id);
                self.keep(issuer, Known { keys, fetched_at: now, asked_at: now });
                Ok(key)
            }
            (Err(_), Some(known)) => {
                self.keep(issuer, Known { asked_at: now, ..known });
                Ok(key) // what was known goes on working; what was not lets nobody in
            }
            (Err(error), None) => Err(error),
        }
    }

    /// What is known of an issuer; what was learnt later than `now` does not count.
    fn known(&self, issuer: &Issuer, now: Timestamp) -> Option<Known> {
        let known = self.known.lock().ok()?.get(issuer.id()).cloned()?;
        (known.fetched_at <= now && known.asked_at <= now).then_some(known)
    }

    fn keep(&self, issuer: &Issuer, known: Known) {
        if let Ok(mut all) = self.known.lock() {
            all.insert(issuer.id().to_owned(), known);
        }
    }

    async fn fetch(&self, issuer: &Issuer) -> Result<JwkSet, KeysError> {
        #[derive(Deserialize)]
        struct Discovery {
            jwks_uri: String,
        }
        let uri = match &issuer.jwks_uri {
            Some(uri) => uri.clone(),
            None => self.get::<Discovery>(&issuer.discovery_uri()).await?.jwks_uri,
        };
        if !is_safe(&uri) {
            return Err(KeysError(format!("{uri} is not https")));
        }
        self.get(&uri).await
    }

    async fn get<T: DeserializeOwned>(&self, uri: &str) -> Result<T, KeysError> {
        let broken = |cause: &dyn fmt::Display| KeysError(format!("{uri}: {cause}"));
        let address = uri.parse().map_err(|error: hyper::http::uri::InvalidUri| broken(&error))?;
        let body = async {
            let response = self.client.get(address).await.map_err(|error| broken(&error))?;
            if response.status() != hyper::StatusCode::OK {
                return Err(broken(&response.status()));
            }
            let body = Limited::new(response.into_body(), MOST_BYTES).collect().await;
            Ok(body.map_err(|error| broken(&error))?.to_bytes())
        };
        let bytes = tokio::time::timeout(TIMEOUT, body).await.map_err(|_| broken(&"no answer in time"))??;
        serde_json::from_slice(&bytes).map_err(|error| broken(&error))
    }
}

fn pick(keys: &JwkSet, id: Option<&str>) -> Option<Jwk> {
    match (id, keys.keys.as_slice()) {
        (Some(id), _) => keys.find(id).cloned(),
        (None, [only]) => Some(only.clone()),
        (None, _) => None,
    }
}
