//! Every status × every act, and every channel × every grant.

use super::{RequestStatus::*, *};
use crate::domain::{Cloud, Role, relationship::DelegatedAdmin};

const CONTOSO: &str = "11111111-1111-4111-8111-111111111111";
const FABRIKAM: &str = "22222222-2222-4222-8222-222222222222";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn start() -> Timestamp {
    at("2026-11-01T00:00:00Z")
}

fn now() -> Timestamp {
    at("2026-11-10T00:00:00Z")
}

fn by(user: &str) -> Caller {
    Caller {
        tenant: CONTOSO.parse().unwrap(),
        user: user.into(),
        name: None,
        email: Some("agent@contoso.example".into()),
        roles: vec![Role::HelpdeskAgent],
        country: None,
        cloud: Cloud::Public,
    }
}

fn partner(support: serde_json::Value) -> Partner {
    let json = serde_json::json!({
        "partnerId": CONTOSO, "name": "Contoso", "country": "JP", "cloud": Cloud::Public, "status": "active",
        "supportContact": support, "reminders": true, "dailyMailQuota": 500, "createdAt": start(),
        "createdBy": "operator", "updatedAt": start(), "updatedBy": "operator"
    });
    serde_json::from_value(json).unwrap()
}

fn relationship(delegated_admin: DelegatedAdmin) -> Relationship {
    let json = serde_json::json!({
        "id": InvitationId::new(start()), "partnerId": CONTOSO, "customerId": FABRIKAM,
        "customer": {"name": "Fabrikam", "domain": "fabrikam.example", "country": "JP"}, "cloud": Cloud::Public,
        "delegatedAdmin": delegated_admin, "delegatedAdminHistory": [], "responsibility": null,
        "agreements": [], "establishedAt": start(), "establishedBy": "u", "agreementVersion": "v1",
        "commitments": 0
    });
    serde_json::from_value(json).unwrap()
}

fn open(channel: Channel, delegated_admin: DelegatedAdmin, partner: &Partner) -> Result<ServiceRequest, Refusal> {
    let wanted = NewServiceRequest {
        title: "Mail is late".parse().unwrap(),
        description: "Since Monday.\nAll of it.".parse().unwrap(),
        severity: Severity::Moderate,
        subscription_id: None,
        channel,
    };
    ServiceRequest::open(&relationship(delegated_admin), partner, wanted, &by("opener"), start())
}

fn request(status: RequestStatus) -> ServiceRequest {
    let request = open(Channel::Assisted, DelegatedAdmin::NotRequested, &partner(serde_json::Value::Null)).unwrap();
    ServiceRequest { status, ..request }
}

fn change(status: Option<RequestStatus>, note: Option<&str>) -> ServiceRequestChange {
    ServiceRequestChange { status, note: note.map(|note| note.parse().unwrap()) }
}

fn outcome(before: &ServiceRequest, change: &ServiceRequestChange) -> String {
    match before.change(change, &by("agent"), now()) {
        Ok(Next::Same) => "same".into(),
        Ok(Next::To(next)) => {
            assert_eq!((next.updated_at, next.updated_by.as_str()), (now(), "agent"));
            assert_eq!((next.created_at, next.created_by.as_str()), (start(), "opener"));
            let notes = next.notes.len() - before.notes.len();
            format!("{:?}{}", next.status, if notes == 1 { "+" } else { "" })
        }
        Err(Refusal::InvalidTransition { .. }) => "refused".into(),
        Err(other) => format!("{other:?}"),
    }
}

#[test]
fn self_service_needs_the_grant_and_assisted_does_not() {
    use {Channel::*, DelegatedAdmin::*};
    for (channel, delegated_admin, expected) in [
        (SelfService, Granted, true),
        (SelfService, NotRequested, false),
        (SelfService, RemovedByCustomer, false),
        (SelfService, RemovedByPartner, false),
        (Assisted, Granted, true),
        (Assisted, NotRequested, true),
        (Assisted, RemovedByCustomer, true),
        (Assisted, RemovedByPartner, true),
    ] {
        let refusal = (!expected).then_some(Refusal::DelegatedAdminNotGranted { delegated_admin, since: start() });
        let opened = open(channel, delegated_admin, &partner(serde_json::Value::Null));
        assert_eq!(opened.err(), refusal, "{channel:?}, {delegated_admin:?}");
        let to_change = channel.must_be_open(&relationship(delegated_admin));
        assert_eq!(to_change.err(), refusal, "{channel:?}, {delegated_admin:?}");
    }
}

#[test]
fn the_partner_is_asked_and_never_the_customer() {
    let support = serde_json::json!({"name": "Helpdesk", "email": "help@contoso.example"});
    let its_own = serde_json::json!({"partnerId": CONTOSO, "partnerName": "Contoso"});
    let with_support = serde_json::json!({
        "partnerId": CONTOSO, "partnerName": "Contoso", "name": "Helpdesk", "email": "help@contoso.example"
    });
    for (partner, expected) in [(partner(serde_json::Value::Null), its_own), (partner(support), with_support)] {
        let opened = open(Channel::Assisted, DelegatedAdmin::NotRequested, &partner).unwrap();
        let stored = serde_json::to_value(&opened).unwrap();
        assert_eq!(stored["contact"], expected);
        assert_eq!(serde_json::from_value::<ServiceRequest>(stored).unwrap(), opened);
    }
}

