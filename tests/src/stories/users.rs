//! Users and licences of a customer's tenant.

use expect_test::expect;
use serde_json::json;

use crate::app::{App, record_of, tenant};

#[tokio::test]
async fn a_user_is_made_gets_licences_and_loses_them() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    contoso.wins("fabrikam").await;
    let (teams, office) =
        (contoso.buys("fabrikam", "Teams", 1).await.id(), contoso.buys("fabrikam", "Office", 2).await.id());
    let made = contoso.makes_user("fabrikam", "Mai@fabrikam.example").await;
    expect!["201 Mai@fabrikam.example"].assert_eq(&made.summary());
    assert_eq!((&made.body["user"]["country"], &made.body["user"]["licenses"]), (&json!("JP"), &json!([])));
    let mai = made.id();
    assert_eq!(made.header("location"), format!("{}/users/{mai}", record_of("fabrikam")));

    let both = contoso.changes_user("fabrikam", &mai, json!({ "licenses": { "add": [teams, office] } })).await;
    assert_eq!(both.body["user"]["licenses"], json!([teams, office]));
    // The same again changes nothing, and takes no second licence.
    let again = contoso.assigns("fabrikam", &mai, &teams).await;
    assert_eq!(again.body["user"]["licenses"], json!([teams, office]));
    let blocked = contoso.changes_user("fabrikam", &mai, json!({ "blocked": true, "displayName": "Mai T." })).await;
    assert_eq!(blocked.body["user"]["licenses"], json!([teams, office]), "a blocked user keeps its licences");
    assert_eq!(
        (&blocked.body["user"]["blocked"], &blocked.body["user"]["displayName"]),
        (&json!(true), &json!("Mai T."))
    );

    let jun = contoso.makes_user("fabrikam", "jun@fabrikam.example").await.id();
    let refused = contoso.assigns("fabrikam", &jun, &teams).await;
    expect!["409 no-free-license"].assert_eq(&refused.summary());
    assert_eq!(refused.body["subscriptionId"], teams);
    // All or nothing: the licence that was free is not given alone.
    let all = json!({ "displayName": "Jun", "licenses": { "add": [office, teams] } });
    expect!["409 no-free-license"].assert_eq(&contoso.changes_user("fabrikam", &jun, all).await.summary());
    let record = contoso.record("fabrikam").await;
    assert_eq!(
        record.body["licenses"],
        json!([{ "subscriptionId": office, "sku": "SKU-1", "quantity": 2, "assigned": 1 },
               { "subscriptionId": teams, "sku": "SKU-1", "quantity": 1, "assigned": 1 }])
    );
    let moved = json!({ "licenses": { "add": [], "remove": [teams] } });
    contoso.changes_user("fabrikam", &mai, moved).await;
    expect!["200 jun@fabrikam.example"].assert_eq(&contoso.assigns("fabrikam", &jun, &teams).await.summary());
    let users = contoso.all(&format!("{}/users?limit=1", record_of("fabrikam"))).await;
    let seen: Vec<_> = users.iter().map(|user| (user["userPrincipalName"].clone(), user["licenses"].clone())).collect();
    assert_eq!(
        seen,
        [(json!("jun@fabrikam.example"), json!([teams])), (json!("Mai@fabrikam.example"), json!([office]))]
    );
}

#[tokio::test]
async fn a_user_principal_name_is_unique_whatever_its_case() {
    let app = App::start().await;
    let (contoso, northwind) = (app.partner("contoso").await, app.partner("northwind").await);
    contoso.wins("fabrikam").await;
    northwind.wins("fabrikam").await;
    contoso.wins("adatum").await;
    let mai = contoso.makes_user("fabrikam", "mai@fabrikam.example").await;
    expect!["201 mai@fabrikam.example"].assert_eq(&mai.summary());
    for partner in [&contoso, &northwind] {
        let again = partner.makes_user("fabrikam", "MAI@Fabrikam.example").await;
        expect!["409 user-exists"].assert_eq(&again.summary());
    }
    let other = contoso.makes_user("adatum", "mai@fabrikam.example").await;
    expect!["201 mai@fabrikam.example"].assert_eq(&other.summary());

    let body = json!({ "userPrincipalName": "jun@fabrikam.example", "displayName": "Jun" }).to_string();
    let path = format!("{}/users", record_of("fabrikam"));
    let keyed = || contoso.send("POST", &path, &[("idempotency-key", "k")], Some(body.clone()));
    let (first, second) = (keyed().await, keyed().await);
    assert_eq!((first.summary(), first.id()), (second.summary(), second.id()));
}

