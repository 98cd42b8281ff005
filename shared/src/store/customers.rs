//! A partner's customers in the table: by name, and found by words.
//!
//! The index `listing` knows each customer by its name. Every other beginning that it can be found by is an
//! entry of its own, written and deleted in the transaction that writes and deletes the relationship. A page
//! reads names first and entries only where names are used up, so it takes two requests at most.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Listed, Store,
    attributes::{LISTING, LPK, LSK, PK, SK},
    keys,
    keys::Key,
    read::{Range, fetch, page, position},
    row::{Row, seen},
};
use crate::{
    Error,
    domain::{
        PartnerId, Relationship,
        relationship::ListedCustomer,
        search::{self, Match},
    },
};

/// Entries looked at for one customer of a page: most entries that match are skipped where the name matches too.
const LOOK_AHEAD: i32 = 4;

/// One further beginning that a customer is found by.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    partner_id: PartnerId,
    words: String,
    listed: ListedCustomer,
}

impl Row for Entry {
    fn key(&self) -> Key {
        keys::find(self.partner_id, &self.words, self.listed.customer_id)
    }
}

/// A relationship's entries.
pub(super) fn entries(relationship: &Relationship) -> impl Iterator<Item = Entry> {
    let (partner_id, listed) = (relationship.partner_id, relationship.listed());
    let words = search::entries(&relationship.customer).into_iter();
    words.map(move |words| Entry { partner_id, words, listed: listed.clone() })
}

impl Entry {
    /// How well the customer matches, if this entry is the one to show it by: the first of those that begin
    /// so, and only where the name does not.
    fn shows(&self, query: &str) -> Option<Match> {
        let best = search::best(query, &self.listed.customer).filter(|best| *best != Match::Name)?;
        let beginning = search::indexed(query);
        let first = search::entries(&self.listed.customer).into_iter().find(|words| words.starts_with(beginning));
        (first.as_ref() == Some(&self.words)).then_some(best)
    }
}

/// Where a page of found customers begins.
enum Place<'a> {
    /// Among the names, behind this one.
    Names(Option<&'a str>),
    /// Among the entries, behind this one.
    Entries(Option<&'a str>),
}

impl<'a> Place<'a> {
    fn parse(position: Option<&'a str>) -> Self {
        match position.map(|position| position.split_once('|')) {
            Some(Some(("name", after))) => Self::Names(Some(after)),
            Some(Some((_, after))) => Self::Entries(Some(after).filter(|after| !after.is_empty())),
            Some(None) | None => Self::Names(None),
        }
    }
}

impl Store {
    /// A partner's customers by name, behind `after`.
    pub async fn list_customers(
        &self,
        partner: PartnerId,
        after: Option<&str>,
        limit: u8,
        now: Timestamp,
    ) -> Result<Listed<ListedCustomer>, Error> {
        let range = after.map(|after| (LSK, Range::After(after.to_owned())));
        let query = self.query((LPK, keys::customers_of(partner)), range, now).index_name(LISTING);
        let listed: Listed<Relationship> = page(query, LSK, limit).await?;
        Ok(Listed { items: listed.items.iter().map(Relationship::listed).collect(), next: listed.next })
    }

    /// A partner's customers that match, each once: those whose name begins so, by name; then those that match
    /// by another word, the domain or a label of it.
    pub async fn find_customers(
        &self,
        partner: PartnerId,
        query: &str,
        after: Option<&str>,
        limit: u8,
        now: Timestamp,
    ) -> Result<Listed<ListedCustomer>, Error> {
        let query = search::folded(query);
        let (mut items, after) = match Place::parse(after) {
            Place::Entries(after) => (Vec::new(), after),
            Place::Names(after) => {
                let names: Listed<Relationship> = page(self.names(partner, &query, after, now), LSK, limit).await?;
                let named = names.items.iter().map(Relationship::listed);
                let items =
                    named.filter(|listed| search::best(&query, &listed.customer) == Some(Match::Name)).collect();
                if let Some(next) = names.next {
                    return Ok(Listed { items, next: Some(format!("name|{next}")) });
                }
                (items, None)
            }
        };
        let room = usize::from(limit) - items.len();
        let (further, next) = self.found_by_entries(partner, &query, after, (room, limit), now).await?;
        items.extend(further);
        Ok(Listed { items, next: next.map(|next| format!("entry|{next}")) })
    }

    /// At most `room` customers found by entries behind `after`, and where to go on.
    async fn found_by_entries(
        &self,
        partner: PartnerId,
        query: &str,
        after: Option<&str>,
        (room, limit): (usize, u8),
        now: Timestamp,
    ) -> Result<(Vec<ListedCustomer>, Option<String>), Error> {
        let prefix = format!("{}{}", keys::FIND_PREFIX, search::indexed(query));
        let range = behind(&prefix, after);
        let entries = self.query((PK, keys::partner_pk(partner)), Some((SK, range)), now);
        let (found, end) = fetch(entries, SK, LOOK_AHEAD * i32::from(limit) + 1).await?;
        let (mut shown, mut last) = (Vec::new(), after.unwrap_or_default().to_owned());
        for item in found {
            let here = position(&item, SK).unwrap_or_default();
            let entry = seen::<Entry>(item)?.value;
            let Some(best) = entry.shows(query) else { continue };
            if shown.len() == room {
                return Ok((in_order(shown), Some(last)));
            }
            shown.push((best, entry.listed));
            last = here;
        }
        Ok((in_order(shown), end))
    }

    fn names(&self, partner: PartnerId, query: &str, after: Option<&str>, now: Timestamp) -> QueryFluentBuilder {
        let range = behind(search::indexed(query), after);
        self.query((LPK, keys::customers_of(partner)), Some((LSK, range)), now).index_name(LISTING)
    }
}

/// What begins so, behind `after`.
fn behind(prefix: &str, after: Option<&str>) -> Range {
    match after {
        // The highest character there is ends what begins so.
        Some(after) => Range::Between(format!("{after} "), format!("{prefix}{}", char::MAX)),
        None => Range::Prefix(prefix.to_owned()),
    }
}

/// The best matches of a page first; the index has them by their words.
fn in_order(mut shown: Vec<(Match, ListedCustomer)>) -> Vec<ListedCustomer> {
    shown.sort_by_key(|(best, _)| *best);
    shown.into_iter().map(|(_, listed)| listed).collect()
}
