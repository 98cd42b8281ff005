//! What a partner sells to a customer, and what it owes for it.

use expect_test::expect;
use serde_json::json;

use crate::app::{App, record_of};

#[tokio::test]
async fn the_life_of_a_subscription() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    contoso.wins("fabrikam").await;
    let bought = contoso.buys("fabrikam", "Microsoft 365 E5", 10).await;
    expect!["201 active"].assert_eq(&bought.summary());
    let id = bought.id();
    assert_eq!(bought.header("location"), format!("{}/subscriptions/{id}", record_of("fabrikam")));
    let change = async |change| contoso.changes_subscription("fabrikam", &id, change).await;
    expect!["200 active"].assert_eq(&change(json!({ "status": "active" })).await.summary());
    expect!["200 active"].assert_eq(&change(json!({ "quantity": 12 })).await.summary());
    expect!["200 suspended"].assert_eq(&change(json!({ "status": "suspended" })).await.summary());
    expect!["200 suspended"].assert_eq(&change(json!({ "status": "suspended" })).await.summary());
    expect!["409 invalid-transition"].assert_eq(&change(json!({ "quantity": 13 })).await.summary());
    expect!["200 active"].assert_eq(&change(json!({ "status": "active", "quantity": 13 })).await.summary());
    expect!["200 cancelled"].assert_eq(&change(json!({ "status": "cancelled" })).await.summary());
    expect!["200 cancelled"].assert_eq(&change(json!({ "status": "cancelled" })).await.summary());
    expect!["409 invalid-transition"].assert_eq(&change(json!({ "status": "active" })).await.summary());
    expect!["409 invalid-transition"].assert_eq(&change(json!({ "status": "suspended" })).await.summary());

    let listed = contoso.get(&format!("{}/subscriptions", record_of("fabrikam"))).await;
    let subscription = &listed.body["items"][0];
    assert_eq!((&subscription["status"], &subscription["quantity"]), (&json!("cancelled"), &json!(13)));
    let steps: Vec<_> = subscription["history"].as_array().unwrap().iter().map(|step| step["what"].clone()).collect();
    expect![[r#"[String("purchased"), String("quantityChanged"), String("suspended"), String("resumed"), String("quantityChanged"), String("cancelled")]"#]]
        .assert_eq(&format!("{steps:?}"));
}

#[tokio::test]
async fn a_purchase_with_a_key_is_made_once() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    contoso.wins("fabrikam").await;
    contoso.wins("adatum").await;
    let buy = async |customer: &str, quantity: u32| {
        let body =
            json!({ "kind": "reservation", "name": "VM", "sku": "B2s", "quantity": quantity, "serviceType": "azure" });
        let path = format!("{}/subscriptions", record_of(customer));
        contoso.send("POST", &path, &[("idempotency-key", "order 7")], Some(body.to_string())).await
    };
    let first = buy("fabrikam", 1).await;
    expect!["201 active"].assert_eq(&first.summary());
    contoso.changes_subscription("fabrikam", &first.id(), json!({ "status": "cancelled" })).await;
    let again = buy("fabrikam", 1).await;
    assert_eq!((again.summary().as_str(), again.id()), ("201 cancelled", first.id()));
    expect!["422 idempotency-key-reused"].assert_eq(&buy("fabrikam", 2).await.summary());
    expect!["422 idempotency-key-reused"].assert_eq(&buy("adatum", 1).await.summary());
    expect!["200 granted"].assert_eq(&contoso.removes("fabrikam").await.summary());
    contoso.wins("fabrikam").await;
    expect!["422 idempotency-key-reused"].assert_eq(&buy("fabrikam", 1).await.summary());
}

#[tokio::test]
async fn commitments_block_a_removal_and_every_one_is_listed() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    contoso.wins("fabrikam").await;
    let (mut ids, kinds) = (Vec::new(), ["subscription", "reservation", "softwarePurchase"]);
    for kind in kinds {
        ids.push(contoso.buys_as(kind, "fabrikam", &format!("A {kind}"), 1).await.id());
    }
    let refused = contoso.removes("fabrikam").await;
    expect!["409 has-commitments"].assert_eq(&refused.summary());
    let expected: Vec<_> = kinds
        .iter()
        .zip(&ids)
        .map(|(kind, id)| json!({ "kind": kind, "id": id, "name": format!("A {kind}"), "status": "active" }))
        .collect();
    assert_eq!(refused.body["commitments"], json!(expected));
    expect!["Before you remove the relationship: suspend or cancel each subscription; cancel each reservation, it cannot be suspended; cancel each software purchase, it cannot be suspended."]
        .assert_eq(refused.body["detail"].as_str().unwrap());

    let suspend = async |id| contoso.changes_subscription("fabrikam", id, json!({ "status": "suspended" })).await;
    expect!["200 suspended"].assert_eq(&suspend(&ids[0]).await.summary());
    for id in &ids[1..] {
        let refused = suspend(id).await;
        expect!["409 invalid-transition"].assert_eq(&refused.summary());
        assert!(refused.text.contains("cancel a reservation or a software purchase"), "{}", refused.text);
    }
    let refused = contoso.removes("fabrikam").await;
    assert_eq!(refused.body["commitments"].as_array().unwrap().len(), 2);
    for id in &ids[1..] {
        contoso.changes_subscription("fabrikam", id, json!({ "status": "cancelled" })).await;
    }
    expect!["200 granted"].assert_eq(&contoso.removes("fabrikam").await.summary());
}

