//! A partner: a tenant that the operator registered as a reseller.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Caller, Cloud, Country, Next, PartnerId, Refusal,
    text::{Email, Name, Phone, WebAddress},
};

/// Whether a partner may invite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PartnerStatus {
    /// It invites and manages.
    #[default]
    Active,
    /// The operator suspended it: it reads, it does not invite.
    Suspended,
}

/// Where a partner's customers get help; every part is optional.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SupportContact {
    /// Whom to ask for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    /// Its address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    /// Its telephone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// Its web page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub web: Option<WebAddress>,
}

/// A registered partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Partner {
    /// The partner's tenant.
    pub partner_id: PartnerId,
    /// The company's name.
    pub name: Name,
    /// The company's country: it decides the territory.
    pub country: Country,
    /// The cloud it sells in; stays as registered.
    pub cloud: Cloud,
    /// Whether it may invite.
    pub status: PartnerStatus,
    /// Where its customers get help.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub support_contact: Option<SupportContact>,
    /// Whether its customers are reminded of invitations about to end.
    pub reminders: bool,
    /// Mails that the system sends for it in a day, at most.
    pub daily_mail_quota: u32,
    /// When it was registered.
    pub created_at: Timestamp,
    /// By which user of the operator.
    pub created_by: String,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// By which user of the operator.
    pub updated_by: String,
}

/// What the operator asks a partner to be. What is left out stays as it was, or takes the default
/// (`active`, reminders on, 500 mails a day, no support contact) where the partner is new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The company's name.
    pub name: Name,
    /// The company's country.
    pub country: Country,
    /// The cloud.
    pub cloud: Cloud,
    /// Active or suspended.
    pub status: Option<PartnerStatus>,
    /// Where its customers get help.
    pub support_contact: Option<SupportContact>,
    /// Whether to remind.
    pub reminders: Option<bool>,
    /// Mails a day.
    pub daily_mail_quota: Option<u32>,
}

impl Partner {
    /// Registers a new partner.
    pub fn register(id: PartnerId, wanted: Registration, by: &Caller, now: Timestamp) -> Result<Self, Refusal> {
        super::territory::region(wanted.country, now)?;
        Ok(Self {
            partner_id: id,
            name: wanted.name,
            country: wanted.country,
            cloud: wanted.cloud,
            status: wanted.status.unwrap_or_default(),
            support_contact: wanted.support_contact,
            reminders: wanted.reminders.unwrap_or(true),
            daily_mail_quota: wanted.daily_mail_quota.unwrap_or(500),
            created_at: now,
            created_by: by.user.clone(),
            updated_at: now,
            updated_by: by.user.clone(),
        })
    }

    /// Changes a registered partner. The cloud stays: its invitations and customers are bound to it.
    pub fn change(&self, wanted: Registration, by: &Caller, now: Timestamp) -> Result<Next<Self>, Refusal> {
        if wanted.cloud != self.cloud {
            return Err(Refusal::CloudStays { registered: self.cloud });
        }
        super::territory::region(wanted.country, now)?;
        let mut next = self.clone();
        next.name = wanted.name;
        next.country = wanted.country;
        next.status = wanted.status.unwrap_or(self.status);
        next.support_contact = wanted.support_contact.or_else(|| self.support_contact.clone());
        next.reminders = wanted.reminders.unwrap_or(self.reminders);
        next.daily_mail_quota = wanted.daily_mail_quota.unwrap_or(self.daily_mail_quota);
        if next == *self {
            return Ok(Next::Same);
        }
        next.updated_at = now;
        next.updated_by = by.user.clone();
        Ok(Next::To(next))
    }

    /// Refuses what a suspended partner may not do.
    pub fn must_be_active(&self) -> Result<(), Refusal> {
        match self.status {
            PartnerStatus::Active => Ok(()),
            PartnerStatus::Suspended => Err(Refusal::PartnerSuspended),
        }
    }
}
