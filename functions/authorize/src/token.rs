//! Reading and verifying a JSON Web Token (RFC 7519, RFC 8725).

use std::fmt;

use jiff::Timestamp;
use jsonwebtoken::{
    Algorithm, DecodingKey, Validation,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse},
};
use serde_json::{Map, Value};
use shared::domain::{Cloud, Country, Role, TenantId};

use crate::issuer::Issuer;

/// Clocks of issuer and platform may differ by this much.
const LEEWAY_SECONDS: i64 = 60;
const MOST_BYTES: usize = 16 * 1024;

/// Why a token does not count. For the log alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    Unreadable,
    Algorithm,
    Issuer,
    UnknownKey,
    Signature,
    Audience,
    Expired,
    NotYetValid,
    Tenant,
    User,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unreadable => "no readable token",
            Self::Algorithm => "an algorithm that is not taken",
            Self::Issuer => "an issuer that is not trusted",
            Self::UnknownKey => "a key that its issuer does not have",
            Self::Signature => "a wrong signature",
            Self::Audience => "meant for another audience",
            Self::Expired => "expired, or without an end",
            Self::NotYetValid => "not valid yet",
            Self::Tenant => "no tenant, or one that is no UUID",
            Self::User => "neither a user nor a client",
        })
    }
}

/// A token that was read, and whose issuer is trusted if it is genuine.
#[derive(Debug)]
pub(crate) struct Unverified<'a> {
    token: &'a str,
    algorithm: Algorithm,
    pub(crate) key_id: Option<String>,
    pub(crate) issuer: &'a Issuer,
}

/// Who a verified token is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) tenant: TenantId,
    pub(crate) user: String,
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) roles: Vec<Role>,
    pub(crate) country: Option<Country>,
    pub(crate) cloud: Cloud,
}

/// Reads an `Authorization: Bearer` header as far as it says where to look for the key.
pub(crate) fn read<'a>(header: &'a str, issuers: &'a [Issuer]) -> Result<Unverified<'a>, Refused> {
    let (scheme, token) = header.trim().split_once(' ').ok_or(Refused::Unreadable)?;
    if !scheme.eq_ignore_ascii_case("bearer") || token.len() > MOST_BYTES {
        return Err(Refused::Unreadable);
    }
    let token = token.trim();
    // An algorithm that the library does not know, `none` above all, is no readable header.
    let header = jsonwebtoken::decode_header(token).map_err(|_| Refused::Unreadable)?;
    if header.crit.is_some() {
        return Err(Refused::Unreadable); // extensions we must understand and do not (RFC 7515 section 4.1.11)
    }
    if !matches!(header.alg, Algorithm::RS256 | Algorithm::ES256) {
        return Err(Refused::Algorithm);
    }
    let claims =
        jsonwebtoken::dangerous::insecure_decode::<Map<String, Value>>(token).map_err(|_| Refused::Unreadable)?;
    let iss = text(&claims.claims, "iss").ok_or(Refused::Issuer)?;
    let is = |issuer: &&Issuer| issuer.is(iss, text(&claims.claims, &issuer.claims.tenant).unwrap_or_default());
    let issuer = issuers.iter().find(is).ok_or(Refused::Issuer)?;
    Ok(Unverified { token, algorithm: header.alg, key_id: header.kid, issuer })
}

/// Verifies signature, audience and time, and reads who it is about.
pub(crate) fn verify(
    unverified: &Unverified<'_>,
    key: &Jwk,
    operator: TenantId,
    now: Timestamp,
) -> Result<Identity, Refused> {
    if !fits(key, unverified.algorithm) {
        return Err(Refused::Algorithm);
    }
    let mut validation = Validation::new(unverified.algorithm);
    validation.set_audience(&[&unverified.issuer.audience]);
    validation.set_required_spec_claims(&["exp", "aud", "iss"]);
    // The library would ask the machine what time it is; ours is the event's, below.
    validation.validate_exp = false;
    validation.validate_nbf = false;
    let key = DecodingKey::from_jwk(key).map_err(|_| Refused::UnknownKey)?;
    let claims = jsonwebtoken::decode::<Map<String, Value>>(unverified.token, &key, &validation)
        .map_err(|error| refused(error.kind()))?
        .claims;
    let seconds = |name: &str| claims.get(name).map(|value| value.as_f64().map_or(0, |seconds| seconds as i64));
    if seconds("exp").unwrap_or(0) + LEEWAY_SECONDS <= now.as_second() {
        return Err(Refused::Expired);
    }
    if seconds("nbf").is_some_and(|nbf| nbf - LEEWAY_SECONDS > now.as_second()) {
        return Err(Refused::NotYetValid);
    }
    identity(unverified.issuer, &claims, operator)
}

/// The key decides which algorithm it verifies, not the token: RSA for RS256, P-256 for ES256.
fn fits(key: &Jwk, algorithm: Algorithm) -> bool {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the library's list of key types is open")]
    let family = match &key.algorithm {
        AlgorithmParameters::RSA(_) => algorithm == Algorithm::RS256,
        AlgorithmParameters::EllipticCurve(parameters) => {
            algorithm == Algorithm::ES256 && parameters.curve == EllipticCurve::P256
        }
        _ => false,
    };
    let named = key.common.key_algorithm.is_none_or(|named| named.to_string() == format!("{algorithm:?}"));
    let signs = key.common.public_key_use.as_ref().is_none_or(|usage| *usage == PublicKeyUse::Signature);
    family && named && signs
}

fn refused(kind: &jsonwebtoken::errors::ErrorKind) -> Refused {
    use jsonwebtoken::errors::ErrorKind;
    #[expect(clippy::wildcard_enum_match_arm, reason = "the library's list of errors is open")]
    match kind {
        ErrorKind::InvalidAudience => Refused::Audience,
        ErrorKind::MissingRequiredClaim(claim) if claim == "aud" => Refused::Audience,
        ErrorKind::MissingRequiredClaim(_) => Refused::Expired,
        ErrorKind::InvalidAlgorithm => Refused::Algorithm,
        ErrorKind::InvalidSignature => Refused::Signature,
        _ => Refused::Unreadable,
    }
}

fn identity(issuer: &Issuer, claims: &Map<String, Value>, operator: TenantId) -> Result<Identity, Refused> {
    let tenant: TenantId =
        text(claims, &issuer.claims.tenant).and_then(|tenant| tenant.parse().ok()).ok_or(Refused::Tenant)?;
    // A client that acts for nobody is its client id, which issuers name differently.
    let user = ["oid", "sub", "azp", "appid", "client_id"].iter().find_map(|name| text(claims, name));
    let mut roles: Vec<Role> =
        names(claims.get(&issuer.claims.roles)).iter().filter_map(|name| issuer.role(name)).collect();
    roles.retain(|role| *role != Role::Operator || tenant == operator);
    Ok(Identity {
        tenant,
        user: user.ok_or(Refused::User)?.to_owned(),
        name: text(claims, &issuer.claims.name).map(str::to_owned),
        email: text(claims, &issuer.claims.email).map(str::to_owned),
        roles,
        country: text(claims, &issuer.claims.country).and_then(|country| country.parse().ok()),
        cloud: issuer.cloud,
    })
}

fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// Roles come as an array, as JSON text of one, or as space- or comma-separated text.
fn names(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(Value::String(text)) => serde_json::from_str(text)
            .unwrap_or_else(|_| text.split([' ', ',']).filter(|name| !name.is_empty()).map(str::to_owned).collect()),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | None => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
