//! Every kind × every status × every act.

use super::{
    Kind::{Reservation, SoftwarePurchase},
    Status::*,
    *,
};
use crate::domain::{Cloud, Role, relationship::DelegatedAdmin};

const CONTOSO: &str = "11111111-1111-4111-8111-111111111111";
const FABRIKAM: &str = "22222222-2222-4222-8222-222222222222";
const NORTHWIND: &str = "33333333-3333-4333-8333-333333333333";
const TAILSPIN: &str = "44444444-4444-4444-8444-444444444444";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn bought() -> Timestamp {
    at("2026-11-01T00:00:00Z")
}

fn now() -> Timestamp {
    at("2026-11-10T00:00:00Z")
}

fn by() -> Caller {
    Caller {
        tenant: CONTOSO.parse().unwrap(),
        user: "agent".into(),
        name: None,
        email: None,
        roles: vec![Role::AdminAgent],
        country: None,
        cloud: Cloud::Public,
    }
}

fn relationship(partner: &str, established_at: &str) -> Relationship {
    let json = serde_json::json!({
        "id": InvitationId::new(bought()), "partnerId": partner, "customerId": FABRIKAM,
        "customer": {"name": "Fabrikam", "domain": "fabrikam.example", "country": "JP"}, "cloud": Cloud::Public,
        "delegatedAdmin": DelegatedAdmin::NotRequested, "delegatedAdminHistory": [], "responsibility": null,
        "agreements": [], "establishedAt": established_at, "establishedBy": "u", "agreementVersion": "v1",
        "commitments": 0
    });
    serde_json::from_value(json).unwrap()
}

fn quantity(number: u64) -> Quantity {
    number.try_into().unwrap()
}

fn purchase(kind: Kind) -> Subscription {
    let wanted = Purchase {
        kind,
        name: "Office".parse().unwrap(),
        sku: "CFQ7TTC0LF8R".parse().unwrap(),
        quantity: quantity(10),
        service_type: ServiceType::Microsoft365,
    };
    Subscription::purchase(&relationship(CONTOSO, "2026-10-01T00:00:00Z"), wanted, &by(), bought())
}

/// Ten of it, four of them assigned.
fn sold(kind: Kind, status: Status) -> Subscription {
    Subscription { status, assigned: 4, ..purchase(kind) }
}

fn change(status: Option<Status>, number: Option<u64>, support: Option<&str>) -> SubscriptionChange {
    let support_contact = support.map(|partner| partner.parse().unwrap());
    SubscriptionChange { status, quantity: number.map(quantity), support_contact }
}

/// What the change added to the history, or why it added nothing.
fn outcome(before: &Subscription, change: SubscriptionChange) -> String {
    match before.change(change, &by(), now()) {
        Ok(Next::Same) => "same".into(),
        Ok(Next::To(next)) => {
            assert_eq!(next.status, change.status.unwrap_or(before.status));
            assert_eq!(next.quantity, change.quantity.unwrap_or(before.quantity));
            let steps = &next.history[before.history.len()..];
            assert!(steps.iter().all(|step| step.at == now() && step.by.as_deref() == Some("agent")));
            steps.iter().map(|step| format!("{:?}", step.what)).collect::<Vec<_>>().join(" ")
        }
        Err(Refusal::InvalidTransition { .. }) => "refused".into(),
        Err(Refusal::LicensesAssigned { assigned }) => format!("{assigned} assigned"),
        Err(other) => format!("{other:?}"),
    }
}

#[test]
fn what_is_bought_is_active_and_belongs_to_its_relationship() {
    let bought_now = purchase(Reservation);
    let step = Step { what: SubscriptionEvent::Purchased, at: bought(), by: Some("agent".into()), invitation_id: None };
    assert_eq!((bought_now.status, bought_now.assigned, bought_now.named_support), (Active, 0, None));
    assert_eq!(
        (bought_now.partner_id.to_string(), bought_now.customer_id.to_string()),
        (CONTOSO.into(), FABRIKAM.into())
    );
    assert_eq!((bought_now.created_at, bought_now.history), (bought(), vec![step]));
}

