//! What partners and customers may do with each other, as a toy: lists in memory, no time, no keys, no indexes.
//! Random acts are done here and for real, and must end the same.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

/// Three partners and three customers.
pub(crate) const SIDES: usize = 3;

/// One act of one partner and one customer; `x` and `y` choose among what there is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Act {
    Accept { with_grant: bool },
    TakeGrant,
    GiveGrantBack,
    Remove,
    Buy { kind: usize, quantity: u32 },
    SetStatus { sold: usize, status: usize },
    SetQuantity { sold: usize, quantity: u32 },
    SetSupport { sold: usize, partner: usize },
    MakeUser { name: usize },
    Block { user: usize },
    Give { user: usize, sold: usize },
    Take { user: usize, sold: usize },
    Open { self_service: bool, about: Option<usize> },
    SetRequest { request: usize, status: usize, note: bool },
    RecordAgreement,
}

pub(crate) const KINDS: [&str; 3] = ["subscription", "reservation", "softwarePurchase"];
pub(crate) const STATUSES: [&str; 3] = ["active", "suspended", "cancelled"];
pub(crate) const REQUEST_STATUSES: [&str; 3] = ["open", "attentionNeeded", "closed"];
pub(crate) const NAMES: [&str; 4] = ["mai@f.example", "MAI@F.example", "jun@f.example", "Jun@f.example"];

/// Everything, by the number of the partner and of the customer.
#[derive(Debug, Default)]
pub(crate) struct World {
    relationships: BTreeMap<(usize, usize), Relationship>,
    /// The grant as it was when the last relationship of the two ended.
    ended: BTreeMap<(usize, usize), &'static str>,
    sold: Vec<Sold>,
    users: Vec<User>,
    requests: Vec<Request>,
    established: usize,
}

#[derive(Debug)]
struct Relationship {
    number: usize,
    grant: &'static str,
    responsible: Option<bool>,
}

#[derive(Debug)]
struct Sold {
    relationship: usize,
    kind: usize,
    status: usize,
    quantity: u32,
    assigned: u32,
    /// The partner named for support, and the number of its relationship then.
    support: Option<(usize, usize)>,
}

#[derive(Debug)]
struct User {
    customer: usize,
    name: &'static str,
    blocked: bool,
    /// Numbers of what it has licences of.
    licenses: BTreeSet<usize>,
}

#[derive(Debug)]
struct Request {
    relationship: usize,
    self_service: bool,
    status: usize,
    notes: usize,
}

type Verdict = Result<String, &'static str>;

impl World {
    /// Does it, and says what the answer must be.
    pub(crate) fn act(&mut self, act: Act, partner: usize, customer: usize) -> String {
        self.judge(act, (partner, customer)).unwrap_or_else(str::to_owned)
    }

