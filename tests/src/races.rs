//! Many at once.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    app::{Answer, App, Someone, record_of, tenant},
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

/// How many of a kind of answer there were.
fn count(answers: &[Answer], summary: &str) -> usize {
    answers.iter().filter(|answer| answer.summary() == summary).count()
}

#[tokio::test]
async fn licences_never_exceed_the_quantity() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    contoso.wins("fabrikam").await;
    let names: Vec<String> = (0..32).map(|n| format!("user{n:02}@fabrikam.example")).collect();
    let users: Vec<String> =
        join_all(names.iter().map(|name| contoso.makes_user("fabrikam", name))).await.iter().map(Answer::id).collect();
    for round in 0..20 {
        let subscription = contoso.buys("fabrikam", &format!("Round {round}"), 10).await.id();
        let answers = join_all(users.iter().map(|user| contoso.assigns("fabrikam", user, &subscription))).await;
        let given = answers.iter().filter(|answer| answer.status == 200).count();
        assert!(given <= 10, "round {round}: {:?}", tally(&answers));
        assert_eq!(count(&answers, "409 no-free-license") + given, 32, "round {round}: {:?}", tally(&answers));
        assert_eq!(given, 10, "none is left over while somebody wants one");
        assert_eq!(assigned(&contoso, &subscription).await, (10, 10), "round {round}");
    }
}

/// The count of a subscription's licences, and the users that have one.
async fn assigned(partner: &Someone<'_>, subscription: &str) -> (u64, usize) {
    let record = partner.record("fabrikam").await;
    let licenses = record.body["licenses"].as_array().unwrap();
    let of_it = licenses.iter().find(|licenses| licenses["subscriptionId"] == subscription).unwrap();
    let users = partner.all(&format!("{}/users?limit=100", record_of("fabrikam"))).await;
    let has = |user: &&Value| user["licenses"].as_array().unwrap().iter().any(|id| id == subscription);
    (of_it["assigned"].as_u64().unwrap(), users.iter().filter(has).count())
}

#[tokio::test]
async fn a_quantity_falls_while_licences_are_given_and_taken() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    contoso.wins("fabrikam").await;
    let names: Vec<String> = (0..16).map(|n| format!("user{n:02}@fabrikam.example")).collect();
    let users: Vec<String> =
        join_all(names.iter().map(|name| contoso.makes_user("fabrikam", name))).await.iter().map(Answer::id).collect();
    let subscription = contoso.buys("fabrikam", "Teams", 16).await.id();
    for round in 0..20 {
        let lower = (0..16).map(|n| {
            let quantity = json!({ "quantity": 1 + (n * 7 + round) % 16 });
            contoso.changes_subscription("fabrikam", &subscription, quantity)
        });
        let moves = users.iter().enumerate().map(|(n, user)| {
            let way = if (n + round) % 2 == 0 { "add" } else { "remove" };
            contoso.changes_user("fabrikam", user, json!({ "licenses": { way: [subscription] } }))
        });
        let (changed, moved) = tokio::join!(join_all(lower), join_all(moves));
        for (answers, allowed) in [
            (&changed, ["200 active", "409 licenses-assigned", "409 conflict"]),
            (&moved, ["200", "409 no-free-license", "409 conflict"]),
        ] {
            let is_allowed = |answer: &Answer| allowed.iter().any(|allowed| answer.summary().starts_with(allowed));
            assert!(answers.iter().all(is_allowed), "round {round}: {:?}", tally(answers));
        }
        assert!(changed.iter().chain(&moved).any(|answer| answer.status == 200), "round {round}");
        let record = contoso.record("fabrikam").await;
        let quantity = record.body["subscriptions"]["items"][0]["quantity"].as_u64().unwrap();
        let (counted, have) = assigned(&contoso, &subscription).await;
        assert_eq!(counted, have as u64, "round {round}");
        assert!(counted <= quantity, "round {round}: {counted} of {quantity}");
    }
}

