//! Attribute names of the table and its indexes.

pub(super) const PK: &str = "pk";
pub(super) const SK: &str = "sk";
/// Index `listing`.
pub(super) const LPK: &str = "lpk";
pub(super) const LSK: &str = "lsk";
/// Index `pending`.
pub(super) const PPK: &str = "ppk";
pub(super) const PSK: &str = "psk";
/// Index `by-customer`.
pub(super) const CPK: &str = "cpk";
pub(super) const CSK: &str = "csk";
/// The attempt that wrote the item.
pub(super) const ATTEMPT: &str = "attempt";
/// Time to live, in seconds since 1970.
pub(super) const PURGE_AT: &str = "purgeAt";
/// How many mails a partner had sent in a day.
pub(super) const MAILS: &str = "mails";
/// The item itself: a map.
pub(super) const DATA: &str = "data";

pub(super) const LISTING: &str = "listing";
pub(super) const PENDING: &str = "pending";
pub(super) const BY_CUSTOMER: &str = "by-customer";
