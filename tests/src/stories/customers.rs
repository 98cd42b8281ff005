//! The partner's customers, and the customer's partners.

use serde_json::json;

use crate::app::{App, tenant};

#[tokio::test]
async fn customers_are_listed_by_name() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    for name in ["Northwind", "Fabrikam", "fabric mill", "Zürich AG", "東京商事", "Adatum", "Zulu", "Fabric"] {
        contoso.wins(name).await;
    }
    let items = contoso.all("/v1/customers?limit=2").await;
    let names: Vec<_> = items.iter().map(|item| item["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Adatum", "Fabric", "fabric mill", "Fabrikam", "Northwind", "Zulu", "Zürich AG", "東京商事"]);
    let item = &items[0];
    assert_eq!(item["customerId"], tenant("Adatum"));
    assert_eq!(item["delegatedAdmin"], "granted");
    assert_eq!((&item["domain"], &item["country"]), (&json!("adatum.example"), &json!("JP")));
    assert!(item["establishedAt"].is_string());
}

#[tokio::test]
async fn the_customer_lists_its_partners_with_their_support_contacts() {
    let app = App::start().await;
    let fabrikam = app.admin_of("fabrikam").await;
    for name in ["contoso", "northwind", "adatum"] {
        let contact = json!({ "email": format!("help@{name}.example"), "phone": null });
        app.register(name, json!({ "supportContact": contact })).await;
        let invited = app.admin_of(name).await.invites().await;
        fabrikam.accepts(&invited).await;
        app.pass(1).await;
    }
    let partners = fabrikam.all("/v1/partners?limit=2").await;
    let names: Vec<_> = partners.iter().map(|partner| partner["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["contoso", "northwind", "adatum"]);
    assert_eq!(partners[0]["supportContact"], json!({ "email": "help@contoso.example" }));
    assert_eq!(partners[0]["partnerId"], tenant("contoso"));
    assert_eq!(partners[0]["delegatedAdmin"], "granted");
    let record = app.admin_of("contoso").await.get(&format!("/v1/customers/{}", tenant("fabrikam"))).await;
    assert_eq!(record.body["supportContact"], json!({ "email": "help@contoso.example" }));
    assert!(app.admin_of("stranger").await.all("/v1/partners").await.is_empty());
}

#[tokio::test]
async fn who_may_see_and_end_what() {
    let app = App::start().await;
    let (contoso, fabrikam) = (app.partner("contoso").await, app.admin_of("fabrikam").await);
    fabrikam.accepts(&contoso.invites().await).await;
    let customer = format!("/v1/customers/{}", tenant("fabrikam"));
    let grant = format!("{customer}/delegated-admin");
    for (role, sees, gives_back, removes) in [
        ("HelpdeskAgent", "200 granted", "403 forbidden", "403 forbidden"),
        ("SalesAgent", "200 granted", "403 forbidden", "403 forbidden"),
        ("BillingAdmin", "403 forbidden", "403 forbidden", "403 forbidden"),
        ("AdminAgent", "200 granted", "200 removedByPartner", "403 forbidden"),
        ("GlobalAdmin", "200 removedByPartner", "200 removedByPartner", "200 removedByPartner"),
    ] {
        let agent = app.agent_of("contoso", role).await;
        assert_eq!(agent.get(&customer).await.summary(), sees, "{role}");
        assert_eq!(agent.delete(&grant).await.summary(), gives_back, "{role}");
        assert_eq!(agent.delete(&customer).await.summary(), removes, "{role}");
    }
}
