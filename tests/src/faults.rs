//! DynamoDB loses answers, throttles, conflicts, breaks, and leaves keys over.

use std::{collections::BTreeMap, time::Duration};

use futures_util::{StreamExt, stream};
use serde_json::json;

use crate::{
    app::{Answer, App, record_of, tenant},
    seed,
};

/// What happened: steps, each with the answer to it.
type Steps = Vec<(&'static str, String)>;

/// Takes a step. Who is patient asks again after a 503 and its `Retry-After`, as anybody may; that is a step too.
async fn step(seen: &mut Steps, name: &'static str, patient: bool, act: impl AsyncFn() -> Answer) -> Answer {
    let mut answer = act().await;
    for _ in 0..5 {
        if !patient || answer.status != 503 {
            break;
        }
        seen.push((name, AGAIN.to_owned()));
        let wait = answer.header("retry-after").parse().unwrap();
        tokio::time::sleep(Duration::from_secs(wait)).await;
        answer = act().await;
    }
    seen.push((name, answer.summary()));
    answer
}

const AGAIN: &str = "503 asked again";

/// What one customer and one partner do with each other, each step with the answer it must have.
async fn life(app: &App, number: usize, patient: bool) -> Steps {
    let (contoso, nobody) = (app.admin_of("contoso").await, app.nobody());
    let name = format!("customer {number}");
    let fabrikam = app.admin_of(&name).await;
    let customer = format!("/v1/customers/{}", tenant(&name));
    let grant = format!("/v1/partners/{}/delegated-admin", tenant("contoso"));
    let mut seen = Vec::new();
    let key = format!("k-{number}");
    let keyed = [("idempotency-key", key.as_str())];

    let made =
        step(&mut seen, "create", patient, || contoso.send("POST", "/v1/invitations", &keyed, Some("{}".into()))).await;
    if made.status != 201 {
        return seen;
    }
    let invited = made.invited();
    let renewed = step(&mut seen, "renew", patient, || contoso.renews(&invited)).await;
    let current = if renewed.status == 200 { renewed.invited() } else { invited };
    step(&mut seen, "preview", patient, || nobody.previews(&current)).await;
    step(&mut seen, "accept", patient, || fabrikam.accepts_as(&name, &current)).await;
    step(&mut seen, "remove the grant", patient, || fabrikam.delete(&grant)).await;
    step(&mut seen, "record", patient, || contoso.get(&customer)).await;
    let another = step(&mut seen, "create another", patient, || contoso.post("/v1/invitations", json!({}))).await;
    if another.status == 201 {
        let another = another.invited();
        step(&mut seen, "revoke", patient, || contoso.revokes(&another)).await;
    }
    let third = step(&mut seen, "create a third", patient, || contoso.post("/v1/invitations", json!({}))).await;
    if third.status == 201 {
        let third = third.invited();
        step(&mut seen, "decline", patient, || fabrikam.declines(&third, "no")).await;
    }
    step(&mut seen, "remove", patient, || contoso.delete(&customer)).await;
    seen
}

const EXPECTED: [(&str, &str); 11] = [
    ("create", "201 pending"),
    ("renew", "200 pending"),
    ("preview", "200 pending"),
    ("accept", "200 granted"),
    ("remove the grant", "200 removedByCustomer"),
    ("record", "200 removedByCustomer"),
    ("create another", "201 pending"),
    ("revoke", "200 revoked"),
    ("create a third", "201 pending"),
    ("decline", "200 declined"),
    ("remove", "200 removedByCustomer"),
];

/// Lives under a fault; how often each step ended how.
async fn lives(app: &App, count: usize, patient: bool) -> BTreeMap<(&'static str, String), usize> {
    let all: Vec<_> =
        stream::iter(0..count).map(|number| life(app, number, patient)).buffer_unordered(8).collect().await;
    let mut tally = BTreeMap::new();
    for step in all.into_iter().flatten() {
        *tally.entry(step).or_default() += 1;
    }
    tally
}

fn unexpected<'a>(
    tally: &'a BTreeMap<(&'static str, String), usize>,
    allowed: &'a [&str],
) -> Vec<(&'a (&'static str, String), &'a usize)> {
    let expected = |step: &str, summary: &str| EXPECTED.contains(&(step, summary)) || allowed.contains(&summary);
    tally.iter().filter(|((step, summary), _)| !expected(step, summary)).collect()
}

