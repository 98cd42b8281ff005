//! How long the invocation may still take, and how long it took: the one module that reads clocks.
//!
//! What time it *is* comes with the event; this is only about stopping before the platform stops us.

use std::time::{Duration, Instant, SystemTime};

use lambda_runtime::Context;

/// The end of the current invocation.
#[derive(Debug, Clone, Copy)]
pub struct Deadline(Instant);

impl Deadline {
    /// From the invocation's context, `margin` earlier than the platform's.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one module that reads clocks")]
    pub fn of(context: &Context, margin: Duration) -> Self {
        let left = (context.deadline() - margin).duration_since(SystemTime::now()).unwrap_or_default();
        Self(Instant::now() + left)
    }

    /// Whether it is time to stop.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one module that reads clocks")]
    pub fn is_over(&self) -> bool {
        Instant::now() >= self.0
    }
}

/// Measures how long something takes, for the log.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one module that reads clocks")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Milliseconds since the start.
    #[must_use]
    pub fn milliseconds(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
