//! Who may do what. Roles are the identity provider's; the table is ours.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Caller, Refusal};

/// A role that the identity provider gives to a user (or a client) in its own tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Role {
    /// Runs this deployment; counts only in the operator's tenant.
    Operator,
    /// The partner's administration agent.
    AdminAgent,
    /// The partner's sales agent.
    SalesAgent,
    /// The partner's helpdesk agent.
    HelpdeskAgent,
    /// Global administrator of a tenant, partner's or customer's.
    GlobalAdmin,
    /// Billing administrator of a customer's tenant.
    BillingAdmin,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 6] = [
        Self::Operator,
        Self::AdminAgent,
        Self::SalesAgent,
        Self::HelpdeskAgent,
        Self::GlobalAdmin,
        Self::BillingAdmin,
    ];

    /// The name in tokens' role maps and in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "Operator",
            Self::AdminAgent => "AdminAgent",
            Self::SalesAgent => "SalesAgent",
            Self::HelpdeskAgent => "HelpdeskAgent",
            Self::GlobalAdmin => "GlobalAdmin",
            Self::BillingAdmin => "BillingAdmin",
        }
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|role| role.as_str() == text);
        known.ok_or_else(|| format!("must be one of {}", Self::ALL.map(Self::as_str).join(", ")))
    }
}

/// An act that needs a role in the caller's own tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Register, change or suspend a partner.
    RegisterPartner,
    /// See a partner's profile, as the operator.
    SeeAnyPartner,
    /// See the own partner's profile.
    SeeOwnPartner,
    /// Invite, list, send, renew, revoke.
    Invite,
    /// Invite with delegated admin.
    InviteWithDelegatedAdmin,
    /// See the customers.
    SeeCustomers,
    /// Buy, change, suspend, resume, cancel subscriptions.
    ManageSubscriptions,
    /// Change something about a subscription: what exactly decides which of the other acts it is too.
    ChangeSubscriptions,
    /// Make and change users, and their licences.
    ManageUsers,
    /// Choose a support contact, open and change service requests.
    Support,
    /// Give delegated admin back, record an agreement.
    GiveDelegatedAdminBack,
    /// Remove the relationship.
    RemoveRelationship,
    /// As the customer: accept, decline, list the own partners, remove delegated admin.
    AnswerAsCustomer,
    /// The same, where the deployment lets the billing administrator answer too.
    AnswerAsCustomerOrBilling,
}

impl Act {
    /// A customer's act: the deployment decides whether its billing administrator may do it too.
    #[must_use]
    pub const fn answer(billing_admin_answers: bool) -> Self {
        if billing_admin_answers { Self::AnswerAsCustomerOrBilling } else { Self::AnswerAsCustomer }
    }

    /// The roles that allow the act; one of them is enough.
    #[must_use]
    pub const fn roles(self) -> &'static [Role] {
        match self {
            Self::RegisterPartner | Self::SeeAnyPartner => &[Role::Operator],
            Self::SeeOwnPartner => {
                &[Role::AdminAgent, Role::SalesAgent, Role::HelpdeskAgent, Role::GlobalAdmin, Role::BillingAdmin]
            }
            Self::Invite | Self::ManageSubscriptions => &[Role::AdminAgent, Role::SalesAgent, Role::GlobalAdmin],
            Self::InviteWithDelegatedAdmin | Self::GiveDelegatedAdminBack | Self::ManageUsers => {
                &[Role::AdminAgent, Role::GlobalAdmin]
            }
            Self::Support => &[Role::AdminAgent, Role::HelpdeskAgent, Role::GlobalAdmin],
            Self::SeeCustomers | Self::ChangeSubscriptions => {
                &[Role::AdminAgent, Role::SalesAgent, Role::HelpdeskAgent, Role::GlobalAdmin]
            }
            Self::RemoveRelationship | Self::AnswerAsCustomer => &[Role::GlobalAdmin],
            Self::AnswerAsCustomerOrBilling => &[Role::GlobalAdmin, Role::BillingAdmin],
        }
    }
}

impl Caller {
    /// Whether one of the caller's roles allows the act.
    #[must_use]
    pub fn may(&self, act: Act) -> bool {
        self.roles.iter().any(|role| act.roles().contains(role))
    }

    /// Refuses with the roles that would do.
    pub fn must(&self, act: Act) -> Result<(), Refusal> {
        if self.may(act) {
            return Ok(());
        }
        Err(Refusal::Forbidden { required: act.roles() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Cloud;

    fn caller(role: Role) -> Caller {
        Caller {
            tenant: "11111111-1111-4111-8111-111111111111".parse().unwrap(),
            user: "u".into(),
            name: None,
            email: None,
            roles: vec![role],
            country: None,
            cloud: Cloud::Public,
        }
    }

    #[test]
    fn who_may_do_what() {
        use Act::*;
        use Role::*;
        for (act, may) in [
            (RegisterPartner, vec![Operator]),
            (SeeAnyPartner, vec![Operator]),
            (SeeOwnPartner, vec![AdminAgent, SalesAgent, HelpdeskAgent, GlobalAdmin, BillingAdmin]),
            (Invite, vec![AdminAgent, SalesAgent, GlobalAdmin]),
            (InviteWithDelegatedAdmin, vec![AdminAgent, GlobalAdmin]),
            (SeeCustomers, vec![AdminAgent, SalesAgent, HelpdeskAgent, GlobalAdmin]),
            (ManageSubscriptions, vec![AdminAgent, SalesAgent, GlobalAdmin]),
            (ChangeSubscriptions, vec![AdminAgent, SalesAgent, HelpdeskAgent, GlobalAdmin]),
            (ManageUsers, vec![AdminAgent, GlobalAdmin]),
            (Support, vec![AdminAgent, HelpdeskAgent, GlobalAdmin]),
            (GiveDelegatedAdminBack, vec![AdminAgent, GlobalAdmin]),
            (RemoveRelationship, vec![GlobalAdmin]),
            (AnswerAsCustomer, vec![GlobalAdmin]),
            (AnswerAsCustomerOrBilling, vec![GlobalAdmin, BillingAdmin]),
        ] {
            for role in Role::ALL {
                assert_eq!(caller(role).must(act).is_ok(), may.contains(&role), "{act:?} by {role:?}");
            }
        }
    }

    #[test]
    fn role_names_are_those_serde_writes() {
        for role in Role::ALL {
            assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
            assert_eq!(role.as_str().parse(), Ok(role));
        }
    }
}
