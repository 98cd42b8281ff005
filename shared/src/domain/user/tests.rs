//! Every grant × every change of a user and its licences.

use std::ops::RangeInclusive;

use super::*;
use crate::domain::{
    Cloud, Role,
    relationship::{DelegatedAdmin, Side},
};

const CONTOSO: &str = "11111111-1111-4111-8111-111111111111";
const FABRIKAM: &str = "22222222-2222-4222-8222-222222222222";
const NORTHWIND: &str = "33333333-3333-4333-8333-333333333333";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn start() -> Timestamp {
    at("2026-11-01T00:00:00Z")
}

fn now() -> Timestamp {
    at("2026-11-10T00:00:00Z")
}

fn caller(tenant: &str) -> Caller {
    Caller {
        tenant: tenant.parse().unwrap(),
        user: format!("agent-of-{}", &tenant[..4]),
        name: None,
        email: None,
        roles: vec![Role::AdminAgent],
        country: None,
        cloud: Cloud::Public,
    }
}

/// A partner's relationship; `start` tells one start from the next.
fn relationship(partner: &str, start: u8, delegated_admin: DelegatedAdmin) -> Relationship {
    let json = serde_json::json!({
        "id": InvitationId::from_bytes([start; 16]), "partnerId": partner, "customerId": FABRIKAM,
        "customer": {"name": "Fabrikam", "domain": "fabrikam.example", "country": "JP"}, "cloud": Cloud::Public,
        "delegatedAdmin": delegated_admin, "delegatedAdminHistory": [], "responsibility": null,
        "agreements": [], "establishedAt": self::start(), "establishedBy": "u", "agreementVersion": "v1",
        "commitments": 0
    });
    serde_json::from_value(json).unwrap()
}

fn contoso() -> Relationship {
    relationship(CONTOSO, 1, DelegatedAdmin::Granted)
}

fn northwind() -> Relationship {
    relationship(NORTHWIND, 2, DelegatedAdmin::Granted)
}

fn create(relationship: &Relationship, country: Option<&str>) -> Result<User, Refusal> {
    let wanted = NewUser {
        user_principal_name: "Mai@fabrikam.example".parse().unwrap(),
        display_name: "Mai".parse().unwrap(),
        country: country.map(|country| country.parse().unwrap()),
    };
    User::create(relationship, wanted, &caller(CONTOSO), start())
}

fn subscriptions(numbers: impl IntoIterator<Item = u8>) -> Vec<SubscriptionId> {
    numbers.into_iter().map(|number| SubscriptionId::from_bytes([number; 16])).collect()
}

fn licenses(relationship: &Relationship, numbers: impl IntoIterator<Item = u8>) -> Licenses {
    let Relationship { partner_id, id, .. } = *relationship;
    Licenses { partner_id, relationship_id: id, subscriptions: subscriptions(numbers) }
}

fn with(licenses: Vec<Licenses>) -> User {
    User { licenses, ..create(&contoso(), None).unwrap() }
}

fn moving(add: impl IntoIterator<Item = u8>, remove: impl IntoIterator<Item = u8>) -> UserChange {
    UserChange { add: subscriptions(add), remove: subscriptions(remove), ..UserChange::default() }
}

fn changed(user: &User, change: &UserChange) -> Option<ChangedUser> {
    user.change(&contoso(), change, &caller(CONTOSO), now()).unwrap()
}

#[test]
fn a_user_lives_in_the_customers_country_if_nobody_says_otherwise() {
    for (said, expected) in [(None, "JP"), (Some("DE"), "DE")] {
        let user = create(&contoso(), said).unwrap();
        assert_eq!(user.country.to_string(), expected);
        assert_eq!((user.customer_id.to_string(), user.blocked, user.licenses.len()), (FABRIKAM.into(), false, 0));
        let author = Author { partner_id: CONTOSO.parse().unwrap(), user: "agent-of-1111".into() };
        assert_eq!((user.created_at, &user.created_by), (start(), &author));
        assert_eq!((user.updated_at, &user.updated_by), (start(), &author));
    }
}

