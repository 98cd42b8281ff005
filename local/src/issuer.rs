//! An OpenID issuer for this machine: signs whatever it is asked to, ES256. How browsers ask is in `control::sign_in`.

use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use p256::elliptic_curve::sec1::ToEncodedPoint;
use p256::pkcs8::EncodePrivateKey;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Whom its tokens are for.
pub(crate) const AUDIENCE: &str = "reseller-relationship";
/// The clouds that tenants live in, the default first.
pub(crate) const CLOUDS: [&str; 4] = ["public", "usGovernment", "germany", "china"];
/// How long a token lasts, unless asked otherwise.
const YEAR: i64 = 365 * 86_400;
/// Clocks differ a little: so long before it is made a token is valid.
const EARLIER: i64 = 300;

/// The issuer.
pub(crate) struct Issuer {
    base: String,
    key: EncodingKey,
    key_id: String,
    jwk: Value,
}

/// Whom a token is for; `POST /_local/token`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct TokenRequest {
    pub(crate) tenant_id: Uuid,
    pub(crate) roles: Option<Vec<String>>,
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) country: Option<String>,
    pub(crate) cloud: Option<String>,
    pub(crate) expires_in_seconds: Option<i64>,
}

impl TokenRequest {
    /// The cloud it names.
    pub(crate) fn cloud(&self) -> Option<&str> {
        self.cloud.as_deref()
    }

    /// How long the token lasts, in seconds.
    pub(crate) fn lasts(&self) -> i64 {
        self.expires_in_seconds.unwrap_or(YEAR)
    }
}

impl std::fmt::Debug for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issuer").field("base", &self.base).field("key_id", &self.key_id).finish_non_exhaustive()
    }
}

impl Issuer {
    /// An issuer at `base`, signing with the P-256 key that these 32 bytes are.
    pub(crate) fn new(base: String, secret: &[u8]) -> Result<Arc<Self>> {
        let secret = p256::SecretKey::from_slice(secret).map_err(|_| anyhow!("the issuer's key is no P-256 key"))?;
        let pkcs8 = secret.to_pkcs8_der().map_err(|error| anyhow!("cannot encode the issuer's key: {error}"))?;
        let point = secret.public_key().to_encoded_point(false);
        let (x, y) = (point.x().context("no x")?, point.y().context("no y")?);
        let key_id = BASE64_URL_SAFE_NO_PAD.encode(&Sha256::digest(point.as_bytes())[..9]);
        let jwk = json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": key_id,
            "x": BASE64_URL_SAFE_NO_PAD.encode(x), "y": BASE64_URL_SAFE_NO_PAD.encode(y),
        });
        Ok(Arc::new(Self { base, key: EncodingKey::from_ec_der(pkcs8.as_bytes()), key_id, jwk }))
    }

    /// `/.well-known/openid-configuration`.
    pub(crate) fn configuration(&self) -> Value {
        json!({
            "issuer": self.base,
            "jwks_uri": self.jwks_uri(),
            "authorization_endpoint": format!("{}/_local/authorize", self.base),
            "token_endpoint": format!("{}/_local/oauth/token", self.base),
            "end_session_endpoint": format!("{}/_local/end-session", self.base),
            "authorization_response_iss_parameter_supported": true,
            "code_challenge_methods_supported": ["S256"],
            "grant_types_supported": ["authorization_code"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "response_modes_supported": ["query"],
            "response_types_supported": ["code"],
            "scopes_supported": ["openid", "profile", "email"],
            "subject_types_supported": ["public"],
            "token_endpoint_auth_methods_supported": ["none"],
        })
    }

    /// `/.well-known/jwks.json`.
    pub(crate) fn keys(&self) -> Value {
        json!({ "keys": [self.jwk] })
    }

    /// `TRUSTED_ISSUERS` of a deployment that trusts this issuer, which stands for one in each cloud.
    pub(crate) fn trusted(&self) -> Value {
        let issuer = |cloud: &str| {
            json!({
                "issuer": self.of_cloud(cloud),
                "audience": AUDIENCE,
                "jwksUri": self.jwks_uri(),
                "cloud": cloud,
                "claims": { "tenant": "tid", "roles": "roles", "country": "ctry", "name": "name", "email": "email" },
                "roleMap": {},
            })
        };
        CLOUDS.map(issuer).into_iter().collect()
    }

    /// Each national cloud is an issuer of its own.
    fn of_cloud(&self, cloud: &str) -> String {
        if cloud == CLOUDS[0] { self.base.clone() } else { format!("{}/{cloud}", self.base) }
    }

    /// Signs an access token: for the API, by the issuer of the cloud that the tenant lives in.
    pub(crate) fn token(&self, request: &TokenRequest, now: Timestamp) -> Result<String> {
        let mut claims = person(request, now);
        claims["iss"] = json!(self.of_cloud(request.cloud().unwrap_or(CLOUDS[0])));
        claims["aud"] = json!(AUDIENCE);
        claims["roles"] = json!(request.roles.clone().unwrap_or_else(|| vec!["GlobalAdmin".to_owned()]));
        if let Some(country) = &request.country {
            claims["ctry"] = json!(country);
        }
        self.signed(&claims)
    }

    /// Signs an identity token: for the client, by the issuer that it asked.
    pub(crate) fn identity(
        &self,
        request: &TokenRequest,
        client: &str,
        nonce: Option<&str>,
        now: Timestamp,
    ) -> Result<String> {
        let mut claims = person(request, now);
        claims["iss"] = json!(self.base);
        claims["aud"] = json!(client);
        if let Some(nonce) = nonce {
            claims["nonce"] = json!(nonce);
        }
        self.signed(&claims)
    }

    fn signed(&self, claims: &Value) -> Result<String> {
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some(self.key_id.clone());
        jsonwebtoken::encode(&header, claims, &self.key).context("cannot sign")
    }

    /// What it calls itself.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    fn jwks_uri(&self) -> String {
        format!("{}/.well-known/jwks.json", self.base)
    }
}

/// Who somebody is, and for how long that counts.
fn person(request: &TokenRequest, now: Timestamp) -> Value {
    let tenant = request.tenant_id.as_hyphenated().to_string();
    let short = tenant.get(..8).unwrap_or_default();
    let name = request.name.clone().unwrap_or_else(|| format!("Admin of {short}"));
    let email = request.email.clone().unwrap_or_else(|| format!("admin@{short}.example"));
    let (user, issued) = (user_id(&tenant, &email), now.as_second());
    json!({
        "tid": tenant, "sub": user, "oid": user, "name": name, "email": email,
        "iat": issued, "nbf": issued.saturating_sub(EARLIER), "exp": issued.saturating_add(request.lasts()),
    })
}

/// The same person has the same id in every token.
fn user_id(tenant: &str, email: &str) -> String {
    let digest = Sha256::digest(format!("{tenant}|{email}"));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}
