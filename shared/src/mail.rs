//! The mail of an invitation: the draft that a partner reviews, and the mailer that hands it to SESv2.

mod deliver;
mod draft;
mod drafts;
mod language;
mod mailer;
mod portal;

pub use draft::{Draft, Edits};
pub use drafts::Drafts;
pub use mailer::{Mail, MailSettings, Mailer};
pub use portal::{Portal, Portals};
