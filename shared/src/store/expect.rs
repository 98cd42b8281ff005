//! What must be true of the stored item for a write to happen, each condition a sentence.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use super::{
    attributes::{ATTEMPT, PK, PURGE_AT},
    row::Seen,
};
use crate::domain::{AttemptId, InvitationId};

/// What must be true of the stored item for a write to happen.
#[derive(Debug, Clone, Copy)]
pub(super) enum Expect {
    /// There is none.
    Absent,
    /// There is none, or what is there is past its time.
    AbsentOrPurged(Timestamp),
    /// It is as this attempt wrote it.
    Unchanged(AttemptId),
    /// There is one.
    Present,
    /// A relationship: still this one.
    Active(InvitationId),
    /// A relationship: still this one, with delegated admin granted.
    Granted(InvitationId),
    /// A relationship, whichever: with delegated admin granted.
    AnyGrant,
    /// A partner that the operator did not suspend.
    ActivePartner,
    /// A subscription: active, with a licence that nobody has.
    FreeLicense,
    /// A subscription: somebody has a licence of it.
    AssignedLicense,
}

/// A condition, with what its names and values stand for.
pub(super) struct Clause {
    pub(super) text: String,
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl Clause {
    fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), names: HashMap::new(), values: HashMap::new() }
    }

    /// On fields of the item's value: `#data.#id = :id`. Most of their names are reserved words.
    fn of_data(text: &str) -> Self {
        let mut clause = Self::new(text);
        for word in text.split(|c: char| !c.is_alphanumeric() && c != '#') {
            if let Some(name) = word.strip_prefix('#') {
                clause.names.insert(word.to_owned(), name.to_owned());
            }
        }
        clause
    }

    fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.values.insert(name.to_owned(), AttributeValue::S(value.into()));
        self
    }

    fn with_number(mut self, name: &str, value: i64) -> Self {
        self.values.insert(name.to_owned(), AttributeValue::N(value.to_string()));
        self
    }

    /// As requests take them: no names is none at all.
    pub(super) fn names(&self) -> Option<HashMap<String, String>> {
        Some(self.names.clone()).filter(|names| !names.is_empty())
    }

    pub(super) fn values(&self) -> Option<HashMap<String, AttributeValue>> {
        Some(self.values.clone()).filter(|values| !values.is_empty())
    }
}

impl Expect {
    /// What was read, unchanged; nothing, still nothing.
    pub(super) fn still<T>(seen: Option<&Seen<T>>) -> Self {
        seen.map_or(Self::Absent, |seen| Self::Unchanged(seen.attempt))
    }

    /// Whether it fails because another writer was there since the item was read.
    pub(super) const fn is_of_what_was_read(self) -> bool {
        matches!(self, Self::Unchanged(_))
    }

    pub(super) fn clause(self) -> Clause {
        match self {
            Self::Absent => Clause::new(format!("attribute_not_exists({PK})")),
            Self::AbsentOrPurged(now) => Clause::new(format!("attribute_not_exists({PK}) OR {PURGE_AT} <= :now"))
                .with_number(":now", now.as_second()),
            Self::Unchanged(seen) => Clause::new(format!("{ATTEMPT} = :seen")).with(":seen", seen.to_string()),
            Self::Present => Clause::new(format!("attribute_exists({PK})")),
            Self::Active(id) => Clause::of_data("#data.#id = :id").with(":id", id.to_string()),
            Self::Granted(id) => Clause::of_data("#data.#id = :id AND #data.#delegatedAdmin = :granted")
                .with(":id", id.to_string())
                .with(":granted", "granted"),
            Self::AnyGrant => Clause::of_data("#data.#delegatedAdmin = :granted").with(":granted", "granted"),
            Self::ActivePartner => Clause::of_data("#data.#status = :active").with(":active", "active"),
            Self::FreeLicense => Clause::of_data(
                "#data.#status = :active AND #data.#kind <> :reservation AND #data.#assigned < #data.#quantity",
            )
            .with(":active", "active")
            .with(":reservation", "reservation"),
            Self::AssignedLicense => Clause::of_data("#data.#assigned > :none").with_number(":none", 0),
        }
    }
}
