//! Writes: always conditional, and able to know themselves again.

use std::time::Duration;

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::{put_item::PutItemError, transact_write_items::TransactWriteItemsError},
    types::{
        AttributeValue, CancellationReason, ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure,
        TransactWriteItem, Update,
    },
};
use jiff::Timestamp;

use super::{
    Store,
    attributes::{ATTEMPT, DATA, MAILS, PK, PURGE_AT, SK},
    expect::Expect,
    fault::{is_away, is_conflict, translate},
    keys::Key,
    row::{Item, Row, Seen, attempt, item, seen},
};
use crate::{
    Error, Fault,
    domain::{AttemptId, Next, Refusal},
    telemetry,
};

/// How often an act is judged anew after it was overtaken, and how often a conflict is tried again.
const ROUNDS: u32 = 8;

/// One write of a transaction.
pub(super) struct Write {
    kind: Kind,
    expect: Expect,
}

enum Kind {
    Put(Item),
    Delete(Key),
    /// Only looks: the condition is all there is to it.
    Check(Key),
    /// Changes a number in the item's value. Only ever beside the item that proves it.
    Add {
        key: Key,
        counter: Counter,
        by: i32,
        mine: AttemptId,
    },
    /// Counts one more, up to `most`. Only ever beside the item that proves it.
    Count {
        key: Key,
        mine: AttemptId,
        most: u32,
        purge_at: Timestamp,
    },
}

/// A number in an item's value that is counted where it stands, so that many can count at once.
#[derive(Debug, Clone, Copy)]
pub(super) enum Counter {
    /// Of a relationship: what blocks its removal.
    Commitments,
    /// Of a subscription: the licences that users have.
    Assigned,
}

impl Write {
    pub(super) fn put<T: Row>(value: &T, attempt: AttemptId, expect: Expect) -> Result<Self, Error> {
        Ok(Self { kind: Kind::Put(item(value, attempt)?), expect })
    }

    pub(super) const fn delete(key: Key, expect: Expect) -> Self {
        Self { kind: Kind::Delete(key), expect }
    }

    pub(super) const fn check(key: Key, expect: Expect) -> Self {
        Self { kind: Kind::Check(key), expect }
    }

    pub(super) const fn add(key: Key, counter: Counter, by: i32, mine: AttemptId, expect: Expect) -> Self {
        Self { kind: Kind::Add { key, counter, by, mine }, expect }
    }

    pub(super) const fn count(key: Key, mine: AttemptId, most: u32, purge_at: Timestamp) -> Self {
        Self { kind: Kind::Count { key, mine, most, purge_at }, expect: Expect::Absent }
    }
}

/// How a conditional write ended.
pub(super) enum Outcome<T> {
    /// It is written.
    Done,
    /// A condition failed: this is what was there instead.
    Overtaken(T),
}

/// What a transaction found where a condition failed, by the number of the write: the item, or nothing.
pub(super) type Findings = Vec<Option<Option<Item>>>;

impl Store {
    /// Changes one item as `judge` decides. Overtaken by another writer, it judges anew from what that one
    /// left, so `judge` must be safe to call twice.
    pub(super) async fn change<T: Row + Clone>(
        &self,
        mut before: Seen<T>,
        judge: impl Fn(&T) -> Result<Next<T>, Refusal> + Send,
    ) -> Result<Seen<T>, Error> {
        for _ in 0..ROUNDS {
            let next = match judge(&before.value)? {
                Next::Same => return Ok(before),
                Next::To(next) => next,
            };
            let attempt = AttemptId::new();
            match self.put(&next, attempt, Expect::Unchanged(before.attempt)).await? {
                Outcome::Done => {
                    T::count_change(&before.value, &next);
                    return Ok(Seen { value: next, attempt });
                }
                Outcome::Overtaken(Some(newer)) => before = seen(newer)?,
                Outcome::Overtaken(None) => return Err(Refusal::NotFound.into()),
            }
        }
        Err(Error::Conflict)
    }

