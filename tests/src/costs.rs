//! What each call costs in requests to DynamoDB, and that it does not grow with what is stored.

use serde_json::json;

use crate::{
    app::{App, tenant},
    seed,
};

#[tokio::test]
async fn every_act_stays_within_its_requests() {
    let app = App::start().await;
    let (contoso, fabrikam) = (app.partner("contoso").await, app.admin_of("fabrikam").await);
    let operator = app.operator().await;
    let (path, customer) =
        (format!("/v1/partners/{}", tenant("contoso")), format!("/v1/customers/{}", tenant("fabrikam")));
    let cost = async |name: &str, most: u64, call: std::pin::Pin<Box<dyn Future<Output = crate::app::Answer> + '_>>| {
        let (calls, answer) = app.calls(call).await;
        assert!(answer.status < 500, "{name}: {answer:?}");
        assert_eq!(calls, most, "{name}: {answer:?}");
        answer
    };
    macro_rules! costs {
        ($name:literal, $most:literal, $call:expr) => {
            cost($name, $most, Box::pin($call)).await
        };
    }
    costs!(
        "register again, changed",
        2,
        operator.put(&path, json!({ "name": "C", "country": "JP", "cloud": "public" }))
    );
    costs!("the partner", 1, operator.get(&path));
    costs!("create, cold", 2, contoso.post("/v1/invitations", json!({})));
    let made = costs!("create, warm", 1, contoso.post("/v1/invitations", json!({})));
    let (first, key) = (made.invited(), [("idempotency-key", "k")]);
    costs!("create with a key", 1, contoso.send("POST", "/v1/invitations", &key, Some("{}".into())));
    costs!("the same again", 2, contoso.send("POST", "/v1/invitations", &key, Some("{}".into())));
    costs!("list all", 1, contoso.get("/v1/invitations"));
    costs!("list pending", 1, contoso.get("/v1/invitations?status=pending"));
    costs!("list expired", 2, contoso.get("/v1/invitations?status=expired"));
    costs!("get", 1, contoso.invitation(&first));
    costs!("send", 3, contoso.sends(&first, json!({ "to": "a@fabrikam.example" })));
    let renewed = costs!("renew", 2, contoso.renews(&first)).invited();
    costs!("the old link", 1, app.nobody().previews(&first));
    costs!("preview", 1, app.nobody().previews(&renewed));
    let mut forged = renewed.clone();
    forged.token.replace_range(10..14, "____");
    costs!("preview a forged link", 0, app.nobody().previews(&forged));
    costs!("accept a forged link", 0, fabrikam.accepts(&forged));
    costs!("decline a forged link", 0, fabrikam.declines(&forged, "x"));
    costs!("accept", 2, fabrikam.accepts(&renewed));
    costs!("accept again", 1, fabrikam.accepts(&renewed));
    let declined = contoso.invites().await;
    costs!("decline", 2, fabrikam.declines(&declined, "x"));
    let revoked = contoso.invites().await;
    costs!("revoke", 2, contoso.revokes(&revoked));
    costs!("list customers", 1, contoso.get("/v1/customers"));
    costs!("find customers, names and other words", 2, contoso.get("/v1/customers?query=fab"));
    costs!("find customers by another word", 2, contoso.get("/v1/customers?query=exam"));
    costs!("the record", 5, contoso.get(&customer));
    costs!("the record of a stranger", 5, contoso.record("stranger"));
    costs!("list partners", 2, fabrikam.get("/v1/partners"));
    let sold = costs!("buy", 2, contoso.buys("fabrikam", "Teams", 5)).id();
    costs!("change what was sold", 2, contoso.changes_subscription("fabrikam", &sold, json!({ "quantity": 6 })));
    costs!("the same again", 2, contoso.changes_subscription("fabrikam", &sold, json!({ "quantity": 6 })));
    costs!(
        "what cannot be",
        2,
        contoso.changes_subscription("fabrikam", &sold, json!({ "supportContact": { "partnerId": fabrikam.tenant } }))
    );
    let own = json!({ "supportContact": { "partnerId": contoso.tenant } });
    costs!("choose a support contact", 2, contoso.changes_subscription("fabrikam", &sold, own));
    costs!("list what was sold", 2, contoso.get(&format!("{customer}/subscriptions")));
    let user = costs!("make a user", 2, contoso.makes_user("fabrikam", "mai@fabrikam.example")).id();
    costs!("give a licence", 2, contoso.assigns("fabrikam", &user, &sold));
    costs!("list users", 2, contoso.get(&format!("{customer}/users")));
    let request = costs!("open a service request", 2, contoso.opens("fabrikam", "selfService")).id();
    costs!("append a note", 2, contoso.changes_request("fabrikam", &request, json!({ "note": "x" })));
    costs!("list service requests", 2, contoso.get(&format!("{customer}/service-requests")));
    costs!("a removal that is refused", 2, contoso.delete(&customer));
    costs!("cancel", 2, contoso.changes_subscription("fabrikam", &sold, json!({ "status": "cancelled" })));
    costs!("remove delegated admin", 2, fabrikam.delete(&format!("{path}/delegated-admin")));
    // Time in events is in whole milliseconds.
    let now = jiff::Timestamp::from_millisecond(app.local.now().as_millisecond()).unwrap();
    let agreement = json!({ "renegotiatedAt": now.to_string(),
        "signedBy": { "firstName": "M", "lastName": "T", "email": "m@fabrikam.example" } });
    costs!("record an agreement", 2, contoso.put(&format!("{customer}/agreement"), agreement));
    costs!("remove the relationship", 2, contoso.delete(&customer));
    costs!("remove it again", 2, contoso.delete(&customer));
}

