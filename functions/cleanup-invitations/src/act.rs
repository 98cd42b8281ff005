//! Hourly: makes the end of invitations visible whose time is over.
//!
//! It reads what is due and nothing else, however many are pending. Each is expired by its own conditional
//! write, so two runs at once, or a partner or customer acting in between, do no harm. It stops before the
//! invocation's end; the next run goes on.
//!
//! Answers `{"expired", "overtaken", "left"}`: made visible; changed by somebody else in the meantime; still
//! due when it stopped, at least.

use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use lambda_runtime::Context;
use serde::Serialize;
use shared::{
    Error,
    deadline::Deadline,
    domain::Invitation,
    schedule::Tick,
    store::{Seen, Store},
};

/// Writes under way at once.
const PARALLEL: usize = 16;
/// Due invitations read at once.
const PAGE: i32 = 100;
/// What is kept of the invocation's time for counting what is left.
const MARGIN: Duration = Duration::from_secs(3);

pub(crate) struct Deps {
    pub(crate) store: Store,
}

#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    expired: usize,
    overtaken: usize,
    left: usize,
}

#[derive(Clone, Copy)]
enum Outcome {
    Expired,
    Overtaken,
    Left,
}

pub(crate) async fn handle(deps: &'static Deps, tick: Tick, context: Context) -> Result<Report, Error> {
    let (now, deadline) = (tick.time, Deadline::of(&context, MARGIN));
    let mut report = Report::default();
    for shard in 0..Store::SHARDS {
        let mut after = None;
        loop {
            if deadline.is_over() {
                report.left += left(&deps.store, shard, after.as_deref(), now).await?;
                break;
            }
            let sweep = deps.store.due_invitations(shard, after.as_deref(), PAGE, now).await?;
            expire(&deps.store, &sweep.due, deadline, now, &mut report).await?;
            match sweep.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
    }
    Ok(report)
}

async fn expire(
    store: &Store,
    due: &[Seen<Invitation>],
    deadline: Deadline,
    now: Timestamp,
    report: &mut Report,
) -> Result<(), Error> {
    let one = async |invitation: &Seen<Invitation>| {
        if deadline.is_over() {
            return Ok(Outcome::Left);
        }
        match store.expire_invitation(invitation, now).await {
            Ok(true) => Ok(Outcome::Expired),
            Ok(false) => Ok(Outcome::Overtaken),
            // The table is busy: the next run finds it again.
            Err(Error::Unavailable(_) | Error::Conflict) => Ok(Outcome::Left),
            Err(other) => Err(other),
        }
    };
    let outcomes = stream::iter(due).map(one).buffer_unordered(PARALLEL);
    outcomes
        .try_for_each(|outcome| {
            match outcome {
                Outcome::Expired => report.expired += 1,
                Outcome::Overtaken => report.overtaken += 1,
                Outcome::Left => report.left += 1,
            }
            std::future::ready(Ok(()))
        })
        .await
}

/// What is still due of a shard, counted in one request; more than it sees is not counted.
async fn left(store: &Store, shard: u8, after: Option<&str>, now: Timestamp) -> Result<usize, Error> {
    Ok(store.due_invitations(shard, after, 1000, now).await?.due.len())
}
