//! Every state × every act.

use super::*;
use crate::domain::{
    AttemptId, Cloud, CustomerProfile, LinkKeys, Relationship, Role, TenantId,
    customer::StatedCustomer,
    delivery::{DeliveryStatus, MailEvent, MailOutcome},
    text::Email,
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

/// Within the invitation's 30 days.
fn soon() -> Timestamp {
    at("2026-11-10T00:00:00Z")
}

/// The moment its time is over.
fn end() -> Timestamp {
    at("2026-12-01T00:00:00Z")
}

fn ring() -> LinkKeys {
    LinkKeys::parse("b:YmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmI,a:YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE")
        .unwrap()
}

fn caller(tenant: &str) -> Caller {
    Caller {
        tenant: tenant.parse().unwrap(),
        user: format!("admin-of-{}", &tenant[..4]),
        name: None,
        email: None,
        roles: vec![Role::GlobalAdmin],
        country: Some("JP".parse().unwrap()),
        cloud: Cloud::Public,
    }
}

fn partner() -> Partner {
    Partner {
        partner_id: CONTOSO.parse().unwrap(),
        name: "Contoso".parse().unwrap(),
        country: "JP".parse().unwrap(),
        cloud: Cloud::Public,
        status: Default::default(),
        support_contact: None,
        reminders: true,
        daily_mail_quota: 500,
        created_at: start(),
        created_by: "operator".into(),
        updated_at: start(),
        updated_by: "operator".into(),
    }
}

fn wanted() -> Wanted {
    Wanted {
        customer: NamedCustomer::default(),
        include_delegated_admin: true,
        locale: Locale::default(),
        lifetime: Days::default(),
    }
}

fn pending() -> Invitation {
    Invitation::create(&partner(), wanted(), ring().newest(), &caller(CONTOSO), start()).unwrap()
}

fn agreement() -> Agreement {
    Agreement { version: "2026-10".into(), url: "https://agreement.example".into() }
}

fn stated() -> StatedCustomer {
    StatedCustomer {
        name: Some("Fabrikam".parse().unwrap()),
        domain: Some("fabrikam.example".parse().unwrap()),
        country: None,
    }
}

fn accept_as(
    invitation: &Invitation,
    by: &Caller,
    known: Option<&Relationship>,
    now: Timestamp,
) -> Result<Accepted, Refusal> {
    let (stated, agreement) = (stated(), agreement());
    let answer =
        Acceptance { by, stated: &stated, agreement: &agreement, shown_version: None, require_token_country: false };
    let partner = partner();
    invitation.accept(&Known { partner: &partner, relationship: known, profile: None }, &answer, now)
}

fn accepted() -> (Invitation, Relationship) {
    match accept_as(&pending(), &caller(FABRIKAM), None, soon()).unwrap() {
        Accepted::Now { invitation, relationship, .. } => (*invitation, *relationship),
        Accepted::Before(_) => panic!("it was pending"),
    }
}

fn to(next: Result<Next<Invitation>, Refusal>) -> Invitation {
    match next.unwrap() {
        Next::To(next) => next,
        Next::Same => panic!("nothing changed"),
    }
}

fn outcome<T>(result: &Result<T, Refusal>, done: impl Fn(&T) -> String) -> String {
    match result {
        Ok(value) => done(value),
        Err(Refusal::Expired { .. }) => "expired".into(),
        Err(refusal) => format!("{refusal:?}").split([' ', '{']).next().unwrap_or_default().to_owned(),
    }
}

fn next(result: &Result<Next<Invitation>, Refusal>) -> String {
    outcome(result, |next| match next {
        Next::Same => "same".into(),
        Next::To(invitation) => invitation.state.name().into(),
    })
}

#[test]
fn every_state_and_every_act() {
    let (accepted, relationship) = accepted();
    let fabrikam = caller(FABRIKAM);
    let declined = to(pending().decline(&fabrikam, Some(&"no need".parse().unwrap()), soon()));
    let revoked = to(pending().revoke(&caller(CONTOSO), soon()));
    let expired = match pending().expire(end()) {
        Next::To(expired) => expired,
        Next::Same => panic!("it was due"),
    };
    let late = at("2027-01-01T00:00:00Z");
    // case, state, now: accept by Fabrikam, accept by Northwind, decline by Fabrikam, decline by Northwind,
    // revoke, renew, claim a mail, expire
    type Row = (&'static str, Invitation, Timestamp, [&'static str; 8]);
    let table: [Row; 9] = [
        ("pending", pending(), soon(), ["now", "now", "declined", "declined", "revoked", "pending", "claimed", "-"]),
        (
            "at its last moment",
            pending(),
            at("2026-11-30T23:59:59.999Z"),
            ["now", "now", "declined", "declined", "revoked", "pending", "claimed", "-"],
        ),
        (
            "at its end",
            pending(),
            end(),
            ["expired", "expired", "expired", "expired", "expired", "pending", "expired", "expired"],
        ),
        (
            "long past its end",
            pending(),
            late,
            ["expired", "expired", "expired", "expired", "expired", "pending", "expired", "expired"],
        ),
        (
            "cleaned up",
            expired,
            late,
            ["expired", "expired", "expired", "expired", "expired", "pending", "expired", "-"],
        ),
        (
            "accepted",
            accepted.clone(),
            soon(),
            [
                "before",
                "AlreadyAccepted",
                "AlreadyAccepted",
                "AlreadyAccepted",
                "AlreadyAccepted",
                "AlreadyAccepted",
                "AlreadyAccepted",
                "-",
            ],
        ),
        (
            "accepted, and time went on",
            accepted,
            late,
            [
                "before",
                "AlreadyAccepted",
                "AlreadyAccepted",
                "AlreadyAccepted",
                "AlreadyAccepted",
                "AlreadyAccepted",
                "AlreadyAccepted",
                "-",
            ],
        ),
        (
            "declined",
            declined,
            late,
            [
                "AlreadyDeclined",
                "AlreadyDeclined",
                "same",
                "AlreadyDeclined",
                "AlreadyDeclined",
                "AlreadyDeclined",
                "AlreadyDeclined",
                "-",
            ],
        ),
        (
            "revoked",
            revoked,
            late,
            [
                "AlreadyRevoked",
                "AlreadyRevoked",
                "AlreadyRevoked",
                "AlreadyRevoked",
                "same",
                "AlreadyRevoked",
                "AlreadyRevoked",
                "-",
            ],
        ),
    ];
    for (case, invitation, now, expected) in table {
        let (contoso, northwind) = (caller(CONTOSO), caller(NORTHWIND));
        let accept = |by: &Caller, known: Option<&Relationship>| {
            outcome(&accept_as(&invitation, by, known, now), |accepted| match accepted {
                Accepted::Before(_) => "before".into(),
                Accepted::Now { .. } => "now".into(),
            })
        };
        let renewed = invitation.renew(&partner(), None, ring().newest(), &contoso, now);
        let to = "a@b.example".parse().unwrap();
        let claimed = invitation.claim_mail(&partner(), AttemptId::new(), &to, &contoso, now);
        let actual = [
            accept(&fabrikam, Some(&relationship).filter(|_| matches!(invitation.state, State::Accepted { .. }))),
            accept(&northwind, None),
            next(&invitation.decline(&fabrikam, None, now)),
            next(&invitation.decline(&northwind, None, now)),
            next(&invitation.revoke(&contoso, now)),
            outcome(&renewed, |next| next.state.name().into()),
            outcome(&claimed, |_| "claimed".into()),
            match invitation.expire(now) {
                Next::Same => "-".into(),
                Next::To(_) => "expired".into(),
            },
        ];
        assert_eq!(actual, expected.map(str::to_owned), "{case}");
    }
}