#[test]
fn a_new_request_is_open_and_has_no_notes() {
    let opened = request(Open);
    assert_eq!((opened.partner_id.to_string(), opened.customer_id.to_string()), (CONTOSO.into(), FABRIKAM.into()));
    assert_eq!((opened.status, opened.notes.len()), (Open, 0));
    assert_eq!((opened.created_at, opened.created_by.as_str()), (start(), "opener"));
    assert_eq!((opened.updated_at, opened.updated_by.as_str()), (start(), "opener"));
}

#[test]
fn every_status_and_every_change() {
    // left, open, attention needed, closed: without a note, with one
    for (from, without, with) in [
        (Open, ["same", "same", "AttentionNeeded", "Closed"], ["Open+", "Open+", "AttentionNeeded+", "Closed+"]),
        (
            AttentionNeeded,
            ["same", "Open", "same", "Closed"],
            ["AttentionNeeded+", "Open+", "AttentionNeeded+", "Closed+"],
        ),
        (Closed, ["same", "refused", "refused", "same"], ["refused"; 4]),
    ] {
        for (note, expected) in [(None, without), (Some("Looked at it."), with)] {
            let actual = [None, Some(Open), Some(AttentionNeeded), Some(Closed)]
                .map(|to| outcome(&request(from), &change(to, note)));
            assert_eq!(actual, expected.map(str::to_owned), "{from:?}, {note:?}");
        }
    }
}

#[test]
fn closing_with_a_note_may_be_repeated() {
    let closing = change(Some(Closed), Some("Done."));
    let Next::To(closed) = request(Open).change(&closing, &by("agent"), now()).unwrap() else { panic!() };
    for (case, change, who, expected) in [
        ("the same again", &closing, "agent", Ok(Next::Same)),
        ("another note", &change(Some(Closed), Some("Really.")), "agent", Err(())),
        ("somebody else's", &closing, "other", Err(())),
        ("opening it", &change(Some(Open), Some("Done.")), "agent", Err(())),
    ] {
        assert_eq!(closed.change(change, &by(who), now()).map_err(drop), expected, "{case}");
    }
}

#[test]
fn notes_are_appended_with_their_author_and_time() {
    let written = [
        ("Looked at it.", "b", "2026-11-10T00:00:00Z"),
        ("Restarted it.", "a", "2026-11-11T00:00:00Z"),
        ("Looked at it.", "b", "2026-11-12T00:00:00Z"),
    ];
    let mut request = request(Open);
    for (text, user, on) in written {
        let Next::To(next) = request.change(&change(None, Some(text)), &by(user), at(on)).unwrap() else { panic!() };
        request = next;
    }
    let actual: Vec<_> = request.notes.iter().map(|note| (note.text.as_str(), note.by.as_str(), note.at)).collect();
    assert_eq!(actual, written.map(|(text, user, on)| (text, user, at(on))));
}

#[test]
fn a_note_has_1_to_2000_characters() {
    let [longest, longer] = [2_000, 2_001].map(|length| "日".repeat(length));
    for (text, fits) in
        [("", false), (" \n ", false), ("a\nb", true), ("a\u{0}b", false), (&longest, true), (&longer, false)]
    {
        assert_eq!(text.parse::<Note>().is_ok(), fits, "{text:?}");
    }
}

fn noted(text: &str, times: usize) -> ServiceRequest {
    let by = "3f2a9c1e-5b7d-4e8f-9a01-23456789abcd".to_owned();
    let note = NoteEntry { text: text.parse().unwrap(), at: now(), by };
    ServiceRequest { notes: vec![note; times], ..request(Open) }
}

#[test]
fn full_notes_take_no_more_and_the_request_can_still_be_closed() {
    let full = noted(&"x".repeat(2_000), 100);
    let almost = noted(&"x".repeat(2_000), 99);
    let in_japanese = noted(&"日".repeat(2_000), 33);
    let [rest, more] = [2_000, 2_001].map(|octets| "é".repeat(octets / 2) + &"x".repeat(octets % 2));
    for (case, before, change, expected) in [
        ("the last octet", &almost, change(None, Some(&rest)), "Open+"),
        ("an octet too many", &almost, change(None, Some(&more)), "refused"),
        ("octets are counted, not characters", &in_japanese, change(None, Some(&rest)), "Open+"),
        ("and one too many", &in_japanese, change(None, Some(&more)), "refused"),
        ("full", &full, change(None, Some("x")), "refused"),
        ("full, closed with a note", &full, change(Some(Closed), Some("x")), "refused"),
        ("full, closed", &full, change(Some(Closed), None), "Closed"),
        ("full, as it is", &full, change(Some(Open), None), "same"),
    ] {
        assert_eq!(outcome(before, &change), expected, "{case}");
    }
}

#[test]
fn a_request_never_outgrows_the_item() {
    for (case, before) in [("long notes", noted(&"x".repeat(2_000), 99)), ("short notes", noted("x", 8_000))] {
        if let Ok(Next::To(next)) = before.change(&change(None, Some("x")), &by("agent"), now()) {
            let octets = serde_json::to_string(&next).unwrap().len();
            assert!(octets < 400 * 1024, "{case}: {octets} octets");
        }
    }
}