#[tokio::test]
async fn users_are_closed_the_moment_the_customer_takes_the_grant_away() {
    let app = App::start().await;
    let (contoso, fabrikam) = (app.partner("contoso").await, app.admin_of("fabrikam").await);
    contoso.wins("fabrikam").await;
    let teams = contoso.buys("fabrikam", "Teams", 5).await.id();
    let mai = contoso.makes_user("fabrikam", "mai@fabrikam.example").await.id();
    contoso.assigns("fabrikam", &mai, &teams).await;
    fabrikam.takes_grant_from("contoso").await;

    let refused = contoso.makes_user("fabrikam", "jun@fabrikam.example").await;
    expect!["403 delegated-admin-not-granted"].assert_eq(&refused.summary());
    assert_eq!(refused.body["delegatedAdmin"], "removedByCustomer");
    assert!(refused.body["since"].is_string());
    let list = contoso.get(&format!("{}/users", record_of("fabrikam"))).await;
    expect!["403 delegated-admin-not-granted"].assert_eq(&list.summary());
    let change = contoso.changes_user("fabrikam", &mai, json!({ "blocked": true })).await;
    expect!["403 delegated-admin-not-granted"].assert_eq(&change.summary());
    let missing = contoso.changes_user("fabrikam", &teams, json!({ "blocked": true })).await;
    expect!["403 delegated-admin-not-granted"].assert_eq(&missing.summary());
    let record = contoso.record("fabrikam").await;
    assert_eq!((&record.body["users"], &record.body["licenses"]), (&json!(null), &json!(null)));
    assert_eq!(record.body["closed"], "delegated-admin-not-granted");
    // Subscriptions are not closed; their licences are.
    expect!["200 active"]
        .assert_eq(&contoso.changes_subscription("fabrikam", &teams, json!({ "quantity": 6 })).await.summary());
    let list = contoso.get(&format!("{}/subscriptions", record_of("fabrikam"))).await;
    assert_eq!((&list.body["licenses"], &list.body["closed"]), (&json!(null), &json!("delegated-admin-not-granted")));

    contoso.wins("fabrikam").await;
    let list = contoso.all(&format!("{}/users", record_of("fabrikam"))).await;
    assert_eq!(list[0]["licenses"], json!([teams]), "with a renewed grant everything is as it was");
}

#[tokio::test]
async fn a_relationship_without_the_grant_has_no_users() {
    let app = App::start().await;
    let (contoso, fabrikam) = (app.partner("contoso").await, app.admin_of("fabrikam").await);
    let invited = contoso.invites_with(json!({ "includeDelegatedAdmin": false })).await;
    fabrikam.accepts(&invited).await;
    let refused = contoso.makes_user("fabrikam", "mai@fabrikam.example").await;
    expect!["403 delegated-admin-not-granted"].assert_eq(&refused.summary());
    assert_eq!(refused.body["delegatedAdmin"], "notRequested");
}

#[tokio::test]
async fn a_quantity_never_falls_below_what_is_assigned() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    contoso.wins("fabrikam").await;
    let teams = contoso.buys("fabrikam", "Teams", 3).await.id();
    for name in ["a@f.example", "b@f.example"] {
        let user = contoso.makes_user("fabrikam", name).await.id();
        contoso.assigns("fabrikam", &user, &teams).await;
    }
    let refused = contoso.changes_subscription("fabrikam", &teams, json!({ "quantity": 1 })).await;
    expect!["409 licenses-assigned"].assert_eq(&refused.summary());
    assert_eq!(refused.body["assigned"], 2);
    let lowered = contoso.changes_subscription("fabrikam", &teams, json!({ "quantity": 2 })).await;
    expect!["200 active"].assert_eq(&lowered.summary());
}

#[tokio::test]
async fn licences_are_of_active_subscriptions_that_this_partner_sold() {
    let app = App::start().await;
    let (contoso, northwind) = (app.partner("contoso").await, app.partner("northwind").await);
    contoso.wins("fabrikam").await;
    northwind.wins("fabrikam").await;
    let theirs = northwind.buys("fabrikam", "Theirs", 5).await.id();
    let mai = contoso.makes_user("fabrikam", "mai@fabrikam.example").await.id();
    let foreign = contoso.changes_user("fabrikam", &mai, json!({ "licenses": { "add": [theirs] } })).await;
    expect!["422 validation-failed"].assert_eq(&foreign.summary());
    assert_eq!(foreign.pointers(), ["/licenses/add/0"]);

    let reserved = contoso.buys_as("reservation", "fabrikam", "VM", 5).await.id();
    expect!["409 invalid-transition"].assert_eq(&contoso.assigns("fabrikam", &mai, &reserved).await.summary());
    let own = contoso.buys("fabrikam", "Own", 5).await.id();
    contoso.changes_subscription("fabrikam", &own, json!({ "status": "suspended" })).await;
    expect!["409 invalid-transition"].assert_eq(&contoso.assigns("fabrikam", &mai, &own).await.summary());
    contoso.changes_subscription("fabrikam", &own, json!({ "status": "active" })).await;
    contoso.assigns("fabrikam", &mai, &own).await;
    contoso.changes_subscription("fabrikam", &own, json!({ "status": "cancelled" })).await;
    let taken = contoso.changes_user("fabrikam", &mai, json!({ "licenses": { "remove": [own] } })).await;
    assert_eq!(taken.body["user"]["licenses"], json!([]), "what is cancelled can still be taken away");
}

