//! What tests make tokens with, and an issuer on a loopback port.
//!
//! The keys in `testing/` were made for these tests (`openssl genrsa`, `openssl ecparam -name prime256v1`) and
//! sign nothing else: making RSA keys anew takes a debug build many seconds.

use std::{
    collections::{BTreeMap, HashMap},
    io::Write,
    sync::{Arc, LazyLock, Mutex},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, jwk::Jwk};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::JoinHandle,
};

pub(crate) const TENANT: &str = "11111111-1111-4111-8111-111111111111";
pub(crate) const OPERATOR: &str = "00000000-0000-4000-8000-000000000001";

/// The time of every event that names no other.
pub(crate) fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

/// A private key, and the id that its public half is published under.
#[derive(Clone, Copy)]
pub(crate) struct Signer {
    pub(crate) id: &'static str,
    pub(crate) algorithm: Algorithm,
    pub(crate) der: &'static [u8],
}

pub(crate) const RSA: Signer =
    Signer { id: "rsa", algorithm: Algorithm::RS256, der: include_bytes!("testing/rsa.der") };
pub(crate) const P256: Signer =
    Signer { id: "p256", algorithm: Algorithm::ES256, der: include_bytes!("testing/p256.der") };
pub(crate) const STRANGER_RSA: Signer = Signer { der: include_bytes!("testing/stranger-rsa.der"), ..RSA };
pub(crate) const STRANGER_P256: Signer = Signer { der: include_bytes!("testing/stranger-p256.der"), ..P256 };

impl Signer {
    fn private(self) -> EncodingKey {
        if self.algorithm == Algorithm::RS256 {
            EncodingKey::from_rsa_der(self.der)
        } else {
            EncodingKey::from_ec_der(self.der)
        }
    }

    /// The public half, as an issuer publishes it.
    pub(crate) fn jwk(self) -> Value {
        let mut jwk = json!(Jwk::from_encoding_key(&self.private(), self.algorithm).unwrap());
        jwk["kid"] = json!(self.id);
        jwk["use"] = json!("sig");
        jwk
    }

    pub(crate) fn header(self) -> Value {
        json!({ "alg": self.algorithm, "typ": "JWT", "kid": self.id })
    }

    /// A token with the header this key's tokens have.
    pub(crate) fn token(self, claims: &Value) -> String {
        self.sign(self.algorithm, &self.header(), claims)
    }

    /// A token with any header, signed with any algorithm that the key can do.
    pub(crate) fn sign(self, algorithm: Algorithm, header: &Value, claims: &Value) -> String {
        signed(&self.private(), algorithm, header, claims)
    }
}

pub(crate) fn signed(key: &EncodingKey, algorithm: Algorithm, header: &Value, claims: &Value) -> String {
    let message = unsigned(header, claims);
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, algorithm).unwrap();
    format!("{message}.{signature}")
}

/// Header and payload.
pub(crate) fn unsigned(header: &Value, claims: &Value) -> String {
    format!("{}.{}", encode(header.to_string()), encode(claims.to_string()))
}

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// `base` with other fields.
pub(crate) fn with(base: &Value, fields: Value) -> Value {
    let mut all: BTreeMap<String, Value> = serde_json::from_value(base.clone()).unwrap();
    all.extend(serde_json::from_value::<BTreeMap<String, Value>>(fields).unwrap());
    json!(all)
}

/// `base` without a field.
pub(crate) fn without(base: &Value, field: &str) -> Value {
    let mut all = base.clone();
    all.as_object_mut().unwrap().remove(field);
    all
}

type Answers = Arc<Mutex<HashMap<String, (u16, String)>>>;

/// An issuer on a loopback port. Stops when dropped.
pub(crate) struct Provider {
    pub(crate) base: String,
    asked: Arc<Mutex<Vec<String>>>,
    answers: Answers,
    task: JoinHandle<()>,
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Provider {
    /// With these keys at `/keys`.
    pub(crate) async fn start(keys: &[Value]) -> Self {
        LazyLock::force(&LOG);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (asked, answers) = (Arc::<Mutex<Vec<String>>>::default(), Answers::default());
        let task = tokio::spawn(serve(listener, Arc::clone(&asked), Arc::clone(&answers)));
        let provider = Self { base, asked, answers, task };
        provider.publishes(keys);
        provider
    }

    pub(crate) fn publishes(&self, keys: &[Value]) {
        self.answers("/keys", 200, &json!({ "keys": keys }).to_string());
    }

    pub(crate) fn answers(&self, path: &str, status: u16, body: &str) {
        self.answers.lock().unwrap().insert(path.to_owned(), (status, body.to_owned()));
    }

    /// Takes requests and never answers them.
    pub(crate) fn falls_silent(&self) {
        self.answers.lock().unwrap().clear();
    }

    /// The paths asked for since the last time.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }

    /// `TRUSTED_ISSUERS` of a deployment that trusts this issuer alone.
    pub(crate) fn trusted(&self, more: Value) -> String {
        let base = json!({ "issuer": self.base, "audience": "ours", "cloud": "public" });
        json!([with(&base, more)]).to_string()
    }

    /// The claims of a good token.
    pub(crate) fn claims(&self) -> Value {
        json!({
            "iss": self.base, "aud": "ours", "exp": now().as_second() + 3600, "tid": TENANT, "oid": "ada",
            "roles": ["GlobalAdmin"],
        })
    }
}

async fn serve(listener: TcpListener, asked: Arc<Mutex<Vec<String>>>, answers: Answers) {
    let mut silent = Vec::new();
    while let Ok((mut stream, _)) = listener.accept().await {
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            match stream.read_u8().await {
                Ok(byte) => request.push(byte),
                Err(_) => break,
            }
        }
        let request = String::from_utf8(request).unwrap();
        let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
        let answer = answers.lock().unwrap().get(&path).cloned();
        asked.lock().unwrap().push(path);
        let Some((status, body)) = answer else {
            silent.push(stream);
            continue;
        };
        let head = format!("HTTP/1.1 {status} .\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
        // Who asked may have heard enough already.
        let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
    }
}

/// What all tests of this process log, at every level. It is there before the first of them logs anything: a
/// line that was reached without a subscriber may stay silent.
static LOG: LazyLock<Log> = LazyLock::new(|| {
    let log = Log::default();
    let writer = log.clone();
    let lines = tracing_subscriber::fmt().json().with_max_level(tracing::Level::TRACE);
    tracing::subscriber::set_global_default(lines.with_writer(move || writer.clone()).finish()).unwrap();
    log
});

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

/// The log so far.
pub(crate) fn log() -> String {
    String::from_utf8(LOG.0.lock().unwrap().clone()).unwrap()
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
