//! Territory: a partner invites customers of its own country or its own region.
//!
//! `data/markets.csv` is the table, with the dates of each row; the newest row in force on the day counts.

use std::{fmt, str::FromStr, sync::LazyLock};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::Refusal;

/// A country, as its ISO 3166-1 alpha-2 code in upper case. Not every code has a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country([u8; 2]);

impl FromStr for Country {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim().as_bytes() {
            [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
                Ok(Self([a.to_ascii_uppercase(), b.to_ascii_uppercase()]))
            }
            _ => Err("must be an ISO 3166-1 alpha-2 code such as JP".to_owned()),
        }
    }
}

impl TryFrom<String> for Country {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Country> for String {
    fn from(country: Country) -> Self {
        country.to_string()
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", char::from(self.0[0]), char::from(self.0[1]))
    }
}

#[derive(Deserialize)]
struct Market {
    country: Country,
    region: String,
    from: Date,
    until: Option<Date>,
}

static MARKETS: LazyLock<Vec<Market>> = LazyLock::new(|| {
    csv::Reader::from_reader(include_bytes!("../../data/markets.csv").as_slice())
        .deserialize()
        .filter_map(Result::ok) // a test reads every row
        .collect()
});

/// The region that `country` belongs to on the day of `now` (UTC).
pub fn region(country: Country, now: Timestamp) -> Result<&'static str, Refusal> {
    let day = now.to_zoned(TimeZone::UTC).date();
    MARKETS
        .iter()
        .filter(|market| market.country == country && market.from <= day)
        .filter(|market| market.until.is_none_or(|until| day < until))
        .max_by_key(|market| market.from)
        .map(|market| market.region.as_str())
        .ok_or(Refusal::UnsupportedCountry { country })
}

/// Whether a partner of one country may sell to a customer of another on the day of `now`.
pub fn check(partner: Country, customer: Country, now: Timestamp) -> Result<(), Refusal> {
    let (partner_region, customer_region) = (region(partner, now)?, region(customer, now)?);
    if partner == customer || partner_region == customer_region {
        return Ok(());
    }
    Err(Refusal::OutsideTerritory { partner_region, customer_region })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Timestamp {
        format!("{text}T12:00:00Z").parse().unwrap()
    }

    #[test]
    fn every_row_of_the_table_is_read() {
        let rows = include_str!("../../data/markets.csv").lines().skip(1).filter(|line| !line.is_empty());
        assert_eq!(MARKETS.len(), rows.count());
    }

    #[test]
    fn the_newest_row_in_force_on_the_day_counts() {
        for (country, on, expected) in [
            ("JP", "2026-11-22", Ok("japan")),
            ("AS", "2022-01-01", Ok("new_zealand")),
            ("AS", "2023-08-16", Ok("new_zealand")),
            ("AS", "2023-08-17", Ok("united_states")),
            ("JP", "2019-01-01", Err(())),
            ("XX", "2026-11-22", Err(())),
        ] {
            assert_eq!(region(country.parse().unwrap(), day(on)).map_err(|_| ()), expected, "{country} on {on}");
        }
    }

    #[test]
    fn a_partner_sells_in_its_country_and_its_region() {
        for (partner, customer, allowed) in
            [("JP", "JP", true), ("DE", "FR", true), ("DE", "JP", false), ("US", "CA", false), ("US", "AS", true)]
        {
            let outcome = check(partner.parse().unwrap(), customer.parse().unwrap(), day("2026-11-22"));
            assert_eq!(outcome.is_ok(), allowed, "{partner} to {customer}: {outcome:?}");
        }
    }

    #[test]
    fn a_country_is_two_letters() {
        assert_eq!("jp".parse::<Country>().unwrap().to_string(), "JP");
        for text in ["", "J", "JPN", "J1", "日本"] {
            assert!(text.parse::<Country>().is_err(), "{text}");
        }
    }
}