    /// Writes one item under a condition.
    pub(super) async fn put<T: Row>(
        &self,
        value: &T,
        mine: AttemptId,
        expect: Expect,
    ) -> Result<Outcome<Option<Item>>, Error> {
        let item = item(value, mine)?;
        for round in 0..ROUNDS {
            let condition = expect.clause();
            let request = put_request(self, item.clone())
                .set_expression_attribute_names(condition.names())
                .set_expression_attribute_values(condition.values())
                .condition_expression(condition.text);
            match request.send().await {
                Ok(_) => return Ok(Outcome::Done),
                Err(SdkError::ServiceError(error)) if error.err().is_conditional_check_failed_exception() => {
                    let PutItemError::ConditionalCheckFailedException(failed) = error.into_err() else { continue };
                    let found = failed.item;
                    if found.as_ref().and_then(attempt) == Some(mine) {
                        return Ok(Outcome::Done); // the answer to it was lost
                    }
                    if expect.is_of_what_was_read() {
                        telemetry::overtaken();
                    }
                    return Ok(Outcome::Overtaken(found));
                }
                Err(error) if is_conflict(&error) => meet(round).await,
                Err(error) => return Err(translate(error)),
            }
        }
        Err(Error::Conflict)
    }

    /// Writes several items, or none of them. `token` makes the SDK's own retries one request; content that
    /// was decided anew needs a new one.
    pub(super) async fn transact(&self, writes: &[Write], mine: AttemptId) -> Result<Outcome<Findings>, Error> {
        let items = writes.iter().map(|write| self.transact_item(write)).collect::<Result<Vec<_>, _>>()?;
        for round in 0..ROUNDS {
            let request = self
                .client
                .transact_write_items()
                .client_request_token(mine.to_string())
                .set_transact_items(Some(items.clone()));
            let error = match request.send().await {
                Ok(_) => return Ok(Outcome::Done),
                Err(error) => error,
            };
            if let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error() {
                match verdict(cancelled.cancellation_reasons(), mine) {
                    Verdict::Decided(outcome) => {
                        if let Outcome::Overtaken(findings) = &outcome
                            && writes
                                .iter()
                                .zip(findings)
                                .any(|(write, found)| found.is_some() && write.expect.is_of_what_was_read())
                        {
                            telemetry::overtaken();
                        }
                        return Ok(outcome);
                    }
                    Verdict::Again => meet(round).await,
                    Verdict::Away if round + 1 < ROUNDS => pause(CONFLICT, round).await,
                    Verdict::Away => return Err(Error::Unavailable(Fault::new(error))),
                    Verdict::Broken => return Err(Error::Internal(Fault::new(error))),
                }
            } else if is_conflict(&error) {
                meet(round).await;
            } else {
                return Err(translate(error));
            }
        }
        Err(Error::Conflict)
    }

