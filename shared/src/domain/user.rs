//! Users of a customer's tenant, and their licences.
//!
//! The users are the tenant's: every partner with the grant manages the same ones. A licence belongs to the
//! subscription of one relationship, and only that relationship's partner sees and changes it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Caller, Country, CustomerId, InvitationId, PartnerId, Refusal, Relationship, SubscriptionId, UserId,
    text::{Name, UserPrincipalName},
};

/// Licences that a user may have of one partner.
pub const MOST_LICENSES: usize = 100;

/// A user as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// The customer's tenant.
    pub customer_id: CustomerId,
    /// The name it signs in with.
    pub user_principal_name: UserPrincipalName,
    /// The name people read.
    pub display_name: Name,
    /// Where it uses the services.
    pub country: Country,
    /// Whether it may not sign in. It keeps its licences.
    pub blocked: bool,
    /// Its licences, by relationship.
    pub licenses: Vec<Licenses>,
    /// When it was made.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: Author,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// By whom.
    pub updated_by: Author,
}

/// A user's licences of one relationship.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Licenses {
    /// The partner.
    pub partner_id: PartnerId,
    /// The relationship in which they were sold.
    pub relationship_id: InvitationId,
    /// Of which subscriptions, one of each.
    pub subscriptions: Vec<SubscriptionId>,
}

/// Who wrote something that several partners see: kept for the record, shown to none of the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Author {
    /// The partner.
    pub partner_id: PartnerId,
    /// Its user.
    pub user: String,
}

/// A user to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewUser {
    /// The name it signs in with.
    pub user_principal_name: UserPrincipalName,
    /// The name people read.
    pub display_name: Name,
    /// Where it uses the services; the customer's country, if not said.
    pub country: Option<Country>,
}

/// How a user is to change; what is `None` or empty stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserChange {
    /// Another name.
    pub display_name: Option<Name>,
    /// Whether it may sign in.
    pub blocked: Option<bool>,
    /// Licences to give, by subscription.
    pub add: Vec<SubscriptionId>,
    /// Licences to take.
    pub remove: Vec<SubscriptionId>,
}

/// A user as changed, and the licences that really come and go: what it has is not given twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedUser {
    /// The user.
    pub user: User,
    /// Subscriptions with one licence more assigned.
    pub added: Vec<SubscriptionId>,
    /// Subscriptions with one less.
    pub removed: Vec<SubscriptionId>,
}

impl User {
    /// A new user of the customer's tenant.
    pub fn create(relationship: &Relationship, wanted: NewUser, by: &Caller, now: Timestamp) -> Result<Self, Refusal> {
        relationship.must_grant()?;
        let author = Author::of(relationship, by);
        Ok(Self {
            id: UserId::new(now),
            customer_id: relationship.customer_id,
            user_principal_name: wanted.user_principal_name,
            display_name: wanted.display_name,
            country: wanted.country.unwrap_or(relationship.customer.country),
            blocked: false,
            licenses: Vec::new(),
            created_at: now,
            created_by: author.clone(),
            updated_at: now,
            updated_by: author,
        })
    }

    /// Changes name, sign-in and licences, all or none of them; `None` where nothing would change.
    pub fn change(
        &self,
        relationship: &Relationship,
        change: &UserChange,
        by: &Caller,
        now: Timestamp,
    ) -> Result<Option<ChangedUser>, Refusal> {
        relationship.must_grant()?;
        let mut user = self.clone();
        user.display_name = change.display_name.clone().unwrap_or(user.display_name);
        user.blocked = change.blocked.unwrap_or(user.blocked);
        let mut has = self.licenses_in(relationship).to_vec();
        let added: Vec<_> = change.add.iter().filter(|id| !has.contains(id)).copied().collect();
        let removed: Vec<_> = change.remove.iter().filter(|id| has.contains(id)).copied().collect();
        has.retain(|id| !removed.contains(id));
        has.extend(&added);
        if has.len() > MOST_LICENSES {
            let detail = format!("A user has at most {MOST_LICENSES} licences of one partner; take some first.");
            return Err(Refusal::InvalidTransition { detail });
        }
        // What this partner gave in a relationship that ended goes with it.
        let (partner_id, relationship_id) = (relationship.partner_id, relationship.id);
        let ours = Licenses { partner_id, relationship_id, subscriptions: has };
        match user.licenses.iter_mut().find(|licenses| licenses.partner_id == partner_id) {
            Some(before) => *before = ours,
            None => user.licenses.push(ours),
        }
        user.licenses.retain(|licenses| !licenses.subscriptions.is_empty());
        if user == *self {
            return Ok(None);
        }
        (user.updated_at, user.updated_by) = (now, Author::of(relationship, by));
        Ok(Some(ChangedUser { user, added, removed }))
    }

    /// Its licences of the subscriptions of one relationship.
    #[must_use]
    pub fn licenses_in(&self, relationship: &Relationship) -> &[SubscriptionId] {
        let licenses = self.licenses.iter().find(|licenses| licenses.relationship_id == relationship.id);
        licenses.map_or(&[], |licenses| &licenses.subscriptions)
    }
}

impl Author {
    fn of(relationship: &Relationship, by: &Caller) -> Self {
        Self { partner_id: relationship.partner_id, user: by.user.clone() }
    }
}

#[cfg(test)]
mod tests;
