//! What an operator reads: one line for each invocation, and the metrics in it.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};

use crate::app::App;

/// The lines of that function's invocations, once all of them have arrived: they come through a pipe of their own.
async fn lines(app: &App, act: &str, expected: usize) -> Vec<Value> {
    let mut lines = Vec::new();
    for _ in 0..100 {
        let of_act = app.local.log_lines().into_iter().filter(|line| line.function == act);
        let all: Vec<Value> = of_act.map(|line| serde_json::from_str(&line.line).expect(&line.line)).collect();
        lines = all.into_iter().filter(|line| line["message"] == "invocation").collect();
        if lines.len() >= expected {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(lines.len(), expected, "{act}: {lines:?}");
    for line in &lines {
        assert_eq!(line["act"], act);
        assert!(line["request_id"].as_str().is_some_and(|id| !id.is_empty()), "{line}");
        assert!(line["time"].is_string() && line["duration_ms"].is_u64(), "{line}");
        for figure in ["requests", "retries", "overtaken", "read_units", "write_units"] {
            assert!(line["store"][figure].is_number(), "{figure} in {line}");
        }
    }
    lines
}

/// What a line counts, as CloudWatch reads it.
fn metrics(line: &Value) -> BTreeMap<String, u64> {
    let Some(metadata) = line.get("_aws") else { return BTreeMap::new() };
    let time: jiff::Timestamp = line["time"].as_str().unwrap().parse().unwrap();
    assert_eq!(metadata["Timestamp"], time.as_millisecond());
    let directive = &metadata["CloudWatchMetrics"][0];
    assert_eq!(
        (&directive["Namespace"], &directive["Dimensions"]),
        (&json!("ResellerRelationships"), &json!([["Stack"]]))
    );
    assert_eq!(line["Stack"], "local");
    let names = directive["Metrics"].as_array().unwrap().iter().map(|metric| metric["Name"].as_str().unwrap());
    names.map(|name| (name.to_owned(), line[name].as_u64().unwrap())).collect()
}

/// Outcomes, each with what was counted.
fn told(lines: &[Value]) -> Vec<String> {
    let told = lines.iter().map(|line| {
        let metrics = metrics(line).into_iter().map(|(name, count)| format!(" {name} {count}"));
        format!("{}{}", line["outcome"].as_str().unwrap(), metrics.collect::<String>())
    });
    told.collect()
}

#[tokio::test]
async fn every_invocation_leaves_one_line_that_says_what_it_did_and_counts_it() {
    let app = App::start().await;
    let (contoso, fabrikam) = (app.partner("contoso").await, app.admin_of("fabrikam").await);
    let invited = contoso.invites().await;
    let key = [("idempotency-key", "k")];
    let declined = contoso.send("POST", "/v1/invitations", &key, Some("{}".into())).await.invited();
    contoso.send("POST", "/v1/invitations", &key, Some("{}".into())).await; // the same again makes nothing
    let revoked = contoso.invites().await;
    contoso.invites_with(json!({ "expiresInDays": 1 })).await;

    let (requests, accepted) = app.calls(fabrikam.accepts(&invited)).await;
    assert_eq!(accepted.status, 200, "{accepted:?}");
    let consumed = app.nobody().get("/_local/store/calls").await.body["capacityUnits"].clone();
    fabrikam.accepts(&invited).await; // accepted before: nothing changes
    fabrikam.declines(&declined, "no").await;
    contoso.revokes(&revoked).await;
    let refused = fabrikam.declines(&revoked, "too late").await;
    app.pass(2).await;
    app.clean_up().await;
    contoso.removes("fabrikam").await;
    contoso.removes("fabrikam").await;
    app.store_fault("throttle", 1.0).await;
    let (tried, away) = app.calls(contoso.invitation(&invited)).await;
    app.store_heals().await;

    assert_eq!(told(&lines(&app, "register-partner", 1).await), ["created"]);
    let created = "created InvitationsCreated 1";
    assert_eq!(told(&lines(&app, "create-invitation", 5).await), [created, created, "created", created, created]);
    let accepts = lines(&app, "accept-invitation", 2).await;
    assert_eq!(told(&accepts), ["ok InvitationsAccepted 1", "ok"]);
    let declines = lines(&app, "decline-invitation", 2).await;
    assert_eq!(told(&declines), ["ok InvitationsDeclined 1", "already-revoked"]);
    assert_eq!(told(&lines(&app, "revoke-invitation", 1).await), ["ok InvitationsRevoked 1"]);
    let removed = lines(&app, "remove-relationship", 2).await;
    assert_eq!(told(&removed), ["ok RelationshipsRemoved 1", "ok"]);

    // Who called which route, with what answer; what it took of the table.
    let (accept, store) = (&accepts[0], &accepts[0]["store"]);
    assert_eq!((&accept["level"], &accept["status"]), (&json!("INFO"), &json!(200)));
    assert_eq!((&accept["route"], &accept["tenant"]), (&json!("POST /v1/invitations/accept"), &json!(fabrikam.tenant)));
    assert_eq!((&store["requests"], &store["retries"], &store["overtaken"]), (&json!(requests), &json!(0), &json!(0)));
    assert_eq!((&store["read_units"], &store["write_units"]), (&consumed["read"], &consumed["write"]));
    assert!(consumed["read"].as_f64() > Some(0.0) && consumed["write"].as_f64() > Some(0.0), "{consumed}");
    assert_eq!((&declines[1]["status"], &declines[1]["request_id"]), (&json!(409), &refused.body["instance"]));

    let [cleanup] = &lines(&app, "cleanup-invitations", 1).await[..] else { panic!("one line") };
    assert_eq!(told(std::slice::from_ref(cleanup)), ["ok InvitationsExpired 1"]);
    assert_eq!(cleanup["report"], json!({ "expired": 1, "overtaken": 0, "left": 0 }));

    let [unavailable] = &lines(&app, "get-invitation", 1).await[..] else { panic!("one line") };
    assert_eq!(away.status, 503);
    assert_eq!(told(std::slice::from_ref(unavailable)), ["unavailable Unavailable 1"]);
    assert_eq!((&unavailable["level"], &unavailable["status"]), (&json!("WARN"), &json!(503)));
    let store = &unavailable["store"];
    assert_eq!((&store["requests"], &store["retries"]), (&json!(tried), &json!(tried - 1)));
    assert!(tried > 1 && unavailable["cause"].as_str().is_some_and(|cause| cause.contains(": ")), "{unavailable}");
}

#[tokio::test]
async fn the_authorizer_tells_who_was_let_in_and_why_not() {
    let app = App::start().await;
    let contoso = app.admin_of("contoso").await;
    contoso.get("/v1/invitations").await;
    let forged = [("authorization", "Bearer not-a-token")];
    assert_eq!(app.nobody().send("GET", "/v1/invitations", &forged, None).await.status, 403);
    let lines = lines(&app, "authorize", 2).await;
    assert_eq!(told(&lines), ["authorized", "refused"]);
    assert_eq!((&lines[0]["tenant"], &lines[1]["why"]), (&json!(contoso.tenant), &json!("no readable token")));
    assert!(!app.log().contains("not-a-token"));
}

#[tokio::test]
async fn mails_and_conflicts_are_counted() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    let mail = json!({ "customer": { "email": "very.private@fabrikam.example" }, "send": true });
    let invited = contoso.invites_with(mail.clone()).await;
    let message = app.mails().await[0]["messageId"].clone();
    app.next_mail("reject").await;
    contoso.invites_with(mail).await;
    for event in ["delivery", "bounce", "complaint", "complaint"] {
        let body = json!({ "type": event, "messageId": message });
        assert_eq!(app.nobody().post("/_local/mail/event", body).await.status, 200);
    }
    app.store_fault("conflict", 1.0).await;
    assert_eq!(contoso.revokes(&invited).await.summary(), "409 conflict");
    app.store_heals().await;

    assert_eq!(
        told(&lines(&app, "create-invitation", 2).await),
        ["created InvitationsCreated 1 MailsSent 1", "created InvitationsCreated 1 MailsFailed 1"]
    );
    let mut events = told(&lines(&app, "record-delivery", 4).await);
    events.sort();
    assert_eq!(events, ["nothing-new", "recorded", "recorded MailsBounced 1", "recorded MailsComplained 1"]);
    let [revoke] = &lines(&app, "revoke-invitation", 1).await[..] else { panic!("one line") };
    assert_eq!(told(std::slice::from_ref(revoke)), ["conflict Conflicts 8"]);
    assert_eq!((&revoke["store"]["overtaken"], &revoke["status"]), (&json!(8), &json!(409)));
    assert!(!app.log().contains("very.private"));
}
