//! What stays with the partner after the customer took delegated admin away.

use expect_test::expect;
use serde_json::json;

use crate::app::{Answer, App, Someone, record_of};

async fn records(partner: &Someone<'_>, renegotiated_at: &str) -> Answer {
    let signatory = json!({ "firstName": "Mai", "lastName": "Tanaka", "email": "mai@fabrikam.example" });
    let body = json!({ "renegotiatedAt": renegotiated_at, "signedBy": signatory });
    partner.put(&format!("{}/agreement", record_of("fabrikam")), body).await
}

#[tokio::test]
async fn the_partner_stays_responsible_until_an_agreement_is_recorded() {
    let app = App::start().await;
    app.set_clock("2026-11-22T09:00:00Z").await;
    let (contoso, fabrikam) = (app.partner("contoso").await, app.admin_of("fabrikam").await);
    contoso.wins("fabrikam").await;
    expect!["409 invalid-transition"].assert_eq(&records(&contoso, "2026-11-22T08:00:00Z").await.summary());
    let removed = fabrikam.takes_grant_from("contoso").await;
    let responsibility = &removed.body["relationship"]["responsibility"];
    assert_eq!(responsibility["partnerResponsible"], true);
    assert_eq!((&responsibility["agreementVersion"], &responsibility["until"]), (&json!("1"), &json!(null)));
    let since = responsibility["since"].clone();

    app.pass(10).await;
    assert_eq!(records(&contoso, "2026-11-21T00:00:00Z").await.pointers(), ["/renegotiatedAt"], "before the removal");
    assert_eq!(records(&contoso, "2027-01-01T00:00:00Z").await.pointers(), ["/renegotiatedAt"], "in the future");
    assert_eq!(records(&contoso, "yesterday").await.pointers(), ["/renegotiatedAt"]);
    let empty = contoso.put(&format!("{}/agreement", record_of("fabrikam")), json!({})).await;
    assert_eq!(empty.pointers(), ["/renegotiatedAt", "/signedBy/firstName", "/signedBy/lastName", "/signedBy/email"]);
    for role in ["SalesAgent", "HelpdeskAgent"] {
        let agent = app.agent_of("contoso", role).await;
        expect!["403 forbidden"].assert_eq(&records(&agent, "2026-11-30T00:00:00Z").await.summary());
    }
    let recorded = records(&contoso, "2026-11-30T00:00:00Z").await;
    expect!["200 removedByCustomer"].assert_eq(&recorded.summary());
    let relationship = &recorded.body["relationship"];
    assert_eq!(relationship["responsibility"]["partnerResponsible"], false);
    assert_eq!(relationship["responsibility"]["since"], since);
    assert!(relationship["responsibility"]["until"].as_str().unwrap().starts_with("2026-12-02T09:00"));
    assert_eq!(relationship["agreements"][0]["signedBy"]["lastName"], "Tanaka");
    // The same again is the same; another one has nothing to end.
    assert_eq!(records(&contoso, "2026-11-30T00:00:00Z").await.body, recorded.body);
    expect!["409 invalid-transition"].assert_eq(&records(&contoso, "2026-12-01T00:00:00Z").await.summary());
    let users = contoso.get(&format!("{}/users", record_of("fabrikam"))).await;
    expect!["403 delegated-admin-not-granted"].assert_eq(&users.summary());
}

#[tokio::test]
async fn a_renewed_grant_ends_the_responsibility_and_another_removal_begins_it_anew() {
    let app = App::start().await;
    let (contoso, fabrikam) = (app.partner("contoso").await, app.admin_of("fabrikam").await);
    contoso.wins("fabrikam").await;
    fabrikam.takes_grant_from("contoso").await;
    app.pass(3).await;
    let renewed = contoso.wins("fabrikam").await;
    let responsibility = &renewed.body["relationship"]["responsibility"];
    assert_eq!(responsibility["partnerResponsible"], false);
    assert!(responsibility["until"].is_string());
    expect!["409 invalid-transition"].assert_eq(&records(&contoso, "2020-01-01T00:00:00Z").await.summary());
    app.pass(3).await;
    let again = fabrikam.takes_grant_from("contoso").await;
    let next = &again.body["relationship"]["responsibility"];
    assert_eq!((&next["partnerResponsible"], &next["until"]), (&json!(true), &json!(null)));
    assert!(next["since"].as_str() > responsibility["until"].as_str());
}

#[tokio::test]
async fn a_grant_that_the_partner_gave_back_leaves_no_responsibility() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    contoso.wins("fabrikam").await;
    contoso.delete(&format!("{}/delegated-admin", record_of("fabrikam"))).await;
    let record = contoso.record("fabrikam").await;
    assert_eq!(record.body["relationship"]["responsibility"]["partnerResponsible"], false);
    assert_eq!(record.body["closed"], "delegated-admin-not-granted");
    expect!["409 invalid-transition"].assert_eq(&records(&contoso, "2026-01-01T00:00:00Z").await.summary());
}