    fn transact_item(&self, write: &Write) -> Result<TransactWriteItem, Error> {
        let condition = write.expect.clause();
        let (names, values) = (condition.names(), condition.values());
        let old = ReturnValuesOnConditionCheckFailure::AllOld;
        let builder = TransactWriteItem::builder();
        Ok(match &write.kind {
            Kind::Put(item) => {
                let put = Put::builder()
                    .table_name(&self.table)
                    .set_item(Some(item.clone()))
                    .condition_expression(condition.text)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .return_values_on_condition_check_failure(old);
                builder.put(put.build().map_err(Error::internal)?)
            }
            Kind::Delete(key) => {
                let delete = Delete::builder()
                    .table_name(&self.table)
                    .set_key(Some(primary(key)))
                    .condition_expression(condition.text)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .return_values_on_condition_check_failure(old);
                builder.delete(delete.build().map_err(Error::internal)?)
            }
            Kind::Check(key) => {
                let check = ConditionCheck::builder()
                    .table_name(&self.table)
                    .set_key(Some(primary(key)))
                    .condition_expression(condition.text)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .return_values_on_condition_check_failure(old);
                builder.condition_check(check.build().map_err(Error::internal)?)
            }
            Kind::Add { key, counter, by, mine } => {
                let counter = match counter {
                    Counter::Commitments => "commitments",
                    Counter::Assigned => "assigned",
                };
                let update = Update::builder()
                    .table_name(&self.table)
                    .set_key(Some(primary(key)))
                    .update_expression(format!("SET #data.#counter = #data.#counter + :by, {ATTEMPT} = :mine"))
                    .condition_expression(condition.text)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .expression_attribute_names("#data", DATA)
                    .expression_attribute_names("#counter", counter)
                    .expression_attribute_values(":by", AttributeValue::N(by.to_string()))
                    .expression_attribute_values(":mine", AttributeValue::S(mine.to_string()))
                    .return_values_on_condition_check_failure(old);
                builder.update(update.build().map_err(Error::internal)?)
            }
            Kind::Count { key, mine, most, purge_at } => {
                let number = |number: i64| AttributeValue::N(number.to_string());
                let update = Update::builder()
                    .table_name(&self.table)
                    .set_key(Some(primary(key)))
                    .update_expression(format!(
                        "SET {MAILS} = if_not_exists({MAILS}, :zero) + :one, {ATTEMPT} = :mine, {PURGE_AT} = :purge"
                    ))
                    .condition_expression(format!("attribute_not_exists({MAILS}) OR {MAILS} < :most"))
                    .expression_attribute_values(":zero", number(0))
                    .expression_attribute_values(":one", number(1))
                    .expression_attribute_values(":most", number((*most).into()))
                    .expression_attribute_values(":purge", number(purge_at.as_second()))
                    .expression_attribute_values(":mine", AttributeValue::S(mine.to_string()))
                    .return_values_on_condition_check_failure(old);
                builder.update(update.build().map_err(Error::internal)?)
            }
        }
        .build())
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that puts, and its caller adds the condition")]
fn put_request(store: &Store, item: Item) -> aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder {
    store
        .client
        .put_item()
        .table_name(&store.table)
        .set_item(Some(item))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
}

fn primary(key: &Key) -> Item {
    let text = |value: &str| AttributeValue::S(value.to_owned());
    Item::from([(PK.to_owned(), text(&key.pk)), (SK.to_owned(), text(&key.sk))])
}

enum Verdict {
    Decided(Outcome<Findings>),
    Again,
    Away,
    Broken,
}

/// What a cancelled transaction means.
fn verdict(reasons: &[CancellationReason], mine: AttemptId) -> Verdict {
    let code = |reason: &CancellationReason| reason.code.clone().unwrap_or_default();
    let failed = |reason: &&CancellationReason| code(reason) == "ConditionalCheckFailed";
    if reasons.iter().filter(failed).any(|reason| reason.item.as_ref().and_then(attempt) == Some(mine)) {
        return Verdict::Decided(Outcome::Done); // the answer to it was lost
    }
    if reasons.iter().any(|reason| failed(&reason)) {
        let findings =
            reasons.iter().map(|reason| failed(&reason).then(|| reason.item.clone().filter(|item| !item.is_empty())));
        return Verdict::Decided(Outcome::Overtaken(findings.collect()));
    }
    if reasons.iter().any(|reason| code(reason) == "TransactionConflict") {
        return Verdict::Again;
    }
    if reasons.iter().any(|reason| is_away(Some(&code(reason)))) {
        return Verdict::Away;
    }
    Verdict::Broken
}

const CONFLICT: Duration = Duration::from_millis(10);
/// The first wait of an act that was overtaken.
pub(super) const OVERTAKEN: Duration = Duration::from_millis(5);

/// Another transaction was at work on the same item: waits until it is done.
async fn meet(round: u32) {
    telemetry::overtaken();
    pause(CONFLICT, round).await;
}

/// Waits before another try: longer each time, and by chance, so that those who met do not meet again.
pub(super) async fn pause(base: Duration, round: u32) {
    let most = base * 2_u32.saturating_pow(round.min(5));
    tokio::time::sleep(most.mul_f64(0.5 + fastrand::f64() / 2.0)).await;
}
