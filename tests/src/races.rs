//! Many at once.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use serde_json::json;

use crate::{
    app::{Answer, App, tenant},
    seed,
};

fn tally(answers: &[Answer]) -> BTreeMap<String, usize> {
    let mut tally = BTreeMap::new();
    for answer in answers {
        *tally.entry(answer.summary()).or_default() += 1;
    }
    tally
}

#[tokio::test]
async fn of_64_customers_with_one_link_exactly_one_wins() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    let names: Vec<String> = (0..64).map(|n| format!("customer {n}")).collect();
    let customers = join_all(names.iter().map(|name| app.admin_of(name))).await;
    for round in 0..20 {
        let invited = contoso.invites().await;
        let answers = join_all(customers.iter().map(|customer| customer.accepts(&invited))).await;
        let expected = BTreeMap::from([("200 granted".to_owned(), 1), ("409 already-accepted".to_owned(), 63)]);
        assert_eq!(tally(&answers), expected, "round {round}");
        let winner = answers.iter().position(|answer| answer.status == 200).unwrap();
        let again = customers[winner].accepts(&invited).await;
        assert_eq!((again.status, &again.body), (200, &answers[winner].body));
        let seen = contoso.invitation(&invited).await;
        assert_eq!(seen.body["invitation"]["customerId"], customers[winner].tenant);
        assert_eq!(contoso.customers().await.len(), 1);
        contoso.delete(&format!("/v1/customers/{}", customers[winner].tenant)).await;
    }
}

#[tokio::test]
async fn one_customer_accepting_32_times_at_once_has_one_relationship() {
    let app = App::start().await;
    let (contoso, fabrikam) = (app.partner("contoso").await, app.admin_of("fabrikam").await);
    let invited = contoso.invites().await;
    let answers = join_all((0..32).map(|_| fabrikam.accepts(&invited))).await;
    assert_eq!(tally(&answers), BTreeMap::from([("200 granted".to_owned(), 32)]));
    assert!(answers.iter().all(|answer| answer.body == answers[0].body));
    let items = seed::items(&app, "contoso", "CUSTOMER#").await;
    assert_eq!(items.len(), 1);
}

#[tokio::test]
async fn one_customer_accepting_many_partners_at_once_loses_none() {
    let app = App::start().await;
    let fabrikam = app.admin_of("fabrikam").await;
    let names: Vec<String> = (0..12).map(|n| format!("partner {n}")).collect();
    let mut invited = Vec::new();
    for name in &names {
        invited.push(app.partner(name).await.invites().await);
    }
    let answers = join_all(invited.iter().map(|invited| fabrikam.accepts(invited))).await;
    assert_eq!(tally(&answers), BTreeMap::from([("200 granted".to_owned(), 12)]));
    assert_eq!(fabrikam.all("/v1/partners?limit=5").await.len(), 12);
}

#[tokio::test]
async fn renewing_and_accepting_at_once_never_hands_out_a_dead_link() {
    let app = App::start().await;
    let (contoso, fabrikam) = (app.partner("contoso").await, app.admin_of("fabrikam").await);
    for round in 0..20 {
        let old = contoso.invites().await;
        let (renewed, accepted) = tokio::join!(contoso.renews(&old), fabrikam.accepts(&old));
        match (renewed.summary().as_str(), accepted.summary().as_str()) {
            // Renewed first: the old link is dead, the new one works.
            ("200 pending", "404 unknown-link") => {
                let accepted = fabrikam.accepts(&renewed.invited()).await;
                assert_eq!(accepted.summary(), "200 granted", "round {round}");
            }
            // Accepted first: there is nothing to renew.
            ("409 already-accepted", "200 granted") => {}
            other => panic!("round {round}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn of_many_acts_on_one_invitation_at_once_one_decides() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    let (fabrikam, northwind) = (app.admin_of("fabrikam").await, app.admin_of("northwind").await);
    for round in 0..20 {
        let invited = contoso.invites().await;
        let (accepted, declined, revoked) =
            tokio::join!(fabrikam.accepts(&invited), northwind.declines(&invited, "no"), contoso.revokes(&invited));
        let decided = [&accepted, &declined, &revoked].iter().filter(|answer| answer.status == 200).count();
        assert_eq!(decided, 1, "round {round}: {accepted:?} {declined:?} {revoked:?}");
        let listed = contoso.customers().await.len();
        assert_eq!(listed, usize::from(accepted.status == 200), "round {round}");
        contoso.delete(&format!("/v1/customers/{}", tenant("fabrikam"))).await;
    }
}

#[tokio::test]
async fn two_clean_ups_at_once_expire_each_invitation_once() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    for _ in 0..30 {
        contoso.invites_with(json!({ "expiresInDays": 1 })).await;
    }
    app.pass(2).await;
    let reports = join_all((0..4).map(|_| app.clean_up())).await;
    let expired: u64 = reports.iter().map(|report| report["expired"].as_u64().unwrap()).sum();
    assert_eq!(expired, 30, "{reports:?}");
}

#[tokio::test]
async fn the_same_request_at_once_makes_one_invitation_and_one_mail() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    let body = json!({ "customer": { "email": "a@fabrikam.example" }, "send": true }).to_string();
    for round in 0..5 {
        let key = format!("k-{round}");
        let headers = [("idempotency-key", key.as_str())];
        let calls = (0..16).map(|_| contoso.send("POST", "/v1/invitations", &headers, Some(body.clone())));
        let answers = join_all(calls).await;
        let id = &answers[0].body["invitation"]["id"];
        assert!(
            answers.iter().all(|answer| answer.status == 201 && answer.body["invitation"]["id"] == *id),
            "{answers:?}"
        );
        assert_eq!(app.mails().await.len(), round + 1);
    }
}

#[tokio::test]
async fn removing_and_accepting_again_at_once_leaves_one_whole_truth() {
    let app = App::start().await;
    let (contoso, fabrikam) = (app.partner("contoso").await, app.admin_of("fabrikam").await);
    fabrikam.accepts(&contoso.invites().await).await;
    let customer = format!("/v1/customers/{}", tenant("fabrikam"));
    for round in 0..20 {
        let next = contoso.invites().await;
        let (removed, accepted) = tokio::join!(contoso.delete(&customer), fabrikam.accepts(&next));
        assert_eq!((removed.status, accepted.status), (200, 200), "round {round}: {removed:?} {accepted:?}");
        // Either the acceptance came first and was removed with the rest, or it made a relationship of its own.
        let record = contoso.get(&customer).await;
        match record.status {
            200 => assert_eq!(record.body["relationship"]["invitationId"], next.id, "round {round}"),
            404 => {
                assert_eq!(fabrikam.accepts(&contoso.invites().await).await.status, 200);
            }
            _ => panic!("round {round}: {record:?}"),
        }
    }
}