#[test]
fn a_renewal_kills_the_old_link_and_gives_as_much_time_as_at_first() {
    let before = pending();
    let now = at("2026-12-24T00:00:00Z");
    let after = before.renew(&partner(), None, ring().newest(), &caller(CONTOSO), now).unwrap();
    assert_eq!(after.expires_at, at("2027-01-23T00:00:00Z"));
    assert_eq!(after.must_be_opened_by(&before.claims()), Err(Refusal::UnknownLink));
    assert_eq!(after.must_be_opened_by(&after.claims()), Ok(()));
    let shorter = before.renew(&partner(), Days::try_from(7).ok(), ring().newest(), &caller(CONTOSO), now).unwrap();
    assert_eq!(shorter.expires_at, at("2026-12-31T00:00:00Z"));
}

#[test]
fn an_invitation_lives_1_to_90_days() {
    for (days, fits) in [(0, false), (1, true), (90, true), (91, false), (u64::MAX, false)] {
        assert_eq!(Days::try_from(days).is_ok(), fits, "{days}");
    }
}

#[test]
fn the_rules_of_accepting() {
    let named = |tenant: &str| {
        let mut invitation = pending();
        invitation.customer.tenant_id = Some(tenant.parse::<TenantId>().unwrap());
        invitation
    };
    let with = |change: fn(&mut Caller)| {
        let mut by = caller(FABRIKAM);
        change(&mut by);
        by
    };
    let cases = [
        ("named, and it is the one", named(FABRIKAM), caller(FABRIKAM), "now"),
        ("named, and it is another", named(NORTHWIND), caller(FABRIKAM), "NotBoundToYou"),
        ("the partner itself", pending(), caller(CONTOSO), "OwnInvitation"),
        ("another cloud", pending(), with(|by| by.cloud = Cloud::China), "WrongCloud"),
        ("another region", pending(), with(|by| by.country = "DE".parse().ok()), "OutsideTerritory"),
        ("no region has it", pending(), with(|by| by.country = "RU".parse().ok()), "UnsupportedCountry"),
        ("nobody says the country", pending(), with(|by| by.country = None), "CustomerUnknown"),
    ];
    for (case, invitation, by, expected) in cases {
        let actual = outcome(&accept_as(&invitation, &by, None, soon()), |_| "now".into());
        assert_eq!(actual, expected, "{case}");
    }
}

