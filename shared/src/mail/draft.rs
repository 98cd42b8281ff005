//! The draft of an invitation's mail: a pure function of invitation, partner, portal and link.
//!
//! HTML is always made from the text, so both say the same and carry the same link.

use std::{fmt, ops::Range};

use askama::Template;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use serde::Serialize;

use super::{Portal, language::Language};
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
    /// The language it is written in: the nearest to the invitation's locale.
    pub language: &'static str,
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

/// What the templates of every language are filled with.
struct Message<'a> {
    language: Language,
    partner: &'a Name,
    customer: Option<&'a Name>,
    delegated_admin: bool,
    link: &'a str,
    portal: &'a Name,
    expires: &'a str,
    contact: &'a [String],
}

/// A template that chooses the language's own.
macro_rules! template {
    ($name:ident, $path:literal) => {
        #[derive(Template)]
        #[template(path = $path)]
        struct $name<'a> {
            m: &'a Message<'a>,
        }
    };
}

template!(InvitationSubject, "invitation.subject.txt");
template!(InvitationText, "invitation.txt");
template!(InvitationShort, "invitation.short.txt");
template!(ReminderSubject, "reminder.subject.txt");
template!(ReminderText, "reminder.txt");

#[derive(Template)]
#[template(path = "button.txt")]
struct Button {
    language: Language,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct Html<'a> {
    lang: &'a str,
    subject: &'a str,
    button: &'a str,
    paragraphs: Vec<Paragraph<'a>>,
    link: &'a str,
}

enum Paragraph<'a> {
    /// The link alone: the one thing to do.
    Action,
    Lines(Vec<Vec<Part<'a>>>),
}

enum Part<'a> {
    Text(&'a str),
    Link,
}

impl Draft {
    /// Renders the draft of an invitation whose link carries `token`.
    pub(super) fn render(
        invitation: &Invitation,
        partner: &Partner,
        portal: &Portal,
        token: &str,
    ) -> Result<Self, Error> {
        Self::of(invitation, partner, portal, token, |m| {
            Ok((InvitationSubject { m }.render()?, InvitationText { m }.render()?))
        })
    }

    /// Renders the reminder of it: the same link, and a text of its own.
    pub(super) fn reminder(
        invitation: &Invitation,
        partner: &Partner,
        portal: &Portal,
        token: &str,
    ) -> Result<Self, Error> {
        Self::of(invitation, partner, portal, token, |m| {
            Ok((ReminderSubject { m }.render()?, ReminderText { m }.render()?))
        })
    }

    fn of(
        invitation: &Invitation,
        partner: &Partner,
        portal: &Portal,
        token: &str,
        words: impl FnOnce(&Message<'_>) -> Result<(String, String), askama::Error>,
    ) -> Result<Self, Error> {
        let language = Language::nearest(&invitation.locale);
        let link = format!("{}#{token}", portal.url);
        let (expires, contact) = (language.time(invitation.expires_at)?, contact(partner));
        let m = &Message {
            language,
            partner: &partner.name,
            customer: invitation.customer.name.as_ref(),
            delegated_admin: invitation.include_delegated_admin,
            link: &link,
            portal: &portal.name,
            expires: &expires,
            contact: &contact,
        };
        let (subject, text) = words(m).map_err(Error::internal)?;
        let short = InvitationShort { m }.render().map_err(Error::internal)?;
        let (subject, text) = (subject.trim().to_owned(), format!("{}\n", text.trim()));
        let to = invitation.customer.email.clone();
        let mailto = mailto(to.as_ref(), &subject, &[&text, &short, &link]);
        let html = html(language, &subject, &text, &link)?;
        Ok(Self { link, language: language.tag(), to, subject, text, html, mailto })
    }

    /// The draft as the partner edited it. The exact link must have stayed in the text; where a mail
    /// application wrapped it, it is made whole again.
    pub fn edited(self, edits: Edits, invitation: &Invitation) -> Result<Self, Error> {
        let mut draft = self;
        draft.to = edits.to.or(draft.to);
        if let Some(subject) = edits.subject {
            draft.subject = subject.into();
        }
        if let Some(text) = edits.text {
            let whole = with_whole_links(text.as_str(), &draft.link);
            draft.text = whole.ok_or_else(|| Refusal::LinkMissing { link: draft.link.clone() })?;
        }
        draft.html = html(Language::nearest(&invitation.locale), &draft.subject, &draft.text, &draft.link)?;
        draft.mailto = mailto(draft.to.as_ref(), &draft.subject, &[&draft.text, &draft.link]);
        Ok(draft)
    }
}

/// The text with every wrapped link made whole; `None` where the link is not in it.
fn with_whole_links(text: &str, link: &str) -> Option<String> {
    let (mut whole, mut rest, mut found) = (String::with_capacity(text.len()), text, false);
    while let Some(range) = find_link(rest, link) {
        whole.push_str(&rest[..range.start]);
        whole.push_str(link);
        rest = &rest[range.end..];
        found = true;
    }
    whole.push_str(rest);
    found.then_some(whole)
}

/// Where the link stands in the text, white space within it left out of account. What goes on with another
/// letter of a token is another link.
fn find_link(text: &str, link: &str) -> Option<Range<usize>> {
    let starts = text.match_indices(link.chars().next()?).map(|(start, _)| start);
    starts.into_iter().find_map(|start| {
        let mut end = start;
        let mut wanted = link.chars().peekable();
        for c in text[start..].chars() {
            match wanted.peek() {
                None => break,
                Some(next) if *next == c => {
                    wanted.next();
                }
                Some(_) if c.is_whitespace() => {}
                Some(_) => return None,
            }
            end += c.len_utf8();
        }
        let goes_on = text[end..].starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
        (wanted.peek().is_none() && !goes_on).then_some(start..end)
    })
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
fn html(language: Language, subject: &str, text: &str, link: &str) -> Result<String, Error> {
    let text = text.replace("\r\n", "\n");
    let paragraphs = text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty());
    let paragraphs = paragraphs.map(|paragraph| match paragraph {
        _ if paragraph == link => Paragraph::Action,
        _ => Paragraph::Lines(paragraph.lines().map(|line| parts(line, link)).collect()),
    });
    let button = Button { language }.render().map_err(Error::internal)?;
    let html = Html { lang: language.tag(), subject, button: button.trim(), paragraphs: paragraphs.collect(), link };
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