#[tokio::test]
async fn with_a_tenth_of_the_answers_lost_2000_calls_are_answered_as_if_none_were() {
    let app = App::start().await;
    app.partner("contoso").await;
    app.store_fault("lost", 0.1).await;
    let tally = lives(&app, 182, true).await;
    app.store_heals().await;
    assert!(unexpected(&tally, &[AGAIN]).is_empty(), "{:?}{}", unexpected(&tally, &[AGAIN]), causes(&app));
    let calls: usize = tally.values().sum();
    assert!(calls >= 2000, "{calls}");
    // Six answers in a row, as often as one request is sent, are lost once in a million requests; a call takes two.
    let again: usize = tally.iter().filter(|((_, summary), _)| summary == AGAIN).map(|(_, n)| n).sum();
    assert!(again * 400 < calls, "{again} of {calls} were given up:{}", causes(&app));
    assert!(seed::items(&app, "contoso", "CUSTOMER#").await.is_empty());
    assert_eq!(seed::items(&app, "contoso", "ENDED#").await.len(), 182);
    // Who asks again without a key may have made two.
    let made = seed::items(&app, "contoso", "INVITATION#").await.len();
    assert!((3 * 182..=3 * 182 + again).contains(&made), "{made}");
}

#[tokio::test]
async fn with_a_third_throttled_every_call_ends_right_or_in_503_and_nothing_is_half_done() {
    let app = App::start().await;
    app.partner("contoso").await;
    app.store_fault("throttle", 0.3).await;
    let tally = lives(&app, 60, false).await;
    app.store_heals().await;
    // A step after one that was answered 503 meets what that one left: the state before.
    let allowed = ["503 unavailable", "200 granted", "404 not-found", "409 no-relationship"];
    assert!(unexpected(&tally, &allowed).is_empty(), "{:?}", unexpected(&tally, &allowed));
    let unavailable: usize = tally.iter().filter(|((_, s), _)| s == "503 unavailable").map(|(_, n)| n).sum();
    let calls: usize = tally.values().sum();
    assert!(unavailable * 10 < calls, "{unavailable} of {calls} were given up");
    whole(&app).await;
}

#[tokio::test]
async fn conflicts_broken_answers_and_keys_left_over_are_overcome() {
    for (kind, rate) in [("conflict", 0.2), ("error", 0.2), ("partial", 0.5)] {
        let app = App::start().await;
        app.partner("contoso").await;
        app.store_fault(kind, rate).await;
        let tally = lives(&app, 20, false).await;
        app.store_heals().await;
        let allowed = ["503 unavailable", "409 conflict", "200 granted", "404 not-found", "409 no-relationship"];
        assert!(unexpected(&tally, &allowed).is_empty(), "{kind}: {:?}", unexpected(&tally, &allowed));
        let given_up: usize =
            tally.iter().filter(|((_, s), _)| s.starts_with("503") || s == "409 conflict").map(|(_, n)| n).sum();
        let calls: usize = tally.values().sum();
        assert!(given_up * 10 < calls, "{kind}: {given_up} of {calls} were given up");
        whole(&app).await;
    }
}

#[tokio::test]
async fn a_store_that_is_away_is_503_with_a_time_to_try_again() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    let invited = contoso.invites().await;
    for kind in ["throttle", "error", "lost"] {
        app.store_fault(kind, 1.0).await;
        let answer = contoso.invitation(&invited).await;
        assert_eq!((answer.summary().as_str(), answer.header("retry-after")), ("503 unavailable", "1"), "{kind}");
    }
    app.store_heals().await;
    assert_eq!(contoso.invitation(&invited).await.status, 200);
}