#[tokio::test]
async fn a_page_costs_the_same_with_ten_customers_and_with_twenty_thousand() {
    let app = App::start().await;
    let (contoso, fabrikam) = (app.partner("contoso").await, app.admin_of("fabrikam").await);
    fabrikam.accepts(&contoso.invites().await).await;
    let mut seen = Vec::new();
    for count in [10, 20_000] {
        seed::customers(&app, "contoso", "fabrikam", count).await;
        for (path, most) in [
            ("/v1/customers?limit=10", 1),
            ("/v1/customers?limit=10&query=customer%200000", 2),
            ("/v1/customers?limit=10&query=0000", 2), // by another word than the first
            ("/v1/customers?limit=10&query=cust", 2),
        ] {
            let (calls, page) = app.calls(contoso.get(path)).await;
            assert!(calls <= most, "{path} of {count} took {calls} requests");
            assert_eq!(page.body["items"].as_array().unwrap().len(), 10, "{path} of {count}");
            let capacity = app.nobody().get("/_local/store/calls").await.body["capacityUnits"]["read"].clone();
            seen.push(capacity.as_f64().unwrap());
        }
    }
    assert!(seen.iter().all(|units| *units <= 8.0), "read units of a page: {seen:?}");
    // And all of them are there, each once: lists do not stop at 500.
    let all = contoso.all("/v1/customers?limit=100").await;
    let mut ids: Vec<_> = all.iter().map(|item| item["customerId"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 20_001);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 20_001);
    // Found ones too: by the name (and each once, though its second word begins with a digit), and by a word.
    for (query, expected) in [("customer", 20_000), ("customer 1", 10_000), ("00", 1_000), ("000", 100)] {
        let found = contoso.all(&format!("/v1/customers?limit=100&query={}", query.replace(' ', "%20"))).await;
        let mut ids: Vec<_> = found.iter().map(|item| item["customerId"].as_str().unwrap()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!((found.len(), ids.len()), (expected, expected), "{query}");
    }
}

#[tokio::test]
async fn the_clean_up_reads_what_is_due_with_a_hundred_or_twenty_thousand_pending() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    let fresh = contoso.invites_with(json!({ "expiresInDays": 90 })).await;
    let mut costs = Vec::new();
    for count in [100, 20_000] {
        seed::pending(&app, "contoso", &fresh.id, count).await;
        for _ in 0..40 {
            contoso.invites_with(json!({ "expiresInDays": 1 })).await;
        }
        app.pass(2).await;
        let (calls, report) = app.calls(app.clean_up()).await;
        assert_eq!(report, json!({ "expired": 40, "overtaken": 0, "left": 0 }));
        let read = app.nobody().get("/_local/store/calls").await.body["capacityUnits"]["read"].as_f64().unwrap();
        costs.push((calls, read));
    }
    // A query for each of the 8 shards, and a write for each of the 40 that are due.
    assert!(costs.iter().all(|(calls, _)| *calls == 48), "{costs:?}");
    assert!(costs[1].1 <= costs[0].1 * 1.5, "read units: {costs:?}");
}

#[tokio::test]
async fn the_clean_up_stops_before_its_invocation_ends_and_the_next_run_goes_on() {
    // Eight seconds of the invocation are kept for what is under way: this leaves it one to work.
    let timeout = std::time::Duration::from_secs(9);
    let app = App::start_with_timeout("cleanup-invitations", timeout).await;
    let contoso = app.partner("contoso").await;
    let due = contoso.invites_with(json!({ "expiresInDays": 1 })).await;
    seed::pending(&app, "contoso", &due.id, 3_000).await;
    app.pass(2).await;
    let first = app.clean_up().await;
    assert!(first["left"].as_u64().unwrap() > 0, "it stopped in time and says what is left: {first}");
    let mut expired = first["expired"].as_u64().unwrap();
    for _ in 0..200 {
        let report = app.clean_up().await;
        expired += report["expired"].as_u64().unwrap();
        if report["left"] == 0 {
            break;
        }
    }
    assert_eq!(expired, 3_001, "each once");
}

#[tokio::test]
async fn the_clean_up_goes_on_after_a_busy_table() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    let due = contoso.invites_with(json!({ "expiresInDays": 1 })).await;
    seed::pending(&app, "contoso", &due.id, 500).await;
    app.pass(2).await;
    app.store_fault("throttle", 0.97).await;
    let answer = app.nobody().post("/_local/schedule/cleanup-invitations", json!({})).await;
    app.store_heals().await;
    let done = answer.body["expired"].as_u64().unwrap_or(0);
    let mut expired = done;
    for _ in 0..3 {
        expired += app.clean_up().await["expired"].as_u64().unwrap();
    }
    assert!(expired <= 501, "none twice: {expired}");
    let listed = contoso.all("/v1/invitations?status=expired&limit=100").await;
    assert_eq!(listed.len(), 501);
    assert_eq!(app.clean_up().await, json!({ "expired": 0, "overtaken": 0, "left": 0 }));
    assert!(seed::items(&app, "contoso", "INVITATION#").await.iter().all(|item| !item.contains_key("ppk")));
}
