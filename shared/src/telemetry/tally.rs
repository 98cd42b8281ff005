//! What an invocation does, counted where it happens.
//!
//! The tally belongs to the invocation's task, so that nothing has to be handed from act to store to request, and
//! futures of one act that run side by side count into the same one. What runs outside of an invocation, as the
//! opening of the first connection does, counts nowhere.

use std::{cell::RefCell, collections::BTreeMap};

use serde::Serialize;

use super::Metric;

tokio::task_local! {
    static TALLY: RefCell<Tally>;
}

/// What one invocation did.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) store: StoreUse,
    pub(super) metrics: BTreeMap<Metric, u64>,
}

/// What it asked of DynamoDB.
#[derive(Debug, Default, Serialize)]
pub(crate) struct StoreUse {
    /// Requests, those that were sent again included.
    pub(crate) requests: u32,
    /// Requests that were sent again: throttled, or without an answer.
    pub(crate) retries: u32,
    /// Writes that found another writer's work.
    pub(crate) overtaken: u32,
    /// Capacity units consumed by reading.
    pub(crate) read_units: f64,
    /// Capacity units consumed by writing.
    pub(crate) write_units: f64,
}

impl Tally {
    pub(super) fn count(&mut self, metric: Metric) {
        *self.metrics.entry(metric).or_default() += 1;
    }
}

/// Counts one.
pub(crate) fn count(metric: Metric) {
    change(|tally| tally.count(metric));
}

/// Counts a write that found another writer's work.
pub(crate) fn overtaken() {
    change(|tally| {
        tally.store.overtaken += 1;
        tally.count(Metric::Conflicts);
    });
}

/// Counts what DynamoDB was asked.
pub(crate) fn store(counted: impl FnOnce(&mut StoreUse)) {
    change(|tally| counted(&mut tally.store));
}

/// Runs an act; its outcome, and what it counted.
pub(super) async fn of<T>(act: impl Future<Output = T>) -> (T, Tally) {
    TALLY.scope(RefCell::default(), async { (act.await, TALLY.with(RefCell::take)) }).await
}

fn change(change: impl FnOnce(&mut Tally)) {
    let _ = TALLY.try_with(|tally| change(&mut tally.borrow_mut())); // outside of an invocation nothing counts
}
