//! Delegated admin: every state × every act.

use super::*;
use crate::domain::{Role, customer::CountrySource};

fn now() -> Timestamp {
    "2026-11-10T00:00:00Z".parse().unwrap()
}

fn by() -> Caller {
    Caller {
        tenant: "22222222-2222-4222-8222-222222222222".parse().unwrap(),
        user: "u".into(),
        name: None,
        email: None,
        roles: vec![Role::GlobalAdmin],
        country: None,
        cloud: Cloud::Public,
    }
}

fn invitation(include_delegated_admin: bool) -> Invitation {
    let json = serde_json::json!({
        "id": InvitationId::new(now()), "partnerId": "11111111-1111-4111-8111-111111111111",
        "customer": {"name": null, "email": null, "country": null, "tenantId": null},
        "includeDelegatedAdmin": include_delegated_admin, "locale": "en", "lifetime": 30,
        "createdAt": now(), "createdBy": "u", "expiresAt": now(), "generation": 0, "keyId": "a",
        "delivery": {"status": "notSent"}, "state": {"status": "pending"}, "history": []
    });
    serde_json::from_value(json).unwrap()
}

fn relationship(delegated_admin: DelegatedAdmin) -> Relationship {
    let profile = CustomerProfile {
        customer_id: by().customer(),
        name: "Fabrikam".parse().unwrap(),
        domain: "fabrikam.example".parse().unwrap(),
        country: "JP".parse().unwrap(),
        country_source: CountrySource::Stated,
        cloud: Cloud::Public,
    };
    let relationship = Relationship::establish(&invitation(false), &profile, &by(), "v1".into(), now());
    assert_eq!(relationship.delegated_admin, DelegatedAdmin::NotRequested);
    Relationship { delegated_admin, ..relationship }
}

#[test]
fn every_state_and_every_act() {
    use DelegatedAdmin::*;
    // state: removed by the customer, removed by the partner, confirmed with, confirmed without
    for (state, expected) in [
        (NotRequested, ["refused", "refused", "Granted", "NotRequested"]),
        (Granted, ["RemovedByCustomer", "RemovedByPartner", "Granted", "Granted"]),
        (RemovedByCustomer, ["same", "refused", "Granted", "RemovedByCustomer"]),
        (RemovedByPartner, ["refused", "same", "Granted", "RemovedByPartner"]),
    ] {
        let before = relationship(state);
        let removed = |side| match before.remove_delegated_admin(side, &by(), now()) {
            Ok(Next::Same) => "same".to_owned(),
            Ok(Next::To(next)) => format!("{:?}", next.delegated_admin),
            Err(Refusal::InvalidTransition { .. }) => "refused".to_owned(),
            Err(other) => format!("{other:?}"),
        };
        let confirmed =
            |with| format!("{:?}", before.confirm(&invitation(with), &by(), "v2".into(), now()).delegated_admin);
        let actual = [removed(Side::Customer), removed(Side::Partner), confirmed(true), confirmed(false)];
        assert_eq!(actual, expected.map(str::to_owned), "{state:?}");
    }
}

#[test]
fn the_partner_stays_responsible_after_the_customer_took_the_grant_away_until_it_is_renewed() {
    let granted = relationship(DelegatedAdmin::Granted);
    assert_eq!(granted.responsibility, None);
    let Ok(Next::To(removed)) = granted.remove_delegated_admin(Side::Customer, &by(), now()) else { panic!() };
    assert_eq!(removed.responsibility, Some(Responsibility { since: now(), until: None }));
    let later = "2026-12-01T00:00:00Z".parse().unwrap();
    let renewed = removed.confirm(&invitation(true), &by(), "v2".into(), later);
    assert_eq!(renewed.responsibility, Some(Responsibility { since: now(), until: Some(later) }));
    let without = removed.confirm(&invitation(false), &by(), "v2".into(), later);
    assert_eq!(without.responsibility, removed.responsibility);
    let Ok(Next::To(given_back)) = granted.remove_delegated_admin(Side::Partner, &by(), now()) else { panic!() };
    assert_eq!(given_back.responsibility, None);
}

#[test]
fn a_confirmation_touches_nothing_but_the_grant_and_the_agreement() {
    let before = Relationship { commitments: 3, ..relationship(DelegatedAdmin::RemovedByCustomer) };
    let after = before.confirm(&invitation(true), &by(), "v2".into(), now());
    let expected = Relationship {
        delegated_admin: after.delegated_admin,
        delegated_admin_history: after.delegated_admin_history.clone(),
        agreement_version: "v2".into(),
        ..before
    };
    assert_eq!(after, expected);
    assert_eq!(after.delegated_admin_history.len(), 1);
}

#[test]
fn the_answer_to_a_removal_says_what_ended() {
    let ended = |state| relationship(state).remove(&[], &by(), now()).unwrap().effects();
    assert!(ended(DelegatedAdmin::Granted).contains(&Effect::DelegatedAdmin));
    assert!(!ended(DelegatedAdmin::NotRequested).contains(&Effect::DelegatedAdmin));
    assert_eq!(ended(DelegatedAdmin::NotRequested).len(), 3);
}
