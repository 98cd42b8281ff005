//! Reads: consistent gets in one batch, and queries.

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::{
    operation::query::builders::QueryFluentBuilder,
    types::{AttributeValue, KeysAndAttributes},
};
use jiff::Timestamp;

use super::{
    Listed, Store,
    attributes::{PK, PURGE_AT, SK},
    fault::translate,
    keys::Key,
    row::{Item, Row, Seen, is_purged, seen},
    write::pause,
};
use crate::{Error, Fault};

/// How often keys that a batch left over are asked for again.
const ROUNDS: u32 = 6;

/// Items read in one batch, by key.
pub(super) struct Batch(HashMap<Key, Item>);

impl Batch {
    /// Takes a value out; `None` where there is none.
    pub(super) fn take<T: Row>(&mut self, key: &Key) -> Result<Option<Seen<T>>, Error> {
        self.0.remove(key).map(seen).transpose()
    }
}

impl Store {
    /// One item, consistently.
    pub(super) async fn get<T: Row>(&self, key: Key, now: Timestamp) -> Result<Option<Seen<T>>, Error> {
        let output = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(PK, AttributeValue::S(key.pk))
            .key(SK, AttributeValue::S(key.sk))
            .consistent_read(true)
            .send()
            .await
            .map_err(translate)?;
        output.item.filter(|item| !is_purged(item, now)).map(seen).transpose()
    }

    /// Several items, consistently, in one request. What the table left over is asked for again: it is
    /// throttled, not absent.
    pub(super) async fn batch(&self, keys: &[&Key], now: Timestamp) -> Result<Batch, Error> {
        let mut wanted = keys_and_attributes(keys)?;
        let mut items = HashMap::new();
        for round in 0..ROUNDS {
            let request = self.client.batch_get_item().request_items(&self.table, wanted);
            let mut output = request.send().await.map_err(translate)?;
            let found = output.responses.as_mut().and_then(|tables| tables.remove(&self.table)).unwrap_or_default();
            items.extend(
                found.into_iter().filter(|item| !is_purged(item, now)).filter_map(|item| Some((key(&item)?, item))),
            );
            match output.unprocessed_keys.and_then(|mut tables| tables.remove(&self.table)) {
                Some(left) if !left.keys.is_empty() => wanted = left,
                Some(_) | None => return Ok(Batch(items)),
            }
            pause(Duration::from_millis(20), round).await;
        }
        Err(Error::Unavailable(Fault::new("a batch read left keys over again and again")))
    }

    /// A query of one partition, without what is past its time.
    pub(super) fn query(
        &self,
        partition: (&str, String),
        sort: Option<(&str, Range)>,
        now: Timestamp,
    ) -> QueryFluentBuilder {
        let (name, value) = partition;
        let mut condition = format!("{name} = :partition");
        let mut query = self
            .client
            .query()
            .table_name(&self.table)
            .expression_attribute_values(":partition", AttributeValue::S(value))
            .expression_attribute_values(":now", AttributeValue::N(now.as_second().to_string()))
            .filter_expression(format!("(attribute_not_exists({PURGE_AT}) OR {PURGE_AT} > :now)"));
        if let Some((sort, range)) = sort {
            let (clause, values) = match range {
                Range::Prefix(prefix) => (format!("begins_with({sort}, :from)"), vec![(":from", prefix)]),
                Range::Before(end) => (format!("{sort} < :from"), vec![(":from", end)]),
                Range::After(start) => (format!("{sort} > :from"), vec![(":from", start)]),
                Range::Between(start, end) => {
                    (format!("{sort} BETWEEN :from AND :to"), vec![(":from", start), (":to", end)])
                }
            };
            condition = format!("{condition} AND {clause}");
            for (name, value) in values {
                query = query.expression_attribute_values(name, AttributeValue::S(value));
            }
        }
        query.key_condition_expression(condition)
    }
}

/// Which part of a partition a query reads.
pub(super) enum Range {
    Prefix(String),
    Before(String),
    After(String),
    /// Both ends belong to it.
    Between(String, String),
}

/// One page of values, and the position behind it if there may be more.
pub(super) async fn page<T: Row>(query: QueryFluentBuilder, sort: &str, limit: u8) -> Result<Listed<T>, Error> {
    // One more than asked for tells a last page from one that happens to end there.
    let (mut items, mut next) = fetch(query, sort, i32::from(limit) + 1).await?;
    if items.len() > usize::from(limit) {
        items.truncate(limit.into());
        next = items.last().and_then(|item| position(item, sort));
    }
    let items = items.into_iter().map(|item| Ok(seen(item)?.value)).collect::<Result<_, Error>>()?;
    Ok(Listed { items, next })
}

/// Runs a query that looks at `most` items; the position behind the last it looked at, if there are more.
pub(super) async fn fetch(
    query: QueryFluentBuilder,
    sort: &str,
    most: i32,
) -> Result<(Vec<Item>, Option<String>), Error> {
    let output = query.limit(most).send().await.map_err(translate)?;
    let next = output.last_evaluated_key.as_ref().and_then(|key| position(key, sort));
    Ok((output.items.unwrap_or_default(), next))
}

/// Every value that a query finds, page by page.
pub(super) async fn all<T: Row>(query: QueryFluentBuilder) -> Result<Vec<T>, Error> {
    let mut items = query.into_paginator().items().send();
    let mut values = Vec::new();
    while let Some(item) = items.next().await {
        values.push(seen(item.map_err(translate)?)?.value);
    }
    Ok(values)
}

fn keys_and_attributes(keys: &[&Key]) -> Result<KeysAndAttributes, Error> {
    let keys = keys.iter().map(|key| {
        HashMap::from([
            (PK.to_owned(), AttributeValue::S(key.pk.clone())),
            (SK.to_owned(), AttributeValue::S(key.sk.clone())),
        ])
    });
    KeysAndAttributes::builder().set_keys(Some(keys.collect())).consistent_read(true).build().map_err(Error::internal)
}

fn key(item: &Item) -> Option<Key> {
    let text = |name: &str| item.get(name)?.as_s().ok().cloned();
    Some(Key { pk: text(PK)?, sk: text(SK)? })
}

/// The text of a key attribute, for a cursor.
pub(super) fn position(item: &Item, attribute: &str) -> Option<String> {
    item.get(attribute)?.as_s().ok().cloned()
}
