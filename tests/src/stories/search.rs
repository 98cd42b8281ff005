//! Finding customers.

use crate::app::{App, Someone};

async fn found(partner: &Someone<'_>, query: &str, limit: u8) -> Vec<String> {
    let query: String = query.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let items = partner.all(&format!("/v1/customers?query={query}&limit={limit}")).await;
    items.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
}

/// Wins a customer with a domain of its own.
async fn wins(app: &App, partner: &Someone<'_>, name: &str, domain: &str) {
    let invited = partner.invites().await;
    let body = serde_json::json!({ "token": invited.token, "agreementAccepted": true,
        "customer": { "name": name, "domain": domain } });
    let answer = app.admin_of(name).await.post("/v1/invitations/accept", body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[tokio::test]
async fn customers_are_found_by_words_and_domains_in_any_script() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    for (name, domain) in [
        ("Nordwind Straßenbau GmbH", "nordwind.example"),
        ("Straßer & Söhne", "soehne.example"),
        ("Acme", "strassenfest.example"),
        ("Bücher Müller", "shop.bücher.example"),
        ("Zürich AG", "zuerich.co.example"),
        ("東京商事", "tokyo-shoji.example"),
        ("株式会社 東京", "kk.example"),
        ("Ødegård Łódź", "odegard.example"),
        ("ОАО Ёлка", "elka.example"),
        ("شركة النور", "alnoor.example"),
    ] {
        wins(&app, &contoso, name, domain).await;
    }
    for (query, expected) in [
        ("strasse", vec!["Straßer & Söhne", "Nordwind Straßenbau GmbH", "Acme"]), // name, word, domain
        ("STRAßENB", vec!["Nordwind Straßenbau GmbH"]),
        ("nordwind strass", vec!["Nordwind Straßenbau GmbH"]),
        ("gmbh", vec!["Nordwind Straßenbau GmbH"]),
        ("bucher", vec!["Bücher Müller"]), // by name, by domain label: once
        ("bücher.ex", vec!["Bücher Müller"]),
        ("shop.b", vec!["Bücher Müller"]),
        ("co.example", vec!["Zürich AG"]),
        ("zur", vec!["Zürich AG"]),
        ("東京", vec!["東京商事", "株式会社 東京"]),
        ("商事", vec![]), // no spaces: the beginning of the name only
        ("shoji", vec!["東京商事"]),
        ("lodz", vec!["Ødegård Łódź"]),
        ("odegard", vec!["Ødegård Łódź"]),
        ("елка", vec!["ОАО Ёлка"]),
        ("النور", vec!["شركة النور"]),
        ("´zur", vec!["Zürich AG"]),
        ("wind", vec![]),
        ("FIND#", vec![]),
        ("\u{10ffff}", vec![]),
    ] {
        for limit in [1, 2, 100] {
            assert_eq!(found(&contoso, query, limit).await, expected, "{query} in pages of {limit}");
        }
    }
    for blank in ["´", "\u{301}"] {
        assert_eq!(found(&contoso, blank, 3).await, found(&contoso, "", 3).await, "an accent alone is no query");
    }
    assert_eq!(found(&contoso, "example", 100).await.len(), 10, "each once");
    assert_eq!(found(&contoso, "example", 3).await.len(), 10, "each once, page by page");
    assert!(found(&app.partner("northwind").await, "acme", 25).await.is_empty(), "of another partner, nothing");
}

#[tokio::test]
async fn what_is_found_shows_the_grant_as_it_is() {
    let app = App::start().await;
    let (contoso, fabrikam) = (app.partner("contoso").await, app.admin_of("fabrikam").await);
    contoso.wins("fabrikam").await;
    let shown = async || {
        let by_name = contoso.get("/v1/customers?query=fabrikam").await.body["items"][0].clone();
        let by_domain = contoso.get("/v1/customers?query=example").await.body["items"][0].clone();
        assert_eq!(by_name, by_domain);
        by_domain["delegatedAdmin"].as_str().unwrap().to_owned()
    };
    assert_eq!(shown().await, "granted");
    fabrikam.takes_grant_from("contoso").await;
    assert_eq!(shown().await, "removedByCustomer");
    contoso.wins("fabrikam").await;
    assert_eq!(shown().await, "granted");
    contoso.delete(&format!("{}/delegated-admin", crate::app::record_of("fabrikam"))).await;
    assert_eq!(shown().await, "removedByPartner");
    contoso.buys("fabrikam", "Teams", 1).await;
    assert_eq!(shown().await, "removedByPartner");
}
