//! Items of the table: keys and index keys beside, the value itself as one map.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};

use super::{
    attributes::{ATTEMPT, CPK, CSK, DATA, LPK, LSK, PK, PPK, PSK, PURGE_AT, SK},
    keys::Key,
};
use crate::{Error, domain::AttemptId};

pub(super) type Item = HashMap<String, AttributeValue>;

/// A value that the table holds.
pub(super) trait Row: Serialize + DeserializeOwned + Send + Sync {
    /// Its key.
    fn key(&self) -> Key;

    /// Its entries in the indexes, and its end.
    fn indexes(&self) -> Indexes {
        Indexes::default()
    }

    /// Counts what a change of it means, if it means something.
    fn count_change(_before: &Self, _after: &Self) {}
}

/// Entries in the indexes; what is `None` is not in that index.
#[derive(Debug, Default)]
pub(super) struct Indexes {
    pub(super) listing: Option<(String, String)>,
    pub(super) pending: Option<(String, String)>,
    pub(super) by_customer: Option<(String, String)>,
    pub(super) purge_at: Option<Timestamp>,
}

/// A value as it was read, with the attempt that wrote it: what a write is conditional on.
#[derive(Debug, Clone)]
pub struct Seen<T> {
    /// The value.
    pub value: T,
    pub(super) attempt: AttemptId,
}

impl<T> Seen<T> {
    /// The version of the value, for an `ETag`.
    #[must_use]
    pub fn version(&self) -> String {
        self.attempt.to_string()
    }
}

impl<T> std::ops::Deref for Seen<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// The item for a value.
pub(super) fn item<T: Row>(value: &T, attempt: AttemptId) -> Result<Item, Error> {
    let (key, indexes) = (value.key(), value.indexes());
    let mut item = Item::new();
    let mut text = |name: &str, value: String| item.insert(name.to_owned(), AttributeValue::S(value));
    text(PK, key.pk);
    text(SK, key.sk);
    text(ATTEMPT, attempt.to_string());
    for (names, keys) in
        [((LPK, LSK), indexes.listing), ((PPK, PSK), indexes.pending), ((CPK, CSK), indexes.by_customer)]
    {
        if let Some((partition, sort)) = keys {
            text(names.0, partition);
            text(names.1, sort);
        }
    }
    if let Some(purge_at) = indexes.purge_at {
        item.insert(PURGE_AT.to_owned(), AttributeValue::N(purge_at.as_second().to_string()));
    }
    let data = serde_dynamo::to_attribute_value(value).map_err(Error::internal)?;
    item.insert(DATA.to_owned(), data);
    Ok(item)
}

/// The value of an item.
pub(super) fn seen<T: Row>(mut item: Item) -> Result<Seen<T>, Error> {
    let attempt = attempt(&item).ok_or_else(|| Error::internal("an item without attempt"))?;
    let data = item.remove(DATA).ok_or_else(|| Error::internal("an item without data"))?;
    let value = serde_dynamo::from_attribute_value(data).map_err(Error::internal)?;
    Ok(Seen { value, attempt })
}

/// The attempt that wrote an item.
pub(super) fn attempt(item: &Item) -> Option<AttemptId> {
    item.get(ATTEMPT)?.as_s().ok()?.parse().ok()
}

/// Whether an item is past its time: DynamoDB deletes days later, no reader may see it.
pub(super) fn is_purged(item: &Item, now: Timestamp) -> bool {
    let purge_at = item.get(PURGE_AT).and_then(|value| value.as_n().ok()).and_then(|text| text.parse::<i64>().ok());
    purge_at.is_some_and(|purge_at| purge_at <= now.as_second())
}
