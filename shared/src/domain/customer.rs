//! The customer: whom an invitation is for, and who it turned out to be.

use serde::{Deserialize, Serialize};

use super::{
    Caller, Cloud, Country, CustomerId, Refusal, TenantId,
    text::{Domain, Email, Name},
};

/// Whom an invitation is meant for; every part is optional.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NamedCustomer {
    /// The company's name.
    pub name: Option<Name>,
    /// Where the mail goes.
    pub email: Option<Email>,
    /// The country set on its tenant.
    pub country: Option<Country>,
    /// Its tenant: if given, only that tenant can answer.
    pub tenant_id: Option<TenantId>,
}

/// How we know a customer's country.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CountrySource {
    /// The identity token states it.
    Token,
    /// The customer stated it when accepting.
    Stated,
}

/// A customer's tenant, as recorded when it first accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomerProfile {
    /// The customer's tenant.
    pub customer_id: CustomerId,
    /// The company's name.
    pub name: Name,
    /// Its primary domain.
    pub domain: Domain,
    /// Its country.
    pub country: Country,
    /// How we know the country.
    pub country_source: CountrySource,
    /// The cloud it lives in.
    pub cloud: Cloud,
}

/// What the customer says about itself when it accepts for the first time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StatedCustomer {
    /// The company's name.
    pub name: Option<Name>,
    /// Its primary domain.
    pub domain: Option<Domain>,
    /// Its country; the identity token's wins.
    pub country: Option<Country>,
}

impl CustomerProfile {
    /// The profile after an acceptance: a known tenant stays as recorded, but for a country that its
    /// identity token states; an unknown one is made from what the customer says.
    pub fn at_acceptance(
        known: Option<&Self>,
        stated: &StatedCustomer,
        by: &Caller,
        require_token_country: bool,
    ) -> Result<Self, Refusal> {
        if require_token_country && by.country.is_none() {
            return Err(Refusal::CountryNotInToken);
        }
        if let Some(known) = known {
            let mut profile = known.clone();
            if let Some(country) = by.country {
                (profile.country, profile.country_source) = (country, CountrySource::Token);
            }
            return Ok(profile);
        }
        let source = if by.country.is_some() { CountrySource::Token } else { CountrySource::Stated };
        let country = by.country.or(stated.country);
        let (Some(name), Some(domain), Some(country)) = (stated.name.clone(), stated.domain.clone(), country) else {
            let missing = [
                ("/customer/name", stated.name.is_none()),
                ("/customer/domain", stated.domain.is_none()),
                ("/customer/country", country.is_none()),
            ];
            let pointers = missing.iter().filter(|(_, is_missing)| *is_missing).map(|(pointer, _)| *pointer).collect();
            return Err(Refusal::CustomerUnknown { missing: pointers });
        };
        Ok(Self { customer_id: by.customer(), name, domain, country, country_source: source, cloud: by.cloud })
    }
}
