//! Help that a partner asks for on its customer's behalf.

use expect_test::expect;
use serde_json::json;

use crate::app::{App, record_of};

#[tokio::test]
async fn a_request_is_opened_discussed_and_closed() {
    let app = App::start().await;
    app.register("contoso", json!({ "supportContact": { "name": "Desk", "email": "desk@contoso.example" } })).await;
    let contoso = app.admin_of("contoso").await;
    contoso.wins("fabrikam").await;
    let opened = contoso.opens("fabrikam", "selfService").await;
    expect!["201 open"].assert_eq(&opened.summary());
    let (id, request) = (opened.id(), &opened.body["serviceRequest"]);
    assert_eq!(
        request["contact"],
        json!({ "partnerId": contoso.tenant, "partnerName": "contoso", "name": "Desk", "email": "desk@contoso.example" }),
        "the contact is the partner's, not the customer's"
    );
    app.pass(1).await;
    let helpdesk = app.agent_of("contoso", "HelpdeskAgent").await;
    let noted = helpdesk.changes_request("fabrikam", &id, json!({ "note": "Asked the vendor." })).await;
    expect!["200 open"].assert_eq(&noted.summary());
    let change = json!({ "status": "attentionNeeded", "note": "They need a log." });
    expect!["200 attentionNeeded"].assert_eq(&contoso.changes_request("fabrikam", &id, change).await.summary());
    let closed = contoso.changes_request("fabrikam", &id, json!({ "status": "closed" })).await;
    expect!["200 closed"].assert_eq(&closed.summary());
    let notes = closed.body["serviceRequest"]["notes"].as_array().unwrap();
    let texts: Vec<_> = notes.iter().map(|note| note["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["Asked the vendor.", "They need a log."]);
    assert!(notes.iter().all(|note| note["by"].is_string() && note["at"].as_str() > request["createdAt"].as_str()));
    expect!["200 closed"]
        .assert_eq(&contoso.changes_request("fabrikam", &id, json!({ "status": "closed" })).await.summary());
    for change in [json!({ "status": "open" }), json!({ "note": "One more." })] {
        let refused = contoso.changes_request("fabrikam", &id, change).await;
        expect!["409 invalid-transition"].assert_eq(&refused.summary());
    }
    let listed = contoso.all(&format!("{}/service-requests", record_of("fabrikam"))).await;
    assert_eq!(listed[0]["notes"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn assisted_requests_are_open_to_a_partner_without_the_grant() {
    let app = App::start().await;
    let (contoso, fabrikam) = (app.partner("contoso").await, app.admin_of("fabrikam").await);
    contoso.wins("fabrikam").await;
    let own = contoso.opens("fabrikam", "selfService").await.id();
    fabrikam.takes_grant_from("contoso").await;
    expect!["403 delegated-admin-not-granted"].assert_eq(&contoso.opens("fabrikam", "selfService").await.summary());
    for change in [json!({ "note": "Still there?" }), json!({ "status": "closed" }), json!({ "status": "open" })] {
        let refused = contoso.changes_request("fabrikam", &own, change).await;
        expect!["403 delegated-admin-not-granted"].assert_eq(&refused.summary());
    }
    let assisted = contoso.opens("fabrikam", "assisted").await;
    expect!["201 open"].assert_eq(&assisted.summary());
    let noted = contoso.changes_request("fabrikam", &assisted.id(), json!({ "note": "Please help." })).await;
    expect!["200 open"].assert_eq(&noted.summary());
    let record = contoso.record("fabrikam").await;
    let requests = record.body["serviceRequests"]["items"].as_array().unwrap();
    assert_eq!(requests.len(), 2, "what was opened before stays readable");
}

#[tokio::test]
async fn a_request_names_a_subscription_of_the_same_relationship() {
    let app = App::start().await;
    let (contoso, northwind) = (app.partner("contoso").await, app.partner("northwind").await);
    contoso.wins("fabrikam").await;
    northwind.wins("fabrikam").await;
    let (ours, theirs) =
        (contoso.buys("fabrikam", "Ours", 1).await.id(), northwind.buys("fabrikam", "Theirs", 1).await.id());
    let path = format!("{}/service-requests", record_of("fabrikam"));
    let ask =
        async |id: &str| contoso.post(&path, json!({ "title": "x", "description": "y", "subscriptionId": id })).await;
    let opened = ask(&ours).await;
    expect!["201 open"].assert_eq(&opened.summary());
    let request = &opened.body["serviceRequest"];
    assert_eq!((&request["severity"], &request["channel"]), (&json!("moderate"), &json!("assisted")));
    assert_eq!(ask(&theirs).await.pointers(), ["/subscriptionId"]);
    assert_eq!(contoso.post(&path, json!({})).await.pointers(), ["/title", "/description"]);
    let sales = app.agent_of("contoso", "SalesAgent").await;
    expect!["403 forbidden"].assert_eq(&sales.opens("fabrikam", "assisted").await.summary());
    expect!["200"].assert_eq(&sales.get(&path).await.summary());
    let keyed = || {
        let body = json!({ "title": "x", "description": "y" }).to_string();
        contoso.send("POST", &path, &[("idempotency-key", "k")], Some(body))
    };
    assert_eq!(keyed().await.id(), keyed().await.id());
    assert_eq!(contoso.all(&format!("{path}?limit=1")).await.len(), 2);
}