#[test]
fn a_suspended_partner_invites_nobody_and_nobody_accepts_it() {
    let mut suspended = partner();
    suspended.status = crate::domain::partner::PartnerStatus::Suspended;
    let created = Invitation::create(&suspended, wanted(), ring().newest(), &caller(CONTOSO), start());
    assert_eq!(created, Err(Refusal::PartnerSuspended));
    let renewed = pending().renew(&suspended, None, ring().newest(), &caller(CONTOSO), soon());
    assert_eq!(renewed, Err(Refusal::PartnerSuspended));
    let (by, stated, agreement) = (caller(FABRIKAM), stated(), agreement());
    let answer = Acceptance {
        by: &by,
        stated: &stated,
        agreement: &agreement,
        shown_version: None,
        require_token_country: false,
    };
    let known = Known { partner: &suspended, relationship: None, profile: None };
    assert_eq!(pending().accept(&known, &answer, soon()), Err(Refusal::PartnerSuspended));
}

#[test]
fn the_agreement_must_be_the_one_that_was_shown() {
    for (shown, expected) in [(None, "now"), (Some("2026-10"), "now"), (Some("2025-01"), "AgreementChanged")] {
        let (by, stated, agreement, partner) = (caller(FABRIKAM), stated(), agreement(), partner());
        let answer = Acceptance {
            by: &by,
            stated: &stated,
            agreement: &agreement,
            shown_version: shown,
            require_token_country: false,
        };
        let known = Known { partner: &partner, relationship: None, profile: None };
        let actual = outcome(&pending().accept(&known, &answer, soon()), |accepted| match accepted {
            Accepted::Now { invitation, .. } => {
                assert!(
                    matches!(&invitation.state, State::Accepted { agreement_version, .. } if agreement_version == "2026-10")
                );
                "now".into()
            }
            Accepted::Before(_) => "before".into(),
        });
        assert_eq!(actual, expected, "{shown:?}");
    }
}

