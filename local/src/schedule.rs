//! EventBridge Scheduler: runs the template's schedules at their rate, by the virtual clock.
//!
//! Where the clock jumps over several turns, only the last of them runs; where it goes back, counting starts again.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::clock::{self, Clock};
use crate::instance::{Failure, Outcome};
use crate::instances::Instances;
use crate::logs::Logs;
use crate::template::Schedule;

/// How often the clock is looked at.
const TICK: Duration = Duration::from_millis(250);

/// The schedules of one set.
#[derive(Debug)]
pub(crate) struct Scheduler {
    pub(crate) schedules: Vec<Schedule>,
    pub(crate) instances: Arc<Instances>,
    pub(crate) clock: Arc<Clock>,
    pub(crate) logs: Arc<Logs>,
}

impl Scheduler {
    /// Runs a scheduled function as if it were due at `at`, by the first of its schedules; `None` where nothing schedules it.
    pub(crate) async fn run_at(&self, function: &str, at: Timestamp) -> Option<Outcome> {
        let schedule = self.schedules.iter().find(|schedule| schedule.function == function)?;
        Some(self.run(schedule, at).await)
    }

    async fn run(&self, schedule: &Schedule, at: Timestamp) -> Outcome {
        let event = schedule.input.replace("<aws.scheduler.scheduled-time>", &clock::to_the_second(at));
        self.instances.invoke(&schedule.function, event.into_bytes()).await
    }

    /// The functions that a schedule runs, each once.
    pub(crate) fn functions(&self) -> Vec<&str> {
        let functions: BTreeSet<_> = self.schedules.iter().map(|schedule| schedule.function.as_str()).collect();
        functions.into_iter().collect()
    }

    /// Runs what is due, for ever.
    pub(crate) async fn keep_running(self: Arc<Self>) {
        let turns = self.schedules.iter().filter_map(|schedule| {
            let every = SignedDuration::try_from(schedule.every?).ok()?;
            Some((schedule.clone(), every, self.clock.now().checked_add(every).ok()?))
        });
        let mut turns: Vec<_> = turns.collect();
        loop {
            tokio::time::sleep(TICK).await;
            let now = self.clock.now();
            for (schedule, every, due) in &mut turns {
                if let Some(at) = turn(due, *every, now) {
                    tokio::spawn(Arc::clone(&self).log_run(schedule.clone(), at));
                }
            }
        }
    }

    async fn log_run(self: Arc<Self>, schedule: Schedule, at: Timestamp) {
        let said = match self.run(&schedule, at).await {
            Ok(report) => String::from_utf8_lossy(&report).into_owned(),
            Err(Failure::TimedOut) => "timed out".to_owned(),
            Err(failure) => format!("failed: {failure:?}"),
        };
        self.logs.add("local", format!("ran {} as of {at}: {said}", schedule.function));
    }
}

/// When it was due last, if that has not run yet; moves `due` to the next turn.
fn turn(due: &mut Timestamp, every: SignedDuration, now: Timestamp) -> Option<Timestamp> {
    if due.duration_since(now) > every {
        *due = now.checked_add(every).ok()?;
    }
    if now < *due {
        return None;
    }
    let turns = now.duration_since(*due).as_secs() / every.as_secs().max(1);
    let last = due.checked_add(every.checked_mul(i32::try_from(turns).ok()?)?).ok()?;
    *due = last.checked_add(every).ok()?;
    Some(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_runs_the_last_turn_and_going_back_starts_again() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let hour = SignedDuration::from_hours(1);
        let mut due = at("2030-01-01T01:00:00Z");
        assert_eq!(turn(&mut due, hour, at("2030-01-01T00:59:59Z")), None);
        assert_eq!(turn(&mut due, hour, at("2030-01-01T04:30:00Z")), Some(at("2030-01-01T04:00:00Z")));
        assert_eq!(due, at("2030-01-01T05:00:00Z"));
        assert_eq!(turn(&mut due, hour, at("2029-06-01T00:00:00Z")), None);
        assert_eq!(due, at("2029-06-01T01:00:00Z"));
    }
}
