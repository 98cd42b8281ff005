//! Reading and verifying a JSON Web Token (RFC 7519, RFC 8725).

use std::fmt;

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, Validation};
use serde_json::{Map, Value};
use shared::domain::{Cloud, Country, Role, TenantId};

use crate::{issuer::Issuer, key::Key};

/// Clocks of issuer and platform may differ by this much.
const LEEWAY_SECONDS: f64 = 60.0;
const MOST_BYTES: usize = 16 * 1024;

/// Why a token does not count. For the log alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    Unreadable,
    Algorithm,
    Kind,
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
            Self::Kind => "no access token but one of another kind",
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

/// A token that was read, and whose issuer is trusted if it is genuine. Cannot be printed.
pub(crate) struct Unverified<'a> {
    token: &'a str,
    pub(crate) algorithm: Algorithm,
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
    if !is_access_token(header.typ.as_deref()) {
        return Err(Refused::Kind);
    }
    let claims =
        jsonwebtoken::dangerous::insecure_decode::<Map<String, Value>>(token).map_err(|_| Refused::Unreadable)?.claims;
    let iss = text(&claims, "iss").ok_or(Refused::Issuer)?;
    let is = |issuer: &&Issuer| issuer.is(iss, text(&claims, &issuer.claims.tenant).unwrap_or_default());
    let mut theirs = issuers.iter().filter(is).peekable();
    theirs.peek().ok_or(Refused::Issuer)?;
    let issuer = theirs.find(|issuer| issuer.is_meant_by(claims.get("aud"))).ok_or(Refused::Audience)?;
    Ok(Unverified { token, algorithm: header.alg, key_id: header.kid, issuer })
}

/// An issuer signs other things with the same keys, such as the notice of a logout, and says so (RFC 8725
/// section 3.11).
fn is_access_token(kind: Option<&str>) -> bool {
    kind.is_none_or(|kind| ["JWT", "at+jwt", "application/at+jwt"].iter().any(|ours| kind.eq_ignore_ascii_case(ours)))
}

/// Verifies signature, audience and time, and reads who it is about.
pub(crate) fn verify(
    unverified: &Unverified<'_>,
    key: &Key,
    operator: TenantId,
    now: Timestamp,
) -> Result<Identity, Refused> {
    let mut validation = Validation::new(key.algorithm);
    validation.set_audience(&[&unverified.issuer.audience]);
    validation.set_required_spec_claims(&["exp", "aud", "iss"]);
    // The library would ask the machine what time it is; ours is the event's, below.
    validation.validate_exp = false;
    validation.validate_nbf = false;
    let claims = jsonwebtoken::decode::<Map<String, Value>>(unverified.token, &key.public, &validation)
        .map_err(|error| refused(error.kind()))?
        .claims;
    in_force(&claims, now)?;
    identity(unverified.issuer, &claims, operator)
}

/// Seconds since 1970, whole or not (RFC 7519 section 2); what is no number is no time.
fn in_force(claims: &Map<String, Value>, now: Timestamp) -> Result<(), Refused> {
    let now = now.as_duration().as_secs_f64();
    let ends = claims.get("exp").and_then(Value::as_f64);
    if ends.is_none_or(|exp| exp + LEEWAY_SECONDS <= now) {
        return Err(Refused::Expired);
    }
    let begins = claims.get("nbf").map(Value::as_f64);
    if begins.is_some_and(|nbf| nbf.is_none_or(|nbf| nbf - LEEWAY_SECONDS > now)) {
        return Err(Refused::NotYetValid);
    }
    Ok(())
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
    // A client that acts for nobody is its client id, which issuers name differently. Entra ID gives such a
    // client an `oid` too, and says `app`.
    let (user, client) = (["oid", "sub"], ["azp", "appid", "client_id"]);
    let acts_alone = text(claims, "idtyp") == Some("app");
    let order = if acts_alone { [&client[..], &user[..]] } else { [&user[..], &client[..]] };
    let user = order.into_iter().flatten().find_map(|name| text(claims, name));
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
    let strings = |items: &[Value]| items.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    match value {
        Some(Value::Array(items)) => strings(items),
        Some(Value::String(text)) => match serde_json::from_str::<Vec<Value>>(text) {
            Ok(items) => strings(&items),
            Err(_) => text.split([' ', ',']).filter(|name| !name.is_empty()).map(str::to_owned).collect(),
        },
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | None => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
