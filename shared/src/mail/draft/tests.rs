//! The draft: what it says, and that every form of it carries the one link.

use super::*;

const TOKEN: &str = "AQFhEREREREREREREREREREREXQ";

fn invitation(customer: &serde_json::Value, include_delegated_admin: bool) -> Invitation {
    let json = serde_json::json!({
        "id": "22222222-2222-4222-8222-222222222222", "partnerId": "11111111-1111-4111-8111-111111111111",
        "customer": customer, "includeDelegatedAdmin": include_delegated_admin, "locale": "en", "lifetime": 30,
        "createdAt": "2026-11-01T00:00:00Z", "createdBy": "u", "expiresAt": "2026-12-01T09:30:00Z", "generation": 0,
        "keyId": "a", "delivery": {"status": "notSent"}, "state": {"status": "pending"}, "history": []
    });
    serde_json::from_value(json).unwrap()
}

fn partner(name: &str) -> Partner {
    let json = serde_json::json!({
        "partnerId": "11111111-1111-4111-8111-111111111111", "name": name, "country": "JP", "cloud": "public",
        "status": "active", "reminders": true, "dailyMailQuota": 500,
        "supportContact": {"name": "Helpdesk", "email": "help@contoso.example", "phone": "+81 3 1234 5678", "web": "https://contoso.example/help"},
        "createdAt": "2026-11-01T00:00:00Z", "createdBy": "o", "updatedAt": "2026-11-01T00:00:00Z", "updatedBy": "o"
    });
    serde_json::from_value(json).unwrap()
}

fn portal() -> Portal {
    Portal {
        name: "Microsoft 365 admin center".parse().unwrap(),
        url: "https://portal.example/accept".parse().unwrap(),
    }
}

fn draft(name: &str, customer: &serde_json::Value, include_delegated_admin: bool) -> Draft {
    Draft::render(&invitation(customer, include_delegated_admin), &partner(name), &portal(), TOKEN).unwrap()
}

fn nobody() -> serde_json::Value {
    serde_json::json!({ "name": null, "email": null, "country": null, "tenantId": null })
}

fn decoded(uri: &str) -> String {
    percent_encoding::percent_decode_str(uri).decode_utf8().unwrap().into_owned()
}

#[test]
fn every_form_carries_the_one_link_and_says_what_is_asked() {
    let customer =
        serde_json::json!({ "name": "Fabrikam", "email": "admin@fabrikam.example", "country": "JP", "tenantId": null });
    let draft = draft("Contoso", &customer, true);
    let link = format!("https://portal.example/accept#{TOKEN}");
    assert_eq!(draft.link, link);
    assert_eq!(draft.text.matches(&link).count(), 1);
    assert_eq!(draft.html.matches(&format!("href=\"{link}\"")).count(), 2); // the button, and the bare link
    assert!(decoded(&draft.mailto).contains(&link));
    assert_eq!(draft.subject, "Contoso asks for a reseller relationship");
    for part in [
        "Hello Fabrikam,",
        "Contoso",
        "delegated administration privileges",
        "users, licenses and services",
        "Microsoft 365 admin center",
        "Global administrator",
        "December 1, 2026, 09:30 UTC",
        "Helpdesk",
        "help@contoso.example",
        "+81 3 1234 5678",
        "https://contoso.example/help",
    ] {
        assert!(draft.text.contains(part), "{part} in {}", draft.text);
        assert!(draft.html.contains(part), "{part} in {}", draft.html);
    }
    assert!(draft.mailto.starts_with("mailto:admin@fabrikam.example?subject=Contoso%20asks"));
    assert!(draft.mailto.contains("%0D%0A") && !decoded(&draft.mailto).replace("\r\n", "").contains('\n'));
}

#[test]
fn without_delegated_admin_it_says_that_nobody_gets_access() {
    let draft = draft("Contoso", &nobody(), false);
    assert!(draft.text.contains("no administrative access"));
    assert!(!draft.text.contains("delegated"));
    assert_eq!(draft.to, None);
    assert!(draft.mailto.starts_with("mailto:?subject="));
}

#[test]
fn names_cannot_break_out_of_the_html() {
    let draft = draft("<script>alert(1)</script> & \"Sons\"", &nobody(), true);
    assert!(draft.text.contains("<script>alert(1)</script> & \"Sons\""));
    assert!(!draft.html.contains("<script"), "{}", draft.html);
}

#[test]
fn a_mailto_stays_under_2000_characters_whatever_the_names() {
    for name in ["Contoso".to_owned(), "&".repeat(120), "日".repeat(120), "🦀".repeat(120)] {
        let draft = draft(&name, &nobody(), true);
        assert!(draft.mailto.chars().count() < 2000, "{}", draft.mailto.chars().count());
        assert!(decoded(&draft.mailto).contains(&draft.link), "{}", draft.mailto);
    }
}

