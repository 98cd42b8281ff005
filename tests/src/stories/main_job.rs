//! The whole life of a relationship.

use expect_test::expect;
use serde_json::json;

use crate::app::{App, tenant};

#[tokio::test]
async fn the_whole_life_of_a_relationship() {
    let app = App::start().await;
    let (contoso, fabrikam) = (app.partner("contoso").await, app.admin_of("fabrikam").await);
    let customer = format!("/v1/customers/{}", tenant("fabrikam"));

    let invited = contoso.invites().await;
    for _ in 0..2 {
        let preview = app.nobody().previews(&invited).await;
        expect!["200 pending"].assert_eq(&preview.summary());
        assert_eq!(preview.body["partner"]["name"], "contoso");
        assert_eq!(preview.body["includeDelegatedAdmin"], true);
    }
    expect!["200 granted"].assert_eq(&fabrikam.accepts(&invited).await.summary());
    assert_eq!(contoso.customers().await, ["Fabrikam"]);
    let record = contoso.get(&customer).await;
    expect!["200 granted"].assert_eq(&record.summary());
    assert_eq!(record.body["account"]["domain"], "fabrikam.example");
    assert_eq!(record.body["relationship"]["responsibility"]["partnerResponsible"], false);

    let removed = fabrikam.delete(&format!("/v1/partners/{}/delegated-admin", tenant("contoso"))).await;
    expect!["200 removedByCustomer"].assert_eq(&removed.summary());
    let record = contoso.get(&customer).await;
    expect!["200 removedByCustomer"].assert_eq(&record.summary());
    assert_eq!(record.body["relationship"]["responsibility"]["partnerResponsible"], true);

    let again = contoso.invites().await;
    expect!["200 granted"].assert_eq(&fabrikam.accepts(&again).await.summary());
    let record = contoso.get(&customer).await;
    expect!["200 granted"].assert_eq(&record.summary());
    assert_eq!(record.body["relationship"]["responsibility"]["partnerResponsible"], false);
    assert_eq!(record.body["relationship"]["delegatedAdminHistory"].as_array().unwrap().len(), 3);

    let ended = contoso.delete(&customer).await;
    expect!["200 granted"].assert_eq(&ended.summary());
    assert_eq!(ended.body["effects"], json!(["customerList", "supportContacts", "purchases", "delegatedAdmin"]));
    assert_eq!(contoso.customers().await, Vec::<String>::new());
    expect!["404 not-found"].assert_eq(&contoso.get(&customer).await.summary());
    assert!(fabrikam.all("/v1/partners").await.is_empty());
    expect!["200 granted"].assert_eq(&contoso.delete(&customer).await.summary());
}

#[tokio::test]
async fn a_new_invitation_after_a_removal_starts_over() {
    let app = App::start().await;
    let (contoso, fabrikam) = (app.partner("contoso").await, app.admin_of("fabrikam").await);
    let customer = format!("/v1/customers/{}", tenant("fabrikam"));
    let first = contoso.invites().await;
    fabrikam.accepts(&first).await;
    fabrikam.delete(&format!("/v1/partners/{}/delegated-admin", tenant("contoso"))).await;
    contoso.delete(&customer).await;

    // What was accepted before the removal grants nothing after it.
    expect!["409 already-accepted"].assert_eq(&fabrikam.accepts(&first).await.summary());
    let gone = fabrikam.delete(&format!("/v1/partners/{}/delegated-admin", tenant("contoso"))).await;
    expect!["409 no-relationship"].assert_eq(&gone.summary());

    let second = contoso.invites_with(json!({ "includeDelegatedAdmin": false })).await;
    let accepted = fabrikam.accepts(&second).await;
    expect!["200 notRequested"].assert_eq(&accepted.summary());
    assert_eq!(accepted.body["relationship"]["invitationId"], second.id);
    assert_eq!(accepted.body["relationship"]["delegatedAdminHistory"], json!([]));
    expect!["409 already-accepted"].assert_eq(&fabrikam.accepts(&first).await.summary());
    assert_eq!(contoso.customers().await, ["Fabrikam"]);
}

#[tokio::test]
async fn many_partners_of_one_customer_do_not_touch_each_other() {
    let app = App::start().await;
    let (contoso, northwind) = (app.partner("contoso").await, app.partner("northwind").await);
    let fabrikam = app.admin_of("fabrikam").await;
    for partner in [&contoso, &northwind] {
        let invited = partner.invites().await;
        expect!["200 granted"].assert_eq(&fabrikam.accepts(&invited).await.summary());
        app.pass(1).await;
    }
    let partners = fabrikam.all("/v1/partners").await;
    let names: Vec<_> = partners.iter().map(|partner| partner["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["contoso", "northwind"]);

    let customer = format!("/v1/customers/{}", tenant("fabrikam"));
    fabrikam.delete(&format!("/v1/partners/{}/delegated-admin", tenant("contoso"))).await;
    expect!["200 removedByCustomer"].assert_eq(&contoso.get(&customer).await.summary());
    expect!["200 granted"].assert_eq(&northwind.get(&customer).await.summary());
    contoso.delete(&customer).await;
    expect!["200 granted"].assert_eq(&northwind.get(&customer).await.summary());
    assert_eq!(northwind.customers().await, ["Fabrikam"]);
}

#[tokio::test]
async fn the_partner_gives_delegated_admin_back() {
    let app = App::start().await;
    let (contoso, fabrikam) = (app.partner("contoso").await, app.admin_of("fabrikam").await);
    fabrikam.accepts(&contoso.invites().await).await;
    let by_partner = format!("/v1/customers/{}/delegated-admin", tenant("fabrikam"));
    let by_customer = format!("/v1/partners/{}/delegated-admin", tenant("contoso"));
    expect!["200 removedByPartner"].assert_eq(&contoso.delete(&by_partner).await.summary());
    expect!["200 removedByPartner"].assert_eq(&contoso.delete(&by_partner).await.summary());
    expect!["409 invalid-transition"].assert_eq(&fabrikam.delete(&by_customer).await.summary());
    let record = contoso.get(&format!("/v1/customers/{}", tenant("fabrikam"))).await;
    assert_eq!(record.body["relationship"]["responsibility"]["partnerResponsible"], false);
}
