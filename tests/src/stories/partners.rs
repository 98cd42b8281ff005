//! The operator registers partners.

use expect_test::expect;
use serde_json::json;

use crate::app::{App, tenant};

#[tokio::test]
async fn the_operator_registers_a_partner_and_changes_it() {
    let app = App::start().await;
    let operator = app.operator().await;
    let path = format!("/v1/partners/{}", tenant("contoso"));
    let contact = json!({ "name": "Helpdesk", "email": "help@contoso.example", "phone": "+81 3 1234 5678", "web": "https://contoso.example" });
    let body = json!({ "name": "Contoso", "country": "JP", "cloud": "public", "supportContact": contact });
    let made = operator.put(&path, body.clone()).await;
    assert_eq!((made.status, made.header("location")), (201, path.as_str()), "{made:?}");
    let partner = &made.body["partner"];
    for (field, value) in [
        ("name", json!("Contoso")),
        ("status", json!("active")),
        ("reminders", json!(true)),
        ("dailyMailQuota", json!(500)),
        ("supportContact", contact.clone()),
        ("partnerId", json!(tenant("contoso"))),
    ] {
        assert_eq!(partner[field], value, "{field}");
    }
    let same = operator.put(&path, body).await;
    assert_eq!((same.status, same.header("etag")), (200, made.header("etag")));
    let read = operator.get(&path).await;
    assert_eq!((read.status, &read.body, read.header("etag")), (200, &made.body, made.header("etag")));
    let changed = operator
        .put(&path, json!({ "name": "Contoso KK", "country": "JP", "cloud": "public", "status": "suspended" }))
        .await;
    assert_eq!((changed.status, &changed.body["partner"]["supportContact"]), (200, &contact));
    assert_eq!(changed.body["partner"]["status"], "suspended");
    assert_ne!(changed.header("etag"), made.header("etag"));
}

#[tokio::test]
async fn a_change_is_guarded_by_if_match() {
    let app = App::start().await;
    let operator = app.operator().await;
    let first = app.register("contoso", json!({})).await;
    let put = async |tag: &str, name: &str| {
        let body = json!({ "name": name, "country": "JP", "cloud": "public" }).to_string();
        operator.send("PUT", &format!("/v1/partners/{}", tenant("contoso")), &[("if-match", tag)], Some(body)).await
    };
    let second = put(first.header("etag"), "Contoso KK").await;
    assert_eq!(second.status, 200);
    expect!["412 changed-since"].assert_eq(&put(first.header("etag"), "Contoso Ltd").await.summary());
    assert_eq!(put("*", "Contoso Ltd").await.status, 200);
    let body = json!({ "name": "New", "country": "JP", "cloud": "public" }).to_string();
    let missing =
        operator.send("PUT", &format!("/v1/partners/{}", tenant("new")), &[("if-match", "*")], Some(body)).await;
    expect!["412 changed-since"].assert_eq(&missing.summary());
}

#[tokio::test]
async fn what_is_wrong_with_a_registration_is_said_at_once() {
    let app = App::start().await;
    let operator = app.operator().await;
    let path = format!("/v1/partners/{}", tenant("contoso"));
    let body = json!({ "name": "", "country": "Japan", "status": "open", "reminders": "yes", "dailyMailQuota": -1,
        "supportContact": { "email": "x", "web": "javascript:alert(1)", "fax": "1" }, "cluod": "public" });
    let refused = operator.put(&path, body).await;
    expect!["422 validation-failed"].assert_eq(&refused.summary());
    let mut pointers = refused.pointers();
    pointers.sort();
    assert_eq!(
        pointers,
        [
            "/cloud",
            "/cluod",
            "/country",
            "/dailyMailQuota",
            "/name",
            "/reminders",
            "/status",
            "/supportContact/email",
            "/supportContact/fax",
            "/supportContact/web"
        ]
    );
    let nowhere = operator.put(&path, json!({ "name": "C", "country": "XX", "cloud": "public" })).await;
    expect!["422 unsupported-country"].assert_eq(&nowhere.summary());
    app.register("contoso", json!({})).await;
    let moved = operator.put(&path, json!({ "name": "C", "country": "JP", "cloud": "china" })).await;
    assert_eq!((moved.summary().as_str(), moved.pointers()), ("422 validation-failed", vec!["/cloud".to_owned()]));
}

#[tokio::test]
async fn only_operators_of_the_operators_tenant_register() {
    let app = App::start().await;
    let path = format!("/v1/partners/{}", tenant("contoso"));
    let body = json!({ "name": "Contoso", "country": "JP", "cloud": "public" });
    for impostor in [app.agent_of("contoso", "Operator").await, app.admin_of("contoso").await] {
        expect!["403 forbidden"].assert_eq(&impostor.put(&path, body.clone()).await.summary());
    }
    assert_eq!(app.operator().await.get(&path).await.status, 404);
}

#[tokio::test]
async fn a_partner_sees_its_own_profile_and_no_other() {
    let app = App::start().await;
    app.partner("contoso").await;
    app.partner("northwind").await;
    let path = format!("/v1/partners/{}", tenant("contoso"));
    for role in ["AdminAgent", "SalesAgent", "HelpdeskAgent", "GlobalAdmin"] {
        assert_eq!(app.agent_of("contoso", role).await.get(&path).await.status, 200, "{role}");
        expect!["404 not-found"].assert_eq(&app.agent_of("northwind", role).await.get(&path).await.summary());
    }
    expect!["403 forbidden"].assert_eq(&app.agent_of("contoso", "Guest").await.get(&path).await.summary());
    expect!["404 not-found"].assert_eq(&app.operator().await.get("/v1/partners/not-a-uuid").await.summary());
}
