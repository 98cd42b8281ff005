//! Random acts of three partners and three customers, done for real and in the [model](crate::model).

use std::collections::{BTreeMap, BTreeSet};

use proptest::{
    prelude::{ProptestConfig, Strategy},
    test_runner::{RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner},
};
use serde_json::{Value, json};

use crate::{
    app::{Answer, App, Someone, record_of, tenant},
    model::{Act, KINDS, NAMES, REQUEST_STATUSES, SIDES, STATUSES, World},
};

const SEQUENCES: u32 = 2_000;
/// They run beside each other, each with customers of its own.
const THREADS: u8 = 4;
/// Nothing that was ever made.
const NOTHING: &str = "01900000-0000-7000-8000-000000000000";

/// An act, and the numbers of the partner and the customer.
type Step = (Act, usize, usize);

fn step() -> impl Strategy<Value = Step> {
    (0..40_u8, 0..SIDES, 0..SIDES, 0..5_usize, 0..3_usize).prop_map(|(act, partner, customer, x, y)| {
        let act = match act {
            0..=7 => Act::Accept { with_grant: act != 0 },
            8 => Act::TakeGrant,
            9 => Act::GiveGrantBack,
            10 | 11 => Act::Remove,
            12..=16 => Act::Buy { kind: if act < 15 { 0 } else { y }, quantity: 1 + y as u32 },
            17..=19 => Act::SetStatus { sold: x, status: y },
            20 | 21 => Act::SetQuantity { sold: x, quantity: 1 + y as u32 },
            22..=24 => Act::SetSupport { sold: x, partner: y },
            25..=27 => Act::MakeUser { name: x % NAMES.len() },
            28 => Act::Block { user: x },
            29..=32 => Act::Give { user: y, sold: x },
            33 => Act::Take { user: y, sold: x },
            34 | 35 => Act::Open { self_service: y == 0, about: (x < 2).then_some(x) },
            36..=38 => Act::SetRequest { request: x, status: y, note: x % 2 == 0 },
            _ => Act::RecordAgreement,
        };
        (act, partner, customer)
    })
}

/// The people of one sequence, and the ids of what they made.
struct Stage<'a> {
    app: &'a App,
    partners: &'a [Someone<'a>],
    customers: Vec<Someone<'a>>,
    names: Vec<String>,
    sold: Vec<String>,
    users: Vec<String>,
    requests: Vec<String>,
}

