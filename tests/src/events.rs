//! The recorded events: what `sam local invoke` is given, and what the functions get when deployed.

use serde_json::Value;

use crate::{app::App, tidy};

#[tokio::test]
async fn every_recorded_event_is_understood_by_its_function() {
    // The links in the events are signed with this key.
    let app = App::start_with(&[("LINK_KEYS", "events:dGhlIGtleSBvZiB0aGUgcmVjb3JkZWQgZXZlbnRzISE=")]).await;
    for (function, event) in tidy::events() {
        let answer = app.local.invoke(&function, &event).await.unwrap_or_else(|error| panic!("{function}: {error}"));
        match function.as_str() {
            "authorize" => assert!(answer["isAuthorized"].is_boolean(), "{answer}"),
            "complete-token" => assert!(answer["response"]["claimsAndScopeOverrideDetails"].is_object(), "{answer}"),
            "cleanup-invitations" => assert!(answer["expired"].is_number(), "{answer}"),
            "remind-invitations" => assert!(answer["reminded"].is_number(), "{answer}"),
            "record-delivery" => assert!(answer["recorded"].is_boolean(), "{answer}"),
            // A file under a version that is over, so that a browser does not keep it.
            "portal" => {
                assert_eq!(answer["statusCode"], 200, "{answer}");
                assert_eq!(answer["headers"]["cache-control"], "no-store", "{answer}");
            }
            _ => {
                // In an empty table little is found; but nothing is wrong with who asks, or with what is asked.
                let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
                let problem = body["type"].as_str().unwrap_or("none");
                let expected = ["none", "/problems/not-found", "/problems/unknown-link", "/problems/not-a-partner"];
                assert!(expected.contains(&problem), "{function}: {answer}");
            }
        }
    }
}
