//! Store first, send second: a claimed mail is sent once, and its outcome recorded.

use jiff::Timestamp;

use super::{Mail, Mailer};
use crate::{
    Error,
    domain::{Invitation, delivery::MailOutcome},
    store::{Seen, Store},
};

impl Mailer {
    /// Sends the mail that `claimed` says is on its way, and records what became of it. Should the record
    /// fail, the invitation still says `sending`: visible, and free to be sent again a minute later.
    pub async fn deliver(
        &self,
        store: &Store,
        claimed: Seen<Invitation>,
        mail: &Mail<'_>,
        now: Timestamp,
    ) -> Result<(Seen<Invitation>, MailOutcome), Error> {
        let outcome = self.send(mail).await?;
        let settle = |invitation: &Invitation| Ok(invitation.settle_mail(mail.attempt, &outcome, now));
        match store.change_invitation(claimed.clone(), settle).await {
            Ok(invitation) => Ok((invitation, outcome)),
            Err(Error::Unavailable(fault)) => {
                tracing::warn!(cause = fault.chain(), invitation = %claimed.id, "the outcome of a mail was not recorded");
                Ok((claimed, outcome))
            }
            Err(other) => Err(other),
        }
    }
}
