//! How customers are found: by the beginning of the name, of any of its words, of the domain and its labels;
//! whatever the case and the accents, in any script.

use std::collections::BTreeSet;

use icu_casemap::CaseMapper;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};

use super::relationship::RelationshipCustomer;

/// Characters of a name or a domain that the index knows; what is longer is compared after it was read.
pub const INDEXED: usize = 60;
/// Words of a name, and labels of a domain, that a customer can be found by.
const MOST_WORDS: usize = 8;

/// How well a customer matches, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Match {
    /// Its name begins so.
    Name,
    /// A word of its name begins so.
    Word,
    /// Its domain, or a label of it, begins so.
    Domain,
}

/// A text as it is compared: words without case, accents or punctuation, one space between them. A text of
/// punctuation alone stays as it is.
#[must_use]
pub fn folded(text: &str) -> String {
    let decomposed = DecomposingNormalizerBorrowed::new_nfkd().normalize(text);
    let lower = CaseMapper::new().fold_string(&decomposed);
    let mut plain = String::with_capacity(lower.len());
    for c in lower.chars().filter(|c| !is_accent(*c)) {
        match without_stroke(c) {
            Some(letters) => plain.push_str(letters),
            None => plain.push(c),
        }
    }
    let composed = ComposingNormalizerBorrowed::new_nfc().normalize(&plain);
    let mut words: Vec<&str> = composed.split(is_separator).filter(|word| !word.is_empty()).collect();
    if words.is_empty() {
        words = composed.split_whitespace().collect();
    }
    words.join(" ")
}

/// Marks that people leave out: diacritics of Latin, Greek and Cyrillic, points of Hebrew and Arabic. Vowel
/// signs of other scripts and voicing marks of kana are letters to those who write them.
const fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
        | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}' | '\u{64b}'..='\u{65f}' | '\u{670}')
}

/// Letters that people write without their stroke or ligature, and that Unicode does not decompose.
const fn without_stroke(c: char) -> Option<&'static str> {
    Some(match c {
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'ı' => "i",
        'ŧ' => "t",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        _ => return None,
    })
}

fn is_separator(c: char) -> bool {
    let is_punctuation = c.is_ascii_punctuation()
        || matches!(c, '\u{a0}'..='\u{bf}' | '×' | '\u{2000}'..='\u{206f}' | '\u{2100}'..='\u{2bff}' | '\u{3000}'..='\u{303f}' | '・');
    c.is_whitespace() || c.is_control() || is_punctuation && !c.is_alphanumeric()
}

/// A folded text and what is behind each of its spaces: what a beginning is looked for in.
fn beginnings(folded: &str) -> impl Iterator<Item = &str> {
    let behind_spaces = folded.match_indices(' ').map(|(at, space)| &folded[at + space.len()..]);
    std::iter::once(folded).chain(behind_spaces).take(MOST_WORDS)
}

fn folded_domain(customer: &RelationshipCustomer) -> String {
    // International names are stored in their ASCII form (RFC 5891).
    folded(&idna::domain_to_unicode(customer.domain.as_str()).0)
}

/// As much of a folded text as the index knows.
#[must_use]
pub fn indexed(folded: &str) -> &str {
    folded.char_indices().nth(INDEXED).map_or(folded, |(end, _)| &folded[..end])
}

/// Under what the index lists a customer beside its name: the further words of the name, the domain, its labels.
#[must_use]
pub fn entries(customer: &RelationshipCustomer) -> BTreeSet<String> {
    let (name, domain) = (folded(customer.name.as_str()), folded_domain(customer));
    let words = beginnings(&name).skip(1).chain(beginnings(&domain));
    words.map(|word| indexed(word).to_owned()).filter(|word| !word.is_empty()).collect()
}

/// How well a customer matches what was folded, if it does.
#[must_use]
pub fn best(query: &str, customer: &RelationshipCustomer) -> Option<Match> {
    let name = folded(customer.name.as_str());
    let starts = |word: &str| word.starts_with(query);
    if name.starts_with(query) {
        Some(Match::Name)
    } else if beginnings(&name).any(starts) {
        Some(Match::Word)
    } else {
        beginnings(&folded_domain(customer)).any(starts).then_some(Match::Domain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn customer(name: &str, domain: &str) -> RelationshipCustomer {
        RelationshipCustomer {
            name: name.parse().unwrap(),
            domain: domain.parse().unwrap(),
            country: "JP".parse().unwrap(),
        }
    }

    #[test]
    fn case_accents_and_punctuation_do_not_matter() {
        for (text, expected) in [
            ("  Contoso,  Ltd. ", "contoso ltd"),
            ("Straße", "strasse"),
            ("STRASSE", "strasse"),
            ("Zürich Ærø Łódź", "zurich aero lodz"),
            ("Crédit–Agricole (Île-de-France)", "credit agricole ile de france"),
            ("İstanbul Işık", "istanbul isik"),
            ("ΟΔΥΣΣΕΥΣ", "οδυσσευσ"),
            ("Ёлка", "елка"),
            ("Ｆｕｌｌ　Ｗｉｄｔｈ", "full width"),
            ("東京・商事", "東京 商事"),
            ("ガス", "ガス"),
            ("ｶﾞｽ", "ガス"),
            ("한국", "한국"),
            ("हिन्दी", "हिन्दी"),
            ("O'Reilly & Sons", "o reilly sons"),
            ("3M", "3m"),
            ("!!!", "!!!"),
        ] {
            assert_eq!(folded(text), expected, "{text}");
        }
    }

    #[test]
    fn folding_twice_is_folding_once() {
        for text in ["Straße & Söhne", "İI ıi", "ガス", "Ǆ ﬃ ŉ", "e\u{301}\u{323}", "ᾳ ΐ", "!!!", " ", "a\u{200b}b"]
        {
            let once = folded(text);
            assert_eq!(folded(&once), once, "{text}");
        }
    }

    #[test]
    fn what_matches_and_how_well() {
        let customer = customer("Nordwind Straßenbau GmbH", "shop.bücher.example");
        for (query, expected) in [
            ("nord", Some(Match::Name)),
            ("NORDWIND strasse", Some(Match::Name)),
            ("strassen", Some(Match::Word)),
            ("straßenbau g", Some(Match::Word)),
            ("gmbh", Some(Match::Word)),
            ("shop.b", Some(Match::Domain)),
            ("bucher", Some(Match::Domain)),
            ("Bücher.Ex", Some(Match::Domain)),
            ("example", Some(Match::Domain)),
            ("wind", None),
            ("ucher", None),
        ] {
            assert_eq!(best(&folded(query), &customer), expected, "{query}");
            let found = entries(&customer).iter().any(|entry| entry.starts_with(indexed(&folded(query))));
            assert_eq!(found, matches!(expected, Some(Match::Word | Match::Domain)), "{query} in the index");
        }
    }

    #[test]
    fn a_customer_has_a_bounded_number_of_entries() {
        let long = customer(&"a b ".repeat(30), &format!("{}example", "x.".repeat(100)));
        assert!(entries(&long).len() < 2 * MOST_WORDS);
        let long = customer(&"ﷺ".repeat(120), &format!("{0}.{0}.example", "y".repeat(60)));
        assert!(entries(&long).iter().all(|entry| entry.chars().count() <= INDEXED));
    }
}
