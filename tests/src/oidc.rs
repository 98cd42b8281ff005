//! A deployment that trusts a real OpenID Connect provider: npm's `oidc-provider`, run by `tests/oidc/provider.mjs`.
//!
//! Needs `node` and, once, `npm ci` in `tests/oidc`. Where either is missing these tests say so and try nothing;
//! `.ci/run` sees to both.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::app::{App, OPERATOR, tenant};

const AUDIENCE: &str = "https://api.example";

/// The provider starts within this time, also on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The provider's process; ends when this is dropped, or when this process ends.
struct Provider {
    process: Child,
    issuer: String,
    admin: String,
    http: reqwest::Client,
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What was asked of the provider: its description, its keys, and connections that it closed while it was down.
#[derive(Debug, Default, PartialEq, Eq)]
struct Asked {
    discovery: u64,
    keys: u64,
    refused: u64,
}

/// Keys fetched once, found by discovery.
const FETCHED: Asked = Asked { discovery: 1, keys: 1, refused: 0 };
const NOTHING: Asked = Asked { discovery: 0, keys: 0, refused: 0 };
/// Tried once, in vain.
const IN_VAIN: Asked = Asked { discovery: 0, keys: 0, refused: 1 };

impl Provider {
    /// `None`, and a line that no test runner swallows, where it cannot run.
    fn start() -> Option<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("oidc");
        let skip = |why: &str| {
            let _ = writeln!(std::io::stderr(), "skipped: no real OpenID Connect provider, since {why}");
            None
        };
        if !folder.join("node_modules/oidc-provider").is_dir() {
            return skip("`npm ci` was not run in tests/oidc");
        }
        let client = |id: &str, tenant: &str, roles: Value| json!({ "client_id": id, "tenant": tenant, "roles": roles, "country": "JP" });
        let clients = json!([
            client("operator", OPERATOR, json!(["Operator"])),
            client("contoso", &tenant("contoso"), json!(["AdminAgent", "Guest"])),
            client("fabrikam", &tenant("fabrikam"), json!("GlobalAdmin Guest")),
            client("would-be-operator", &tenant("contoso"), json!(["Operator"])),
        ]);
        let mut command = Command::new("node");
        command.current_dir(folder).args(["provider.mjs", &clients.to_string()]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = match command.spawn() {
            Ok(process) => process,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return skip("node is not installed"),
            Err(error) => panic!("node: {error}"),
        };
        let (said, hears) = std::sync::mpsc::channel();
        let mut out = BufReader::new(process.stdout.take().unwrap());
        std::thread::spawn(move || {
            let mut line = String::new();
            said.send(out.read_line(&mut line).map(|_| line))
        });
        let Ok(Ok(line)) = hears.recv_timeout(PATIENCE) else {
            let _ = process.kill();
            panic!("provider.mjs did not say where it listens");
        };
        let addresses: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("provider.mjs printed {line:?}"));
        let address = |name: &str| addresses[name].as_str().unwrap().to_owned();
        Some(Self { process, issuer: address("issuer"), admin: address("admin"), http: reqwest::Client::new() })
    }

    /// A deployment that trusts it, by discovery; and, under `{tid}`, issuers with the same keys.
    async fn app(&self) -> App {
        let claims = json!({ "tenant": "tenant", "country": "country" });
        let trusted = json!([
            { "issuer": self.issuer, "audience": AUDIENCE, "cloud": "public", "claims": claims },
            {
                "issuer": format!("{}/{{tid}}/v2.0", self.issuer), "audience": AUDIENCE, "cloud": "public",
                "jwksUri": format!("{}/jwks", self.issuer), "claims": claims
            },
        ]);
        App::start_with(&[("TRUSTED_ISSUERS", &trusted.to_string())]).await
    }

    /// A token from its token endpoint, signed as `rs256` or `es256`; no two are the same.
    async fn token(&self, client: &str, algorithm: &str) -> String {
        let form = format!("grant_type=client_credentials&resource=https%3A%2F%2Fapi.example%2F{algorithm}");
        let request = self.http.post(format!("{}/token", self.issuer)).basic_auth(client, Some("secret"));
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(form);
        let text = request.send().await.unwrap().text().await.unwrap();
        let body: Value = serde_json::from_str(&text).unwrap();
        body["access_token"].as_str().unwrap_or_else(|| panic!("no token: {text}")).to_owned()
    }

