//! Daily: one reminder for each sent, pending invitation that ends within three days; the same link, and a
//! text of its own.
//!
//! Never two: the reminder is claimed by a conditional write before anything is sent, and a claim is made
//! again only where the mail service refused the mail; where a run died halfway, or the answer was lost, it may
//! have gone out and is not sent again. A partner's `reminders` false turns it off;
//! reminders count as mails of the day, and go to no address that bounced for good or complained.
//!
//! Answers `{"reminded", "failed", "skipped", "left"}`: handed to the mail service; refused by it, or without
//! a clear answer; not to be reminded; not reached in time, at least.

use lambda_runtime::Context;
use serde::Serialize;
use shared::{
    Error,
    domain::{AttemptId, Invitation, Refusal, delivery::MailOutcome, invitation::REMINDED_BEFORE},
    mail::{Drafts, Mail, Mailer},
    schedule::Tick,
    store::{MailClaim, Seen, Store, Window},
    sweep::Sweep,
};

pub(crate) struct Deps {
    pub(crate) store: Store,
    pub(crate) drafts: Drafts,
    pub(crate) mailer: Option<Mailer>,
}

#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    reminded: usize,
    failed: usize,
    skipped: usize,
    left: usize,
}

enum Outcome {
    Reminded,
    Failed,
    Skipped,
}

pub(crate) async fn handle(deps: &'static Deps, tick: Tick, context: Context) -> Result<Report, Error> {
    let mut report = Report::default();
    let Some(mailer) = &deps.mailer else { return Ok(report) };
    let until = tick.time.saturating_add(REMINDED_BEFORE).map_err(Error::internal)?;
    let soon = Window { behind: tick.time, until };
    // One after the other: a new SES account takes 14 mails a second.
    let sweep = Sweep::new(&deps.store, soon, tick.time, &context);
    let left = sweep.each(
        async |invitation| remind(deps, mailer, invitation, tick).await,
        |outcome| match outcome {
            Outcome::Reminded => report.reminded += 1,
            Outcome::Failed => report.failed += 1,
            Outcome::Skipped => report.skipped += 1,
        },
    );
    report.left = left.await?;
    Ok(report)
}

async fn remind(deps: &Deps, mailer: &Mailer, due: &Seen<Invitation>, tick: Tick) -> Result<Outcome, Error> {
    let (now, attempt) = (tick.time, AttemptId::new());
    let Some(to) = &due.delivery.sent_to else { return Ok(Outcome::Skipped) };
    let partner = deps.store.inviting_partner(due.partner_id, now).await?;
    if !partner.reminders || partner.must_be_active().is_err() {
        return Ok(Outcome::Skipped);
    }
    let Some(draft) = deps.drafts.reminder(due, &partner, now)? else { return Ok(Outcome::Skipped) };
    let link = due.claims();
    let claim = |invitation: &Invitation| {
        // Renewed since the index was read: this link is dead, and the new one is not due.
        invitation.must_be_opened_by(&link).map_err(|_| Refusal::RenewedMeanwhile)?;
        Ok(invitation.claim_reminder(attempt, now))
    };
    let counted = MailClaim::new(&partner, to, false);
    let claimed = match deps.store.claim_mail(due.clone(), &counted, now, claim).await {
        Ok(Some(claimed)) => claimed,
        Ok(None) | Err(Error::Refused(_)) => return Ok(Outcome::Skipped),
        Err(other) => return Err(other),
    };
    let mail = Mail { partner: &partner, invitation_id: claimed.id, attempt, to, draft: &draft };
    match mailer.deliver(&deps.store, claimed, &mail, now).await? {
        (_, MailOutcome::Taken(_)) => Ok(Outcome::Reminded),
        (_, MailOutcome::Refused(_) | MailOutcome::Unknown(_)) => Ok(Outcome::Failed),
    }
}
