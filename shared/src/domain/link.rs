//! The token behind `#` in an invitation's link.
//!
//! Base64url (RFC 4648 section 5, no padding) of: version, length of the key's id, the key's id, partner,
//! invitation, generation (big-endian), and an HMAC-SHA256 over all of these. So a forged link costs no
//! read, nothing secret is stored, and a lost draft can be shown again.

use std::fmt;

use base64::{
    Engine,
    prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD},
};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::{InvitationId, PartnerId, Refusal};

const VERSION: u8 = 1;
const MAC: usize = 32;

/// The id of a key in the ring: 1 to 16 letters, digits, `-` or `_`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyId(String);

struct LinkKey {
    id: KeyId,
    secret: Vec<u8>,
}

/// The ring of link keys, newest first: new links are made with the first, old ones still verify.
pub struct LinkKeys(Vec<LinkKey>);

impl fmt::Debug for LinkKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|key| &key.id)).finish()
    }
}

/// What a verified token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkClaims {
    /// Who invites.
    pub partner_id: PartnerId,
    /// Which invitation.
    pub invitation_id: InvitationId,
    /// How often it had been renewed when the link was made.
    pub generation: u32,
    /// The key that signed it.
    pub key_id: KeyId,
}

/// A secret of at least 32 bytes, in base64 of either alphabet, padded or not.
pub(crate) fn secret(text: &str) -> Result<Vec<u8>, String> {
    let text = text.trim().trim_end_matches('=').replace('-', "+").replace('_', "/");
    let bytes = BASE64_STANDARD_NO_PAD.decode(text).map_err(|_| "is not base64".to_owned())?;
    if bytes.len() < 32 {
        return Err(format!("has {} bytes, at least 32 are needed", bytes.len()));
    }
    Ok(bytes)
}

