//! What callers see of the model: the JSON shapes that several functions answer with.

mod record;

pub use record::{
    Closed, LicensesView, ServiceRequestAnswer, ServiceRequestView, SubscriptionAnswer, SubscriptionView, UserAnswer,
    UserView, licenses, subscription, user,
};

use jiff::Timestamp;
use serde::Serialize;

use crate::{
    Error,
    domain::{
        Country, CustomerId, Delivery, Invitation, InvitationId, Locale, NamedCustomer, Partner, PartnerId,
        Relationship, Step,
        invitation::{InvitationEvent, State},
        relationship::{DelegatedAdmin, ListedCustomer, RelationshipCustomer, Renegotiated},
        text::{Domain, Name, Reason},
    },
    store::{Cursors, List, Listed},
};

/// An invitation. Past its time it is shown expired, before any clean-up.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InvitationView<'a> {
    id: InvitationId,
    partner_id: PartnerId,
    #[serde(flatten)]
    state: StateView,
    include_delegated_admin: bool,
    customer: &'a NamedCustomer,
    locale: &'a Locale,
    created_at: Timestamp,
    created_by: &'a str,
    expires_at: Timestamp,
    delivery: &'a Delivery,
    #[serde(skip_serializing_if = "Option::is_none")]
    reminder: Option<&'a Delivery>,
    history: &'a [Step<InvitationEvent>],
}

/// Where an invitation stands, and what it adds once it has ended.
#[derive(Debug, Serialize)]
#[serde(tag = "status", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum StateView {
    Pending,
    Accepted { answered_at: Timestamp, customer_id: CustomerId, agreement_version: String },
    Declined { answered_at: Timestamp, customer_id: CustomerId, reason: Option<Reason> },
    Revoked { revoked_at: Timestamp, revoked_by: String },
    Expired { expired_at: Timestamp },
}

/// An invitation as it stands at `now`.
#[must_use]
pub fn invitation(invitation: &Invitation, now: Timestamp) -> InvitationView<'_> {
    let state = match invitation.state_at(now) {
        State::Pending => StateView::Pending,
        State::Accepted { answered_at, customer_id, agreement_version, .. } => {
            StateView::Accepted { answered_at, customer_id, agreement_version }
        }
        State::Declined { answered_at, customer_id, reason, .. } => {
            StateView::Declined { answered_at, customer_id, reason }
        }
        State::Revoked { revoked_at, revoked_by } => StateView::Revoked { revoked_at, revoked_by },
        State::Expired { expired_at } => StateView::Expired { expired_at },
    };
    InvitationView {
        id: invitation.id,
        partner_id: invitation.partner_id,
        state,
        include_delegated_admin: invitation.include_delegated_admin,
        customer: &invitation.customer,
        locale: &invitation.locale,
        created_at: invitation.created_at,
        created_by: &invitation.created_by,
        expires_at: invitation.expires_at,
        delivery: &invitation.delivery,
        reminder: invitation.reminder.as_ref(),
        history: &invitation.history,
    }
}

/// A relationship, as both sides see it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RelationshipView<'a> {
    partner_id: PartnerId,
    customer_id: CustomerId,
    customer: &'a RelationshipCustomer,
    delegated_admin: DelegatedAdmin,
    delegated_admin_history: &'a [Step<DelegatedAdmin>],
    responsibility: ResponsibilityView<'a>,
    agreements: Vec<AgreementView<'a>>,
    established_at: Timestamp,
    agreement_version: &'a str,
    invitation_id: InvitationId,
}

/// Whether the partner stays responsible after the customer took delegated admin away.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ResponsibilityView<'a> {
    partner_responsible: bool,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agreement_version: Option<&'a str>,
}

/// An agreement that was renegotiated, as it was recorded.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct AgreementView<'a> {
    #[serde(flatten)]
    agreement: &'a Renegotiated,
    recorded_at: Timestamp,
    recorded_by: Option<&'a str>,
}

/// A relationship.
#[must_use]
pub fn relationship(relationship: &Relationship) -> RelationshipView<'_> {
    let responsibility = relationship.responsibility.as_ref();
    let (since, until) = (responsibility.map(|period| period.since), responsibility.and_then(|period| period.until));
    let agreement_version = responsibility.map(|period| period.agreement_version.as_str());
    RelationshipView {
        partner_id: relationship.partner_id,
        customer_id: relationship.customer_id,
        customer: &relationship.customer,
        delegated_admin: relationship.delegated_admin,
        delegated_admin_history: &relationship.delegated_admin_history,
        responsibility: ResponsibilityView {
            partner_responsible: since.is_some() && until.is_none(),
            since,
            until,
            agreement_version,
        },
        agreements: relationship.agreements.iter().map(agreement_view).collect(),
        established_at: relationship.established_at,
        agreement_version: &relationship.agreement_version,
        invitation_id: relationship.id,
    }
}

fn agreement_view(step: &Step<Renegotiated>) -> AgreementView<'_> {
    AgreementView { agreement: &step.what, recorded_at: step.at, recorded_by: step.by.as_deref() }
}

/// A line of the partner's list of customers.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomerLine {
    customer_id: CustomerId,
    name: Name,
    domain: Domain,
    country: Country,
    delegated_admin: DelegatedAdmin,
    established_at: Timestamp,
}

impl From<ListedCustomer> for CustomerLine {
    fn from(listed: ListedCustomer) -> Self {
        Self {
            customer_id: listed.customer_id,
            name: listed.customer.name,
            domain: listed.customer.domain,
            country: listed.customer.country,
            delegated_admin: listed.delegated_admin,
            established_at: listed.established_at,
        }
    }
}

/// A page of a list.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListView<T> {
    /// The items of this page.
    pub items: Vec<T>,
    /// Where the next page begins; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl<T> ListView<T> {
    /// A page of what the store listed, its end sealed as a cursor of this list.
    pub fn new<S>(
        listed: Listed<S>,
        cursors: &Cursors,
        list: List<'_>,
        view: impl FnMut(S) -> T,
    ) -> Result<Self, Error> {
        let next_cursor = listed.next.map(|position| cursors.seal(list, &position)).transpose()?;
        Ok(Self { items: listed.items.into_iter().map(view).collect(), next_cursor })
    }
}

/// `{"invitation": …}`
#[derive(Debug, Serialize)]
pub struct InvitationAnswer<'a> {
    /// The invitation.
    pub invitation: InvitationView<'a>,
    /// Its draft, while it can be answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draft: Option<crate::mail::Draft>,
}

/// `{"relationship": …}`
#[derive(Debug, Serialize)]
pub struct RelationshipAnswer<'a> {
    /// The relationship.
    pub relationship: RelationshipView<'a>,
}

/// `{"partner": …}`
#[derive(Debug, Serialize)]
pub struct PartnerAnswer<'a> {
    /// The partner.
    pub partner: &'a Partner,
}
