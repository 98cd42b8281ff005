//! Problem documents (RFC 9457): one exhaustive match from what went wrong to a slug and a status.

use std::collections::BTreeMap;

use lambda_http::http::header;
use serde::Serialize;
use serde_json::{Value, json};

use super::Answer;
use crate::{
    Error,
    domain::{Refusal, Role, refusal::Commitment, subscription::Kind},
};

/// The document, its members in the order of RFC 9457.
#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
    detail: &'a str,
    instance: &'a str,
    #[serde(flatten)]
    more: BTreeMap<&'static str, Value>,
}

struct Problem {
    slug: &'static str,
    status: u16,
    title: &'static str,
    /// What the caller can do next.
    detail: String,
    /// Members beyond those of RFC 9457.
    more: Vec<(&'static str, Value)>,
}

/// The slug of an error, for the log.
pub(crate) fn slug(error: &Error) -> &'static str {
    problem(error).slug
}

/// The answer to an error. What broke is not shown: the invocation's line has it.
pub(super) fn answer(error: &Error, request_id: &str) -> Answer {
    let problem = problem(error);
    let body = Body {
        kind: format!("/problems/{}", problem.slug),
        title: problem.title,
        status: problem.status,
        detail: &problem.detail,
        instance: request_id,
        more: problem.more.into_iter().collect(),
    };
    match Answer::json(problem.status, problem.slug, "application/problem+json", &body) {
        Ok(answer) if problem.status == 503 => answer.with(header::RETRY_AFTER, "1".to_owned()),
        Ok(answer) => answer,
        // A map of JSON values always serialises; should it not, a bare status is what is left to say.
        Err(_) => Answer::empty(500, "internal"),
    }
}

fn new(slug: &'static str, status: u16, title: &'static str, detail: impl Into<String>) -> Problem {
    Problem { slug, status, title, detail: detail.into(), more: Vec::new() }
}

impl Problem {
    fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.more.push((name, value.into()));
        self
    }
}

fn problem(error: &Error) -> Problem {
    match error {
        Error::Malformed(detail) => new("malformed", 400, "The request cannot be read", detail.clone()),
        Error::Invalid(errors) => {
            new("validation-failed", 422, "Fields are wrong", "Correct the fields listed in errors and send it again.")
                .with("errors", json!(errors))
        }
        Error::Unauthenticated => {
            new("unauthenticated", 401, "No identity", "Send an access token in the authorization header.")
        }
        Error::Refused(refusal) => refused(refusal),
        Error::ChangedSince => new(
            "changed-since",
            412,
            "It was changed since",
            "Get it again, apply your change to what it is now, and send that with the new ETag.",
        ),
        Error::Conflict => new(
            "conflict",
            409,
            "Somebody changed it at the same moment",
            "Nothing was changed by this request. Try again.",
        ),
        Error::MailNotConfigured => new(
            "mail-not-configured",
            409,
            "This deployment sends no mail",
            "Copy the draft and send it with your own mail application.",
        ),
        Error::MailFailed(said) => new(
            "mail-failed",
            502,
            "The mail service refused the mail",
            format!(
                "Nothing was lost and the link is unchanged: try again, or send the draft yourself. It said: {said}"
            ),
        ),
        Error::Unavailable(_) => new(
            "unavailable",
            503,
            "The store is busy or away",
            "Try again after the seconds in Retry-After; what makes something, with an Idempotency-Key.",
        ),
        Error::Internal(_) => new(
            "internal",
            500,
            "Something broke on our side",
            "Try again; if it stays, give instance to the operator.",
        ),
    }
}

