//! What goes wrong between the functions and DynamoDB, when asked for, as DynamoDB words it.
//!
//! | kind | what the function sees |
//! |---|---|
//! | `throttle` | `ProvisionedThroughputExceededException` or `ThrottlingException`; transactions also a cancellation with `ThrottlingError` |
//! | `conflict` | writes only: `TransactionConflictException`, transactions a cancellation with `TransactionConflict` |
//! | `error` | HTTP 500 `InternalServerError` |
//! | `lost` | the request is applied, the connection closes without an answer |
//! | `partial` | `BatchGetItem` only: some of the keys come back unprocessed |

use std::sync::{Mutex, PoisonError};

use axum::body::Bytes;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// What to inject from now on; `POST /_local/store/fault`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Fault {
    /// Nothing, where it is missing or null.
    pub(crate) kind: Option<Kind>,
    /// The share of requests that it strikes, 0 to 1; all, where it is missing.
    #[serde(default = "always")]
    pub(crate) rate: f64,
    /// Only this operation, `TransactWriteItems`; all that the kind fits, where it is missing.
    pub(crate) operation: Option<String>,
    /// Only so many times, then never again.
    pub(crate) times: Option<u64>,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Kind {
    Throttle,
    Lost,
    Conflict,
    Error,
    Partial,
}

/// A fault that struck.
#[derive(Debug)]
pub(crate) enum Injected {
    /// This answer, and nothing reaches the engine.
    Answer(StatusCode, String),
    /// The engine gets the request, the function no answer.
    Lost,
    /// The engine gets some of the keys; the rest is `UnprocessedKeys`.
    Partial { sent: Bytes, left: Value },
}

/// The fault that is set.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Option<Active>>);

#[derive(Debug)]
struct Active {
    fault: Fault,
    /// Seeded, so that a failing run can be run again.
    random: fastrand::Rng,
}

fn always() -> f64 {
    1.0
}

impl Faults {
    /// Sets the fault, or none.
    pub(crate) fn set(&self, fault: Fault) {
        let active = fault.kind.is_some().then(|| Active { fault, random: fastrand::Rng::with_seed(7) });
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = active;
    }

    /// Whether this request is struck, and how.
    pub(crate) fn strike(&self, operation: &str, body: &[u8]) -> Option<Injected> {
        let mut active = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Active { fault, random } = active.as_mut()?;
        let kind = fault.kind?;
        let fits = fault.operation.as_deref().is_none_or(|only| only == operation) && kind.fits(operation);
        if !fits || fault.times == Some(0) || random.f64() >= fault.rate {
            return None;
        }
        let injected = kind.injected(operation, body, random)?;
        fault.times = fault.times.map(|left| left - 1);
        Some(injected)
    }
}

impl Kind {
    fn fits(self, operation: &str) -> bool {
        match self {
            Self::Throttle | Self::Lost | Self::Error => true,
            Self::Conflict => matches!(operation, "PutItem" | "UpdateItem" | "DeleteItem" | "TransactWriteItems"),
            Self::Partial => operation == "BatchGetItem",
        }
    }

    fn injected(self, operation: &str, body: &[u8], random: &mut fastrand::Rng) -> Option<Injected> {
        let transaction = operation == "TransactWriteItems";
        Some(match self {
            Self::Lost => Injected::Lost,
            Self::Error => Injected::Answer(
                StatusCode::INTERNAL_SERVER_ERROR,
                json!({ "__type": "com.amazonaws.dynamodb.v20120810#InternalServerError", "message": "Internal server error" })
                    .to_string(),
            ),
            Self::Throttle if transaction && random.bool() => cancelled(body, "ThrottlingError", THROTTLED),
            Self::Throttle if random.bool() => refused("ProvisionedThroughputExceededException", EXCEEDED),
            Self::Throttle => Injected::Answer(
                StatusCode::BAD_REQUEST,
                json!({ "__type": "com.amazon.coral.availability#ThrottlingException", "message": THROTTLED }).to_string(),
            ),
            Self::Conflict if transaction => cancelled(body, "TransactionConflict", CONFLICT),
            Self::Conflict => refused("TransactionConflictException", CONFLICT),
            Self::Partial => partial(body)?,
        })
    }
}

