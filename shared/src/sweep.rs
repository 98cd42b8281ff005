//! Walking the pending invitations that end in a window of time: what the clean-up and the reminders share.
//!
//! It reads what is in the window and nothing else, however many are pending, acts on several at once, and
//! stops before the invocation's end; the next run goes on.

use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use lambda_runtime::Context;

use crate::{
    Error,
    deadline::Deadline,
    domain::Invitation,
    store::{Seen, Store, Window},
};

/// Invitations read at once.
const PAGE: i32 = 100;
/// What is kept of the invocation's time: a mail begun just before takes five seconds at most, then its outcome
/// is recorded, and what is left is counted.
const MARGIN: Duration = Duration::from_secs(8);

/// One walk.
#[derive(Debug)]
pub struct Sweep<'a> {
    store: &'a Store,
    window: Window,
    now: Timestamp,
    deadline: Deadline,
    parallel: usize,
}

impl<'a> Sweep<'a> {
    /// A walk over the window, within the invocation, acting on one at a time.
    #[must_use]
    pub fn new(store: &'a Store, window: Window, now: Timestamp, context: &Context) -> Self {
        Self { store, window, now, deadline: Deadline::of(context, MARGIN), parallel: 1 }
    }

    /// The same, acting on several at once.
    #[must_use]
    pub const fn parallel(self, parallel: usize) -> Self {
        Self { parallel, ..self }
    }

    /// Acts on each invitation, and hands each outcome to `tally`. Answers how many were left: not reached
    /// in time, at least, or met by a busy table.
    pub async fn each<T>(
        &self,
        act: impl AsyncFn(&Seen<Invitation>) -> Result<T, Error>,
        mut tally: impl FnMut(T),
    ) -> Result<usize, Error> {
        let mut left = 0;
        // Another shard first each time: where runs do not reach all, none is always the last.
        let first = fastrand::u8(..Store::SHARDS);
        for shard in (0..Store::SHARDS).map(|shard| (first + shard) % Store::SHARDS) {
            let mut after = None;
            loop {
                let page = if self.deadline.is_over() { 1000 } else { PAGE };
                let due = self.store.due_invitations(shard, &self.window, after.as_deref(), page, self.now).await?;
                let outcomes = stream::iter(&due.due).map(|invitation| self.one(&act, invitation));
                let mut outcomes = outcomes.buffer_unordered(self.parallel);
                while let Some(outcome) = outcomes.try_next().await? {
                    match outcome {
                        Some(outcome) => tally(outcome),
                        None => left += 1,
                    }
                }
                match due.next {
                    Some(next) if !self.deadline.is_over() => after = Some(next),
                    Some(_) | None => break,
                }
            }
        }
        Ok(left)
    }

    async fn one<T>(
        &self,
        act: &impl AsyncFn(&Seen<Invitation>) -> Result<T, Error>,
        invitation: &Seen<Invitation>,
    ) -> Result<Option<T>, Error> {
        if self.deadline.is_over() {
            return Ok(None);
        }
        match act(invitation).await {
            Ok(outcome) => Ok(Some(outcome)),
            // The table is busy: the next run finds it again.
            Err(Error::Unavailable(_) | Error::Conflict) => Ok(None),
            Err(other) => Err(other),
        }
    }
}
