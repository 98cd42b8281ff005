//! A language tag (BCP 47), as the customer's language is given.

use std::{fmt, str::FromStr};

use icu_locale_core::LanguageIdentifier;
use serde::{Deserialize, Serialize};

/// A language, for example `ja` or `pt-BR`. English by default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Locale(LanguageIdentifier);

impl Default for Locale {
    fn default() -> Self {
        Self(icu_locale_core::langid!("en"))
    }
}

impl Locale {
    /// Its subtags.
    #[must_use]
    pub const fn identifier(&self) -> &LanguageIdentifier {
        &self.0
    }
}

impl FromStr for Locale {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // Extensions (`ja-u-ca-japanese`) say nothing of the language, and are left out.
        let locale = icu_locale_core::Locale::try_from_str(text.trim());
        locale.map(|locale| Self(locale.id)).map_err(|_| "must be a BCP 47 language tag such as ja or pt-BR".to_owned())
    }
}

impl TryFrom<String> for Locale {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Locale> for String {
    fn from(locale: Locale) -> Self {
        locale.to_string()
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_and_written_in_canonical_case() {
        for (text, expected) in [
            ("ja", "ja"),
            ("PT-br", "pt-BR"),
            ("zh-hant-hk", "zh-Hant-HK"),
            (" en\n", "en"),
            ("ja-u-ca-japanese", "ja"),
        ] {
            assert_eq!(text.parse::<Locale>().unwrap().to_string(), expected);
        }
        for text in ["", "e", "ja-", "de_AT?", "../en", "en us"] {
            assert!(text.parse::<Locale>().is_err(), "{text:?}");
        }
    }
}