const EXCEEDED: &str = "The level of configured provisioned throughput for the table was exceeded. Consider increasing your \
                        provisioning level with the UpdateTable API.";
const THROTTLED: &str = "Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling \
                         your table or index so please try again shortly.";
const CONFLICT: &str = "Transaction is ongoing for the item";

fn refused(name: &str, message: &str) -> Injected {
    let body = json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{name}"), "message": message });
    Injected::Answer(StatusCode::BAD_REQUEST, body.to_string())
}

/// A cancelled transaction, with the same reason for each of its items.
fn cancelled(body: &[u8], code: &str, message: &str) -> Injected {
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    let items = request["TransactItems"].as_array().map_or(1, Vec::len);
    let codes = vec![code; items].join(", ");
    let reasons = vec![json!({ "Code": code, "Message": message }); items];
    let body = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": format!("Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"),
        "CancellationReasons": reasons,
    });
    Injected::Answer(StatusCode::BAD_REQUEST, body.to_string())
}

/// Leaves the second half of each table's keys over, at least one, and sends what is left of the request.
fn partial(body: &[u8]) -> Option<Injected> {
    let mut request: Value = serde_json::from_slice(body).ok()?;
    let tables = request["RequestItems"].as_object_mut()?;
    let mut left = Map::new();
    for (table, asked) in tables.iter_mut() {
        let keys = asked["Keys"].as_array_mut()?;
        let kept = keys.split_off(keys.len() / 2);
        let mut rest = asked.clone();
        rest["Keys"] = Value::Array(kept);
        left.insert(table.clone(), rest);
    }
    tables.retain(|_, asked| asked["Keys"].as_array().is_some_and(|keys| !keys.is_empty()));
    if tables.is_empty() {
        let answer = json!({ "Responses": {}, "UnprocessedKeys": left }).to_string();
        return Some(Injected::Answer(StatusCode::OK, answer));
    }
    let sent = request.to_string().into();
    Some(Injected::Partial { sent, left: Value::Object(left) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strike(fault: Value, operation: &str, body: &Value) -> Option<Injected> {
        let faults = Faults::default();
        faults.set(serde_json::from_value(fault).unwrap());
        faults.strike(operation, body.to_string().as_bytes())
    }

    #[test]
    fn a_conflict_cancels_each_item_of_a_transaction() {
        let body = json!({ "TransactItems": [{}, {}, {}] });
        let Some(Injected::Answer(status, text)) = strike(json!({ "kind": "conflict" }), "TransactWriteItems", &body)
        else {
            panic!("no answer")
        };
        let text: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert_eq!(text["CancellationReasons"].as_array().unwrap().len(), 3);
        assert_eq!(text["CancellationReasons"][2]["Code"], "TransactionConflict");
    }

    #[test]
    fn a_batch_read_leaves_keys_over() {
        let body = json!({ "RequestItems": { "local": { "Keys": [1, 2, 3], "ConsistentRead": true } } });
        let Some(Injected::Partial { sent, left }) = strike(json!({ "kind": "partial" }), "BatchGetItem", &body) else {
            panic!("not partial")
        };
        let sent: Value = serde_json::from_slice(&sent).unwrap();
        assert_eq!(sent["RequestItems"]["local"]["Keys"], json!([1]));
        assert_eq!(left["local"], json!({ "Keys": [2, 3], "ConsistentRead": true }));
    }

    #[test]
    fn a_fault_strikes_only_what_it_fits_and_so_often_as_asked() {
        assert!(strike(json!({ "kind": "conflict" }), "GetItem", &json!({})).is_none());
        assert!(strike(json!({ "kind": "error", "rate": 0.0 }), "GetItem", &json!({})).is_none());
        assert!(strike(json!({ "kind": "error", "operation": "Query" }), "GetItem", &json!({})).is_none());
        let faults = Faults::default();
        faults.set(serde_json::from_value(json!({ "kind": "lost", "times": 1 })).unwrap());
        assert!(faults.strike("PutItem", b"{}").is_some());
        assert!(faults.strike("PutItem", b"{}").is_none());
    }
}