#[test]
fn the_country_of_the_token_wins_and_may_be_required() {
    let mut by = caller(FABRIKAM);
    let mut said = stated();
    said.country = "US".parse().ok();
    let profile = CustomerProfile::at_acceptance(None, &said, &by, true).unwrap();
    assert_eq!(
        (profile.country.to_string(), profile.country_source),
        ("JP".into(), crate::domain::customer::CountrySource::Token)
    );
    by.country = None;
    assert_eq!(CustomerProfile::at_acceptance(None, &said, &by, true), Err(Refusal::CountryNotInToken));
    let profile = CustomerProfile::at_acceptance(None, &said, &by, false).unwrap();
    assert_eq!(
        (profile.country.to_string(), profile.country_source),
        ("US".into(), crate::domain::customer::CountrySource::Stated)
    );
    // Known by now: what it states later changes nothing, what its token states does.
    said.country = "DE".parse().ok();
    let again = CustomerProfile::at_acceptance(Some(&profile), &said, &by, false).unwrap();
    assert_eq!(again, profile);
    by.country = "JP".parse().ok();
    let again = CustomerProfile::at_acceptance(Some(&profile), &said, &by, false).unwrap();
    assert_eq!(again.country.to_string(), "JP");
    let nothing = CustomerProfile::at_acceptance(None, &StatedCustomer::default(), &by, false);
    assert_eq!(nothing, Err(Refusal::CustomerUnknown { missing: vec!["/customer/name", "/customer/domain"] }));
}

#[test]
fn accepting_again_after_a_removal_and_a_new_start_grants_nothing() {
    let (invitation, relationship) = accepted();
    let removed = accept_as(&invitation, &caller(FABRIKAM), None, soon());
    assert_eq!(removed, Err(Refusal::AlreadyAccepted));
    let newer = Relationship { id: InvitationId::new(soon()), ..relationship };
    assert_eq!(accept_as(&invitation, &caller(FABRIKAM), Some(&newer), soon()), Err(Refusal::AlreadyAccepted));
}

#[test]
fn what_a_partner_may_ask_for() {
    let create = |partner: &Partner, wanted: Wanted| {
        outcome(&Invitation::create(partner, wanted, ring().newest(), &caller(CONTOSO), start()), |_| "made".into())
    };
    let without = Wanted { include_delegated_admin: false, ..wanted() };
    for (cloud, expected) in [
        (Cloud::Public, "made"),
        (Cloud::UsGovernment, "DelegatedAdminRequired"),
        (Cloud::Germany, "DelegatedAdminRequired"),
        (Cloud::China, "DelegatedAdminRequired"),
    ] {
        let partner = Partner { cloud, ..partner() };
        assert_eq!(create(&partner, without.clone()), expected, "{cloud:?}");
        assert_eq!(create(&partner, wanted()), "made", "{cloud:?}");
    }
    for (country, expected) in [("JP", "made"), ("DE", "OutsideTerritory"), ("XX", "UnsupportedCountry")] {
        let mut wanted = wanted();
        wanted.customer.country = country.parse().ok();
        assert_eq!(create(&partner(), wanted), expected, "{country}");
    }
    let mut itself = wanted();
    itself.customer.tenant_id = CONTOSO.parse().ok();
    assert_eq!(create(&partner(), itself), "OwnInvitation");
}

