//! One public key of an issuer (RFC 7517).

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse},
};
use serde::Deserialize;
use serde_json::Value;

/// RFC 7518 section 3.3: smaller keys must not be used.
const LEAST_RSA_BITS: usize = 2048;

/// A public key and the one algorithm that it verifies: the key decides that, not the token (RFC 8725
/// section 3.1).
#[derive(Clone)]
pub(crate) struct Key {
    id: Option<String>,
    pub(crate) algorithm: Algorithm,
    pub(crate) public: DecodingKey,
}

impl Key {
    /// `None` for a key that no token here is signed with: of another type, for another use, too small,
    /// or not understood. Others of its set still count.
    pub(crate) fn read(jwk: &Value) -> Option<Self> {
        let jwk = Jwk::deserialize(jwk).ok()?;
        #[expect(clippy::wildcard_enum_match_arm, reason = "the library's list of key types is open")]
        let algorithm = match &jwk.algorithm {
            AlgorithmParameters::RSA(parameters) if is_large_enough(&parameters.n) => Algorithm::RS256,
            AlgorithmParameters::EllipticCurve(parameters) if parameters.curve == EllipticCurve::P256 => {
                Algorithm::ES256
            }
            _ => return None,
        };
        let (named, usage, operations) =
            (jwk.common.key_algorithm, &jwk.common.public_key_use, &jwk.common.key_operations);
        let fits = named.is_none_or(|named| named == KeyAlgorithm::from(algorithm))
            && usage.as_ref().is_none_or(|usage| *usage == PublicKeyUse::Signature)
            && operations.as_ref().is_none_or(|operations| operations.contains(&KeyOperations::Verify));
        let public = DecodingKey::from_jwk(&jwk).ok()?;
        fits.then_some(Self { id: jwk.common.key_id, algorithm, public })
    }
}

fn is_large_enough(modulus: &str) -> bool {
    BASE64_URL_SAFE_NO_PAD.decode(modulus).is_ok_and(|bytes| {
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        let unused = bytes.get(zeros).map_or(0, |first| first.leading_zeros() as usize);
        (bytes.len() - zeros) * 8 - unused >= LEAST_RSA_BITS
    })
}

/// The key with this id for this algorithm; without an id, the only one.
pub(crate) fn pick<'a>(keys: &'a [Key], id: Option<&str>, algorithm: Algorithm) -> Option<&'a Key> {
    let mut keys = keys.iter().filter(|key| key.algorithm == algorithm);
    match id {
        Some(id) => keys.find(|key| key.id.as_deref() == Some(id)),
        None => keys.next().filter(|_| keys.next().is_none()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{P256, RSA, Signer, encode, with, without};

    #[test]
    fn a_key_verifies_one_algorithm_or_does_not_count() {
        for (signer, fields, counts) in [
            (RSA, json!({}), true),
            (RSA, json!({ "key_ops": ["verify"] }), true),
            (RSA, json!({ "x5t": "AAAA", "x5c": ["AAAA"], "issuer": "https://login.example/{tenantid}/v2.0" }), true),
            (RSA, json!({ "use": "enc" }), false),
            (RSA, json!({ "use": "tls" }), false),
            (RSA, json!({ "key_ops": ["encrypt"] }), false),
            (RSA, json!({ "key_ops": [] }), false),
            (RSA, json!({ "alg": "RS512" }), false),
            (RSA, json!({ "alg": "PS256" }), false),
            (RSA, json!({ "alg": "RSA-OAEP" }), false),
            (RSA, json!({ "alg": "ES256" }), false),
            (RSA, json!({ "alg": "something new" }), false),
            (RSA, json!({ "n": "not base64!" }), false),
            (RSA, json!({ "n": encode([255; 128]) }), false),
            (RSA, json!({ "n": encode([[0; 128], [255; 128]].concat()) }), false),
            (RSA, json!({ "n": encode([&[127][..], &[255; 255]].concat()) }), false),
            (RSA, json!({ "n": "" }), false),
            (P256, json!({}), true),
            (P256, json!({ "crv": "P-384" }), false),
            (P256, json!({ "alg": "ES384" }), false),
            (P256, json!({ "use": "enc" }), false),
        ] {
            let key = Key::read(&with(&signer.jwk(), fields.clone()));
            assert_eq!(key.map(|key| key.algorithm), counts.then_some(signer.algorithm), "{fields}");
        }
        for signer in [RSA, P256] {
            for optional in ["use", "alg", "kid"] {
                assert!(Key::read(&without(&signer.jwk(), optional)).is_some(), "{optional}");
            }
        }
    }

    #[test]
    fn without_an_id_only_an_only_key_counts() {
        let key = |signer: Signer| Key::read(&signer.jwk()).unwrap();
        let (one, other) = (key(P256), key(Signer { id: "other", ..P256 }));
        let id = |keys: &[Key], id| pick(keys, id, Algorithm::ES256).and_then(|key| key.id.clone());
        let of = |id: &str| Some(id.to_owned());
        assert_eq!(id(&[key(RSA), one.clone()], None), of("p256"));
        assert_eq!(id(&[one.clone(), other.clone()], None), None);
        assert_eq!(id(&[one.clone(), other.clone()], Some("other")), of("other"));
        assert_eq!(id(&[one, other], Some("rsa")), None);
        assert_eq!(id(&[key(RSA)], None), None);
        assert_eq!(id(&[key(RSA)], Some("rsa")), None);
        // Two keys may share an id if they are for different algorithms.
        assert_eq!(id(&[key(RSA), key(Signer { id: "rsa", ..P256 })], Some("rsa")), of("rsa"));
    }
}
