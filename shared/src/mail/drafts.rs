//! Drafts of invitations, as this deployment makes them.

use jiff::Timestamp;

use super::{Draft, Portals};
use crate::{
    Error,
    domain::{Invitation, LinkKeys, Partner},
};

/// What drafts are made with: the keys of the links, and where they lead.
#[derive(Debug)]
pub struct Drafts {
    /// The ring of keys.
    pub links: LinkKeys,
    /// The acceptance portals.
    pub portals: Portals,
}

impl Drafts {
    /// The draft of an invitation while it can be answered. Once its key has left the ring its link is dead,
    /// and there is nothing to send.
    pub fn invitation(
        &self,
        invitation: &Invitation,
        partner: &Partner,
        now: Timestamp,
    ) -> Result<Option<Draft>, Error> {
        self.render(invitation, partner, now, Draft::render)
    }

    /// The reminder of it, likewise.
    pub fn reminder(&self, invitation: &Invitation, partner: &Partner, now: Timestamp) -> Result<Option<Draft>, Error> {
        self.render(invitation, partner, now, Draft::reminder)
    }

    fn render(
        &self,
        invitation: &Invitation,
        partner: &Partner,
        now: Timestamp,
        render: impl Fn(&Invitation, &Partner, &super::Portal, &str) -> Result<Draft, Error>,
    ) -> Result<Option<Draft>, Error> {
        if invitation.must_be_pending(now).is_err() {
            return Ok(None);
        }
        let token = self.links.token(&invitation.claims());
        token.map(|token| render(invitation, partner, self.portals.of(partner.cloud), &token)).transpose()
    }
}
