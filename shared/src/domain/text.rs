//! Texts that people type: names, addresses, domains. Each is parsed once, at the edge.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Why a text was not taken; says what to type instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TextError(pub String);

fn refuse<T>(detail: impl Into<String>) -> Result<T, TextError> {
    Err(TextError(detail.into()))
}

/// Trimmed, 1 to `most` characters, without control characters (but for line breaks and tabs, if `lines`).
fn plain(text: &str, most: usize, lines: bool) -> Result<String, TextError> {
    let text = text.trim();
    let length = text.chars().count();
    if length == 0 || length > most {
        return refuse(format!("must have 1 to {most} characters, has {length}"));
    }
    let allowed = |c: char| lines && matches!(c, '\n' | '\r' | '\t');
    if text.chars().any(|c| is_unprintable(c) && !allowed(c)) {
        return refuse("must not contain control characters");
    }
    Ok(text.to_owned())
}

/// Control characters, and the invisible ones that turn the direction of a text (Unicode TR 36): a name
/// that reads backwards is a way to pass as somebody else.
fn is_unprintable(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $parse:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = TextError;

            fn from_str(text: &str) -> Result<Self, TextError> {
                let parse: fn(&str) -> Result<String, TextError> = $parse;
                parse(text).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = TextError;

            fn try_from(text: String) -> Result<Self, TextError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text! {
    /// A company's or a person's name: 1 to 120 characters.
    Name, |text| plain(text, 120, false)
}
text! {
    /// An address for mail (RFC 5321): at most 254 octets, kept as typed.
    Email, email
}
text! {
    /// A DNS name in ASCII, lower case, at most 253 characters; international names are converted (RFC 5891).
    Domain, domain
}
text! {
    /// Why a customer declined: 1 to 500 characters, line breaks allowed.
    Reason, |text| plain(text, 500, true)
}
text! {
    /// A telephone number as people write it: 1 to 50 characters.
    Phone, |text| plain(text, 50, false)
}
text! {
    /// The address of a web page: `https://` or `http://`, at most 500 characters.
    WebAddress, web
}
text! {
    /// A mail's subject: one line of 1 to 250 characters and at most 998 octets (RFC 5322 section 2.1.1).
    Subject, subject
}
text! {
    /// A mail's text: 1 to 20,000 characters, line breaks allowed.
    MailText, |text| plain(text, 20_000, true)
}

text! {
    /// The vendor's number of a product (stock-keeping unit): 1 to 120 characters.
    Sku, |text| plain(text, 120, false)
}
text! {
    /// What a service request is about: one line of 1 to 250 characters.
    Title, |text| plain(text, 250, false)
}
text! {
    /// What a service request describes: 1 to 4,000 characters, line breaks allowed.
    Description, |text| plain(text, 4_000, true)
}
text! {
    /// A note on a service request: 1 to 2,000 characters, line breaks allowed.
    Note, |text| plain(text, 2_000, true)
}
text! {
    /// The name a user signs in with, `prefix@domain`, kept as typed and unique in its tenant whatever its
    /// case. Microsoft Entra ID's rules: letters, digits and `' . - _ ! # ^ ~`, no dot next to the `@`, 64
    /// characters before it and 48 behind.
    UserPrincipalName, user_principal_name
}

impl UserPrincipalName {
    /// As it is compared.
    #[must_use]
    pub fn folded(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl Email {
    /// For logs: the first letter of the mailbox and the domain.
    #[must_use]
    pub fn masked(&self) -> String {
        masked(&self.0)
    }
}

/// For logs: a sentence of somebody else's, each address in it masked as [`Email::masked`] does.
#[must_use]
pub fn masked(text: &str) -> String {
    let word = |word: &str| match word.rsplit_once('@') {
        Some((mailbox, domain)) => {
            let start = mailbox.find(char::is_alphanumeric).unwrap_or_default();
            let end = mailbox[start..].chars().next().map_or(start, |first| start + first.len_utf8());
            format!("{}***@{domain}", &mailbox[..end])
        }
        None => word.to_owned(),
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

fn subject(text: &str) -> Result<String, TextError> {
    let text = plain(text, 250, false)?;
    if text.len() > 998 {
        return refuse(format!("must have at most 998 octets in UTF-8, has {}", text.len()));
    }
    Ok(text)
}

fn email(text: &str) -> Result<String, TextError> {
    const FORM: &str = "must be an email address such as admin@fabrikam.example";
    let text = text.trim();
    if text.len() > 254 {
        return refuse("must have at most 254 characters");
    }
    // Display names, quoted mailboxes and address literals are lawful and never meant: all of them have
    // been used to smuggle a second recipient past a check.
    let options = email_address::Options::default().without_display_text().without_domain_literal().with_required_tld();
    if email_address::EmailAddress::parse_with_options(text, options).is_err()
        || text.chars().any(|c| is_unprintable(c) || c == '"' || c.is_whitespace())
    {
        return refuse(FORM);
    }
    Ok(text.to_owned())
}

fn user_principal_name(text: &str) -> Result<String, TextError> {
    const FORM: &str = "must be a user principal name such as mai@fabrikam.example";
    let text = text.trim();
    let Some((prefix, suffix)) = text.split_once('@') else { return refuse(FORM) };
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "'.-_!#^~".contains(c);
    let is_prefix = (1..=64).contains(&prefix.len())
        && prefix.chars().all(is_allowed)
        && !prefix.starts_with('.')
        && !prefix.ends_with('.');
    let is_suffix = suffix.len() <= 48 && suffix.is_ascii() && domain(suffix).is_ok();
    if is_prefix && is_suffix { Ok(text.to_owned()) } else { refuse(FORM) }
}

fn domain(text: &str) -> Result<String, TextError> {
    const FORM: &str = "must be a domain such as fabrikam.example, at most 253 characters";
    match idna::domain_to_ascii_strict(text.trim()) {
        Ok(ascii) if ascii.contains('.') && ascii.len() <= 253 && !ascii.ends_with('.') => Ok(ascii),
        Ok(_) | Err(_) => refuse(FORM),
    }
}

fn web(text: &str) -> Result<String, TextError> {
    let text = plain(text, 500, false)?;
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    match host {
        Some(rest)
            if rest.starts_with(|c: char| c.is_alphanumeric())
                && !text.chars().any(|c| c.is_whitespace() || matches!(c, '"' | '<' | '>')) =>
        {
            Ok(text)
        }
        Some(_) | None => refuse("must be a web address such as https://support.contoso.example"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_and_bounded() {
        assert_eq!("  Contoso  ".parse::<Name>().unwrap().as_str(), "Contoso");
        assert_eq!("日本".repeat(60).parse::<Name>().unwrap().as_str().chars().count(), 120);
        for text in ["", "   ", "a\nb", "a\u{0}b", "abc\u{202e}cba", &"x".repeat(121)] {
            assert!(text.parse::<Name>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn addresses() {
        for text in ["admin@fabrikam.example", "a.b+c@x-y.example", "山田@fabrikam.example"] {
            assert!(text.parse::<Email>().is_ok(), "{text}");
        }
        let long = format!("{}@fabrikam.example", "a".repeat(250));
        for text in [
            "",
            "admin",
            "admin@",
            "@fabrikam.example",
            "admin@localhost",
            "a@b.example, c@d.example",
            "Admin <admin@fabrikam.example>",
            "admin@fabrikam.example\r\nBcc: all@x.example",
            "\"a b\"@fabrikam.example",
            "admin@[127.0.0.1]",
            &long,
        ] {
            assert!(text.parse::<Email>().is_err(), "{text:?}");
        }
        let email: Email = "admin@fabrikam.example".parse().unwrap();
        assert_eq!(email.masked(), "a***@fabrikam.example");
        for (said, logged) in [
            ("No address.", "No address."),
            ("failed the check: admin@fabrikam.example", "failed the check: a***@fabrikam.example"),
            ("<admin@fabrikam.example>, é@x.example: no", "<a***@fabrikam.example>, é***@x.example: no"),
            ("to=@x.example @", "t***@x.example ***@"),
        ] {
            assert_eq!(masked(said), logged);
        }
    }

    #[test]
    fn user_principal_names() {
        let mai: UserPrincipalName = " Mai.O'Hara@Fabrikam.example ".parse().unwrap();
        assert_eq!(
            (mai.as_str(), mai.folded().as_str()),
            ("Mai.O'Hara@Fabrikam.example", "mai.o'hara@fabrikam.example")
        );
        let long = format!("{}@fabrikam.example", "a".repeat(65));
        for text in [
            "",
            "mai",
            "@fabrikam.example",
            "mai@",
            "mai@fabrikam",
            ".mai@f.example",
            "mai.@f.example",
            "a b@f.example",
            "a@b@f.example",
            "ma\u{ef}@f.example",
            "mai@b\u{fc}cher.example",
            &long,
        ] {
            assert!(text.parse::<UserPrincipalName>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn domains() {
        for (text, expected) in [
            ("Fabrikam.Example", "fabrikam.example"),
            ("bücher.example", "xn--bcher-kva.example"),
            (" a.b.c ", "a.b.c"),
        ] {
            assert_eq!(text.parse::<Domain>().unwrap().as_str(), expected);
        }
        for text in ["", "fabrikam", "fabri kam.example", "a..b", "-a.example", "a.example.", "a/b.example"] {
            assert!(text.parse::<Domain>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn web_addresses_are_http() {
        assert!("https://support.contoso.example/help".parse::<WebAddress>().is_ok());
        for text in ["javascript:alert(1)", "https://", "ftp://x.example", "https://x.example/\"onclick"] {
            assert!(text.parse::<WebAddress>().is_err(), "{text:?}");
        }
    }
}
