//! Asks the authorizing function who calls, and remembers its answer per identity for as long as the template says.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::event::Incoming;
use crate::instances::Instances;
use crate::template;

/// How many answers are kept.
const KEPT: usize = 10_000;

/// What comes of asking.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Verdict {
    /// Go on, with this in `requestContext.authorizer.lambda`.
    Allowed(Value),
    /// 403.
    Refused,
    /// 401: the request does not say who calls.
    Missing,
    /// 500: the authorizer itself failed.
    Failed,
}

/// The authorizer of the API.
#[derive(Debug)]
pub(crate) struct Authorizer {
    described: template::Authorizer,
    instances: Arc<Instances>,
    kept: Mutex<BTreeMap<Vec<String>, (Timestamp, Verdict)>>,
}

impl Authorizer {
    /// The one that the template describes.
    pub(crate) fn new(described: template::Authorizer, instances: Arc<Instances>) -> Self {
        Self { described, instances, kept: Mutex::default() }
    }

    /// Who calls?
    pub(crate) async fn ask(&self, request: &Incoming<'_>) -> Verdict {
        let Some(identity) = self.identity(request.headers) else { return Verdict::Missing };
        if let Some(verdict) = self.remembered(&identity, request.at) {
            return verdict;
        }
        let event = request.for_authorizer(&identity).to_string();
        let verdict = match self.instances.invoke(&self.described.function, event.into_bytes()).await {
            Ok(answer) => verdict(&answer),
            Err(_) => Verdict::Failed,
        };
        if verdict != Verdict::Failed {
            self.remember(identity, request.at, verdict.clone());
        }
        verdict
    }

    /// The values that say who calls; `None` unless there is one for each.
    fn identity(&self, headers: &HeaderMap) -> Option<Vec<String>> {
        let value = |name: &String| {
            let value = headers.get(name)?.to_str().ok()?;
            (!value.is_empty()).then(|| value.to_owned())
        };
        self.described.headers.iter().map(value).collect()
    }

    fn remembered(&self, identity: &[String], now: Timestamp) -> Option<Verdict> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, verdict) = kept.get(identity)?;
        self.still_counts(*since, now).then(|| verdict.clone())
    }

    fn remember(&self, identity: Vec<String>, now: Timestamp, verdict: Verdict) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.retain(|_, (since, _)| self.still_counts(*since, now));
        }
        if kept.len() < KEPT {
            kept.insert(identity, (now, verdict));
        }
    }

    /// Not past its time, and time has not gone back before it.
    fn still_counts(&self, since: Timestamp, now: Timestamp) -> bool {
        let age = now.duration_since(since);
        age >= SignedDuration::ZERO && SignedDuration::try_from(self.described.keep).is_ok_and(|keep| age < keep)
    }
}

/// A simple response: `{"isAuthorized":bool,"context":{…}}`.
fn verdict(answer: &[u8]) -> Verdict {
    let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
    match answer["isAuthorized"].as_bool() {
        Some(true) if answer["context"].is_object() => Verdict::Allowed(answer["context"].clone()),
        Some(true) => Verdict::Allowed(Value::Object(serde_json::Map::new())),
        Some(false) => Verdict::Refused,
        None => Verdict::Failed,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::logs::Logs;

    #[test]
    fn an_answer_counts_for_a_time_and_not_before_it_was_given() {
        let described = template::Authorizer {
            function: "authorize".to_owned(),
            headers: vec!["authorization".to_owned()],
            keep: Duration::from_secs(300),
        };
        let instances = Instances::new(Vec::new(), String::new(), Arc::new(Logs::new(false)));
        let authorizer = Authorizer::new(described, Arc::new(instances));
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let identity = vec!["Bearer x".to_owned()];
        authorizer.remember(identity.clone(), at("2030-01-01T00:00:00Z"), Verdict::Refused);
        assert_eq!(authorizer.remembered(&identity, at("2030-01-01T00:04:59Z")), Some(Verdict::Refused));
        assert_eq!(authorizer.remembered(&identity, at("2030-01-01T00:05:00Z")), None);
        assert_eq!(authorizer.remembered(&identity, at("2029-12-31T23:59:59Z")), None);
    }

    #[test]
    fn only_a_simple_response_is_a_verdict() {
        assert_eq!(verdict(br#"{"isAuthorized":false}"#), Verdict::Refused);
        assert_eq!(
            verdict(br#"{"isAuthorized":true,"context":{"a":1}}"#),
            Verdict::Allowed(serde_json::json!({"a": 1}))
        );
        assert_eq!(verdict(br#"{"principalId":"x"}"#), Verdict::Failed);
        assert_eq!(verdict(b"nonsense"), Verdict::Failed);
    }
}
