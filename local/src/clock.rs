//! What time it is for the functions: the real time, or one that was set and runs on from there.
//!
//! The only module of this package that reads a clock.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};

/// The virtual clock of one running set.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    set: Mutex<Option<Anchor>>,
}

/// An instant that was set, and when it was set.
#[derive(Debug, Clone, Copy)]
struct Anchor {
    at: Timestamp,
    since: Instant,
}

impl Clock {
    /// The time that events carry now.
    pub(crate) fn now(&self) -> Timestamp {
        let anchor = *self.set.lock().unwrap_or_else(PoisonError::into_inner);
        match anchor {
            None => real_now(),
            Some(Anchor { at, since }) => {
                let gone = SignedDuration::try_from(since.elapsed()).unwrap_or(SignedDuration::ZERO);
                at.checked_add(gone).unwrap_or(at)
            }
        }
    }

    /// Sets the time; it runs on from `at`.
    #[expect(clippy::disallowed_methods, reason = "how long ago that was is measured, not looked up")]
    pub(crate) fn set(&self, at: Timestamp) {
        let anchor = Anchor { at, since: Instant::now() };
        *self.set.lock().unwrap_or_else(PoisonError::into_inner) = Some(anchor);
    }

    /// Back to the real time.
    pub(crate) fn reset(&self) {
        *self.set.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl dynoxide::storage_backend::Clock for Clock {
    fn now_unix_secs(&self) -> u64 {
        u64::try_from(self.now().as_second()).unwrap_or(0)
    }

    #[expect(clippy::cast_precision_loss, reason = "seconds with a fraction are what the engine asks for")]
    fn now_unix_secs_f64(&self) -> f64 {
        self.now().as_millisecond() as f64 / 1000.0
    }
}

/// The machine's own time: for Lambda deadlines, which are real, and where no time was set.
#[expect(clippy::disallowed_methods, reason = "somebody has to know the time: here it enters, as an event's time")]
pub(crate) fn real_now() -> Timestamp {
    Timestamp::now()
}

/// RFC 3339 to the second, as EventBridge Scheduler writes times.
pub(crate) fn to_the_second(at: Timestamp) -> String {
    Timestamp::from_second(at.as_second()).unwrap_or(at).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_clock_runs_on_and_can_be_put_back() {
        let clock = Clock::default();
        let at: Timestamp = "2030-01-01T00:00:00Z".parse().unwrap();
        clock.set(at);
        let later = clock.now();
        assert!(later >= at && later.duration_since(at) < SignedDuration::from_secs(5));
        clock.reset();
        assert!(clock.now().duration_since(real_now()).abs() < SignedDuration::from_secs(5));
    }

    #[test]
    fn the_scheduler_writes_whole_seconds() {
        let at: Timestamp = "2030-01-01T00:00:00.987Z".parse().unwrap();
        assert_eq!(to_the_second(at), "2030-01-01T00:00:00Z");
    }
}
