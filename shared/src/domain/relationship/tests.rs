//! Delegated admin and the responsibility for it: every state × every act.

use super::*;
use crate::domain::{Role, customer::CountrySource};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    at("2026-11-10T00:00:00Z")
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

fn to(next: Result<Next<Relationship>, Refusal>) -> Relationship {
    match next.unwrap() {
        Next::To(next) => next,
        Next::Same => panic!("nothing changed"),
    }
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
    let removed = to(granted.remove_delegated_admin(Side::Customer, &by(), now()));
    let open = Responsibility { since: now(), until: None, agreement_version: "v1".into() };
    assert_eq!(removed.responsibility.as_ref(), Some(&open));
    let later = at("2026-12-01T00:00:00Z");
    let renewed = removed.confirm(&invitation(true), &by(), "v2".into(), later);
    assert_eq!(renewed.responsibility, Some(Responsibility { until: Some(later), ..open }));
    let without = removed.confirm(&invitation(false), &by(), "v2".into(), later);
    assert_eq!(without.responsibility, removed.responsibility);
    let given_back = to(granted.remove_delegated_admin(Side::Partner, &by(), now()));
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
fn what_needs_the_grant_is_refused_without_it_since_the_last_step() {
    use DelegatedAdmin::*;
    let granted = relationship(NotRequested).confirm(&invitation(true), &by(), "v1".into(), at("2026-11-11T00:00:00Z"));
    let removed = |side, on| to(granted.remove_delegated_admin(side, &by(), on));
    let (taken, given_back) = (at("2026-11-12T00:00:00Z"), at("2026-11-13T00:00:00Z"));
    for (case, relationship, expected) in [
        ("granted", granted.clone(), None),
        ("never asked for", relationship(NotRequested), Some((NotRequested, now()))),
        ("taken away", removed(Side::Customer, taken), Some((RemovedByCustomer, taken))),
        ("given back", removed(Side::Partner, given_back), Some((RemovedByPartner, given_back))),
    ] {
        let expected =
            expected.map(|(delegated_admin, since)| Refusal::DelegatedAdminNotGranted { delegated_admin, since });
        assert_eq!(relationship.must_grant().err(), expected, "{case}");
    }
}

#[test]
fn a_removed_relationship_is_kept_as_it_was_and_says_what_ended() {
    let ended = |state| relationship(state).end(&by(), now());
    let granted = ended(DelegatedAdmin::Granted);
    assert_eq!((granted.ended_at, granted.ended_by.as_str()), (now(), "u"));
    assert_eq!(granted.relationship.delegated_admin, DelegatedAdmin::Granted);
    for (state, with_grant) in [
        (DelegatedAdmin::Granted, true),
        (DelegatedAdmin::NotRequested, false),
        (DelegatedAdmin::RemovedByCustomer, false),
        (DelegatedAdmin::RemovedByPartner, false),
    ] {
        let effects = ended(state).effects();
        assert_eq!(effects.contains(&Effect::DelegatedAdmin), with_grant, "{state:?}");
        assert_eq!(effects.len(), 3 + usize::from(with_grant), "{state:?}");
    }
}

#[test]
fn lists_show_the_relationship_as_it_is() {
    let relationship = relationship(DelegatedAdmin::Granted);
    let expected = ListedCustomer {
        customer_id: by().customer(),
        customer: relationship.customer.clone(),
        delegated_admin: DelegatedAdmin::Granted,
        established_at: now(),
    };
    assert_eq!(relationship.listed(), expected);
}

fn agreement(renegotiated_at: &str) -> Renegotiated {
    let signed_by = Signatory {
        first_name: "Mai".parse().unwrap(),
        last_name: "Sato".parse().unwrap(),
        email: "mai@fabrikam.example".parse().unwrap(),
    };
    Renegotiated { renegotiated_at: at(renegotiated_at), signed_by }
}

fn renew(before: Relationship) -> Relationship {
    before.confirm(&invitation(true), &by(), "v2".into(), at("2026-12-10T00:00:00Z"))
}

fn removed_again() -> Relationship {
    to(renew(recorded()).remove_delegated_admin(Side::Customer, &by(), at("2026-12-20T15:00:00Z")))
}

fn removed() -> Relationship {
    let granted = relationship(DelegatedAdmin::Granted);
    to(granted.remove_delegated_admin(Side::Customer, &by(), at("2026-11-20T15:00:00Z")))
}

fn recorded() -> Relationship {
    to(removed().record_agreement(&agreement("2026-11-25T00:00:00Z"), &by(), at("2026-12-01T00:00:00Z")))
}

#[test]
fn an_agreement_is_recorded_once_for_every_time_the_customer_took_the_grant_away() {
    let given_back = to(relationship(DelegatedAdmin::Granted).remove_delegated_admin(Side::Partner, &by(), now()));
    let (first, second) = ("2026-11-25T00:00:00Z", "2026-12-25T00:00:00Z");
    let (soon, late) = ("2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z");
    // case, state, renegotiated at, now
    for (case, before, renegotiated_at, now, expected) in [
        ("never asked for", relationship(DelegatedAdmin::NotRequested), first, soon, "refused"),
        ("granted", relationship(DelegatedAdmin::Granted), first, soon, "refused"),
        ("given back by the partner", given_back, first, soon, "refused"),
        ("open", removed(), first, soon, "recorded"),
        ("open, renegotiated this moment", removed(), soon, soon, "recorded"),
        ("open, a moment ahead", removed(), "2026-12-01T00:00:00.001Z", soon, "when?"),
        ("the day of the removal, but earlier", removed(), "2026-11-20T00:00:00Z", soon, "recorded"),
        ("the day before the removal", removed(), "2026-11-19T23:59:59.999Z", soon, "when?"),
        ("the same again", recorded(), first, soon, "same"),
        ("the same again, later", recorded(), first, late, "same"),
        ("another one afterwards", recorded(), soon, late, "refused"),
        ("the same after the grant was renewed", renew(recorded()), first, late, "same"),
        ("the grant was renewed first", renew(removed()), first, late, "refused"),
        ("taken away again, the same", removed_again(), first, late, "when?"),
        ("taken away again, a new one", removed_again(), second, late, "recorded"),
    ] {
        let actual = match before.record_agreement(&agreement(renegotiated_at), &by(), at(now)) {
            Ok(Next::Same) => "same".to_owned(),
            Ok(Next::To(next)) => {
                let open = before.responsibility.clone().unwrap();
                assert_eq!(next.responsibility, Some(Responsibility { until: Some(at(now)), ..open }), "{case}");
                let what = agreement(renegotiated_at);
                let step = Step { what, at: at(now), by: Some("u".into()), invitation_id: None };
                let agreements = [before.agreements.clone(), vec![step]].concat();
                let responsibility = next.responsibility.clone();
                assert_eq!(next, Relationship { agreements, responsibility, ..before }, "{case}");
                "recorded".to_owned()
            }
            Err(Refusal::InvalidTransition { .. }) => "refused".to_owned(),
            Err(Refusal::RenegotiatedAt { .. }) => "when?".to_owned(),
            Err(other) => format!("{other:?}"),
        };
        assert_eq!(actual, expected, "{case}");
    }
}

#[test]
fn every_removal_by_the_customer_opens_a_new_time_of_responsibility_under_the_agreement_then_in_force() {
    let time = |since, until: Option<&str>, version: &str| {
        Some(Responsibility { since: at(since), until: until.map(at), agreement_version: version.into() })
    };
    let first = "2026-11-20T15:00:00Z";
    for (case, relationship, expected) in [
        ("taken away", removed(), time(first, None, "v1")),
        ("renewed", renew(removed()), time(first, Some("2026-12-10T00:00:00Z"), "v1")),
        ("recorded", recorded(), time(first, Some("2026-12-01T00:00:00Z"), "v1")),
        ("recorded, then renewed", renew(recorded()), time(first, Some("2026-12-01T00:00:00Z"), "v1")),
        ("taken away again", removed_again(), time("2026-12-20T15:00:00Z", None, "v2")),
    ] {
        assert_eq!(relationship.responsibility, expected, "{case}");
    }
    assert_eq!(removed_again().agreements, recorded().agreements);
}
