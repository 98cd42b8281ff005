//! Who supports what a partner sold.

use expect_test::expect;
use serde_json::{Value, json};

use crate::app::{Answer, App, Someone, tenant};

async fn names(seller: &Someone<'_>, subscription: &str, partner: &str) -> Answer {
    let change = json!({ "supportContact": { "partnerId": tenant(partner) } });
    seller.changes_subscription("fabrikam", subscription, change).await
}

/// Who supports the seller's first subscription, by its record and by its list.
async fn supporter(seller: &Someone<'_>) -> Value {
    let record = seller.record("fabrikam").await.body["subscriptions"]["items"][0]["supportContact"].clone();
    let list = seller.get(&format!("/v1/customers/{}/subscriptions", tenant("fabrikam"))).await;
    assert_eq!(record, list.body["items"][0]["supportContact"]);
    record["partnerId"].clone()
}

#[tokio::test]
async fn another_partner_supports_a_subscription_while_its_relationship_lasts() {
    let app = App::start().await;
    let (contoso, northwind) = (app.partner("contoso").await, app.partner("northwind").await);
    let fabrikam = app.admin_of("fabrikam").await;
    contoso.wins("fabrikam").await;
    let teams = contoso.buys("fabrikam", "Teams", 5).await.id();
    assert_eq!(supporter(&contoso).await, tenant("contoso"), "the seller, unless another one is named");
    assert_eq!(names(&contoso, &teams, "northwind").await.pointers(), ["/supportContact/partnerId"]);
    northwind.wins("fabrikam").await;
    let named = names(&contoso, &teams, "northwind").await;
    expect!["200 active"].assert_eq(&named.summary());
    assert_eq!(named.body["subscription"]["supportContact"]["partnerId"], tenant("northwind"));
    assert_eq!(supporter(&contoso).await, tenant("northwind"));
    let partners = fabrikam.all("/v1/partners?limit=1").await;
    assert_eq!(partners[0]["supports"], json!([]));
    assert_eq!(
        partners[1]["supports"],
        json!([{ "subscriptionId": teams, "name": "Teams", "soldBy": tenant("contoso") }])
    );

    // Without its grant it stays; without its relationship it does not, and a new one does not bring it back.
    fabrikam.takes_grant_from("northwind").await;
    assert_eq!(supporter(&contoso).await, tenant("northwind"));
    let changed = contoso.changes_subscription("fabrikam", &teams, json!({ "quantity": 6 })).await;
    assert_eq!(changed.body["subscription"]["supportContact"]["partnerId"], tenant("northwind"));
    expect!["200 removedByCustomer"].assert_eq(&northwind.removes("fabrikam").await.summary());
    assert_eq!(supporter(&contoso).await, tenant("contoso"));
    northwind.wins("fabrikam").await;
    assert_eq!(supporter(&contoso).await, tenant("contoso"));
    let partners = fabrikam.all("/v1/partners").await;
    assert!(partners.iter().all(|partner| partner["supports"] == json!([])), "{partners:?}");
    names(&contoso, &teams, "northwind").await;
    assert_eq!(supporter(&contoso).await, tenant("northwind"));
    names(&contoso, &teams, "contoso").await;
    assert_eq!(supporter(&contoso).await, tenant("contoso"));
}

#[tokio::test]
async fn a_supporter_needs_the_grant_when_it_is_named() {
    let app = App::start().await;
    let (contoso, northwind) = (app.partner("contoso").await, app.partner("northwind").await);
    contoso.wins("fabrikam").await;
    northwind.wins("fabrikam").await;
    app.admin_of("fabrikam").await.takes_grant_from("northwind").await;
    let teams = contoso.buys("fabrikam", "Teams", 5).await.id();
    assert_eq!(names(&contoso, &teams, "northwind").await.pointers(), ["/supportContact/partnerId"]);
    assert_eq!(names(&contoso, &teams, "nobody").await.pointers(), ["/supportContact/partnerId"]);
    assert_eq!(supporter(&contoso).await, tenant("contoso"));
}

#[tokio::test]
async fn what_a_removed_partner_sold_is_nobodys_to_support() {
    let app = App::start().await;
    let (contoso, northwind) = (app.partner("contoso").await, app.partner("northwind").await);
    contoso.wins("fabrikam").await;
    northwind.wins("fabrikam").await;
    let teams = contoso.buys("fabrikam", "Teams", 5).await.id();
    names(&contoso, &teams, "northwind").await;
    contoso.changes_subscription("fabrikam", &teams, json!({ "status": "suspended" })).await;
    expect!["200 granted"].assert_eq(&contoso.removes("fabrikam").await.summary());
    let partners = app.admin_of("fabrikam").await.all("/v1/partners").await;
    assert_eq!(partners.len(), 1);
    assert_eq!((&partners[0]["name"], &partners[0]["supports"]), (&json!("northwind"), &json!([])));
}