#[test]
fn a_mail_in_flight_is_not_sent_again_for_a_minute_and_only_its_own_outcome_counts() {
    let (contoso, to): (Caller, Email) = (caller(CONTOSO), "a@b.example".parse().unwrap());
    let (first, second) = (AttemptId::new(), AttemptId::new());
    let now = soon();
    let later = |seconds| super::later(now, SignedDuration::from_secs(seconds));
    let sending = pending().claim_mail(&partner(), first, &to, &contoso, now).unwrap();
    let again = |seconds| sending.claim_mail(&partner(), second, &to, &contoso, later(seconds));
    assert_eq!(again(59), Err(Refusal::SendingNow { since: now }));
    let resent = again(60).unwrap();
    let taken = MailOutcome::Taken("m1".into());
    assert_eq!(resent.settle_mail(first, &taken, later(61)), Next::Same);
    let Next::To(sent) = resent.settle_mail(second, &taken, later(61)) else { panic!("it was the current claim") };
    assert_eq!((sent.delivery.status, sent.delivery.sent_at), (DeliveryStatus::Sent, Some(later(61))));
    assert_eq!((sent.delivery.message_id.as_deref(), sent.delivery.sent_to.as_ref()), (Some("m1"), Some(&to)));
    let Next::To(failed) = sending.settle_mail(first, &MailOutcome::Refused("no".into()), now) else { panic!() };
    assert_eq!((failed.delivery.status, failed.delivery.reason.as_deref()), (DeliveryStatus::Failed, Some("no")));
    assert_eq!(sending.settle_mail(first, &MailOutcome::Unknown("?".into()), now), Next::Same);
}

#[test]
fn ended_invitations_are_kept_90_days() {
    let (accepted, _) = accepted();
    assert_eq!(accepted.purge_at(), at("2027-02-08T00:00:00Z"));
    assert_eq!(pending().purge_at(), at("2027-03-01T00:00:00Z"));
}

#[test]
fn a_history_never_outgrows_the_item() {
    let mut invitation = pending();
    for _ in 0..500 {
        invitation = invitation.renew(&partner(), None, ring().newest(), &caller(CONTOSO), soon()).unwrap();
    }
    assert_eq!(invitation.history.len(), 100);
    assert_eq!(invitation.history[0].what, InvitationEvent::Created);
}

#[test]
fn one_reminder_for_a_sent_pending_invitation_that_ends_within_three_days() {
    let (contoso, to): (Caller, Email) = (caller(CONTOSO), "a@b.example".parse().unwrap());
    let attempt = AttemptId::new();
    let claimed = pending().claim_mail(&partner(), attempt, &to, &contoso, soon()).unwrap();
    let Next::To(sent) = claimed.settle_mail(attempt, &MailOutcome::Taken("m".into()), soon()) else { panic!() };
    let bounce = MailEvent {
        status: DeliveryStatus::Bounced,
        at: soon(),
        reason: None,
        message_id: "m".into(),
        blocked: Vec::new(),
    };
    let Next::To(bounced) = sent.report_mail(attempt, &bounce) else { panic!() };
    let (accepted, _) = accepted();
    let in_time = at("2026-11-28T00:00:00Z"); // three days before its end
    for (case, invitation, now, expected) in [
        ("sent, three days before", &sent, in_time, true),
        ("sent, a second too early", &sent, at("2026-11-27T23:59:59Z"), false),
        ("sent, at its end", &sent, end(), false),
        ("never sent", &pending(), in_time, false),
        ("still sending", &claimed, in_time, false),
        ("bounced", &bounced, in_time, false),
        ("accepted", &accepted, in_time, false),
    ] {
        let next = invitation.claim_reminder(AttemptId::new(), now);
        assert_eq!(matches!(next, Next::To(_)), expected, "{case}");
    }
    let Next::To(reminded) = sent.claim_reminder(AttemptId::new(), in_time) else { panic!() };
    assert_eq!(reminded.claim_reminder(AttemptId::new(), in_time), Next::Same);
    let claim = reminded.reminder.as_ref().and_then(|reminder| reminder.attempt_id).unwrap();
    let Next::To(refused) = reminded.settle_mail(claim, &MailOutcome::Refused("throttled".into()), in_time) else {
        panic!()
    };
    assert!(matches!(refused.claim_reminder(AttemptId::new(), in_time), Next::To(_)), "none has gone out");
    let renewed = reminded.renew(&partner(), None, ring().newest(), &contoso, in_time).unwrap();
    assert_eq!(renewed.reminder, None);
}