#[test]
fn nobody_is_made_or_changed_without_the_grant() {
    let removed = |side, on| match contoso().remove_delegated_admin(side, &caller(CONTOSO), at(on)).unwrap() {
        crate::domain::Next::To(removed) => removed,
        crate::domain::Next::Same => panic!("it was granted"),
    };
    let (taken, given_back) = ("2026-11-02T00:00:00Z", "2026-11-03T00:00:00Z");
    for (relationship, since) in [
        (relationship(CONTOSO, 1, DelegatedAdmin::NotRequested), start()),
        (removed(Side::Customer, taken), at(taken)),
        (removed(Side::Partner, given_back), at(given_back)),
    ] {
        let delegated_admin = relationship.delegated_admin;
        let refusal = Some(Refusal::DelegatedAdminNotGranted { delegated_admin, since });
        let user = with(vec![licenses(&contoso(), [1])]);
        assert_eq!(create(&relationship, None).err(), refusal, "{delegated_admin:?}");
        for change in [UserChange::default(), moving([2], []), moving([], [1])] {
            let actual = user.change(&relationship, &change, &caller(CONTOSO), now());
            assert_eq!(actual.err(), refusal, "{delegated_admin:?}, {change:?}");
        }
    }
}

#[test]
fn licences_come_and_go_once() {
    type Moved = (&'static [u8], &'static [u8], &'static [u8]);
    type Row = (&'static str, &'static [u8], &'static [u8], &'static [u8], Option<Moved>);
    // case, has, add, remove: has then, added, removed
    let table: [Row; 11] = [
        ("nothing", &[1], &[], &[], None),
        ("the first", &[], &[1], &[], Some((&[1], &[1], &[]))),
        ("two more", &[1], &[2, 3], &[], Some((&[1, 2, 3], &[2, 3], &[]))),
        ("what it has", &[1, 2], &[2], &[], None),
        ("what it has, and another", &[1], &[1, 2], &[], Some((&[1, 2], &[2], &[]))),
        ("one less", &[1, 2], &[], &[1], Some((&[2], &[], &[1]))),
        ("the last", &[1], &[], &[1], Some((&[], &[], &[1]))),
        ("what it has not", &[1], &[], &[2], None),
        ("what it has and what it has not", &[1, 2], &[], &[2, 3], Some((&[1], &[], &[2]))),
        ("one for another", &[1, 2], &[3], &[1], Some((&[2, 3], &[3], &[1]))),
        ("neither changes anything", &[1, 2], &[2], &[3], None),
    ];
    for (case, has, add, remove, expected) in table {
        let of = |numbers: &[u8]| match numbers {
            [] => Vec::new(),
            numbers => vec![licenses(&contoso(), numbers.to_vec())],
        };
        let user = with(of(has));
        let change = moving(add.to_vec(), remove.to_vec());
        let expected = expected.map(|(then, added, removed)| {
            let updated_by = Author { partner_id: CONTOSO.parse().unwrap(), user: "agent-of-1111".into() };
            let user = User { licenses: of(then), updated_at: now(), updated_by, ..user.clone() };
            ChangedUser { user, added: subscriptions(added.to_vec()), removed: subscriptions(removed.to_vec()) }
        });
        assert_eq!(changed(&user, &change), expected, "{case}");
    }
}

#[test]
fn a_user_has_at_most_100_licences_of_one_partner() {
    const NONE: RangeInclusive<u8> = RangeInclusive::new(1, 0);
    // case, has, add, remove: has then
    for (case, has, add, remove, expected) in [
        ("the hundredth", 1..=99, 100..=100, NONE, Some(100)),
        ("one too many", 1..=100, 101..=101, NONE, None),
        ("two, and one too many", 1..=99, 100..=101, NONE, None),
        ("one for another", 1..=100, 101..=101, 1..=1, Some(100)),
        ("two for one", 1..=100, 101..=102, 1..=1, None),
        ("one for what it has not", 1..=100, 101..=101, 102..=102, None),
        ("all at once", NONE, 1..=100, NONE, Some(100)),
        ("too many at once", NONE, 1..=101, NONE, None),
    ] {
        let user = with(vec![licenses(&northwind(), 201..=250), licenses(&contoso(), has)]);
        let actual = match user.change(&contoso(), &moving(add, remove), &caller(CONTOSO), now()) {
            Ok(changed) => Some(changed.unwrap().user.licenses_in(&contoso()).len()),
            Err(Refusal::InvalidTransition { .. }) => None,
            Err(other) => panic!("{case}: {other:?}"),
        };
        assert_eq!(actual, expected, "{case}");
    }
    let full = with(vec![licenses(&contoso(), 1..=100)]);
    assert_eq!(changed(&full, &moving([7], [])), None, "what it has is not one more");
}

#[test]
fn licences_of_another_partner_stay_and_those_of_an_ended_relationship_go() {
    type Row = (&'static str, u8, &'static [u8], [&'static [u8]; 2], [&'static [u8]; 3]);
    // case, start, has of that start, add and remove: has then, added, removed
    let table: [Row; 7] = [
        ("the first", 1, &[], [&[2], &[]], [&[2], &[2], &[]]),
        ("takes one", 1, &[2, 3], [&[], &[2]], [&[3], &[], &[2]]),
        ("takes another's", 1, &[2], [&[3], &[1]], [&[2, 3], &[3], &[]]),
        ("gives another's", 1, &[2], [&[1], &[]], [&[2, 1], &[1], &[]]),
        ("the first after a new start", 9, &[5, 6], [&[2], &[]], [&[2], &[2], &[]]),
        ("takes one that ended", 9, &[5, 6], [&[2], &[5]], [&[2], &[2], &[]]),
        ("gives one that ended", 9, &[5, 6], [&[5], &[]], [&[5], &[5], &[]]),
    ];
    for (case, start, has, [add, remove], expected) in table {
        let held = relationship(CONTOSO, start, DelegatedAdmin::Granted);
        let before = vec![licenses(&held, has.to_vec()), licenses(&northwind(), [1])];
        let changed = changed(&with(before), &moving(add.to_vec(), remove.to_vec())).unwrap();
        let actual = [changed.user.licenses_in(&contoso()).to_vec(), changed.added, changed.removed];
        assert_eq!(actual, expected.map(|numbers| subscriptions(numbers.to_vec())), "{case}");
        assert_eq!(changed.user.licenses_in(&northwind()), subscriptions([1]), "{case}");
        assert_eq!(changed.user.licenses.len(), 2, "{case}");
    }
}

#[test]
fn nothing_changes_whoever_gave_licences_first() {
    let mut has = vec![licenses(&northwind(), [1]), licenses(&contoso(), [2])];
    for case in ["another partner first", "another partner last"] {
        let user = with(has.clone());
        for change in [UserChange::default(), moving([2], []), moving([], [3])] {
            assert_eq!(changed(&user, &change), None, "{case}, {change:?}");
        }
        has.reverse();
    }
}

#[test]
fn a_blocked_user_keeps_its_licences_and_its_name() {
    let (open, named) = (with(vec![licenses(&contoso(), [1, 2])]), |name: &str| Some(name.parse().unwrap()));
    let blocked = User { blocked: true, ..open.clone() };
    for (case, before, display_name, block, expected) in [
        ("blocked", &open, None, Some(true), Some(("Mai", true))),
        ("blocked already", &blocked, None, Some(true), None),
        ("open again", &blocked, None, Some(false), Some(("Mai", false))),
        ("open already", &open, None, Some(false), None),
        ("another name", &blocked, named("Mai Sato"), None, Some(("Mai Sato", true))),
        ("the same name", &open, named("Mai"), None, None),
        ("both", &open, named("Mai Sato"), Some(true), Some(("Mai Sato", true))),
    ] {
        let actual = changed(before, &UserChange { display_name, blocked: block, ..UserChange::default() });
        let actual = actual.map(|changed| {
            assert_eq!((changed.added.len(), changed.removed.len()), (0, 0), "{case}");
            assert_eq!((changed.user.updated_at, changed.user.created_at), (now(), start()), "{case}");
            assert_eq!(changed.user.licenses, before.licenses, "{case}");
            (changed.user.display_name.to_string(), changed.user.blocked)
        });
        assert_eq!(actual, expected.map(|(name, blocked)| (name.to_owned(), blocked)), "{case}");
    }
}
