//! The languages of the mails: one folder of `templates/` each. A new one is a folder, a row here, and a
//! branch in each of the templates that choose between them.

use icu_calendar::Date;
use icu_datetime::{DateTimeFormatter, fieldsets::YMD};
use icu_locale::LocaleExpander;
use icu_locale_core::{LanguageIdentifier, Locale as IcuLocale, locale, subtags::script};
use jiff::{Timestamp, tz::TimeZone};

use crate::{Error, domain::Locale};

/// A language that mails are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    English,
    Japanese,
    German,
    French,
    Spanish,
    Portuguese,
    Italian,
    Dutch,
    Polish,
    Korean,
    SimplifiedChinese,
    TraditionalChinese,
}

impl Language {
    pub(super) const ALL: [Self; 12] = [
        Self::English,
        Self::Japanese,
        Self::German,
        Self::French,
        Self::Spanish,
        Self::Portuguese,
        Self::Italian,
        Self::Dutch,
        Self::Polish,
        Self::Korean,
        Self::SimplifiedChinese,
        Self::TraditionalChinese,
    ];

    /// Its tag (BCP 47): the name of its folder, and the `lang` of its HTML.
    pub(super) const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Japanese => "ja",
            Self::German => "de",
            Self::French => "fr",
            Self::Spanish => "es",
            Self::Portuguese => "pt-BR",
            Self::Italian => "it",
            Self::Dutch => "nl",
            Self::Polish => "pl",
            Self::Korean => "ko",
            Self::SimplifiedChinese => "zh-Hans",
            Self::TraditionalChinese => "zh-Hant",
        }
    }

    /// The nearest to what the customer reads; English where there is none. Likely subtags (UTS #35) tell
    /// which Chinese: `zh-HK` is Traditional, `zh` and `zh-SG` are Simplified.
    pub(super) fn nearest(wanted: &Locale) -> Self {
        let mut likely: LanguageIdentifier = wanted.identifier().clone();
        LocaleExpander::new_common().maximize(&mut likely);
        if likely.language.as_str() == "zh" {
            let traditional = likely.script == Some(script!("Hant"));
            return if traditional { Self::TraditionalChinese } else { Self::SimplifiedChinese };
        }
        let is = |language: &Self| language.tag().split('-').next() == Some(likely.language.as_str());
        Self::ALL.into_iter().find(is).unwrap_or(Self::English)
    }

    /// A point in time, in that language's form: `1. Dezember 2026, 09:30 UTC`.
    pub(super) fn time(self, time: Timestamp) -> Result<String, Error> {
        let utc = time.to_zoned(TimeZone::UTC);
        let (year, month, day) = (i32::from(utc.year()), utc.month().unsigned_abs(), utc.day().unsigned_abs());
        let date = Date::try_new_iso(year, month, day).map_err(Error::internal)?;
        let formatter = DateTimeFormatter::try_new(self.locale().into(), YMD::long()).map_err(Error::internal)?;
        let between = if self.is_chinese_or_japanese() { " " } else { ", " };
        Ok(format!("{}{between}{} UTC", formatter.format(&date), utc.strftime("%H:%M")))
    }

    const fn is_chinese_or_japanese(self) -> bool {
        matches!(self, Self::Japanese | Self::SimplifiedChinese | Self::TraditionalChinese)
    }

    const fn locale(self) -> IcuLocale {
        match self {
            Self::English => locale!("en"),
            Self::Japanese => locale!("ja"),
            Self::German => locale!("de"),
            Self::French => locale!("fr"),
            Self::Spanish => locale!("es"),
            Self::Portuguese => locale!("pt-BR"),
            Self::Italian => locale!("it"),
            Self::Dutch => locale!("nl"),
            Self::Polish => locale!("pl"),
            Self::Korean => locale!("ko"),
            Self::SimplifiedChinese => locale!("zh-Hans"),
            Self::TraditionalChinese => locale!("zh-Hant"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_language_is_used() {
        for (wanted, expected) in [
            ("en", "en"),
            ("en-GB", "en"),
            ("ja", "ja"),
            ("ja-JP", "ja"),
            ("de-AT", "de"),
            ("fr-CA", "fr"),
            ("es-MX", "es"),
            ("pt", "pt-BR"),
            ("pt-PT", "pt-BR"),
            ("it", "it"),
            ("nl-BE", "nl"),
            ("pl", "pl"),
            ("ko-KR", "ko"),
            ("zh", "zh-Hans"),
            ("zh-CN", "zh-Hans"),
            ("zh-SG", "zh-Hans"),
            ("zh-TW", "zh-Hant"),
            ("zh-HK", "zh-Hant"),
            ("zh-MO", "zh-Hant"),
            ("zh-Hant", "zh-Hant"),
            ("zh-Hans-HK", "zh-Hans"),
            ("sv", "en"),
            ("und", "en"),
            ("tlh", "en"),
        ] {
            assert_eq!(Language::nearest(&wanted.parse().unwrap()).tag(), expected, "{wanted}");
        }
    }

    #[test]
    fn times_are_in_the_languages_form() {
        let time = "2026-12-01T09:30:00Z".parse().unwrap();
        let all: Vec<String> = Language::ALL.iter().map(|language| language.time(time).unwrap()).collect();
        assert_eq!(
            all,
            [
                "December 1, 2026, 09:30 UTC",
                "2026年12月1日 09:30 UTC",
                "1. Dezember 2026, 09:30 UTC",
                "1 décembre 2026, 09:30 UTC",
                "1 de diciembre de 2026, 09:30 UTC",
                "1 de dezembro de 2026, 09:30 UTC",
                "1 dicembre 2026, 09:30 UTC",
                "1 december 2026, 09:30 UTC",
                "1 grudnia 2026, 09:30 UTC",
                "2026년 12월 1일, 09:30 UTC",
                "2026年12月1日 09:30 UTC",
                "2026年12月1日 09:30 UTC",
            ]
        );
    }
}
