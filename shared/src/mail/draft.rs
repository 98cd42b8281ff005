//! The draft of an invitation's mail: a pure function of invitation, partner, portal and link.
//!
//! HTML is always made from the text, so both say the same and carry the same link.

use std::fmt;

use askama::Template;
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use serde::Serialize;

use super::Portal;
use crate::{
    Error,
    domain::{
        Invitation, Partner, Refusal,
        text::{Email, MailText, Name, Subject},
    },
};

/// A `mailto:` URI stays under this many characters: what mail applications take.
const MAILTO_MOST: usize = 2000;

/// RFC 6068: everything but RFC 3986's unreserved characters is percent-encoded.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What the partner reviews, copies, edits or has sent.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Draft {
    /// The customer's personal link.
    pub link: String,
    /// To whom, where the invitation names an address.
    pub to: Option<Email>,
    /// The subject.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// The same for the partner's own mail application, shortened where it would be too long.
    pub mailto: String,
}

impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Draft") // the link is the customer's alone
    }
}

/// What a partner changed of the draft before it is sent.
#[derive(Debug, Clone, Default)]
pub struct Edits {
    /// To whom instead.
    pub to: Option<Email>,
    /// Another subject.
    pub subject: Option<Subject>,
    /// Another text; it must contain the link.
    pub text: Option<MailText>,
}

#[derive(Template)]
#[template(path = "en/invitation.txt")]
struct Text<'a> {
    partner: &'a Name,
    customer: Option<&'a Name>,
    delegated_admin: bool,
    link: &'a str,
    portal: &'a Name,
    expires: &'a str,
    contact: &'a [String],
}

#[derive(Template)]
#[template(path = "en/invitation.short.txt")]
struct Short<'a> {
    partner: &'a Name,
    delegated_admin: bool,
    link: &'a str,
    portal: &'a Name,
    expires: &'a str,
}

#[derive(Template)]
#[template(path = "en/invitation.subject.txt")]
struct SubjectLine<'a> {
    partner: &'a Name,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct Html<'a> {
    lang: &'static str,
    subject: &'a str,
    paragraphs: Vec<Vec<Vec<Part<'a>>>>,
    link: &'a str,
}

enum Part<'a> {
    Text(&'a str),
    Link,
}

impl Draft {
    /// Renders the draft of an invitation whose link carries `token`.
    pub fn render(invitation: &Invitation, partner: &Partner, portal: &Portal, token: &str) -> Result<Self, Error> {
        let link = format!("{}#{token}", portal.url);
        let (expires, contact) = (until(invitation.expires_at), contact(partner));
        let text = Text {
            partner: &partner.name,
            customer: invitation.customer.name.as_ref(),
            delegated_admin: invitation.include_delegated_admin,
            link: &link,
            portal: &portal.name,
            expires: &expires,
            contact: &contact,
        };
        let short = Short {
            partner: &partner.name,
            delegated_admin: invitation.include_delegated_admin,
            link: &link,
            portal: &portal.name,
            expires: &expires,
        };
        let text = text.render().map_err(Error::internal)?;
        let short = short.render().map_err(Error::internal)?;
        let subject = SubjectLine { partner: &partner.name }.render().map_err(Error::internal)?;
        let to = invitation.customer.email.clone();
        let mailto = mailto(to.as_ref(), &subject, &[&text, &short, &link]);
        Ok(Self { html: html(&subject, &text, &link)?, link, to, subject, text, mailto })
    }

    /// The draft as the partner edited it. The exact link must have stayed in the text.
    pub fn edited(self, edits: Edits) -> Result<Self, Error> {
        let mut draft = self;
        draft.to = edits.to.or(draft.to);
        if let Some(subject) = edits.subject {
            draft.subject = subject.into();
        }
        if let Some(text) = edits.text {
            if !text.as_str().contains(&draft.link) {
                return Err(Refusal::LinkMissing { link: draft.link }.into());
            }
            draft.text = text.into();
        }
        draft.html = html(&draft.subject, &draft.text, &draft.link)?;
        draft.mailto = mailto(draft.to.as_ref(), &draft.subject, &[&draft.text, &draft.link]);
        Ok(draft)
    }
}

fn until(time: Timestamp) -> String {
    time.strftime("%-d %B %Y, %H:%M UTC").to_string()
}

fn contact(partner: &Partner) -> Vec<String> {
    let Some(contact) = &partner.support_contact else { return Vec::new() };
    let lines = [
        contact.name.as_ref().map(ToString::to_string),
        contact.email.as_ref().map(ToString::to_string),
        contact.phone.as_ref().map(ToString::to_string),
        contact.web.as_ref().map(ToString::to_string),
    ];
    lines.into_iter().flatten().collect()
}

/// Paragraphs of lines of parts: blank lines part paragraphs, and the link stands out.
fn html(subject: &str, text: &str, link: &str) -> Result<String, Error> {
    let text = text.replace("\r\n", "\n");
    let paragraphs = text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty());
    let paragraphs = paragraphs.map(|paragraph| paragraph.lines().map(|line| parts(line, link)).collect());
    let html = Html { lang: "en", subject, paragraphs: paragraphs.collect(), link };
    html.render().map_err(Error::internal)
}

fn parts<'a>(line: &'a str, link: &str) -> Vec<Part<'a>> {
    let mut parts = Vec::new();
    for (number, text) in line.split(link).enumerate() {
        if number > 0 {
            parts.push(Part::Link);
        }
        parts.push(Part::Text(text));
    }
    parts
}

/// RFC 6068, with the first of the bodies that fits; the last, the bare link, always does: without a
/// subject if need be.
fn mailto(to: Option<&Email>, subject: &str, bodies: &[&str]) -> String {
    let encode = |text: &str| percent_encode(text.as_bytes(), RESERVED).to_string();
    let to = to.map(|email| encode(email.as_str()).replace("%40", "@")).unwrap_or_default();
    let subject = encode(subject);
    let uri = |subject: &str, body: &str| {
        let body = encode(&body.replace("\r\n", "\n").trim().replace('\n', "\r\n"));
        format!("mailto:{to}?subject={subject}&body={body}")
    };
    let fits = |uri: &String| uri.chars().count() < MAILTO_MOST;
    let bare = bodies.last().copied().unwrap_or_default();
    bodies.iter().map(|body| uri(&subject, body)).find(fits).unwrap_or_else(|| uri("", bare))
}

#[cfg(test)]
mod tests;
