//! One structured line per invocation, in JSON, written at once.
//!
//! Only this crate logs, at the level of `RUST_LOG`; everything beneath it (SDK, HTTP client, runtime) logs
//! warnings and errors alone, whatever the level: their debug lines hold request bodies, and so link tokens.

use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

/// Starts logging. Call once, first thing in `main`.
pub fn init(level: tracing::Level) {
    let targets = Targets::new().with_default(tracing::Level::WARN).with_target("shared", level);
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .without_time(); // the platform stamps each line
    // Only a second call could fail, and then a subscriber is there already.
    let _ = tracing_subscriber::registry().with(targets).with(lines).try_init();
}

/// The authorizer's line for a token that does not count: why, and never the token.
pub fn refused(request_id: &str, why: &str) {
    tracing::info!(request_id, why, "token refused");
}

/// The line for one event of the mail service.
pub fn delivery(request_id: &str, outcome: &str) {
    tracing::info!(request_id, outcome, "mail event");
}

/// The line for one event of the mail service that could not be recorded.
pub fn delivery_failed(request_id: &str, cause: &str) {
    tracing::error!(request_id, cause, "mail event");
}