fn refused(refusal: &Refusal) -> Problem {
    match refusal {
        Refusal::Forbidden { required } => new(
            "forbidden",
            403,
            "Your role does not allow this",
            "Ask somebody in your organisation with one of the requiredRoles to do it.",
        )
        .with("requiredRoles", json!(required.iter().map(|role: &Role| role.as_str()).collect::<Vec<_>>())),
        Refusal::NotFound => new("not-found", 404, "Not found", "Check the id; what is not yours is not shown either."),
        Refusal::UnknownLink => new(
            "unknown-link",
            404,
            "This link is not known",
            "It may be damaged, or replaced by a newer one: copy it whole from the newest mail, or ask your partner \
             for a new invitation.",
        ),
        Refusal::NotAPartner => new(
            "not-a-partner",
            403,
            "Your organisation is not registered as a partner",
            "Ask the operator of this deployment to register it.",
        ),
        Refusal::PartnerSuspended => new(
            "partner-suspended",
            403,
            "The partner is suspended",
            "It reads and winds down what is there, it neither invites nor buys. Ask the operator of this deployment.",
        ),
        Refusal::DelegatedAdminRequired { cloud } => new(
            "delegated-admin-required",
            422,
            "Delegated admin cannot be left out",
            format!("Invitations in the cloud {} always ask for it: send includeDelegatedAdmin true.", cloud.as_str()),
        ),
        Refusal::CloudStays { registered } => {
            problem(&Error::field("/cloud", format!("stays as registered: {}", registered.as_str())))
        }
        Refusal::WrongCloud => new(
            "wrong-cloud",
            422,
            "Customer and partner are in different clouds",
            "Sign in with an organisation in the partner's cloud, or ask a partner in yours for an invitation.",
        ),
        Refusal::OutsideTerritory { partner_region, customer_region } => new(
            "outside-territory",
            422,
            "The customer is outside the partner's territory",
            "A partner sells in its own country and region: ask a partner in the customer's region.",
        )
        .with("partnerRegion", *partner_region)
        .with("customerRegion", *customer_region),
        Refusal::UnsupportedCountry { country } => new(
            "unsupported-country",
            422,
            "No region has that country",
            format!("{country} belongs to no region today, so nobody can sell there. Check the code (ISO 3166-1)."),
        )
        .with("country", country.to_string()),
        Refusal::CountryNotInToken => problem(&Error::field(
            "/customer/country",
            "this deployment takes the country from your sign-in, which states none; ask your identity administrator",
        )),
        Refusal::CustomerUnknown { missing } => problem(&Error::Invalid(
            missing
                .iter()
                .map(|pointer| crate::error::FieldError::new(*pointer, "is required the first time you accept"))
                .collect(),
        )),
        Refusal::LinkMissing { link } => new(
            "link-missing",
            422,
            "The text does not contain this invitation's link",
            "Put the link back into the text, whole and unchanged: without it the customer cannot answer.",
        )
        .with("link", link.as_str())
        .with("errors", json!([{ "pointer": "/text", "detail": "must contain the link" }])),
        Refusal::NotBoundToYou => new(
            "not-bound-to-you",
            403,
            "This invitation is for another organisation",
            "Sign in with the organisation it was sent to, or ask the partner to invite yours.",
        ),
        Refusal::OwnInvitation => new(
            "own-invitation",
            422,
            "A partner cannot answer its own invitation",
            "Invite another organisation, and let its administrator answer.",
        ),
        Refusal::AlreadyAccepted => new(
            "already-accepted",
            409,
            "This invitation was accepted before",
            "An invitation is answered once. For another request, the partner makes a new invitation.",
        ),
        Refusal::AlreadyDeclined => new(
            "already-declined",
            409,
            "This invitation was declined",
            "An invitation is answered once. For another request, the partner makes a new invitation.",
        ),
        Refusal::AlreadyRevoked => new(
            "already-revoked",
            409,
            "The partner took this invitation back",
            "For another request, the partner makes a new invitation.",
        ),
        Refusal::Expired { expired_at } => new(
            "expired",
            410,
            "This invitation's time is over",
            "The partner can renew it, which gives it a new link.",
        )
        .with("expiredAt", expired_at.to_string()),
        Refusal::AgreementChanged { version, url } => new(
            "agreement-changed",
            409,
            "The agreement is another one now",
            "Show the customer the version at url, and send that version as agreementVersion.",
        )
        .with("version", version.as_str())
        .with("url", url.as_str()),
        Refusal::InvalidTransition { detail } => {
            new("invalid-transition", 409, "This does not fit the state", detail.clone())
        }
        Refusal::DelegatedAdminNotGranted { delegated_admin, since } => new(
            "delegated-admin-not-granted",
            403,
            "The customer has not granted delegated admin",
            "Ask for it with a new invitation; until it is accepted, help goes through assisted service requests.",
        )
        .with("delegatedAdmin", json!(delegated_admin))
        .with("since", since.to_string()),
        Refusal::UserExists => new(
            "user-exists",
            409,
            "That user principal name is taken",
            "Choose another one: it is unique in the customer's tenant, whatever its case.",
        ),
        Refusal::LicensesAssigned { assigned } => new(
            "licenses-assigned",
            409,
            "More licences are assigned than that",
            "Take licences from users first, or ask for at least as many as are assigned.",
        )
        .with("assigned", *assigned),
        Refusal::NoFreeLicense { subscription } => new(
            "no-free-license",
            409,
            "Every licence of the subscription is assigned",
            "Raise the subscription's quantity, or take a licence from another user.",
        )
        .with("subscriptionId", subscription.to_string()),
        Refusal::NoSubscription { pointer } => {
            problem(&Error::field(pointer, "must be a subscription of this customer that you sold"))
        }
        Refusal::CannotSupport => problem(&Error::field(
            "/supportContact/partnerId",
            "must be yours, or a partner with an active relationship and delegated admin of this customer",
        )),
        Refusal::RenegotiatedAt { detail } => problem(&Error::field("/renegotiatedAt", detail.clone())),
        Refusal::AddressBlocked => new(
            "address-blocked",
            409,
            "Mail to this address is not wanted or not possible",
            "It bounced for good or was complained about. Use another address, or send force true.",
        ),
        Refusal::MailQuota { resets_at } => new(
            "mail-quota",
            429,
            "The mails of the day are used up",
            "Send it after resetsAt, or copy the draft and send it with your own mail application.",
        )
        .with("resetsAt", resets_at.to_string()),
        Refusal::NoRelationship => new(
            "no-relationship",
            409,
            "The relationship ended",
            "For a new relationship, the partner makes a new invitation.",
        ),
        Refusal::HasCommitments { commitments } => {
            new("has-commitments", 409, "The partner has commitments with this customer", how_to_end(commitments))
                .with("commitments", json!(commitments))
        }
        Refusal::SendingNow { since } => new(
            "conflict",
            409,
            "A mail of this invitation is on its way",
            format!("It was handed to the mail service at {since}. Send again a minute after that."),
        ),
        Refusal::RenewedMeanwhile => problem(&Error::Conflict),
        Refusal::IdempotencyKeyReused => new(
            "idempotency-key-reused",
            422,
            "This idempotency key came with another request",
            "Use a new key for a new request, or send the first request unchanged.",
        ),
    }
}

/// What to do about each kind of commitment there is.
fn how_to_end(commitments: &[Commitment]) -> String {
    let has = |kind: Kind| commitments.iter().any(|commitment| commitment.kind == kind);
    let ways = [
        (Kind::Subscription, "suspend or cancel each subscription"),
        (Kind::Reservation, "cancel each reservation, it cannot be suspended"),
        (Kind::SoftwarePurchase, "cancel each software purchase, it cannot be suspended"),
    ];
    let ways: Vec<&str> = ways.iter().filter(|(kind, _)| has(*kind)).map(|(_, way)| *way).collect();
    format!("Before you remove the relationship: {}.", ways.join("; "))
}