/// What the functions wrote of the calls that were given up, with the whole chain of causes.
fn causes(app: &App) -> String {
    let lines = app.local.log_lines().into_iter().filter(|line| line.line.contains(r#""outcome":"unavailable""#));
    lines.map(|line| format!("\n{}: {}", line.function, line.line)).collect()
}

/// Nothing half-done: each accepted invitation has its relationship, active or ended, and the other way round.
async fn whole(app: &App) {
    let field = |item: &seed::Item, names: &[&str]| {
        let mut value = item["data"].clone();
        for name in names {
            value = value.as_m().unwrap()[*name].clone();
        }
        value.as_s().unwrap().clone()
    };
    let invitations = seed::items(app, "contoso", "INVITATION#").await;
    let accepted = invitations.iter().filter(|item| field(item, &["state", "status"]) == "accepted");
    let mut made: Vec<String> = accepted.map(|item| field(item, &["state", "relationshipId"])).collect();
    let active = seed::items(app, "contoso", "CUSTOMER#").await;
    let ended = seed::items(app, "contoso", "ENDED#").await;
    let active = active.iter().map(|item| field(item, &["id"]));
    let mut relationships: Vec<String> =
        ended.iter().map(|item| field(item, &["relationship", "id"])).chain(active).collect();
    made.sort();
    relationships.sort();
    assert_eq!(made, relationships);
}

#[tokio::test]
async fn what_is_counted_is_counted_once_whatever_happens_on_the_way() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    for (round, kind) in ["lost", "conflict", "throttle", "error"].into_iter().enumerate() {
        let customer = format!("customer {round}");
        contoso.wins(&customer).await;
        let seats = contoso.buys(&customer, "Teams", 5).await.id();
        let mut users = Vec::new();
        for n in 0..8 {
            users.push(contoso.makes_user(&customer, &format!("user{n}@fabrikam.example")).await.id());
        }
        app.store_fault(kind, 0.15).await;
        let acts = (0..120_usize).map(|n| {
            let (contoso, customer, seats, user) = (&contoso, &customer, &seats, &users[n % 8]);
            async move {
                match n % 6 {
                    0 => contoso.buys(customer, &format!("Product {n}"), 1).await,
                    1 | 2 => contoso.assigns(customer, user, seats).await,
                    3 => contoso.changes_user(customer, user, json!({ "licenses": { "remove": [seats] } })).await,
                    4 => contoso.changes_subscription(customer, seats, json!({ "quantity": 5 + n })).await,
                    _ => contoso.changes_subscription(customer, seats, json!({ "quantity": 5 })).await,
                }
            }
        });
        let answers: Vec<_> = stream::iter(acts).buffer_unordered(8).collect().await;
        app.store_heals().await;
        let allowed = ["200", "201", "409 no-free-license", "409 licenses-assigned", "409 conflict", "503 unavailable"];
        for answer in &answers {
            assert!(allowed.iter().any(|allowed| answer.summary().starts_with(allowed)), "{kind}: {answer:?}");
        }
        assert!(answers.iter().filter(|answer| answer.status < 300).count() > 40, "{kind}");

        let sold = contoso.all(&format!("{}/subscriptions?limit=100", record_of(&customer))).await;
        let refused = contoso.removes(&customer).await;
        assert_eq!(refused.body["commitments"].as_array().map(Vec::len), Some(sold.len()), "{kind}: all are active");
        let record = contoso.record(&customer).await;
        let items = record.body["users"]["items"].as_array().unwrap().iter();
        let have = items.filter(|user| !user["licenses"].as_array().unwrap().is_empty()).count();
        let licenses = contoso.get(&format!("{}/subscriptions?limit=100", record_of(&customer))).await;
        let licenses = licenses.body["licenses"].as_array().unwrap().clone();
        let counted = licenses.iter().find(|licenses| licenses["subscriptionId"] == seats.as_str()).unwrap();
        assert_eq!(counted["assigned"], have, "{kind}");
        for sold in &sold {
            let id = sold["id"].as_str().unwrap();
            let cancelled = contoso.changes_subscription(&customer, id, json!({ "status": "cancelled" })).await;
            assert_eq!(cancelled.summary(), "200 cancelled", "{kind}");
        }
        // Exactly as many as there were: the count is at zero, and the relationship can be removed.
        assert_eq!(contoso.removes(&customer).await.summary(), "200 granted", "{kind}");
    }
}