#[tokio::test]
async fn two_partners_see_the_same_users_and_only_their_own_licences() {
    let app = App::start().await;
    let (contoso, northwind) = (app.partner("contoso").await, app.partner("northwind").await);
    contoso.wins("fabrikam").await;
    northwind.wins("fabrikam").await;
    let (ours, theirs) =
        (contoso.buys("fabrikam", "Ours", 5).await.id(), northwind.buys("fabrikam", "Theirs", 5).await.id());
    let mai = contoso.makes_user("fabrikam", "mai@fabrikam.example").await.id();
    contoso.assigns("fabrikam", &mai, &ours).await;
    northwind.assigns("fabrikam", &mai, &theirs).await;
    northwind.changes_user("fabrikam", &mai, json!({ "displayName": "Mai of Fabrikam" })).await;
    for (partner, own) in [(&contoso, &ours), (&northwind, &theirs)] {
        let users = partner.all(&format!("{}/users", record_of("fabrikam"))).await;
        assert_eq!((users.len(), &users[0]["licenses"]), (1, &json!([own])));
        assert_eq!(users[0]["displayName"], "Mai of Fabrikam");
    }
    // One partner ends; the other's licences and users stay.
    contoso.changes_subscription("fabrikam", &ours, json!({ "status": "cancelled" })).await;
    expect!["200 granted"].assert_eq(&contoso.removes("fabrikam").await.summary());
    let users = northwind.all(&format!("{}/users", record_of("fabrikam"))).await;
    assert_eq!(users[0]["licenses"], json!([theirs]));
    let gone = contoso.changes_user("fabrikam", &mai, json!({ "blocked": true })).await;
    expect!["409 no-relationship"].assert_eq(&gone.summary());
    // Back again: the tenant's users are there, this partner's old licences are not.
    contoso.wins("fabrikam").await;
    let users = contoso.all(&format!("{}/users", record_of("fabrikam"))).await;
    assert_eq!((users.len(), &users[0]["licenses"]), (1, &json!([])));
}

#[tokio::test]
async fn bad_users_say_what_is_wrong_with_them() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    contoso.wins("fabrikam").await;
    let path = format!("{}/users", record_of("fabrikam"));
    assert_eq!(contoso.post(&path, json!({})).await.pointers(), ["/userPrincipalName", "/displayName"]);
    let wrong = json!({ "userPrincipalName": "mai", "displayName": " ", "country": "Japan" });
    assert_eq!(contoso.post(&path, wrong).await.pointers(), ["/userPrincipalName", "/displayName", "/country"]);
    let mai = contoso.makes_user("fabrikam", "mai@fabrikam.example").await.id();
    let id = tenant("x");
    for (change, pointers) in [
        (json!({ "licenses": { "add": ["x", 7] } }), vec!["/licenses/add/0", "/licenses/add/1"]),
        (json!({ "licenses": { "add": [id], "remove": [id] } }), vec!["/licenses/add/0", "/licenses/remove/0"]),
        (json!({ "licenses": { "add": [id, id] } }), vec!["/licenses/add/1"]),
        (json!({ "licenses": { "add": vec![id.clone(); 41] } }), vec!["/licenses/add"]),
        (json!({ "licenses": [] }), vec!["/licenses"]),
        (json!({ "blocked": "yes", "userPrincipalName": "x@y.example" }), vec!["/blocked", "/userPrincipalName"]),
    ] {
        assert_eq!(contoso.changes_user("fabrikam", &mai, change.clone()).await.pointers(), pointers, "{change}");
    }
    for role in ["SalesAgent", "HelpdeskAgent"] {
        let agent = app.agent_of("contoso", role).await;
        expect!["403 forbidden"].assert_eq(&agent.makes_user("fabrikam", "jun@f.example").await.summary());
        expect!["200"].assert_eq(&agent.get(&path).await.summary());
    }
}
