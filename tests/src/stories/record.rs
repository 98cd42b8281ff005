//! The record that a partner expands, and what is left of it after a removal.

use expect_test::expect;
use serde_json::json;

use crate::app::{App, record_of, tenant};

#[tokio::test]
async fn the_record_shows_everything_in_one_answer() {
    let app = App::start().await;
    app.register("contoso", json!({ "supportContact": { "phone": "+81 3 1234 5678" } })).await;
    let contoso = app.admin_of("contoso").await;
    contoso.wins("fabrikam").await;
    let teams = contoso.buys("fabrikam", "Teams", 5).await.id();
    let mai = contoso.makes_user("fabrikam", "mai@fabrikam.example").await.id();
    contoso.assigns("fabrikam", &mai, &teams).await;
    contoso.opens("fabrikam", "assisted").await;
    let record = contoso.record("fabrikam").await;
    let keys: Vec<_> = record.body.as_object().unwrap().keys().map(String::as_str).collect();
    expect!["account licenses relationship serviceRequests subscriptions supportContact users"]
        .assert_eq(&keys.join(" "));
    assert_eq!(
        record.body["account"],
        json!({ "name": "fabrikam", "domain": "fabrikam.example", "country": "JP", "cloud": "public" })
    );
    assert_eq!(record.body["subscriptions"]["items"][0]["name"], "Teams");
    assert_eq!(record.body["users"]["items"][0]["licenses"], json!([teams]));
    assert_eq!(record.body["licenses"][0]["assigned"], 1);
    assert_eq!(record.body["serviceRequests"]["items"][0]["title"], "No mail");
    assert_eq!(record.body["supportContact"], json!({ "phone": "+81 3 1234 5678" }));
}

#[tokio::test]
async fn its_parts_go_on_where_the_record_ends() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    contoso.wins("fabrikam").await;
    for n in 0..30 {
        contoso.buys("fabrikam", &format!("Product {n:02}"), 1).await;
        contoso.makes_user("fabrikam", &format!("user{n:02}@fabrikam.example")).await;
        contoso.opens("fabrikam", "assisted").await;
    }
    let record = contoso.record("fabrikam").await;
    for (part, list, field) in [
        ("subscriptions", "subscriptions", "name"),
        ("users", "users", "userPrincipalName"),
        ("serviceRequests", "service-requests", "id"),
    ] {
        let page = &record.body[part];
        assert_eq!(page["items"].as_array().unwrap().len(), 25);
        let cursor = page["nextCursor"].as_str().unwrap();
        let path = format!("{}/{list}", record_of("fabrikam"));
        let rest = contoso.get(&format!("{path}?cursor={cursor}")).await;
        let (mut seen, all) =
            (page["items"].as_array().unwrap().clone(), contoso.all(&format!("{path}?limit=7")).await);
        seen.extend(rest.body["items"].as_array().unwrap().clone());
        assert_eq!((seen.len(), rest.body.get("nextCursor")), (30, None), "{part}");
        assert_eq!(seen, all, "{part}");
        let mut values: Vec<_> = all.iter().map(|item| item[field].as_str().unwrap()).collect();
        if part != "users" {
            values.reverse(); // the newest first
        }
        assert!(values.is_sorted(), "{values:?}");
        // A cursor is of one list of one customer.
        let other = if list == "users" { "subscriptions" } else { "users" };
        let wrong = contoso.get(&format!("{}/{other}?cursor={cursor}", record_of("fabrikam"))).await;
        expect!["400 malformed"].assert_eq(&wrong.summary());
    }
    let wrong = contoso.get(&format!("{}/users?query=mai", record_of("fabrikam"))).await;
    expect!["400 malformed"].assert_eq(&wrong.summary());
}