#[test]
fn every_kind_and_every_change_of_status() {
    // to active, to suspended, to cancelled
    for (kind, from, expected) in [
        (Kind::Subscription, Active, ["same", "Suspended", "Cancelled"]),
        (Kind::Subscription, Suspended, ["Resumed", "same", "Cancelled"]),
        (Kind::Subscription, Cancelled, ["refused", "refused", "same"]),
        (Reservation, Active, ["same", "refused", "Cancelled"]),
        (Reservation, Cancelled, ["refused", "refused", "same"]),
        (SoftwarePurchase, Active, ["same", "refused", "Cancelled"]),
        (SoftwarePurchase, Cancelled, ["refused", "refused", "same"]),
    ] {
        let actual = [Active, Suspended, Cancelled].map(|to| outcome(&sold(kind, from), change(Some(to), None, None)));
        assert_eq!(actual, expected.map(str::to_owned), "{kind:?}, {from:?}");
    }
}

#[test]
fn quantity_status_and_support_contact_change_together_or_not_at_all() {
    let all = "Resumed QuantityChanged SupportContactChanged";
    for (case, status, change, expected) in [
        ("nothing", Active, change(None, None, None), "same"),
        ("more", Active, change(None, Some(20), None), "QuantityChanged"),
        ("as many", Active, change(None, Some(10), None), "same"),
        ("as many as assigned", Active, change(None, Some(4), None), "QuantityChanged"),
        ("below assigned", Active, change(None, Some(3), None), "4 assigned"),
        ("suspended, more", Suspended, change(None, Some(20), None), "refused"),
        ("suspended, below assigned", Suspended, change(None, Some(3), None), "refused"),
        ("suspended, as many", Suspended, change(None, Some(10), None), "same"),
        ("cancelled, fewer", Cancelled, change(None, Some(5), None), "refused"),
        ("cancelled, as many", Cancelled, change(None, Some(10), None), "same"),
        ("resumed, and more", Suspended, change(Some(Active), Some(20), None), "Resumed QuantityChanged"),
        ("resumed, and below assigned", Suspended, change(Some(Active), Some(3), None), "4 assigned"),
        ("suspended now, and more", Active, change(Some(Suspended), Some(20), None), "refused"),
        ("suspended now, and as many", Active, change(Some(Suspended), Some(10), None), "Suspended"),
        ("cancelled now, and fewer", Active, change(Some(Cancelled), Some(5), None), "refused"),
        ("bought anew, and more", Cancelled, change(Some(Active), Some(20), None), "refused"),
        ("as it is", Active, change(Some(Active), Some(10), Some(CONTOSO)), "same"),
        ("another supports it", Active, change(None, None, Some(NORTHWIND)), "SupportContactChanged"),
        ("suspended, another supports it", Suspended, change(None, None, Some(NORTHWIND)), "SupportContactChanged"),
        ("cancelled, another supports it", Cancelled, change(None, None, Some(NORTHWIND)), "refused"),
        ("cancelled, the seller supports it", Cancelled, change(None, None, Some(CONTOSO)), "refused"),
        ("cancelled now, another supports it", Active, change(Some(Cancelled), None, Some(NORTHWIND)), "refused"),
        ("below assigned, another supports it", Active, change(None, Some(3), Some(NORTHWIND)), "4 assigned"),
        ("all three", Suspended, change(Some(Active), Some(20), Some(NORTHWIND)), all),
    ] {
        assert_eq!(outcome(&sold(Kind::Subscription, status), change), expected, "{case}");
    }
}

#[test]
fn another_partner_is_named_for_support_and_the_seller_again() {
    let (seller, later) = (purchase(Kind::Subscription), at("2026-11-11T00:00:00Z"));
    let named = |partner: &str, since| Some(NamedSupport { partner_id: partner.parse().unwrap(), since });
    let northwind = Subscription { named_support: named(NORTHWIND, now()), ..seller.clone() };
    for (case, before, to, at, expected) in [
        ("another", &seller, NORTHWIND, now(), Some(named(NORTHWIND, now()))),
        ("the seller, which does", &seller, CONTOSO, later, None),
        ("the seller again", &northwind, CONTOSO, later, Some(None)),
        ("a third", &northwind, TAILSPIN, later, Some(named(TAILSPIN, later))),
        ("the same once more", &northwind, NORTHWIND, later, Some(named(NORTHWIND, later))),
        ("the same at the same time", &northwind, NORTHWIND, now(), None),
    ] {
        let actual = match before.change(change(None, None, Some(to)), &by(), at).unwrap() {
            Next::Same => None,
            Next::To(next) => Some(next.named_support),
        };
        assert_eq!(actual, expected, "{case}");
    }
}

