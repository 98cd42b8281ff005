//! Cursors: opaque to clients, of no use to anybody but the caller they were given to.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{Error, domain::TenantId};

const MAC: usize = 32;

/// Seals the position in a list with a secret of its own, bound to the list, its filter and its owner.
pub struct Cursors(Vec<u8>);

impl fmt::Debug for Cursors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cursors")
    }
}

/// Which list a cursor belongs to.
#[derive(Debug, Clone, Copy)]
pub struct List<'a> {
    /// Its name.
    pub name: &'static str,
    /// Whose it is.
    pub owner: TenantId,
    /// What it is filtered by.
    pub filter: &'a str,
}

impl Cursors {
    /// From the secret, at least 32 bytes in base64.
    pub fn parse(secret: &str) -> Result<Self, String> {
        crate::domain::link::secret(secret).map(Self)
    }

    /// The cursor for a position.
    pub fn seal(&self, list: List<'_>, position: &str) -> Result<String, Error> {
        let mut bytes = self.mac(list, position)?.finalize().into_bytes().to_vec();
        bytes.extend(position.as_bytes());
        Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The position of a cursor; refuses one that was tampered with, or given to somebody else, or for
    /// another list.
    pub fn open(&self, list: List<'_>, cursor: &str) -> Result<String, Error> {
        let refuse = || Error::Malformed("This cursor is not one of this list: begin without a cursor.".to_owned());
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).map_err(|_| refuse())?;
        let (mac, position) = bytes.split_at_checked(MAC).ok_or_else(refuse)?;
        let position = std::str::from_utf8(position).map_err(|_| refuse())?;
        self.mac(list, position)?.verify_slice(mac).map_err(|_| refuse())?;
        Ok(position.to_owned())
    }

    fn mac(&self, list: List<'_>, position: &str) -> Result<Hmac<Sha256>, Error> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).map_err(Error::internal)?;
        let owner = list.owner.to_string();
        // Each part with its length before it, so that no two lists sign the same bytes.
        for part in [list.name, &owner, list.filter, position] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        Ok(mac)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_serves_its_owner_in_its_list_alone() {
        let cursors = Cursors(vec![7; 32]);
        let owner: TenantId = "11111111-1111-4111-8111-111111111111".parse().unwrap();
        let other: TenantId = "22222222-2222-4222-8222-222222222222".parse().unwrap();
        let list = List { name: "customers", owner, filter: "f" };
        let cursor = cursors.seal(list, "fabrikam#1").unwrap();
        assert_eq!(cursors.open(list, &cursor).unwrap(), "fabrikam#1");
        for (wrong, cursor) in [
            (List { owner: other, ..list }, cursor.clone()),
            (List { name: "partners", ..list }, cursor.clone()),
            (List { filter: "", ..list }, cursor.clone()),
            (list, format!("{cursor}A")),
            (list, format!("A{}", &cursor[1..])),
            (list, String::new()),
            (list, "%".to_owned()),
        ] {
            if cursor == cursors.seal(list, "fabrikam#1").unwrap()
                && wrong.owner == owner
                && wrong.name == "customers"
                && wrong.filter == "f"
            {
                continue; // the first letter happened to be A
            }
            assert!(matches!(cursors.open(wrong, &cursor), Err(Error::Malformed(_))), "{wrong:?} {cursor}");
        }
        assert!(matches!(Cursors(vec![8; 32]).open(list, &cursor), Err(Error::Malformed(_))));
    }
}