    /// A token that differs from a genuine one, see `provider.mjs`.
    async fn forge(&self, like: &str, key: &str, header: Value, claims: Value) -> String {
        let body = json!({ "like": like, "key": key, "header": header, "claims": claims });
        let request = self.http.post(format!("{}/forge", self.admin)).body(body.to_string());
        let text = request.send().await.unwrap().text().await.unwrap();
        let body: Value = serde_json::from_str(&text).unwrap();
        body["token"].as_str().unwrap().to_owned()
    }

    async fn tell(&self, act: &str) {
        let answer = self.http.post(format!("{}/{act}", self.admin)).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{act}");
    }

    /// What was asked since the last time.
    async fn asked(&self) -> Asked {
        let text = self.http.get(format!("{}/asked", self.admin)).send().await.unwrap().text().await.unwrap();
        let counts: Value = serde_json::from_str(&text).unwrap();
        let count = |name: &str| counts[name].as_u64().unwrap();
        Asked { discovery: count("discovery"), keys: count("keys"), refused: count("refused") }
    }
}

/// What somebody with that token is answered on a route that customers may read.
async fn lets_in(app: &App, token: &str) -> String {
    app.with_token("", token).get("/v1/partners").await.summary()
}

const IN: &str = "200";
const OUT: &str = "403 Forbidden";

/// Moves the clock on.
async fn pass(app: &App, seconds: i64) {
    let now = app.local.now() + SignedDuration::from_secs(seconds);
    app.set_clock(&now.to_string()).await;
}

