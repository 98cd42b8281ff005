//! Whom one can be on this machine: the people of the examples, or anybody at all.

use crate::OPERATOR_TENANT;
use crate::issuer::TokenRequest;

/// Somebody to sign in as.
pub(crate) struct Persona {
    /// What it is called in an address.
    pub(crate) key: &'static str,
    /// Its organisation and role.
    pub(crate) name: &'static str,
    /// What it is there to try.
    pub(crate) does: &'static str,
    tenant: &'static str,
    role: &'static str,
    email: &'static str,
}

const CONTOSO: &str = "11111111-1111-4111-8111-111111111111";
const NORTHWIND: &str = "44444444-4444-4444-8444-444444444444";

/// Who is there, in the order in which a relationship comes about.
pub(crate) const PERSONAS: [Persona; 7] = [
    Persona {
        key: "operator",
        name: "Operator",
        does: "runs this deployment, and registers partners",
        tenant: OPERATOR_TENANT,
        role: "Operator",
        email: "operator@operator.example",
    },
    Persona {
        key: "contoso-globaladmin",
        name: "Contoso GlobalAdmin",
        does: "partner: may do everything a partner may",
        tenant: CONTOSO,
        role: "GlobalAdmin",
        email: "admin@contoso.example",
    },
    Persona {
        key: "contoso-salesagent",
        name: "Contoso SalesAgent",
        does: "partner: invites without delegated admin, sells",
        tenant: CONTOSO,
        role: "SalesAgent",
        email: "sales@contoso.example",
    },
    Persona {
        key: "contoso-helpdeskagent",
        name: "Contoso HelpdeskAgent",
        does: "partner: sees customers, asks for help on their behalf",
        tenant: CONTOSO,
        role: "HelpdeskAgent",
        email: "helpdesk@contoso.example",
    },
    Persona {
        key: "northwind-globaladmin",
        name: "Northwind GlobalAdmin",
        does: "a second partner",
        tenant: NORTHWIND,
        role: "GlobalAdmin",
        email: "admin@northwind.example",
    },
    Persona {
        key: "fabrikam-globaladmin",
        name: "Fabrikam GlobalAdmin",
        does: "customer: answers an invitation, sees its partners",
        tenant: "22222222-2222-4222-8222-222222222222",
        role: "GlobalAdmin",
        email: "admin@fabrikam.example",
    },
    Persona {
        key: "adatum-globaladmin",
        name: "Adatum GlobalAdmin",
        does: "another customer",
        tenant: "33333333-3333-4333-8333-333333333333",
        role: "GlobalAdmin",
        email: "admin@adatum.example",
    },
];

/// The partners of the examples: tenant, name, help desk.
pub(crate) const PARTNERS: [(&str, &str, &str); 2] =
    [(CONTOSO, "Contoso", "help@contoso.example"), (NORTHWIND, "Northwind", "help@northwind.example")];

impl Persona {
    /// The one with that key.
    pub(crate) fn find(key: &str) -> Option<&'static Self> {
        PERSONAS.iter().find(|persona| persona.key == key)
    }

    /// Whether this address of a mailbox, or this key, is its own.
    pub(crate) fn is(&self, hint: &str) -> bool {
        self.key == hint || self.email == hint
    }

    /// The token that it gets.
    pub(crate) fn request(&self) -> Option<TokenRequest> {
        Some(TokenRequest {
            tenant_id: self.tenant.parse().ok()?,
            roles: Some(vec![self.role.to_owned()]),
            name: Some(self.name.to_owned()),
            email: Some(self.email.to_owned()),
            country: Some("JP".to_owned()),
            cloud: None,
            expires_in_seconds: None,
        })
    }
}