#[tokio::test]
async fn a_removal_has_all_its_effects() {
    let app = App::start().await;
    let (contoso, fabrikam) = (app.partner("contoso").await, app.admin_of("fabrikam").await);
    contoso.wins("fabrikam").await;
    let teams = contoso.buys("fabrikam", "Teams", 5).await.id();
    let mai = contoso.makes_user("fabrikam", "mai@fabrikam.example").await.id();
    let request = contoso.opens("fabrikam", "assisted").await.id();
    contoso.changes_subscription("fabrikam", &teams, json!({ "status": "suspended" })).await;
    let ended = contoso.removes("fabrikam").await;
    assert_eq!(ended.body["effects"], json!(["customerList", "supportContacts", "purchases", "delegatedAdmin"]));

    // Off the list, however it is looked for, and off the customer's.
    assert!(contoso.customers().await.is_empty());
    assert!(contoso.all("/v1/customers?query=fabrikam.example").await.is_empty());
    assert!(fabrikam.all("/v1/partners").await.is_empty());
    // No more purchases, nothing to manage, nothing to read.
    for answer in [
        contoso.buys("fabrikam", "Office", 1).await,
        contoso.changes_subscription("fabrikam", &teams, json!({ "status": "active" })).await,
        contoso.changes_subscription("fabrikam", &teams, json!({ "status": "suspended" })).await,
        contoso.makes_user("fabrikam", "jun@fabrikam.example").await,
        contoso.changes_user("fabrikam", &mai, json!({ "blocked": true })).await,
        contoso.opens("fabrikam", "assisted").await,
        contoso.changes_request("fabrikam", &request, json!({ "note": "?" })).await,
        contoso.put(&format!("{}/agreement", record_of("fabrikam")), agreement()).await,
        contoso.delete(&format!("{}/delegated-admin", record_of("fabrikam"))).await,
    ] {
        expect!["409 no-relationship"].assert_eq(&answer.summary());
    }
    for list in ["", "/subscriptions", "/users", "/service-requests"] {
        let answer = contoso.get(&format!("{}{list}", record_of("fabrikam"))).await;
        expect!["404 not-found"].assert_eq(&answer.summary());
    }

    // A new invitation starts a clean record; the tenant's users are the tenant's.
    contoso.wins("fabrikam").await;
    let record = contoso.record("fabrikam").await;
    assert_eq!((&record.body["subscriptions"], &record.body["licenses"]), (&json!({ "items": [] }), &json!([])));
    assert_eq!(record.body["serviceRequests"], json!({ "items": [] }));
    assert_eq!(record.body["users"]["items"].as_array().unwrap().len(), 1);
    for answer in [
        contoso.changes_subscription("fabrikam", &teams, json!({ "status": "active" })).await,
        contoso.changes_subscription("fabrikam", &teams, json!({ "status": "suspended" })).await,
        contoso.changes_request("fabrikam", &request, json!({ "note": "?" })).await,
    ] {
        expect!["404 not-found"].assert_eq(&answer.summary());
    }
    expect!["200 granted"].assert_eq(&contoso.removes("fabrikam").await.summary());
}

#[tokio::test]
async fn a_repeated_removal_is_answered_with_the_relationship_that_ended_last() {
    let app = App::start().await;
    let (contoso, fabrikam) = (app.partner("contoso").await, app.admin_of("fabrikam").await);
    let (earlier, later) = (contoso.invites().await, contoso.invites().await);
    // The invitation that was made first is accepted last.
    for invited in [&later, &earlier] {
        let relationship = fabrikam.accepts(invited).await.body["relationship"]["id"].clone();
        let removed = contoso.removes("fabrikam").await;
        assert_eq!(removed.body["relationship"]["id"], relationship);
        assert_eq!(contoso.removes("fabrikam").await.body, removed.body);
    }
}

fn agreement() -> serde_json::Value {
    json!({ "renegotiatedAt": "2026-01-01T00:00:00Z",
        "signedBy": { "firstName": "M", "lastName": "T", "email": "m@f.example" } })
}

#[tokio::test]
async fn nothing_one_partner_does_changes_anothers_record() {
    let app = App::start().await;
    let (contoso, northwind) = (app.partner("contoso").await, app.partner("northwind").await);
    let fabrikam = app.admin_of("fabrikam").await;
    for partner in [&contoso, &northwind] {
        partner.wins("fabrikam").await;
        partner.buys("fabrikam", "Teams", 5).await;
        partner.opens("fabrikam", "selfService").await;
    }
    let before = northwind.record("fabrikam").await.text;
    let theirs: serde_json::Value = serde_json::from_str(&before).unwrap();
    let id = |part: &str| theirs[part]["items"][0]["id"].as_str().unwrap().to_owned();
    // With the ids of the other's, and with its own.
    let (sold, request) = (id("subscriptions"), id("serviceRequests"));
    for change in [json!({ "status": "cancelled" }), json!({ "quantity": 9 })] {
        let answer = contoso.changes_subscription("fabrikam", &sold, change).await;
        expect!["404 not-found"].assert_eq(&answer.summary());
    }
    let answer = contoso.changes_request("fabrikam", &request, json!({ "note": "mine" })).await;
    expect!["404 not-found"].assert_eq(&answer.summary());
    let own = contoso.record("fabrikam").await.body["subscriptions"]["items"][0]["id"].as_str().unwrap().to_owned();
    contoso.changes_subscription("fabrikam", &own, json!({ "status": "cancelled" })).await;
    fabrikam.takes_grant_from("contoso").await;
    expect!["200 removedByCustomer"].assert_eq(&contoso.removes("fabrikam").await.summary());
    contoso.wins("fabrikam").await;
    assert_eq!(northwind.record("fabrikam").await.text, before);
    assert_eq!(fabrikam.all("/v1/partners").await.len(), 2);
    assert_eq!(fabrikam.all("/v1/partners").await[0]["partnerId"], tenant("northwind"));
}
