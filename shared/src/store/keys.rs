//! Keys of the table, in one place.
//!
//! | what is asked | key or index |
//! |---|---|
//! | a partner | `PARTNER#<p>` / `PROFILE` |
//! | an invitation of a partner | `PARTNER#<p>` / `INVITATION#<i>` |
//! | all its invitations, newest first | `PARTNER#<p>` / begins with `INVITATION#`, backwards |
//! | its invitations of one status, newest first | `listing`: `PARTNER#<p>#INVITATION#<status>` / `<i>`, backwards |
//! | its customers by name | `listing`: `PARTNER#<p>#CUSTOMER` / `<name>  <c>` |
//! | its customers by another word, or by domain | `PARTNER#<p>` / `FIND#<words>  <c>` |
//! | its relationship with a customer | `PARTNER#<p>` / `CUSTOMER#<c>` |
//! | whether there ever was one | `PARTNER#<p>` / begins with `ENDED#<c>#` |
//! | what an idempotent request made | `PARTNER#<p>` / `KEY#<sha256 of the key>` |
//! | an address that takes no more mail of a partner | `PARTNER#<p>` / `BLOCKED#<sha256 of the address>` |
//! | a partner's mails of a day (UTC) | `PARTNER#<p>` / `MAILS#<date>` |
//! | what a partner sold to a customer | `RELATIONSHIP#<r>` / `SUBSCRIPTION#<s>` |
//! | what it asked help for | `RELATIONSHIP#<r>` / `SERVICEREQUEST#<n>` |
//! | the same, newest first, before `r` is known | `listing`: `PARTNER#<p>#CUSTOMER#<c>#SUBSCRIPTION` / `<s>`, backwards |
//! | a customer's tenant | `CUSTOMER#<c>` / `PROFILE` |
//! | its users | `CUSTOMER#<c>` / `USER#<u>` |
//! | the same by user principal name | `listing`: `CUSTOMER#<c>#USER` / `<name>` |
//! | whether a user principal name is taken | `CUSTOMER#<c>` / `NAME#<name>` |
//! | a customer's partners | `by-customer`: `CUSTOMER#<c>` / `<established>#<p>` |
//! | what is supported by another partner than sells it | `by-customer`: `CUSTOMER#<c>` / `SUPPORT#<s>` |
//! | pending invitations that end in a window of time | `pending`: `PENDING#<shard>` / `<expires>#<p>#<i>` |

use std::fmt::{Display, Write};

use jiff::{Timestamp, civil::Date};
use sha2::{Digest, Sha256};

use crate::domain::{
    CustomerId, InvitationId, PartnerId, SubscriptionId, UserId,
    search::indexed,
    text::{Email, UserPrincipalName},
};

/// Partitions of the index `pending`. Expiring is spread over them, so that no key gets hot.
pub(super) const SHARDS: u8 = 8;

/// The key of an item.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) pk: String,
    pub(super) sk: String,
}

pub(super) const INVITATION_PREFIX: &str = "INVITATION#";

pub(super) fn partner_pk(partner: PartnerId) -> String {
    format!("PARTNER#{partner}")
}

pub(super) fn partner(partner: PartnerId) -> Key {
    Key { pk: partner_pk(partner), sk: "PROFILE".to_owned() }
}

pub(super) fn invitation(partner: PartnerId, id: InvitationId) -> Key {
    Key { pk: partner_pk(partner), sk: format!("{INVITATION_PREFIX}{id}") }
}

pub(super) fn relationship(partner: PartnerId, customer: CustomerId) -> Key {
    Key { pk: partner_pk(partner), sk: format!("CUSTOMER#{customer}") }
}

pub(super) fn ended_prefix(customer: CustomerId) -> String {
    format!("ENDED#{customer}#")
}

pub(super) fn ended(partner: PartnerId, customer: CustomerId, relationship: InvitationId) -> Key {
    Key { pk: partner_pk(partner), sk: format!("{}{relationship}", ended_prefix(customer)) }
}