/// The line that the authorizer logs of a request; it may come after the answer.
async fn refusal(app: &App, request_id: &str) -> String {
    for _ in 0..500 {
        let lines = app.local.log_lines().into_iter().filter(|line| line.function == "authorize");
        if let Some(line) = lines.map(|line| line.line).find(|line| line.contains(request_id)) {
            return line;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("authorize logged nothing of {request_id}");
}

#[tokio::test]
async fn the_main_job_is_done_with_tokens_of_a_real_provider() {
    let Some(provider) = Provider::start() else { return };
    let app = provider.app().await;
    let operator = app.with_token(OPERATOR, &provider.token("operator", "rs256").await);
    let contoso = app.with_token(&tenant("contoso"), &provider.token("contoso", "es256").await);
    let fabrikam = app.with_token(&tenant("fabrikam"), &provider.token("fabrikam", "rs256").await);
    let profile = json!({ "name": "Contoso", "country": "JP", "cloud": "public" });
    let path = format!("/v1/partners/{}", tenant("contoso"));
    assert_eq!(contoso.put(&path, profile.clone()).await.summary(), "403 forbidden");
    assert_eq!(operator.put(&path, profile).await.status, 201);
    let invited = contoso.invites().await;
    assert_eq!(contoso.accepts(&invited).await.summary(), "403 forbidden");
    assert_eq!(fabrikam.accepts(&invited).await.summary(), "200 granted");
    let customers = contoso.get("/v1/customers").await;
    assert_eq!(customers.body["items"][0]["customerId"], json!(tenant("fabrikam")), "{customers:?}");
    assert_eq!(provider.asked().await, FETCHED, "once for all of them");

    // The same role in another tenant than the operator's is none; the token itself is genuine.
    let other = app.with_token(&tenant("contoso"), &provider.token("would-be-operator", "rs256").await);
    let path = format!("/v1/partners/{}", tenant("northwind"));
    let refused = other.put(&path, json!({ "name": "Mine", "country": "JP", "cloud": "public" })).await;
    assert_eq!(refused.summary(), "403 forbidden");
}

#[tokio::test]
async fn keys_may_rotate_while_old_tokens_go_on_working() {
    let Some(provider) = Provider::start() else { return };
    let app = provider.app().await;
    let (old, unseen) = (provider.token("fabrikam", "rs256").await, provider.token("fabrikam", "es256").await);
    let last = provider.token("fabrikam", "rs256").await;
    assert_eq!(lets_in(&app, &old).await, IN);
    assert_eq!(provider.asked().await, FETCHED);

    provider.tell("rotate").await;
    let early = provider.token("fabrikam", "rs256").await;
    assert_eq!(lets_in(&app, &early).await, OUT, "its issuer was asked less than a minute ago");
    assert_eq!(provider.asked().await, NOTHING);
    pass(&app, 61).await;
    for algorithm in ["rs256", "es256"] {
        assert_eq!(lets_in(&app, &provider.token("fabrikam", algorithm).await).await, IN, "the new {algorithm}");
    }
    assert_eq!(lets_in(&app, &unseen).await, IN, "the old key is still published");
    assert_eq!(provider.asked().await, FETCHED);
    assert_eq!(lets_in(&app, &early).await, OUT, "API Gateway remembers for five minutes what was refused");
    pass(&app, 300).await;
    assert_eq!(lets_in(&app, &early).await, IN);
    assert_eq!(provider.asked().await, NOTHING);

    // Taken out of the key set, the old key counts until the keys are fetched anew, an hour after the last time.
    provider.tell("retire").await;
    assert_eq!(lets_in(&app, &old).await, IN);
    assert_eq!(provider.asked().await, NOTHING);
    pass(&app, 3600).await;
    assert_eq!(lets_in(&app, &provider.token("fabrikam", "es256").await).await, IN);
    assert_eq!(lets_in(&app, &last).await, OUT);
    assert_eq!(lets_in(&app, &old).await, OUT);
    assert_eq!(provider.asked().await, FETCHED);
}

#[tokio::test]
async fn with_the_provider_away_known_keys_go_on_and_nobody_else_gets_in() {
    let Some(provider) = Provider::start() else { return };
    let app = provider.app().await;
    let known = [
        provider.token("fabrikam", "rs256").await,
        provider.token("fabrikam", "es256").await,
        provider.token("fabrikam", "rs256").await,
    ];
    assert_eq!(lets_in(&app, &known[0]).await, IN);
    assert_eq!(provider.asked().await, FETCHED);
    provider.tell("rotate").await;
    let mut unknown = Vec::new();
    for _ in 0..6 {
        unknown.push(provider.token("fabrikam", "rs256").await);
    }
    let stranger = provider.forge(&known[0], "stranger", json!({}), json!({})).await;
    provider.tell("down").await;
    pass(&app, 61).await;

    assert_eq!(lets_in(&app, &known[1]).await, IN);
    assert_eq!(provider.asked().await, NOTHING, "a known key needs nobody");
    assert_eq!(lets_in(&app, &unknown[0]).await, OUT);
    assert_eq!(provider.asked().await, IN_VAIN);
    assert_eq!(lets_in(&app, &unknown[1]).await, OUT);
    assert_eq!(lets_in(&app, &stranger).await, OUT, "a known key's id with a signature of another");
    assert_eq!(provider.asked().await, NOTHING, "at most once a minute");
    pass(&app, 61).await;
    assert_eq!(lets_in(&app, &unknown[2]).await, OUT);
    assert_eq!(lets_in(&app, &unknown[3]).await, OUT);
    assert_eq!(provider.asked().await, IN_VAIN);

    // Keys that should be fetched anew and cannot be go on working.
    pass(&app, 3600).await;
    assert_eq!(lets_in(&app, &known[2]).await, IN);
    assert_eq!(provider.asked().await, IN_VAIN);
    assert!(app.log().contains("keys not fetched anew"));

    // A deployment that never saw the keys lets nobody in, and says that it is not the caller's fault.
    let fresh = provider.app().await;
    assert_eq!(lets_in(&fresh, &known[0]).await, "500 Internal Server Error");
    assert_eq!(lets_in(&fresh, &stranger).await, "500 Internal Server Error");
    assert_eq!(provider.asked().await, IN_VAIN, "who knows no key does not ask each time");

    provider.tell("up").await;
    assert_eq!(lets_in(&app, &unknown[4]).await, OUT, "its issuer was asked less than a minute ago");
    assert_eq!(provider.asked().await, NOTHING);
    pass(&app, 61).await;
    assert_eq!(lets_in(&app, &unknown[5]).await, IN);
    assert_eq!(lets_in(&app, &provider.token("fabrikam", "es256").await).await, IN);
    assert_eq!(provider.asked().await, FETCHED);
    pass(&fresh, 5).await;
    assert_eq!(lets_in(&fresh, &known[0]).await, IN, "an error is remembered for some seconds");
}

#[tokio::test]
async fn tokens_that_do_not_count_are_refused_and_the_log_says_why() {
    let Some(provider) = Provider::start() else { return };
    let app = provider.app().await;
    let now = app.local.now().as_second();
    let (own, other) = (tenant("fabrikam"), tenant("contoso"));
    let of = |tenant: &str| format!("{}/{tenant}/v2.0", provider.issuer);
    let rs256 = provider.token("fabrikam", "rs256").await;
    let es256 = provider.token("fabrikam", "es256").await;

    // What is forged below differs from these in one thing.
    for (like, key) in [(&rs256, "RS256"), (&es256, "ES256")] {
        assert_eq!(lets_in(&app, like).await, IN);
        assert_eq!(lets_in(&app, &provider.forge(like, key, json!({}), json!({ "n": 1 })).await).await, IN);
        let pattern = provider.forge(like, key, json!({}), json!({ "iss": of(&own) })).await;
        assert_eq!(lets_in(&app, &pattern).await, IN, "its own tenant's issuer");
    }

    let unchanged = || json!({});
    for (case, key, header, claims, why) in [
        ("expired", "RS256", unchanged(), json!({ "exp": now - 61 }), "expired, or without an end"),
        ("without an end", "RS256", unchanged(), json!({ "exp": null }), "expired, or without an end"),
        ("not yet valid", "RS256", unchanged(), json!({ "nbf": now + 3600 }), "not valid yet"),
        (
            "another audience",
            "RS256",
            unchanged(),
            json!({ "aud": "https://other.example" }),
            "meant for another audience",
        ),
        (
            "another issuer",
            "RS256",
            unchanged(),
            json!({ "iss": "https://id.example" }),
            "an issuer that is not trusted",
        ),
        (
            "another tenant's issuer",
            "RS256",
            unchanged(),
            json!({ "iss": of(&other) }),
            "an issuer that is not trusted",
        ),
        ("the pattern itself", "RS256", unchanged(), json!({ "iss": of("{tid}") }), "an issuer that is not trusted"),
        ("alg none", "none", json!({ "alg": "none" }), unchanged(), "no readable token"),
        ("no signature", "none", unchanged(), unchanged(), "a wrong signature"),
        (
            "HS256 with the public key",
            "public",
            json!({ "alg": "HS256" }),
            unchanged(),
            "an algorithm that is not taken",
        ),
        ("the same, said to be RS256", "public", unchanged(), unchanged(), "a wrong signature"),
        ("an unknown key", "RS256", json!({ "kid": "unknown" }), unchanged(), "a key that its issuer does not have"),
        ("a stranger's key", "stranger", unchanged(), unchanged(), "a wrong signature"),
        ("a tampered payload", "kept", unchanged(), json!({ "tenant": other }), "a wrong signature"),
        ("no tenant", "RS256", unchanged(), json!({ "tenant": null }), "no tenant, or one that is no UUID"),
        (
            "a tenant that is no UUID",
            "RS256",
            unchanged(),
            json!({ "tenant": "fabrikam" }),
            "no tenant, or one that is no UUID",
        ),
        ("nobody", "RS256", unchanged(), json!({ "sub": null, "client_id": null }), "neither a user nor a client"),
        (
            "another kind of token",
            "RS256",
            json!({ "typ": "logout+jwt" }),
            unchanged(),
            "no access token but one of another kind",
        ),
    ] {
        let token = provider.forge(&rs256, key, header, claims).await;
        let answer = app.with_token(&own, &token).get("/v1/partners").await;
        assert_eq!((answer.status, answer.text.as_str()), (403, r#"{"message":"Forbidden"}"#), "{case}");
        let line = refusal(&app, answer.header("apigw-requestid")).await;
        let logged: Value = serde_json::from_str(&line).unwrap();
        assert_eq!((&logged["outcome"], &logged["why"]), (&json!("refused"), &json!(why)), "{case}: {line}");
        let log = app.log();
        for part in token.split('.').filter(|part| !part.is_empty()) {
            assert!(!log.contains(part), "{case}: a part of the token is in the log");
        }
    }
    assert_eq!(lets_in(&app, &rs256).await, IN, "the genuine one goes on working");
}