#[test]
fn an_edited_text_must_keep_the_link_and_its_html_is_made_from_it() {
    let draft = draft("Contoso", &nobody(), true);
    let edits = |text: String| Edits { to: None, subject: None, text: Some(text.parse().unwrap()) };
    let text = format!("Dear <all>,\r\n\r\nplease see {} & answer.", draft.link);
    let edited = draft.clone().edited(edits(text.clone()), &invitation(&nobody(), true)).unwrap();
    assert_eq!(edited.text, text);
    assert!(
        edited.html.contains("Dear &#60;all&#62;,") && edited.html.contains(&format!("href=\"{}\"", draft.link)),
        "{}",
        edited.html
    );
    for text in ["no link".to_owned(), draft.link[..draft.link.len() - 1].to_owned(), draft.link.to_uppercase()] {
        let refused = draft.clone().edited(edits(text), &invitation(&nobody(), true));
        assert!(matches!(refused, Err(Error::Refused(Refusal::LinkMissing { .. }))));
    }
}

/// Every language, with and without delegated admin, as a first mail and as a reminder.
fn all_mails(name: &str, customer: &serde_json::Value) -> Vec<(&'static str, bool, Draft)> {
    let mut mails = Vec::new();
    for language in Language::ALL {
        for delegated_admin in [true, false] {
            let mut invitation = invitation(customer, delegated_admin);
            invitation.locale = language.tag().parse().unwrap();
            let partner = partner(name);
            for render in [Draft::render, Draft::reminder] {
                let draft = render(&invitation, &partner, &portal(), TOKEN).unwrap();
                mails.push((language.tag(), delegated_admin, draft));
            }
        }
    }
    mails
}

#[test]
fn every_mail_in_every_language_says_everything_and_carries_the_link_alone_on_a_line() {
    let customer = serde_json::json!({ "name": "Fabrikam", "email": null, "country": null, "tenantId": null });
    let mails = all_mails("Contoso", &customer);
    assert_eq!(mails.len(), 48);
    for (tag, delegated_admin, draft) in &mails {
        assert_eq!(draft.language, *tag);
        assert!(draft.subject.contains("Contoso") && !draft.subject.contains('\n'), "{tag}: {}", draft.subject);
        assert!(draft.text.contains(&format!("\n\n{}\n\n", draft.link)), "{tag}: {}", draft.text);
        for part in ["Fabrikam", "Contoso", "Microsoft 365 admin center", "09:30 UTC", "2026", "help@contoso.example"] {
            assert!(draft.text.contains(part), "{tag}: {part} in {}", draft.text);
        }
        assert!(draft.html.contains(&format!("lang=\"{tag}\"")), "{tag}");
        assert!(draft.html.contains(&draft.link) && draft.html.len() < 15_000, "{tag}: {}", draft.html.len());
        assert!(!draft.text.contains("\n\n\n"), "{tag}: {}", draft.text);
        assert!(draft.text.lines().all(|line| line.trim() == line), "{tag}: {:?}", draft.text);
        assert!(draft.mailto.chars().count() < MAILTO_MOST && decoded(&draft.mailto).contains(&draft.link), "{tag}");
        let with = mails.iter().find(|(other, with, _)| other == tag && *with != *delegated_admin).unwrap();
        assert_ne!(with.2.text, draft.text, "{tag}: delegated admin makes a difference");
    }
    let texts: std::collections::HashSet<_> = mails.iter().map(|(_, _, draft)| &draft.text).collect();
    assert_eq!(texts.len(), 48, "no mail is another language's");
}

#[test]
fn a_mailto_stays_under_2000_characters_in_every_language_whatever_the_names() {
    for name in ["&".repeat(120), "日".repeat(120), "🦀".repeat(120)] {
        for (tag, _, draft) in all_mails(&name, &nobody()) {
            assert!(draft.mailto.chars().count() < MAILTO_MOST, "{tag}: {}", draft.mailto.chars().count());
            assert!(decoded(&draft.mailto).contains(&draft.link), "{tag}");
        }
    }
}

#[test]
fn a_wrapped_link_is_made_whole_and_another_link_is_not_taken_for_it() {
    let draft = draft("Contoso", &nobody(), true);
    let (invitation, link) = (invitation(&nobody(), true), draft.link.clone());
    let (head, tail) = link.split_at(30);
    for (text, expected) in [
        (format!("See {head}\r\n{tail} now"), Some(format!("See {link} now"))),
        (format!("See {head}\n  {tail}"), Some(format!("See {link}"))),
        (format!("See <{link}>."), Some(format!("See <{link}>."))),
        (format!("See <{head}\n{tail}>"), Some(format!("See <{link}>"))),
        (format!("{link}\n{head} {tail}"), Some(format!("{link}\n{link}"))),
        (format!("See {link}A"), None),
        (format!("See {head} and {tail}"), None),
        (format!("See {}", link.replace('#', "%23")), None),
    ] {
        let edits = Edits { to: None, subject: None, text: Some(text.parse().unwrap()) };
        let edited = draft.clone().edited(edits, &invitation);
        match expected {
            Some(expected) => assert_eq!(edited.unwrap().text, expected, "{text}"),
            None => assert!(matches!(edited, Err(Error::Refused(Refusal::LinkMissing { .. }))), "{text}"),
        }
    }
}