#[test]
fn the_named_partner_supports_it_while_the_relationship_lasts_in_which_it_was_named() {
    let [before, since, after] = ["2026-11-05T00:00:00Z", "2026-11-10T00:00:00Z", "2026-11-15T00:00:00Z"];
    let contoso = (CONTOSO, before);
    for (case, named, relationships, expected) in [
        ("nobody is named", None, vec![contoso, (NORTHWIND, before)], CONTOSO),
        ("active since before", Some(NORTHWIND), vec![contoso, (NORTHWIND, before)], NORTHWIND),
        ("active since that moment", Some(NORTHWIND), vec![(NORTHWIND, since), contoso], NORTHWIND),
        ("a new start", Some(NORTHWIND), vec![contoso, (NORTHWIND, after)], CONTOSO),
        ("it ended", Some(NORTHWIND), vec![contoso, (TAILSPIN, before)], CONTOSO),
        ("none is known", Some(NORTHWIND), vec![], CONTOSO),
    ] {
        let named_support =
            named.map(|partner| NamedSupport { partner_id: partner.parse().unwrap(), since: at(since) });
        let relationships: Vec<_> = relationships.into_iter().map(|(partner, on)| relationship(partner, on)).collect();
        let sold = Subscription { named_support, ..purchase(Kind::Subscription) };
        assert_eq!(sold.support_contact(&relationships).to_string(), expected, "{case}");
    }
}

#[test]
fn a_licence_is_assigned_of_what_is_active_and_has_a_free_one() {
    for (kind, status, assigned, expected) in [
        (Kind::Subscription, Active, 0, "free"),
        (Kind::Subscription, Active, 9, "free"),
        (Kind::Subscription, Active, 10, "full"),
        (Kind::Subscription, Suspended, 9, "refused"),
        (Kind::Subscription, Suspended, 10, "refused"),
        (Kind::Subscription, Cancelled, 9, "refused"),
        (SoftwarePurchase, Active, 9, "free"),
        (SoftwarePurchase, Active, 10, "full"),
        (SoftwarePurchase, Cancelled, 9, "refused"),
        (Reservation, Active, 0, "refused"),
        (Reservation, Cancelled, 0, "refused"),
    ] {
        let sold = Subscription { assigned, ..sold(kind, status) };
        let actual = match sold.assign() {
            Ok(()) => "free".to_owned(),
            Err(Refusal::NoFreeLicense { subscription }) if subscription == sold.id => "full".to_owned(),
            Err(Refusal::InvalidTransition { .. }) => "refused".to_owned(),
            Err(other) => format!("{other:?}"),
        };
        assert_eq!(actual, expected, "{kind:?}, {status:?}, {assigned} assigned");
    }
}

#[test]
fn more_and_resumed_is_bought_anew_fewer_and_ended_is_not() {
    for (before, after, expected) in [
        ((Active, 10), (Active, 10), false),
        ((Active, 10), (Active, 11), true),
        ((Active, 10), (Active, 9), false),
        ((Active, 10), (Suspended, 10), false),
        ((Active, 10), (Cancelled, 10), false),
        ((Suspended, 10), (Active, 10), true),
        ((Suspended, 10), (Active, 9), true),
        ((Suspended, 10), (Cancelled, 10), false),
    ] {
        let of = |(status, number)| Subscription { quantity: quantity(number), ..sold(Kind::Subscription, status) };
        assert_eq!(of(after).buys_more_than(&of(before)), expected, "{before:?} to {after:?}");
    }
}

#[test]
fn what_is_active_is_a_commitment() {
    for kind in [Kind::Subscription, Reservation, SoftwarePurchase] {
        for (status, expected) in [(Active, true), (Suspended, false), (Cancelled, false)] {
            let sold = sold(kind, status);
            assert_eq!(sold.is_commitment(), expected, "{kind:?}, {status:?}");
            let commitment = Commitment { kind, id: sold.id, name: "Office".parse().unwrap(), status };
            assert_eq!(sold.commitment(), commitment);
        }
    }
}

#[test]
fn a_quantity_is_1_to_a_million() {
    for (number, fits) in [(0, false), (1, true), (1_000_000, true), (1_000_001, false), (u64::MAX, false)] {
        assert_eq!(Quantity::try_from(number).is_ok(), fits, "{number}");
    }
}