#[tokio::test]
async fn hundreds_of_commitments_are_all_listed() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    contoso.wins("fabrikam").await;
    // With long names, they are more than one page of DynamoDB's: a megabyte.
    let long = "N".repeat(120);
    let path = format!("{}/subscriptions", record_of("fabrikam"));
    let buy = |n: usize| {
        let body = json!({ "kind": "subscription", "name": format!("{n} {}", &long[..110]), "sku": "S".repeat(120),
            "quantity": 1, "serviceType": "other" });
        contoso.post(&path, body)
    };
    for chunk in 0..150 {
        let answers = futures_util::future::join_all((0..8).map(|n| buy(chunk * 8 + n))).await;
        assert!(answers.iter().all(|answer| answer.status == 201), "{:?}", answers[0]);
    }
    let refused = contoso.removes("fabrikam").await;
    assert_eq!(refused.body["commitments"].as_array().map(Vec::len), Some(1200));
}

#[tokio::test]
async fn bad_purchases_say_what_is_wrong_with_them() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    contoso.wins("fabrikam").await;
    let path = format!("{}/subscriptions", record_of("fabrikam"));
    let empty = contoso.post(&path, json!({})).await;
    assert_eq!(empty.pointers(), ["/kind", "/name", "/sku", "/quantity", "/serviceType"]);
    let wrong = json!({ "kind": "lease", "name": "", "sku": 7, "quantity": 0, "serviceType": "aws", "price": 1 });
    let answer = contoso.post(&path, wrong).await;
    assert_eq!(answer.pointers(), ["/kind", "/name", "/sku", "/quantity", "/serviceType", "/price"]);
    for quantity in [json!(-1), json!(1.5), json!(1_000_001), json!("5"), json!(4_294_967_297_u64)] {
        let body =
            json!({ "kind": "subscription", "name": "x", "sku": "x", "quantity": quantity, "serviceType": "other" });
        assert_eq!(contoso.post(&path, body).await.pointers(), ["/quantity"]);
    }
    let id = contoso.buys("fabrikam", "Teams", 1).await.id();
    for (change, pointer) in [
        (json!({ "status": "paused" }), "/status"),
        (json!({ "quantity": 0 }), "/quantity"),
        (json!({ "supportContact": {} }), "/supportContact/partnerId"),
        (json!({ "supportContact": "contoso" }), "/supportContact"),
        (json!({ "name": "another" }), "/name"),
    ] {
        let answer = contoso.changes_subscription("fabrikam", &id, change).await;
        assert_eq!(answer.pointers()[0], pointer, "{answer:?}");
    }
    for id in ["x", "00000000-0000-7000-8000-000000000000"] {
        let answer = contoso.changes_subscription("fabrikam", id, json!({ "quantity": 2 })).await;
        expect!["404 not-found"].assert_eq(&answer.summary());
    }
    expect!["404 not-found"].assert_eq(&contoso.buys("nobody", "Teams", 1).await.summary());
}

#[tokio::test]
async fn who_may_manage_subscriptions() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    contoso.wins("fabrikam").await;
    for (role, buys, changes, chooses_support, reads) in [
        ("AdminAgent", "201 active", "200 active", "200 active", "200"),
        ("SalesAgent", "201 active", "200 active", "403 forbidden", "200"),
        ("HelpdeskAgent", "403 forbidden", "403 forbidden", "200 active", "200"),
        ("BillingAdmin", "403 forbidden", "403 forbidden", "403 forbidden", "403 forbidden"),
    ] {
        let agent = app.agent_of("contoso", role).await;
        assert_eq!(agent.buys("fabrikam", "Teams", 1).await.summary(), buys, "{role}");
        let id = contoso.buys("fabrikam", "Teams", 1).await.id();
        let change = async |change| agent.changes_subscription("fabrikam", &id, change).await.summary();
        assert_eq!(change(json!({ "quantity": 2 })).await, changes, "{role}");
        let own = json!({ "supportContact": { "partnerId": contoso.tenant } });
        assert_eq!(change(own).await, chooses_support, "{role}");
        let list = agent.get(&format!("{}/subscriptions", record_of("fabrikam"))).await;
        assert_eq!(list.summary(), reads, "{role}");
    }
}

#[tokio::test]
async fn a_suspended_partner_buys_nothing_more_and_winds_down_what_it_sold() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    contoso.wins("fabrikam").await;
    let id = contoso.buys("fabrikam", "Teams", 5).await.id();
    app.register("contoso", json!({ "status": "suspended" })).await;
    let change = async |change| contoso.changes_subscription("fabrikam", &id, change).await.summary();
    expect!["403 partner-suspended"].assert_eq(&contoso.buys("fabrikam", "Teams", 1).await.summary());
    expect!["403 partner-suspended"].assert_eq(&change(json!({ "quantity": 6 })).await);
    expect!["200 active"].assert_eq(&change(json!({ "quantity": 4 })).await);
    expect!["200 suspended"].assert_eq(&change(json!({ "status": "suspended" })).await);
    expect!["403 partner-suspended"].assert_eq(&change(json!({ "status": "active" })).await);
    expect!["200 cancelled"].assert_eq(&change(json!({ "status": "cancelled" })).await);
    expect!["200 granted"].assert_eq(&contoso.removes("fabrikam").await.summary());
}
