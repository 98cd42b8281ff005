//! Hourly: makes the end of invitations visible whose time is over.
//!
//! It reads what is due and nothing else, however many are pending. Each is expired by its own conditional
//! write, so two runs at once, or a partner or customer acting in between, do no harm. It stops before the
//! invocation's end; the next run goes on.
//!
//! Answers `{"expired", "overtaken", "left"}`: made visible; changed by somebody else in the meantime; still
//! due when it stopped, at least.

use jiff::Timestamp;
use lambda_runtime::Context;
use serde::Serialize;
use shared::{
    Error,
    schedule::Tick,
    store::{Store, Window},
    sweep::Sweep,
};

/// Writes under way at once.
const PARALLEL: usize = 16;

pub(crate) struct Deps {
    pub(crate) store: Store,
}

#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    expired: usize,
    overtaken: usize,
    left: usize,
}

pub(crate) async fn handle(deps: &'static Deps, tick: Tick, context: Context) -> Result<Report, Error> {
    let (now, mut report) = (tick.time, Report::default());
    let over = Window { behind: Timestamp::MIN, until: now };
    let sweep = Sweep::new(&deps.store, over, now, &context).parallel(PARALLEL);
    let left = sweep.each(
        async |invitation| deps.store.expire_invitation(invitation, now).await,
        |expired| if expired { report.expired += 1 } else { report.overtaken += 1 },
    );
    report.left = left.await?;
    Ok(report)
}
