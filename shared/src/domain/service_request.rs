//! Requests for help that a partner opens on the customer's behalf.
//!
//! `selfService` needs the customer's grant, to be opened and to be changed; `assisted` never does: it is how
//! a partner without the grant still gets help for its customer. What is closed stays closed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Caller, CustomerId, InvitationId, Next, Partner, PartnerId, Refusal, Relationship, ServiceRequestId,
    SubscriptionId,
    partner::SupportContact,
    text::{Description, Name, Note, Title},
};

/// Notes of one request, and the octets of their texts, at most: so its item cannot outgrow DynamoDB's 400 KB.
const MOST_NOTES: usize = 500;
const MOST_OCTETS: usize = 200_000;

/// How the partner gets help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Channel {
    /// As the customer's delegated administrator.
    SelfService,
    /// Opened by the vendor for the partner.
    Assisted,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Severity {
    /// Work stands still.
    Critical,
    /// Work is hindered.
    Moderate,
    /// A question.
    Minimal,
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RequestStatus {
    /// Somebody works on it.
    Open,
    /// It waits for the partner.
    AttentionNeeded,
    /// Done.
    Closed,
}

/// A note: appended, never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NoteEntry {
    /// What it says.
    pub text: Note,
    /// When it was written.
    pub at: Timestamp,
    /// By which user of the partner.
    pub by: String,
}

/// Whom to ask about a request: the partner, never the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Contact {
    /// The partner.
    pub partner_id: PartnerId,
    /// Its name.
    pub partner_name: Name,
    /// Its support contact, as it was when the request was opened.
    #[serde(flatten)]
    pub support: SupportContact,
}

/// A request as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceRequest {
    /// Its id.
    pub id: ServiceRequestId,
    /// The relationship it was opened in.
    pub relationship_id: InvitationId,
    /// The partner.
    pub partner_id: PartnerId,
    /// The customer.
    pub customer_id: CustomerId,
    /// What it is about.
    pub title: Title,
    /// What is the matter.
    pub description: Description,
    /// How bad it is.
    pub severity: Severity,
    /// What of the partner's subscriptions it is about, if one of them.
    pub subscription_id: Option<SubscriptionId>,
    /// How the partner gets help.
    pub channel: Channel,
    /// Where it stands.
    pub status: RequestStatus,
    /// Whom to ask.
    pub contact: Contact,
    /// When it was opened.
    pub created_at: Timestamp,
    /// By which user of the partner.
    pub created_by: String,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// By which user of the partner.
    pub updated_by: String,
    /// Its notes, oldest first.
    pub notes: Vec<NoteEntry>,
}

/// A request to open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewServiceRequest {
    /// What it is about.
    pub title: Title,
    /// What is the matter.
    pub description: Description,
    /// How bad it is.
    pub severity: Severity,
    /// A subscription of this relationship.
    pub subscription_id: Option<SubscriptionId>,
    /// How the partner gets help.
    pub channel: Channel,
}

/// How a request is to change; what is `None` stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServiceRequestChange {
    /// Another status.
    pub status: Option<RequestStatus>,
    /// A note to append.
    pub note: Option<Note>,
}

impl ServiceRequest {
    /// Opens a request.
    pub fn open(
        relationship: &Relationship,
        partner: &Partner,
        wanted: NewServiceRequest,
        by: &Caller,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        wanted.channel.must_be_open(relationship)?;
        let NewServiceRequest { title, description, severity, subscription_id, channel } = wanted;
        let support = partner.support_contact.clone().unwrap_or_default();
        Ok(Self {
            id: ServiceRequestId::new(now),
            relationship_id: relationship.id,
            partner_id: relationship.partner_id,
            customer_id: relationship.customer_id,
            title,
            description,
            severity,
            subscription_id,
            channel,
            status: RequestStatus::Open,
            contact: Contact { partner_id: partner.partner_id, partner_name: partner.name.clone(), support },
            created_at: now,
            created_by: by.user.clone(),
            updated_at: now,
            updated_by: by.user.clone(),
            notes: Vec::new(),
        })
    }

    /// Changes the status and appends a note, both or neither. The note is written even where the status stays.
    pub fn change(&self, change: &ServiceRequestChange, by: &Caller, now: Timestamp) -> Result<Next<Self>, Refusal> {
        let status = change.status.unwrap_or(self.status);
        if status == self.status && change.note.is_none() {
            return Ok(Next::Same);
        }
        if self.status == RequestStatus::Closed {
            let said_so = |last: &NoteEntry| change.note.as_ref() == Some(&last.text) && last.by == by.user;
            if status == self.status && self.notes.last().is_some_and(said_so) {
                return Ok(Next::Same); // closed with this note, and asked again
            }
            return refuse("It is closed and stays so; open a new service request.");
        }
        let mut next = self.clone();
        next.status = status;
        if let Some(text) = change.note.clone() {
            next.notes.push(NoteEntry { text, at: now, by: by.user.clone() });
            let octets: usize = next.notes.iter().map(|note| note.text.as_str().len()).sum();
            if next.notes.len() > MOST_NOTES || octets > MOST_OCTETS {
                return refuse("Its notes are full; close it and open a new service request.");
            }
        }
        (next.updated_at, next.updated_by) = (now, by.user.clone());
        Ok(Next::To(next))
    }
}

impl Channel {
    /// Refuses a channel that this relationship does not open to the partner.
    pub fn must_be_open(self, relationship: &Relationship) -> Result<(), Refusal> {
        match self {
            Self::SelfService => relationship.must_grant(),
            Self::Assisted => Ok(()),
        }
    }
}

fn refuse<T>(detail: &str) -> Result<T, Refusal> {
    Err(Refusal::InvalidTransition { detail: detail.to_owned() })
}

#[cfg(test)]
mod tests;