impl LinkKeys {
    /// Parses `id:base64[,id:base64…]`, newest first. Each key has at least 32 bytes.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut keys: Vec<LinkKey> = Vec::new();
        for entry in text.split(',').map(str::trim) {
            let (id, secret) = entry.split_once(':').ok_or("each key is written id:base64")?;
            let id_fits =
                (1..=16).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
            if !id_fits {
                return Err("a key's id has 1 to 16 letters, digits, - or _".to_owned());
            }
            if keys.iter().any(|key| key.id.0 == id) {
                return Err(format!("two keys have the id {id}"));
            }
            let secret = self::secret(secret).map_err(|detail| format!("key {id} {detail}"))?;
            keys.push(LinkKey { id: KeyId(id.to_owned()), secret });
        }
        Ok(Self(keys))
    }

    /// The key for new links.
    #[must_use]
    pub fn newest(&self) -> &KeyId {
        // `parse` never makes an empty ring: splitting gives at least one entry.
        &self.0[0].id
    }

    /// The token for these claims; `None` once their key has left the ring, and the link is dead with it.
    #[must_use]
    pub fn token(&self, claims: &LinkClaims) -> Option<String> {
        let mut bytes = Vec::with_capacity(2 + 16 + 36 + MAC);
        bytes.push(VERSION);
        bytes.push(u8::try_from(claims.key_id.0.len()).ok()?);
        bytes.extend(claims.key_id.0.as_bytes());
        bytes.extend(claims.partner_id.as_bytes());
        bytes.extend(claims.invitation_id.as_bytes());
        bytes.extend(claims.generation.to_be_bytes());
        let mac = self.mac(&claims.key_id, &bytes)?.finalize().into_bytes();
        bytes.extend(mac);
        Some(BASE64_URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Verifies a token in constant time; one answer for everything that is wrong with it.
    pub fn verify(&self, token: &str) -> Result<LinkClaims, Refusal> {
        self.claims(token).ok_or(Refusal::UnknownLink)
    }

    fn claims(&self, token: &str) -> Option<LinkClaims> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token.trim()).ok()?;
        let (signed, mac) = bytes.split_at_checked(bytes.len().checked_sub(MAC)?)?;
        let (header, rest) = signed.split_at_checked(2)?;
        let (key_id, rest) = rest.split_at_checked(usize::from(header[1]))?;
        let (partner, rest) = rest.split_first_chunk::<16>()?;
        let (invitation, rest) = rest.split_first_chunk::<16>()?;
        let generation: [u8; 4] = rest.try_into().ok()?;
        let key_id = KeyId(String::from_utf8(key_id.to_vec()).ok()?);
        if header[0] != VERSION {
            return None;
        }
        self.mac(&key_id, signed)?.verify_slice(mac).ok()?;
        Some(LinkClaims {
            partner_id: PartnerId::from_bytes(*partner),
            invitation_id: InvitationId::from_bytes(*invitation),
            generation: u32::from_be_bytes(generation),
            key_id,
        })
    }

    fn mac(&self, id: &KeyId, signed: &[u8]) -> Option<Hmac<Sha256>> {
        let key = self.0.iter().find(|key| key.id == *id)?;
        let mut mac = Hmac::<Sha256>::new_from_slice(&key.secret).ok()?;
        mac.update(signed);
        Some(mac)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(ids: &[&str]) -> LinkKeys {
        let keys: Vec<String> = ids
            .iter()
            .map(|id| format!("{id}:{}", base64::prelude::BASE64_STANDARD.encode([id.as_bytes()[0]; 32])))
            .collect();
        LinkKeys::parse(&keys.join(",")).unwrap()
    }

    fn claims(keys: &LinkKeys) -> LinkClaims {
        LinkClaims {
            partner_id: "11111111-1111-4111-8111-111111111111".parse().unwrap(),
            invitation_id: "22222222-2222-4222-8222-222222222222".parse().unwrap(),
            generation: 3,
            key_id: keys.newest().clone(),
        }
    }

    #[test]
    fn a_token_verifies_to_what_was_signed() {
        let keys = ring(&["a"]);
        let token = keys.token(&claims(&keys)).unwrap();
        assert!(token.len() < 120, "{}", token.len());
        assert_eq!(keys.verify(&token), Ok(claims(&keys)));
        assert_eq!(keys.verify(&format!(" {token}\n")), Ok(claims(&keys)));
    }

    #[test]
    fn a_token_with_any_bit_changed_is_unknown() {
        let keys = ring(&["a"]);
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(keys.token(&claims(&keys)).unwrap()).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut forged = bytes.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            let token = BASE64_URL_SAFE_NO_PAD.encode(forged);
            assert_eq!(keys.verify(&token), Err(Refusal::UnknownLink), "bit {bit}");
        }
    }

    #[test]
    fn what_is_no_token_is_unknown() {
        let keys = ring(&["a"]);
        let token = keys.token(&claims(&keys)).unwrap();
        for text in ["", "a", "%%%", &token[1..], &token[..token.len() - 1], &format!("{token}AAAA"), &"A".repeat(9000)]
        {
            assert_eq!(keys.verify(text), Err(Refusal::UnknownLink), "{text}");
        }
    }

    #[test]
    fn rotation_kills_no_link_and_changes_none_until_the_key_leaves_the_ring() {
        let before = ring(&["a"]);
        let claims = claims(&before);
        let token = before.token(&claims).unwrap();
        let rotated = ring(&["b", "a"]);
        assert_eq!(rotated.token(&claims).unwrap(), token);
        assert_eq!(rotated.verify(&token), Ok(claims.clone()));
        assert_eq!(rotated.newest().0, "b");
        let gone = ring(&["b"]);
        assert_eq!(gone.token(&claims), None);
        assert_eq!(gone.verify(&token), Err(Refusal::UnknownLink));
    }

    #[test]
    fn a_ring_is_checked_and_never_printed() {
        for text in ["", "a", "a:short", ":AAAA", "a b:AAAA", "toolongtoolongtoo:AAAA"] {
            assert!(LinkKeys::parse(text).is_err(), "{text}");
        }
        let key = base64::prelude::BASE64_STANDARD.encode([7; 32]);
        assert!(LinkKeys::parse(&format!("a:{key},a:{key}")).is_err());
        assert!(!format!("{:?}", LinkKeys::parse(&format!("a:{key}")).unwrap()).contains(&key));
    }
}
