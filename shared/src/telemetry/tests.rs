use serde_json::json;

use super::*;

fn process() -> Process {
    Process::new(Some("prod".to_owned()), Some("/aws/lambda/prod-create-invitation".to_owned()))
}

fn written(told: &Told, tally: Tally) -> Value {
    let line = line(&process(), Some("2026-11-22T10:00:00.125Z".parse().unwrap()), told, 7, tally);
    assert!(!line.contains('\n'));
    serde_json::from_str(&line).unwrap()
}

#[test]
fn a_line_says_what_an_invocation_did() {
    let told = Told { request_id: "r1".to_owned(), status: Some(200), outcome: "ok", ..Told::default() };
    let store = StoreUse { requests: 3, retries: 1, overtaken: 0, read_units: 0.5, write_units: 4.0 };
    assert_eq!(
        written(&told, Tally { store, ..Tally::default() }),
        json!({
            "level": "INFO", "message": "invocation", "act": "create-invitation", "request_id": "r1", "status": 200,
            "outcome": "ok", "time": "2026-11-22T10:00:00.125Z", "duration_ms": 7,
            "store": { "requests": 3, "retries": 1, "overtaken": 0, "read_units": 0.5, "write_units": 4.0 },
        })
    );
}

#[test]
fn what_is_away_warns_and_counts_and_what_breaks_is_an_error() {
    let failed = |error: &Error| written(&Told::failed("r1".to_owned(), error), Tally::default());
    let away = failed(&Error::Unavailable(crate::Fault::new("throttled")));
    assert_eq!((&away["level"], &away["outcome"]), (&json!("WARN"), &json!("unavailable")));
    assert_eq!((&away["cause"], &away["Unavailable"]), (&json!("throttled"), &json!(1)));
    let broken = failed(&Error::internal("lost"));
    assert_eq!((&broken["level"], &broken["outcome"]), (&json!("ERROR"), &json!("internal")));
    assert!(broken.get("_aws").is_none());
}

#[tokio::test]
async fn futures_side_by_side_count_together_and_invocations_apart() {
    let act = async {
        let one = async {
            tokio::task::yield_now().await;
            count(Metric::MailsSent);
            overtaken();
        };
        tokio::join!(one, async { count(Metric::MailsSent) });
    };
    let (_, tally) = tally::of(act).await;
    assert_eq!(tally.metrics, [(Metric::MailsSent, 2), (Metric::Conflicts, 1)].into());
    assert_eq!(tally.store.overtaken, 1);
    count(Metric::MailsSent); // outside: nowhere
    assert!(tally::of(async {}).await.1.metrics.is_empty());
}

#[test]
fn a_line_that_counts_is_an_embedded_metric_document() {
    let mut tally = Tally::default();
    for metric in [Metric::InvitationsCreated, Metric::MailsSent, Metric::MailsSent] {
        tally.count(metric);
    }
    let root = written(&Told::default(), tally);
    assert_eq!((&root["InvitationsCreated"], &root["MailsSent"]), (&json!(1), &json!(2)));

    // What the specification requires of a document.
    let metadata = root["_aws"].as_object().unwrap();
    assert_eq!(metadata.keys().collect::<Vec<_>>(), ["CloudWatchMetrics", "Timestamp"]);
    assert_eq!(metadata["Timestamp"], 1_795_341_600_125_i64);
    for directive in metadata["CloudWatchMetrics"].as_array().unwrap() {
        let members: Vec<_> = directive.as_object().unwrap().keys().collect();
        assert_eq!(members, ["Dimensions", "Metrics", "Namespace"]);
        assert!((1..=255).contains(&directive["Namespace"].as_str().unwrap().len()));
        let sets = directive["Dimensions"].as_array().unwrap();
        assert!(!sets.is_empty());
        for set in sets {
            let keys = set.as_array().unwrap();
            assert!(keys.len() <= 30);
            for key in keys {
                let value = root[key.as_str().unwrap()].as_str().expect("a dimension is a member, and text");
                assert!((1..=1024).contains(&value.len()));
            }
        }
        let metrics = directive["Metrics"].as_array().unwrap();
        assert!((1..=100).contains(&metrics.len()));
        for metric in metrics {
            assert!(root[metric["Name"].as_str().unwrap()].is_number(), "a metric is a member, and a number");
            assert_eq!(metric["Unit"], "Count");
        }
    }
}

#[test]
fn a_function_is_named_by_its_log_group() {
    for (stack, group, act) in [
        ("prod", "/aws/lambda/prod-authorize", "authorize"),
        ("local", "/aws/lambda/authorize", "authorize"),
        ("", "", ""),
    ] {
        assert_eq!(Process::new(Some(stack.to_owned()), Some(group.to_owned())).act, act);
    }
    assert!(!Process::new(None, None).stack.is_empty(), "a dimension is not empty");
}
