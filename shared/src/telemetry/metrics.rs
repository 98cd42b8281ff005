//! What is counted, and how CloudWatch is told: its
//! [embedded metric format](https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html).

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

/// The namespace of all metrics; deployments differ in the dimension `Stack`.
pub(super) const NAMESPACE: &str = "ResellerRelationships";

/// What is counted, each under its own name, and explained in `docs/operations.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) enum Metric {
    InvitationsCreated,
    InvitationsAccepted,
    InvitationsDeclined,
    InvitationsRevoked,
    InvitationsExpired,
    RelationshipsRemoved,
    MailsSent,
    MailsFailed,
    MailsBounced,
    MailsComplained,
    Conflicts,
    Unavailable,
}

/// The members that make metrics of a line.
#[derive(Serialize)]
pub(super) struct Metrics<'a> {
    #[serde(rename = "_aws")]
    metadata: Metadata,
    #[serde(rename = "Stack")]
    stack: &'a str,
    #[serde(flatten)]
    counts: &'a BTreeMap<Metric, u64>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata {
    timestamp: i64,
    cloud_watch_metrics: [Directive; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive {
    namespace: &'static str,
    dimensions: [[&'static str; 1]; 1],
    metrics: Vec<Definition>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Definition {
    name: Metric,
    unit: &'static str,
}

impl<'a> Metrics<'a> {
    /// `None` where nothing was counted.
    pub(super) fn new(counts: &'a BTreeMap<Metric, u64>, stack: &'a str, time: Timestamp) -> Option<Self> {
        let metrics: Vec<_> = counts.keys().map(|metric| Definition { name: *metric, unit: "Count" }).collect();
        let directive = Directive { namespace: NAMESPACE, dimensions: [["Stack"]], metrics };
        let metadata = Metadata { timestamp: time.as_millisecond(), cloud_watch_metrics: [directive] };
        (!counts.is_empty()).then_some(Self { metadata, stack, counts })
    }
}
