//! The one table.
//!
//! Methods are acts. Every write is conditional and carries the id of its own attempt: a failed condition
//! brings back the item that won, and the same pure rule judges again from there; a write that finds its own
//! id there has succeeded, and its answer was lost. Nothing scans.

mod attributes;
mod client;
mod cursor;
mod customers;
mod expect;
mod fault;
mod idempotency;
mod invitations;
mod keys;
mod mails;
mod meter;
mod partners;
mod parts;
mod read;
mod record;
mod relationships;
mod row;
mod service_requests;
mod serving;
mod subscriptions;
mod users;
mod write;

pub use client::{AwsSettings, Roots, StoreSettings};
pub use cursor::{Cursors, List};
pub use idempotency::IdempotencyKey;
pub use invitations::{Created, Due, Window};
pub use mails::MailClaim;
pub use record::Record;
pub use row::Seen;
pub use serving::ServingPartner;
pub use subscriptions::Sold;

use partners::Remembered;

/// The table, as one execution environment uses it.
#[derive(Debug)]
pub struct Store {
    client: aws_sdk_dynamodb::Client,
    table: String,
    remembered: Remembered,
}

/// Which page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// How many items, 1 to 100.
    pub limit: u8,
    /// Where it begins: the `nextCursor` of the page before.
    pub cursor: Option<String>,
}

/// One page of a list, and where the next begins.
#[derive(Debug)]
pub struct Listed<T> {
    /// The items.
    pub items: Vec<T>,
    /// The position behind the last of them, if there may be more.
    pub next: Option<String>,
}