/// The idempotency key is the client's text; its digest keeps it short and out of the table.
pub(super) fn idempotency(partner: PartnerId, key: &str) -> Key {
    Key { pk: partner_pk(partner), sk: format!("KEY#{}", sha256_hex(key.as_bytes())) }
}

/// Addresses are compared in lower case, and kept as a digest.
pub(super) fn blocked(partner: PartnerId, address: &Email) -> Key {
    let digest = sha256_hex(address.as_str().to_lowercase().as_bytes());
    Key { pk: partner_pk(partner), sk: format!("BLOCKED#{digest}") }
}

pub(super) fn mails_of_day(partner: PartnerId, day: Date) -> Key {
    Key { pk: partner_pk(partner), sk: format!("MAILS#{day}") }
}

pub(super) fn relationship_pk(relationship: InvitationId) -> String {
    format!("RELATIONSHIP#{relationship}")
}

/// Something of a relationship; `kind` is `SUBSCRIPTION` or `SERVICEREQUEST`.
pub(super) fn part(relationship: InvitationId, kind: &str, id: impl Display) -> Key {
    Key { pk: relationship_pk(relationship), sk: format!("{}{id}", part_prefix(kind)) }
}

pub(super) fn part_prefix(kind: &str) -> String {
    format!("{kind}#")
}

pub(super) fn parts_of(partner: PartnerId, customer: CustomerId, kind: &str) -> String {
    format!("{}#CUSTOMER#{customer}#{kind}", partner_pk(partner))
}

pub(super) fn user(customer: CustomerId, id: UserId) -> Key {
    Key { pk: customer_pk(customer), sk: format!("USER#{id}") }
}

pub(super) fn users_of(customer: CustomerId) -> String {
    format!("{}#USER", customer_pk(customer))
}

pub(super) fn user_principal_name(customer: CustomerId, name: &UserPrincipalName) -> Key {
    Key { pk: customer_pk(customer), sk: format!("NAME#{}", name.folded()) }
}

/// Sorts all of `SUPPORT#` behind the times of relationships.
pub(super) const SUPPORT_PREFIX: &str = "SUPPORT#";

pub(super) fn support(subscription: SubscriptionId) -> String {
    format!("{SUPPORT_PREFIX}{subscription}")
}

pub(super) const FIND_PREFIX: &str = "FIND#";

pub(super) fn find(partner: PartnerId, words: &str, customer: CustomerId) -> Key {
    Key { pk: partner_pk(partner), sk: format!("{FIND_PREFIX}{}", listed(words, customer)) }
}

/// Words and whose they are. Two spaces sort before whatever else follows a word, and no folded text has two.
pub(super) fn listed(words: &str, customer: CustomerId) -> String {
    format!("{}  {customer}", indexed(words))
}

pub(super) fn customer(customer: CustomerId) -> Key {
    Key { pk: customer_pk(customer), sk: "PROFILE".to_owned() }
}

pub(super) fn customer_pk(customer: CustomerId) -> String {
    format!("CUSTOMER#{customer}")
}

pub(super) fn invitations_of_status(partner: PartnerId, status: &str) -> String {
    format!("{}#INVITATION#{status}", partner_pk(partner))
}

pub(super) fn customers_of(partner: PartnerId) -> String {
    format!("{}#CUSTOMER", partner_pk(partner))
}

pub(super) fn pending_shard(invitation: InvitationId) -> String {
    pending_partition(invitation.as_bytes()[15] % SHARDS)
}

pub(super) fn pending_partition(shard: u8) -> String {
    format!("PENDING#{shard}")
}

/// A time as text that sorts as the time does: RFC 3339 with always three decimals.
pub(super) fn sortable(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

pub(super) fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}"); // writing to a String cannot fail
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_sort_as_text() {
        let times =
            ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.001Z", "2026-01-01T00:00:00.5Z", "2026-01-01T00:00:01Z"];
        let texts: Vec<String> = times.iter().map(|time| sortable(time.parse().unwrap())).collect();
        assert_eq!(texts[0], "2026-01-01T00:00:00.000Z");
        assert!(texts.is_sorted(), "{texts:?}");
    }

    #[test]
    fn a_digest_is_hexadecimal() {
        assert_eq!(sha256_hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
