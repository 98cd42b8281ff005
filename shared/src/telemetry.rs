//! One JSON line for each invocation, with what it did and the metrics that it counts; and the log beside it.
//!
//! Only this crate logs, at the level of `RUST_LOG`; everything beneath it (SDK, HTTP client, runtime) logs
//! warnings and errors alone, whatever the level: their debug lines hold request bodies, and so link tokens.
//!
//! The line of an invocation is written whatever the level, since metrics must not depend on that. Where the
//! invocation counted something, it is a document in CloudWatch's embedded metric format as well. That needs no
//! right and no request: "Writing JSON to standard out in the embedded metric format is sufficient" on Lambda
//! (the [specification](https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html)
//! in its older wording, and the same for
//! [web functions](https://docs.aws.amazon.com/lambda/latest/dg/web-functions-emf.html)). With `LogFormat: JSON`
//! an OS-only runtime has nothing that wraps lines: Lambda asks of one that it writes
//! [JSON objects with a `level`](https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html)
//! to standard output, and takes what has no `timestamp` as INFO. So no `ApplicationLogLevel` above INFO may be
//! set, or metrics are lost.

mod metrics;
mod tally;

use std::{io::Write, sync::OnceLock};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

pub(crate) use metrics::Metric;
use metrics::Metrics;
use tally::Tally;
pub(crate) use tally::{StoreUse, count, overtaken, store};

use crate::{Error, deadline::Stopwatch};

/// The outcome of an act that found the store throttled or away.
const UNAVAILABLE: &str = "unavailable";

/// What this process is, as its lines say.
#[derive(Debug, Default)]
pub(crate) struct Process {
    act: String,
    stack: String,
}

static PROCESS: OnceLock<Process> = OnceLock::new();

impl Process {
    /// From the stack's name and the function's log group, `/aws/lambda/<stack>-<function>`.
    pub(crate) fn new(stack: Option<String>, group: Option<String>) -> Self {
        let stack = stack.filter(|stack| !stack.is_empty()).unwrap_or_else(|| "unnamed".to_owned());
        let group = group.unwrap_or_default();
        let name = group.rsplit('/').next().unwrap_or_default();
        let act = name.strip_prefix(&stack).and_then(|rest| rest.strip_prefix('-')).unwrap_or(name).to_owned();
        Self { act, stack }
    }
}

/// Starts logging. Call once, first thing in `main`.
pub(crate) fn init(level: tracing::Level, process: Process) {
    let targets = Targets::new().with_default(tracing::Level::WARN).with_target("shared", level);
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .without_time(); // the platform stamps each line
    // Only a second call could fail, and then a subscriber and a process are there already.
    let _ = tracing_subscriber::registry().with(targets).with(lines).try_init();
    let _ = PROCESS.set(process);
}

/// What the line of an invocation says of it. Never a path, a query or a body: they may hold what is not ours
/// to keep.
#[derive(Debug, Default, Serialize)]
pub struct Told {
    /// The request's id, which a problem repeats as its `instance`.
    pub request_id: String,
    /// The invocation's id, where that is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lambda_request_id: Option<String>,
    /// The route's key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// Who called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// The HTTP status that was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// How it ended, in one word; of an error, its slug.
    pub outcome: &'static str,
    /// Why somebody was turned away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What a scheduled function did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<Value>,
    /// What broke, with its whole chain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
}

impl Told {
    /// An act that failed with no answer to say so.
    #[must_use]
    pub fn failed(request_id: String, error: &Error) -> Self {
        Self { request_id, outcome: crate::http::slug(error), cause: Some(error.cause()), ..Self::default() }
    }
}

/// The whole line.
#[derive(Serialize)]
struct Line<'a> {
    level: &'static str,
    message: &'static str,
    act: &'a str,
    #[serde(flatten)]
    told: &'a Told,
    /// The event's own time.
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<Timestamp>,
    duration_ms: u64,
    store: &'a StoreUse,
    #[serde(flatten)]
    metrics: Option<Metrics<'a>>,
}

/// Runs an invocation's act and writes its line: what `tell` says of the outcome, what the act counted, and how
/// long it took.
pub async fn invocation<T>(time: Option<Timestamp>, act: impl Future<Output = T>, tell: impl FnOnce(&T) -> Told) -> T {
    let watch = Stopwatch::start();
    let (outcome, tally) = tally::of(act).await;
    let process = PROCESS.get_or_init(Process::default);
    let line = line(process, time, &tell(&outcome), watch.milliseconds(), tally);
    // Where nobody takes the line, the act is done all the same.
    let _ = writeln!(std::io::stdout().lock(), "{line}");
    outcome
}

fn line(process: &Process, time: Option<Timestamp>, told: &Told, duration_ms: u64, mut tally: Tally) -> String {
    let is_away = told.outcome == UNAVAILABLE;
    if is_away {
        tally.count(Metric::Unavailable);
    }
    let level = match told.cause {
        None => "INFO",
        Some(_) if is_away => "WARN",
        Some(_) => "ERROR",
    };
    let metrics = time.and_then(|time| Metrics::new(&tally.metrics, &process.stack, time));
    let (act, store) = (process.act.as_str(), &tally.store);
    let line = Line { level, message: "invocation", act, told, time, duration_ms, store, metrics };
    serde_json::to_string(&line).unwrap_or_default() // plain values under names: it cannot fail
}

#[cfg(test)]
mod tests;