    fn judge(&mut self, act: Act, pair: (usize, usize)) -> Verdict {
        if let Act::Accept { with_grant } = act {
            return Ok(self.accept(pair, with_grant));
        }
        let Some(relationship) = self.relationships.get_mut(&pair) else {
            return match (act, self.ended.get(&pair)) {
                (Act::Remove, Some(grant)) => Ok(format!("200 {grant}")),
                (_, Some(_)) => Err("409 no-relationship"),
                (_, None) => Err("404 not-found"),
            };
        };
        let (number, granted) = (relationship.number, relationship.grant == "granted");
        let must_grant = || if granted { Ok(()) } else { Err("403 delegated-admin-not-granted") };
        match act {
            Act::Accept { .. } => {}
            Act::TakeGrant | Act::GiveGrantBack => {
                let taken = matches!(act, Act::TakeGrant);
                let to = if taken { "removedByCustomer" } else { "removedByPartner" };
                if relationship.grant != to && !granted {
                    return Err("409 invalid-transition");
                }
                if granted && taken {
                    relationship.responsible = Some(true);
                }
                relationship.grant = to;
            }
            Act::Remove => {
                if self.sold.iter().any(|sold| sold.relationship == number && sold.status == 0) {
                    return Err("409 has-commitments");
                }
                let grant = relationship.grant;
                self.relationships.remove(&pair);
                self.ended.insert(pair, grant);
                return Ok(format!("200 {grant}"));
            }
            Act::RecordAgreement => {
                if relationship.responsible != Some(true) {
                    return Err("409 invalid-transition");
                }
                relationship.responsible = Some(false);
            }
            Act::Buy { kind, quantity } => {
                self.sold.push(Sold { relationship: number, kind, status: 0, quantity, assigned: 0, support: None });
                return Ok("201 active".to_owned());
            }
            Act::SetStatus { sold, status } => {
                let sold = self.sold(sold, number)?;
                let allowed = match (sold.status, status) {
                    (from, to) if from == to => true,
                    (2, _) => false,
                    (_, 1) => sold.kind == 0,
                    _ => true,
                };
                if !allowed {
                    return Err("409 invalid-transition");
                }
                sold.status = status;
                return Ok(format!("200 {}", STATUSES[status]));
            }
            Act::SetQuantity { sold, quantity } => {
                let sold = self.sold(sold, number)?;
                if quantity != sold.quantity && sold.status != 0 {
                    return Err("409 invalid-transition");
                }
                if quantity != sold.quantity && quantity < sold.assigned {
                    return Err("409 licenses-assigned");
                }
                sold.quantity = quantity;
                return Ok(format!("200 {}", STATUSES[sold.status]));
            }
            Act::SetSupport { sold, partner } => {
                let theirs = self.relationships.get(&(partner, pair.1));
                let theirs = theirs.filter(|theirs| theirs.grant == "granted").map(|theirs| theirs.number);
                let sold = self.sold(sold, number)?;
                if sold.status == 2 {
                    return Err("409 invalid-transition");
                }
                sold.support = match theirs {
                    _ if partner == pair.0 => None,
                    Some(theirs) => Some((partner, theirs)),
                    None => return Err("422 validation-failed"),
                };
                return Ok(format!("200 {}", STATUSES[sold.status]));
            }
            Act::MakeUser { name } => {
                must_grant()?;
                let name = NAMES[name];
                let is_taken = |user: &User| user.customer == pair.1 && user.name.eq_ignore_ascii_case(name);
                if self.users.iter().any(is_taken) {
                    return Err("409 user-exists");
                }
                self.users.push(User { customer: pair.1, name, blocked: false, licenses: BTreeSet::new() });
                return Ok(format!("201 {name}"));
            }
            Act::Block { user } => {
                must_grant()?;
                let user = self.user(user, pair.1)?;
                user.blocked = true;
                return Ok(format!("200 {}", user.name));
            }
            Act::Give { user, sold } => {
                must_grant()?;
                let has = self.user(user, pair.1)?.licenses.contains(&sold);
                if has && self.sold(sold, number).is_ok() {
                    return Ok(format!("200 {}", self.users[user].name));
                }
                let Ok(sold_to) = self.sold(sold, number) else { return Err("422 validation-failed") };
                if sold_to.kind == 1 || sold_to.status != 0 {
                    return Err("409 invalid-transition");
                }
                if sold_to.assigned == sold_to.quantity {
                    return Err("409 no-free-license");
                }
                sold_to.assigned += 1;
                self.users[user].licenses.insert(sold);
                return Ok(format!("200 {}", self.users[user].name));
            }
            Act::Take { user, sold } => {
                must_grant()?;
                self.user(user, pair.1)?;
                if self.sold(sold, number).is_ok() && self.users[user].licenses.remove(&sold) {
                    self.sold[sold].assigned -= 1;
                }
                return Ok(format!("200 {}", self.users[user].name));
            }
            Act::Open { self_service, about } => {
                if self_service {
                    must_grant()?;
                }
                if about.is_some_and(|about| self.sold(about, number).is_err()) {
                    return Err("422 validation-failed");
                }
                self.requests.push(Request { relationship: number, self_service, status: 0, notes: 0 });
                return Ok("201 open".to_owned());
            }
            Act::SetRequest { request, status, note } => {
                let request = self.requests.get_mut(request).filter(|request| request.relationship == number);
                let request = request.ok_or("404 not-found")?;
                if request.self_service {
                    must_grant()?;
                }
                if request.status == 2 {
                    // Every note here has one text, so a note to what has one already is the same again.
                    let again = status == 2 && (!note || request.notes > 0);
                    return if again { Ok("200 closed".to_owned()) } else { Err("409 invalid-transition") };
                }
                request.status = status;
                request.notes += usize::from(note);
                return Ok(format!("200 {}", REQUEST_STATUSES[status]));
            }
        }
        Ok(format!("200 {}", self.relationships[&pair].grant))
    }

    fn accept(&mut self, pair: (usize, usize), with_grant: bool) -> String {
        self.established += 1;
        let new = Relationship { number: self.established, grant: "notRequested", responsible: None };
        let relationship = self.relationships.entry(pair).or_insert(new);
        if with_grant {
            relationship.grant = "granted";
            relationship.responsible = relationship.responsible.map(|_| false);
        }
        format!("200 {}", relationship.grant)
    }

