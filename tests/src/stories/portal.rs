//! The portal as browsers get it, and how people sign in to it on this machine.

use std::collections::BTreeMap;

use expect_test::expect;
use serde_json::{Value, json};

use crate::{
    app::{Answer, App, OPERATOR},
    tidy,
};

/// Asks the portal for a path, with these headers.
async fn get(app: &App, path: &str, headers: &[(&str, &str)]) -> Answer {
    app.nobody().send("GET", path, headers, None).await
}

/// Where the files of this build are, as the document says.
async fn assets(app: &App) -> String {
    let home = get(app, "/", &[]).await.text;
    let config = home.split(r#"id="config">"#).nth(1).unwrap().split("</script>").next().unwrap();
    serde_json::from_str::<Value>(config).unwrap()["assets"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn every_page_is_one_document_and_what_is_no_page_says_so() {
    let app = App::start().await;
    let home = get(&app, "/", &[]).await;
    assert_eq!((home.status, home.header("content-type")), (200, "text/html; charset=utf-8"));
    for page in ["customers", "request", "invitations", "accept", "partners", "api", "signed-in?code=a&state=b"] {
        let seen = get(&app, &format!("/{page}"), &[]).await;
        assert_eq!((seen.status, &seen.text), (200, &home.text), "{page}");
    }
    for path in ["/nowhere", "/favicon.ico", "/index.html", "/v1"] {
        let seen = get(&app, path, &[]).await;
        assert_eq!((seen.status, &seen.text), (404, &home.text), "{path}");
        assert_eq!(seen.header("cache-control"), "no-store", "{path}");
    }
    // No route has these: they are API Gateway's.
    for (method, path) in [("GET", "/customers/1"), ("HEAD", "/"), ("POST", "/")] {
        assert_eq!(app.nobody().send(method, path, &[], None).await.status, 404, "{method} {path}");
    }
}

#[tokio::test]
async fn a_link_whose_fragment_became_part_of_its_path_still_leads_to_its_page_and_into_no_log() {
    let app = App::start().await;
    let invited = app.partner("contoso").await.invites().await;
    assert!(invited.link.starts_with(&format!("{}/accept#", app.local.url())), "{}", invited.link);
    let scanned = get(&app, &format!("/accept%23{}", invited.token), &[]).await;
    assert_eq!(scanned.status, 200);
    let log = app.log();
    assert!(log.contains("GET /{page}") && !log.contains(&invited.token), "{log}");
}

#[tokio::test]
async fn files_are_kept_for_ever_under_their_own_version_and_not_at_all_under_another() {
    let app = App::start().await;
    let assets = assets(&app).await;
    let plain = get(&app, &format!("{assets}/main.js"), &[]).await;
    assert_eq!((plain.status, plain.header("content-type")), (200, "text/javascript; charset=utf-8"));
    expect!["public, max-age=31536000, immutable"].assert_eq(plain.header("cache-control"));
    assert_eq!((plain.header("content-encoding"), plain.header("vary")), ("", "accept-encoding"));
    assert_eq!(plain.text, tidy::read("functions/portal/web/main.js"));

    let small = get(&app, &format!("{assets}/main.js"), &[("accept-encoding", "gzip, br")]).await;
    assert_eq!((small.header("content-encoding"), small.header("vary")), ("gzip", "accept-encoding"));
    let length = |answer: &Answer| answer.header("content-length").parse::<usize>().unwrap();
    assert!(length(&small) < length(&plain) && small.text.starts_with('\u{1f}'), "{small:?}");

    // A page that was open during a deployment goes on loading what it needs.
    let stale = get(&app, "/assets/0123456789abcdef/main.js", &[]).await;
    assert_eq!((stale.status, stale.header("cache-control")), (200, "no-store"));
    assert_eq!(stale.text, plain.text);

    for name in ["nothing.js", "lib", "index.html", "..%2f..%2fCargo.toml", "lib/../../src/main.rs"] {
        let missing = app.local.invoke("portal", &event(&format!("{assets}/{name}"))).await.unwrap();
        assert_eq!((&missing["statusCode"], &missing["headers"]["cache-control"]), (&json!(404), &json!("no-store")));
    }
}

#[tokio::test]
async fn who_has_the_document_or_the_description_already_is_told_so() {
    let app = App::start().await;
    for path in ["/", "/accept", "/openapi.json"] {
        let first = get(&app, path, &[]).await;
        assert_eq!((first.status, first.header("cache-control")), (200, "no-cache"), "{path}");
        let etag = first.header("etag").to_owned();
        for known in [etag.clone(), format!("\"another\", W/{etag}")] {
            let again = get(&app, path, &[("if-none-match", &known)]).await;
            assert_eq!((again.status, again.text.as_str()), (304, ""), "{path}");
            for name in ["etag", "cache-control", "content-security-policy"] {
                assert_eq!(again.header(name), first.header(name), "{path}: {name}");
            }
        }
        assert_eq!(get(&app, path, &[("if-none-match", "\"another\"")]).await.status, 200, "{path}");
    }
    assert_eq!(get(&app, "/openapi.json", &[]).await.text, tidy::read("docs/openapi.json"));
}

#[tokio::test]
async fn every_answer_tells_the_browser_what_to_refuse() {
    let app = App::start().await;
    let assets = assets(&app).await;
    let file = format!("{assets}/main.js");
    for path in ["/", "/nowhere", "/openapi.json", &file, "/assets/0123456789abcdef/nothing.js"] {
        let seen = get(&app, path, &[]).await;
        let policy = seen.header("content-security-policy");
        assert!(policy.contains(&format!("connect-src 'self' {};", app.local.url())), "{path}: {policy}");
        assert!(policy.contains("script-src 'self';") && !policy.contains("unsafe"), "{path}: {policy}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("strict-transport-security", ""),
        ] {
            assert_eq!(seen.header(name), value, "{path}: {name}");
        }
        assert!(seen.header("permissions-policy").contains("camera=()"), "{path}");
    }
    // As deployed, over TLS.
    let answer = app.local.invoke("portal", &event(&file)).await.unwrap();
    assert_eq!(answer["headers"]["strict-transport-security"], "max-age=31536000");
}

/// The recorded event, for another file.
fn event(path: &str) -> Value {
    let mut event = tidy::events().into_iter().find(|(function, _)| function == "portal").unwrap().1;
    let (version, file) = path.strip_prefix("/assets/").unwrap().split_once('/').unwrap();
    event["pathParameters"] = json!({ "version": version, "proxy": file });
    event
}

#[tokio::test]
async fn one_line_for_each_request_and_no_request_to_the_table() {
    let app = App::start().await;
    let (calls, _) = app.calls(assets(&app)).await;
    assert_eq!(calls, 0);
    get(&app, "/nowhere", &[]).await;
    let lines = app.local.log_lines().into_iter().filter(|line| line.function == "portal");
    let lines: Vec<Value> = lines.filter_map(|line| serde_json::from_str(&line.line).ok()).collect();
    let told = lines.iter().map(|line| format!("{} {} {}", line["route"], line["status"], line["outcome"]));
    expect![[r#"
        "GET /" 200 "ok"
        "GET /{page}" 404 "not-found""#]]
    .assert_eq(&told.collect::<Vec<_>>().join("\n"));
}

/// A browser that does not follow where it is sent.
struct Browser<'a> {
    app: &'a App,
    http: reqwest::Client,
}

// The example of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

impl<'a> Browser<'a> {
    fn of(app: &'a App) -> Self {
        Self { app, http: reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap() }
    }

    fn redirect_uri(&self) -> String {
        format!("{}/signed-in", self.app.local.url())
    }

    /// What the portal asks the issuer with, changed by `change`; an empty value is none.
    fn asked(&self, change: &[(&str, &str)]) -> String {
        let redirect_uri = self.redirect_uri();
        let mut asked = BTreeMap::from([
            ("response_type", "code"),
            ("client_id", "portal"),
            ("redirect_uri", &redirect_uri),
            ("state", "a state"),
            ("scope", "openid profile"),
            ("nonce", "n"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ]);
        asked.extend(change.iter().copied());
        let pairs = asked.iter().filter(|(_, value)| !value.is_empty());
        pairs
            .map(|(name, value)| format!("{name}={}", value.replace('&', "%26").replace(' ', "+")))
            .collect::<Vec<_>>()
            .join("&")
    }

    /// Where the issuer sends the browser, by its status if nowhere.
    async fn goes(&self, path: &str, asked: &str, cookie: &str) -> (Result<reqwest::Url, u16>, String) {
        let url = format!("{}{path}?{asked}", self.app.local.url());
        let answer = self.http.get(url).header("cookie", cookie).send().await.unwrap();
        let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let sent = header("location").map(|to| to.parse().unwrap()).ok_or(answer.status().as_u16());
        (sent, header("set-cookie").unwrap_or_default())
    }

    /// Picks a persona; the code, and the cookie that remembers it.
    async fn picks(&self, persona: &str) -> (String, String) {
        let asked = self.asked(&[("persona", persona), ("expiresInSeconds", "600")]);
        let (sent, cookie) = self.goes("/_local/authorize/as", &asked, "").await;
        (parameter(&sent.unwrap(), "code").unwrap(), cookie)
    }

    /// Redeems a code as the portal does, but for `change`.
    async fn redeems(&self, code: &str, change: &[(&str, &str)]) -> Answer {
        let redirect_uri = self.redirect_uri();
        let mut form = BTreeMap::from([
            ("grant_type", "authorization_code"),
            ("code", code),
            ("client_id", "portal"),
            ("redirect_uri", &redirect_uri),
            ("code_verifier", VERIFIER),
        ]);
        form.extend(change.iter().copied());
        let body = form.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", "http://127.0.0.1:1")];
        self.app.nobody().send("POST", "/_local/oauth/token", &headers, Some(body)).await
    }
}

fn parameter(url: &reqwest::Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

/// What a token says.
fn claims(token: &Value) -> Value {
    use std::fmt::Write;
    let part = token.as_str().unwrap().split('.').nth(1).unwrap();
    let value = |letter: u8| {
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".iter().position(|known| *known == letter)
    };
    let mut bits = String::new();
    for letter in part.bytes() {
        write!(bits, "{:06b}", value(letter).unwrap()).unwrap();
    }
    let bytes: Vec<u8> =
        (0..bits.len() / 8).map(|at| u8::from_str_radix(&bits[at * 8..at * 8 + 8], 2).unwrap()).collect();
    serde_json::from_slice(&bytes).unwrap()
}

#[tokio::test]
async fn a_person_signs_in_and_asks_the_api() {
    let app = App::start().await;
    let browser = Browser::of(&app);
    let chooser = get(&app, &format!("/_local/authorize?{}", browser.asked(&[])), &[]).await;
    assert!(chooser.text.contains("Contoso GlobalAdmin") && !chooser.text.contains("<script"), "{chooser:?}");

    let (sent, _) = browser.goes("/_local/authorize/as", &browser.asked(&[("persona", "operator")]), "").await;
    let sent = sent.unwrap();
    assert!(sent.as_str().starts_with(&format!("{}?code=", browser.redirect_uri())), "{sent}");
    assert_eq!(parameter(&sent, "state").as_deref(), Some("a state"));
    assert_eq!(parameter(&sent, "iss").as_deref(), Some(app.local.url()));

    let tokens = browser.redeems(&parameter(&sent, "code").unwrap(), &[]).await;
    assert_eq!((tokens.status, tokens.header("cache-control")), (200, "no-store"));
    assert_eq!((&tokens.body["token_type"], &tokens.body["expires_in"]), (&json!("Bearer"), &json!(3600)));
    let identity = claims(&tokens.body["id_token"]);
    assert_eq!(
        (&identity["aud"], &identity["iss"], &identity["nonce"]),
        (&json!("portal"), &json!(app.local.url()), &json!("n"))
    );
    assert_eq!(identity["name"], "Operator");
    let operator = app.with_token(OPERATOR, tokens.body["access_token"].as_str().unwrap());
    let registered = operator
        .put(
            "/v1/partners/55555555-5555-4555-8555-555555555555",
            json!({ "name": "X", "country": "JP", "cloud": "public" }),
        )
        .await;
    assert_eq!(registered.status, 201, "{registered:?}");
    // An identity token is for the client, and lets nobody in.
    let identity = app.with_token(OPERATOR, tokens.body["id_token"].as_str().unwrap());
    assert_eq!(identity.get("/v1/customers").await.status, 403);
}

#[tokio::test]
async fn a_code_counts_once_for_a_minute_and_for_whom_it_was_given_to() {
    let app = App::start().await;
    let browser = Browser::of(&app);
    let error = |answer: Answer| format!("{} {}", answer.status, answer.body["error"].as_str().unwrap_or_default());
    for change in [
        ("code_verifier", CHALLENGE),
        ("client_id", "another"),
        ("redirect_uri", "http://127.0.0.1:8787/signed-in"),
        ("code", "another"),
    ] {
        let (code, _) = browser.picks("fabrikam-globaladmin").await;
        assert_eq!(error(browser.redeems(&code, &[change]).await), "400 invalid_grant", "{change:?}");
    }
    let (code, _) = browser.picks("fabrikam-globaladmin").await;
    assert_eq!(browser.redeems(&code, &[]).await.status, 200);
    assert_eq!(error(browser.redeems(&code, &[]).await), "400 invalid_grant");

    app.set_clock("2030-01-01T00:00:00Z").await;
    let (code, _) = browser.picks("fabrikam-globaladmin").await;
    app.set_clock("2030-01-01T00:02:00Z").await;
    assert_eq!(error(browser.redeems(&code, &[]).await), "400 invalid_grant");

    assert_eq!(error(browser.redeems("c", &[("code_verifier", "")]).await), "400 invalid_request");
    assert_eq!(error(browser.redeems("c", &[("grant_type", "password")]).await), "400 unsupported_grant_type");
}

#[tokio::test]
async fn nobody_is_sent_to_a_foreign_page_and_the_client_hears_what_it_asked_wrong() {
    let app = App::start().await;
    let browser = Browser::of(&app);
    for path in ["/_local/authorize", "/_local/authorize/as"] {
        for foreign in ["https://evil.example/", "http://127.0.0.1@evil.example/", "http://localhost.evil.example/", ""]
        {
            let asked = browser.asked(&[("redirect_uri", foreign), ("persona", "operator")]);
            assert_eq!(browser.goes(path, &asked, "").await.0, Err(400), "{path} {foreign}");
        }
        for (change, error) in [
            (("response_type", "token"), "unsupported_response_type"),
            (("client_id", ""), "invalid_request"),
            (("code_challenge", ""), "invalid_request"),
            (("code_challenge_method", "plain"), "invalid_request"),
        ] {
            let sent = browser.goes(path, &browser.asked(&[change, ("persona", "operator")]), "").await.0.unwrap();
            assert_eq!(parameter(&sent, "error").as_deref(), Some(error), "{path} {change:?}");
            assert_eq!(parameter(&sent, "state").as_deref(), Some("a state"));
        }
    }
}

#[tokio::test]
async fn a_browser_is_known_again_until_it_signs_out() {
    let app = App::start().await;
    let browser = Browser::of(&app);
    let silent = browser.asked(&[("prompt", "none")]);
    let (sent, _) = browser.goes("/_local/authorize", &silent, "").await;
    assert_eq!(parameter(&sent.unwrap(), "error").as_deref(), Some("login_required"));

    let (_, cookie) = browser.picks("fabrikam-globaladmin").await;
    assert!(cookie.ends_with("; Path=/_local; HttpOnly; SameSite=Lax"), "{cookie}");
    let pair = cookie.split(';').next().unwrap();
    let (sent, _) = browser.goes("/_local/authorize", &silent, pair).await;
    let tokens = browser.redeems(&parameter(&sent.unwrap(), "code").unwrap(), &[]).await;
    assert_eq!(claims(&tokens.body["access_token"])["name"], "Fabrikam GlobalAdmin");
    assert_eq!(tokens.body["expires_in"], 600);

    let home = format!("post_logout_redirect_uri={}/", app.local.url());
    let (sent, cookie) = browser.goes("/_local/end-session", &home, pair).await;
    assert_eq!(sent.unwrap().as_str(), format!("{}/", app.local.url()));
    assert!(cookie.starts_with("local_persona=;") && cookie.ends_with("Max-Age=0"), "{cookie}");
    let (sent, _) = browser.goes("/_local/end-session", "post_logout_redirect_uri=https://evil.example/", pair).await;
    assert_eq!(sent, Err(400));
}

#[tokio::test]
async fn pages_of_other_origins_may_ask_the_issuer_as_they_ask_real_ones() {
    let app = App::start().await;
    for (method, path) in [
        ("GET", "/.well-known/openid-configuration"),
        ("GET", "/.well-known/jwks.json"),
        ("POST", "/_local/oauth/token"),
        ("OPTIONS", "/_local/oauth/token"),
    ] {
        let answer = app.nobody().send(method, path, &[("origin", "http://127.0.0.1:1")], None).await;
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{method} {path}");
    }
    assert_eq!(app.nobody().get("/_local/mail").await.header("access-control-allow-origin"), "");
    let described = app.nobody().get("/.well-known/openid-configuration").await.body;
    assert_eq!(described["authorization_endpoint"], format!("{}/_local/authorize", app.local.url()));
    assert_eq!(described["code_challenge_methods_supported"], json!(["S256"]));
}

#[tokio::test]
async fn the_partners_of_the_examples_are_registered_at_a_press_of_a_button() {
    let app = App::start().await;
    for _ in 0..2 {
        let answer = app.nobody().send("POST", "/_local/demo", &[], None).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    let contoso = app.operator().await.get("/v1/partners/11111111-1111-4111-8111-111111111111").await;
    assert_eq!(contoso.body["partner"]["name"], "Contoso");
    let browser = Browser::of(&app);
    let (code, _) = browser.picks("northwind-globaladmin").await;
    let tokens = browser.redeems(&code, &[]).await;
    let northwind =
        app.with_token("44444444-4444-4444-8444-444444444444", tokens.body["access_token"].as_str().unwrap());
    assert_eq!(northwind.post("/v1/invitations", json!({})).await.status, 201);
}