impl<'a> Stage<'a> {
    async fn new(app: &'a App, partners: &'a [Someone<'a>], name: &str) -> Self {
        let names: Vec<String> = (0..SIDES).map(|number| format!("{name} Nr {number}")).collect();
        let customers = futures_util::future::join_all(names.iter().map(|name| app.admin_of(name))).await;
        Self { app, partners, customers, names, sold: Vec::new(), users: Vec::new(), requests: Vec::new() }
    }

    async fn act(&mut self, (act, partner, customer): Step) -> String {
        let (ours, theirs) = (&self.partners[partner], &self.customers[customer]);
        let name = self.names[customer].as_str();
        let id = |made: &[String], number: usize| made.get(number).map_or(NOTHING, String::as_str).to_owned();
        let sold = |number: usize| id(&self.sold, number);
        let change_sold = async |number, change| ours.changes_subscription(name, &sold(number), change).await;
        let change_user = async |number, change| ours.changes_user(name, &id(&self.users, number), change).await;
        let answer: Answer = match act {
            Act::Accept { with_grant } => {
                let invited = ours.invites_with(json!({ "includeDelegatedAdmin": with_grant })).await;
                theirs.accepts_as(name, &invited).await
            }
            Act::TakeGrant => theirs.delete(&format!("/v1/partners/{}/delegated-admin", ours.tenant)).await,
            Act::GiveGrantBack => ours.delete(&format!("{}/delegated-admin", record_of(name))).await,
            Act::Remove => ours.removes(name).await,
            Act::Buy { kind, quantity } => ours.buys_as(KINDS[kind], name, "Something", quantity).await,
            Act::SetStatus { sold, status } => change_sold(sold, json!({ "status": STATUSES[status] })).await,
            Act::SetQuantity { sold, quantity } => change_sold(sold, json!({ "quantity": quantity })).await,
            Act::SetSupport { sold, partner } => {
                let named = &self.partners[partner].tenant;
                change_sold(sold, json!({ "supportContact": { "partnerId": named } })).await
            }
            Act::MakeUser { name: user } => ours.makes_user(name, NAMES[user]).await,
            Act::Block { user } => change_user(user, json!({ "blocked": true })).await,
            Act::Give { user, sold: number } => {
                change_user(user, json!({ "licenses": { "add": [sold(number)] } })).await
            }
            Act::Take { user, sold: number } => {
                change_user(user, json!({ "licenses": { "remove": [sold(number)] } })).await
            }
            Act::Open { self_service, about } => {
                let channel = if self_service { "selfService" } else { "assisted" };
                let body =
                    json!({ "title": "x", "description": "y", "channel": channel, "subscriptionId": about.map(sold) });
                ours.post(&format!("{}/service-requests", record_of(name)), body).await
            }
            Act::SetRequest { request, status, note } => {
                let change = json!({ "status": REQUEST_STATUSES[status], "note": note.then_some("Noted.") });
                ours.changes_request(name, &id(&self.requests, request), change).await
            }
            Act::RecordAgreement => {
                let signatory = json!({ "firstName": "M", "lastName": "T", "email": "m@f.example" });
                let now = jiff::Timestamp::from_millisecond(self.app.local.now().as_millisecond()).unwrap();
                let body = json!({ "renegotiatedAt": now.to_string(), "signedBy": signatory });
                ours.put(&format!("{}/agreement", record_of(name)), body).await
            }
        };
        if answer.status == 201 {
            match act {
                Act::Buy { .. } => self.sold.push(answer.id()),
                Act::MakeUser { .. } => self.users.push(answer.id()),
                Act::Open { .. } => self.requests.push(answer.id()),
                _ => {}
            }
        }
        answer.summary()
    }

    /// The record of a pair, in the terms of the model.
    async fn record(&self, partner: usize, customer: usize) -> Value {
        let answer = self.partners[partner].record(&self.names[customer]).await;
        if answer.summary() == "404 not-found" {
            return Value::Null;
        }
        let body = &answer.body;
        let items = |part: &Value, line: &dyn Fn(&Value) -> (String, Value)| -> Value {
            part.as_array().map_or(Value::Null, |items| Value::Object(items.iter().map(line).collect()))
        };
        let partner_of = |id: &Value| self.partners.iter().position(|partner| *id == partner.tenant);
        json!({
            "grant": body["relationship"]["delegatedAdmin"],
            "responsible": body["relationship"]["responsibility"]["partnerResponsible"],
            "subscriptions": items(&body["subscriptions"]["items"], &|sold| {
                let support = partner_of(&sold["supportContact"]["partnerId"]);
                (number(&self.sold, &sold["id"]), json!([sold["kind"], sold["status"], sold["quantity"], support]))
            }),
            "licenses": items(&body["licenses"], &|licenses| {
                (number(&self.sold, &licenses["subscriptionId"]), json!([licenses["quantity"], licenses["assigned"]]))
            }),
            "users": items(&body["users"]["items"], &|user| {
                let licenses = user["licenses"].as_array().unwrap().iter();
                let mut licenses: Vec<usize> = licenses.map(|id| number(&self.sold, id).parse().unwrap()).collect();
                licenses.sort_unstable();
                (user["userPrincipalName"].as_str().unwrap().to_owned(), json!([user["blocked"], licenses]))
            }),
            "requests": items(&body["serviceRequests"]["items"], &|request| {
                let notes = request["notes"].as_array().unwrap().len();
                (number(&self.requests, &request["id"]), json!([request["status"], notes]))
            }),
        })
    }

    async fn partners(&self, customer: usize) -> Value {
        let line = |partner: &Value| {
            let ours = self.partners.iter().position(|ours| partner["partnerId"] == ours.tenant).unwrap();
            let supports = partner["supports"].as_array().unwrap().iter();
            let mut supports: Vec<usize> =
                supports.map(|sold| number(&self.sold, &sold["subscriptionId"]).parse().unwrap()).collect();
            supports.sort_unstable();
            (ours.to_string(), json!([partner["delegatedAdmin"], supports]))
        };
        Value::Object(self.customers[customer].all("/v1/partners").await.iter().map(line).collect())
    }

    /// A partner's customers of this sequence: found by the name that they share.
    async fn customers(&self, partner: usize, name: &str) -> Value {
        let found = self.partners[partner].all(&format!("/v1/customers?query={name}")).await;
        let line = |customer: &Value| {
            let number = self.names.iter().position(|name| customer["customerId"] == tenant(name)).unwrap();
            (number.to_string(), customer["delegatedAdmin"].clone())
        };
        Value::Object(found.iter().map(line).collect())
    }
}

fn number(made: &[String], id: &Value) -> String {
    made.iter().position(|made| id == made).map_or_else(|| format!("unknown {id}"), |number| number.to_string())
}

async fn play(app: &App, partners: &[Someone<'_>], name: &str, steps: &[Step]) -> Result<(), TestCaseError> {
    let (mut stage, mut world) = (Stage::new(app, partners, name).await, World::default());
    for (number, step) in steps.iter().enumerate() {
        let expected = world.act(step.0, step.1, step.2);
        let seen = stage.act(*step).await;
        if seen != expected {
            let log = app.log();
            let cause: Vec<_> = log.lines().filter(|line| line.contains("rror") || line.contains("panic")).collect();
            return Err(TestCaseError::fail(format!(
                "step {number}, {step:?}: {seen}, expected {expected}; {cause:#?}"
            )));
        }
    }
    let mut differences = BTreeMap::new();
    let mut compare = |what: String, seen: Value, expected: Value| {
        if seen != expected {
            differences.insert(what, format!("{seen}, expected {expected}"));
        }
    };
    for partner in 0..SIDES {
        compare(format!("customers of {partner}"), stage.customers(partner, name).await, world.customers(partner));
        compare(format!("partners of {partner}"), stage.partners(partner).await, world.partners(partner));
    }
    let pairs: BTreeSet<(usize, usize)> = steps.iter().map(|(_, partner, customer)| (*partner, *customer)).collect();
    for pair in pairs {
        compare(format!("record {pair:?}"), stage.record(pair.0, pair.1).await, world.record(pair));
    }
    if differences.is_empty() { Ok(()) } else { Err(TestCaseError::fail(format!("{differences:#?}"))) }
}

#[test]
fn random_acts_end_as_in_the_model() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let app = runtime.block_on(App::start());
    let partners = runtime.block_on(async {
        [app.partner("contoso").await, app.partner("northwind").await, app.partner("adatum").await]
    });
    let steps = proptest::collection::vec(step(), 1..20);
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (app, partners, steps, runtime) = (&app, &partners, &steps, &runtime);
            scope.spawn(move || {
                let config = ProptestConfig {
                    cases: SEQUENCES / u32::from(THREADS),
                    max_shrink_iters: 400,
                    failure_persistence: None,
                    ..ProptestConfig::default()
                };
                // The same sequences each time: what fails here fails everywhere.
                let random = TestRng::from_seed(RngAlgorithm::ChaCha, &[thread; 32]);
                let played = std::cell::Cell::new(0);
                let outcome = TestRunner::new_with_rng(config, random).run(steps, |steps| {
                    played.set(played.get() + 1);
                    runtime.block_on(play(app, partners, &format!("T{thread}S{}", played.get()), &steps))
                });
                match outcome {
                    Ok(()) => {}
                    Err(TestError::Fail(reason, steps)) => panic!("{reason}\nafter the steps {steps:#?}"),
                    Err(TestError::Abort(reason)) => panic!("{reason}"),
                }
            });
        }
    });
    runtime.block_on(app.stop());
}