#[tokio::test]
async fn no_user_is_made_once_the_grant_is_gone() {
    let app = App::start().await;
    let (contoso, fabrikam) = (app.partner("contoso").await, app.admin_of("fabrikam").await);
    let path = format!("{}/users", record_of("fabrikam"));
    for round in 0..20 {
        contoso.wins("fabrikam").await;
        let make = async |n: usize| {
            let answer = contoso.makes_user("fabrikam", &format!("user{round}.{n}@fabrikam.example")).await;
            (answer.summary(), answer.headers.get("date").cloned())
        };
        let take = async {
            tokio::time::sleep(std::time::Duration::from_millis(round as u64 * 2)).await;
            let removed = fabrikam.takes_grant_from("contoso").await;
            // From this answer on, nothing more may come.
            (removed.summary(), seed::users(&app, "fabrikam").await.len())
        };
        let (made, (removed, at_removal)) = tokio::join!(join_all((0..31).map(make)), take);
        assert_eq!(removed, "200 removedByCustomer");
        let ok = made.iter().filter(|(summary, _)| summary.starts_with("201")).count();
        let refused = made.iter().filter(|(summary, _)| summary == "403 delegated-admin-not-granted").count();
        assert_eq!(ok + refused, 31, "round {round}: {made:?}");
        assert_eq!(seed::users(&app, "fabrikam").await.len(), at_removal, "round {round}: a user after the removal");
        assert_eq!(contoso.get(&path).await.summary(), "403 delegated-admin-not-granted");
    }
}

#[tokio::test]
async fn a_purchase_and_a_removal_never_both_succeed() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    let mut outcomes = BTreeMap::new();
    for round in 0..20 {
        contoso.wins("fabrikam").await;
        let buy = async |n: usize| {
            tokio::time::sleep(std::time::Duration::from_millis((n * round) as u64 % 40)).await;
            contoso.buys("fabrikam", &format!("Product {n}"), 1).await
        };
        let remove = async |_| contoso.removes("fabrikam").await;
        let (bought, removed) = tokio::join!(join_all((0..24).map(buy)), join_all((0..8).map(remove)));
        let bought_now: Vec<&Answer> = bought.iter().filter(|answer| answer.status == 201).collect();
        let (gone, kept) = (count(&removed, "200 granted"), count(&removed, "409 has-commitments"));
        assert_eq!(gone + kept, 8, "round {round}: {:?}", tally(&removed));
        assert_eq!(bought_now.len() + count(&bought, "409 no-relationship"), 24, "round {round}: {:?}", tally(&bought));
        // Once it is removed, nothing is bought; once something is bought, it is not removed.
        assert!(gone == 0 || bought_now.is_empty(), "round {round}: {:?} {:?}", tally(&bought), tally(&removed));
        *outcomes.entry(gone > 0).or_insert(0) += 1;
        for sold in bought_now {
            let cancelled =
                contoso.changes_subscription("fabrikam", &sold.id(), json!({ "status": "cancelled" })).await;
            assert_eq!(cancelled.summary(), "200 cancelled");
        }
        assert_eq!(contoso.removes("fabrikam").await.summary(), "200 granted", "round {round}: the count is right");
    }
    assert!(!outcomes.is_empty(), "{outcomes:?}");
}

#[tokio::test]
async fn a_name_is_given_once() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    contoso.wins("fabrikam").await;
    for round in 0..20 {
        let name = format!("Mai{round}@fabrikam.example");
        let spelt = |n: usize| if n.is_multiple_of(2) { name.clone() } else { name.to_uppercase() };
        let names: Vec<String> = (0..32).map(spelt).collect();
        let answers = join_all(names.iter().map(|name| contoso.makes_user("fabrikam", name))).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1, "{:?}", tally(&answers));
        assert_eq!(count(&answers, "409 user-exists"), 31, "{:?}", tally(&answers));
    }
}