    fn sold(&mut self, sold: usize, relationship: usize) -> Result<&mut Sold, &'static str> {
        self.sold.get_mut(sold).filter(|sold| sold.relationship == relationship).ok_or("404 not-found")
    }

    fn user(&mut self, user: usize, customer: usize) -> Result<&mut User, &'static str> {
        self.users.get_mut(user).filter(|user| user.customer == customer).ok_or("404 not-found")
    }

    /// Who supports it: the partner that was named, while that relationship lasts.
    fn supporter(&self, sold: &Sold, (seller, customer): (usize, usize)) -> usize {
        let lasts = |(partner, number): &(usize, usize)| {
            self.relationships.get(&(*partner, customer)).is_some_and(|theirs| theirs.number == *number)
        };
        sold.support.filter(lasts).map_or(seller, |(partner, _)| partner)
    }

    /// The record of a pair, in the terms of this model: things by their numbers.
    pub(crate) fn record(&self, pair: (usize, usize)) -> Value {
        let Some(relationship) = self.relationships.get(&pair) else { return Value::Null };
        let granted = relationship.grant == "granted";
        let is_ours = |sold: &&(usize, &Sold)| sold.1.relationship == relationship.number;
        let sold: Vec<(usize, &Sold)> = self.sold.iter().enumerate().filter(|sold| is_ours(&sold)).collect();
        let subscriptions = sold.iter().map(|(number, sold)| {
            (
                number.to_string(),
                json!([KINDS[sold.kind], STATUSES[sold.status], sold.quantity, self.supporter(sold, pair)]),
            )
        });
        let has_licenses = |sold: &Sold| sold.kind != 1 && (sold.status != 2 || sold.assigned > 0);
        let licenses = sold.iter().filter(|(_, sold)| has_licenses(sold));
        let licenses = licenses.map(|(number, sold)| (number.to_string(), json!([sold.quantity, sold.assigned])));
        let users = self.users.iter().filter(|user| user.customer == pair.1);
        let users = users.map(|user| {
            let ours = user.licenses.iter().filter(|number| self.sold[**number].relationship == relationship.number);
            (user.name.to_owned(), json!([user.blocked, ours.collect::<Vec<_>>()]))
        });
        let requests = self.requests.iter().enumerate();
        let requests = requests.filter(|(_, request)| request.relationship == relationship.number);
        let requests = requests
            .map(|(number, request)| (number.to_string(), json!([REQUEST_STATUSES[request.status], request.notes])));
        json!({
            "grant": relationship.grant,
            "responsible": relationship.responsible == Some(true),
            "subscriptions": subscriptions.collect::<serde_json::Map<_, _>>(),
            "licenses": granted.then(|| licenses.collect::<serde_json::Map<_, _>>()),
            "users": granted.then(|| users.collect::<serde_json::Map<_, _>>()),
            "requests": requests.collect::<serde_json::Map<_, _>>(),
        })
    }

    /// A customer's partners, each with its grant and the numbers of what it supports and another one sold.
    pub(crate) fn partners(&self, customer: usize) -> Value {
        let relationships = self.relationships.iter().filter(|((_, theirs), _)| *theirs == customer);
        let supports = |partner: usize| -> Vec<usize> {
            let is_supported = |sold: &Sold| {
                let seller = self.relationships.iter().find(|(_, seller)| seller.number == sold.relationship);
                seller.is_some_and(|(pair, _)| {
                    pair.1 == customer
                        && pair.0 != partner
                        && sold.status != 2
                        && self.supporter(sold, *pair) == partner
                })
            };
            self.sold.iter().enumerate().filter(|(_, sold)| is_supported(sold)).map(|(number, _)| number).collect()
        };
        let line = |((partner, _), theirs): (&(usize, usize), &Relationship)| {
            (partner.to_string(), json!([theirs.grant, supports(*partner)]))
        };
        Value::Object(relationships.map(line).collect())
    }

    /// A partner's customers, each with its grant.
    pub(crate) fn customers(&self, partner: usize) -> Value {
        let relationships = self.relationships.iter().filter(|((theirs, _), _)| *theirs == partner);
        Value::Object(
            relationships.map(|((_, customer), theirs)| (customer.to_string(), json!(theirs.grant))).collect(),
        )
    }
}
