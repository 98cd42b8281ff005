use jiff::ToSpan;
use jsonwebtoken::Algorithm;
use serde_json::json;

use super::*;
use crate::{
    issuer::{self, Issuer},
    testing::{P256, Provider, RSA, Signer, now, with},
    token,
};

/// An issuer, and what an execution environment knows of its keys.
struct World {
    provider: Provider,
    issuers: Vec<Issuer>,
    keys: Keys,
}

impl World {
    async fn with(keys: &[Value]) -> Self {
        let provider = Provider::start(keys).await;
        let issuers = issuer::parse(&provider.trusted(json!({ "jwksUri": format!("{}/keys", provider.base) })));
        Self { provider, issuers: issuers.unwrap(), keys: Keys::default() }
    }

    async fn discovered(description: Value) -> Self {
        let provider = Provider::start(&[P256.jwk()]).await;
        let own = json!({ "issuer": provider.base, "jwks_uri": format!("{}/keys", provider.base) });
        provider.answers("/.well-known/openid-configuration", 200, &with(&own, description).to_string());
        let issuers = issuer::parse(&provider.trusted(json!({}))).unwrap();
        Self { provider, issuers, keys: Keys::default() }
    }

    /// Looks for the key of a token so many seconds after the first event: what is found, and what was asked.
    async fn after(&self, seconds: i64, signer: Signer) -> (&'static str, usize) {
        let (found, asked) = self.find(seconds, signer).await;
        (found.map_or("error", |key| key.map_or("unknown", |_| "known")), asked.len())
    }

    async fn find(&self, seconds: i64, signer: Signer) -> (Result<Option<Key>, KeysError>, Vec<String>) {
        let header = format!("Bearer {}", signer.token(&self.provider.claims()));
        let token = token::read(&header, &self.issuers).ok().unwrap();
        let found = self.keys.find(&token, now() + seconds.seconds()).await;
        (found, self.provider.asked())
    }

    async fn error(&self) -> String {
        self.find(0, P256).await.0.err().unwrap().to_string()
    }
}

const OTHER: Signer = Signer { id: "other", ..P256 };
const HOUR: i64 = 3600;

#[tokio::test]
async fn keys_are_fetched_once_and_kept() {
    let world = World::with(&[RSA.jwk(), P256.jwk()]).await;
    assert_eq!(world.after(0, P256).await, ("known", 1));
    for seconds in [0, 1, 59, 60, 61, HOUR - 1] {
        assert_eq!(world.after(seconds, P256).await, ("known", 0), "{seconds}");
        assert_eq!(world.after(seconds, RSA).await, ("known", 0), "{seconds}");
    }
}

#[tokio::test]
async fn an_unknown_key_is_looked_for_once_a_minute() {
    let world = World::with(&[P256.jwk()]).await;
    assert_eq!(world.after(0, OTHER).await, ("unknown", 1));
    assert_eq!(world.after(59, OTHER).await, ("unknown", 0));
    assert_eq!(world.after(60, OTHER).await, ("unknown", 1));
    assert_eq!(world.after(61, RSA).await, ("unknown", 0));
    assert_eq!(world.after(61, P256).await, ("known", 0));
    world.provider.publishes(&[P256.jwk(), OTHER.jwk()]);
    assert_eq!(world.after(119, OTHER).await, ("unknown", 0));
    assert_eq!(world.after(120, OTHER).await, ("known", 1));
}

#[tokio::test]
async fn keys_are_fetched_anew_after_an_hour_and_withdrawn_ones_end() {
    let world = World::with(&[P256.jwk()]).await;
    assert_eq!(world.after(0, P256).await, ("known", 1));
    world.provider.publishes(&[RSA.jwk()]);
    assert_eq!(world.after(HOUR - 1, P256).await, ("known", 0));
    assert_eq!(world.after(HOUR, P256).await, ("unknown", 1));
    assert_eq!(world.after(HOUR, RSA).await, ("known", 0));
}

#[tokio::test]
async fn a_known_key_works_while_its_issuer_is_away() {
    let world = World::with(&[P256.jwk()]).await;
    assert_eq!(world.after(0, P256).await, ("known", 1));
    for (status, body) in [(503, "down"), (200, "<html>"), (200, r#"{"keys":[]}"#), (302, "")] {
        world.provider.answers("/keys", status, body);
        assert_eq!(world.after(HOUR, P256).await.0, "known", "{status} {body}");
    }
    assert_eq!(world.after(HOUR + 59, P256).await, ("known", 0));
    assert_eq!(world.after(HOUR + 59, OTHER).await, ("unknown", 0));
    assert_eq!(world.after(HOUR + 60, P256).await, ("known", 1));
    world.provider.publishes(&[P256.jwk(), OTHER.jwk()]);
    assert_eq!(world.after(HOUR + 120, OTHER).await, ("known", 1));
}

#[tokio::test]
async fn time_going_back_forgets_and_events_that_overtake_do_not() {
    let world = World::with(&[P256.jwk()]).await;
    assert_eq!(world.after(HOUR, P256).await, ("known", 1));
    assert_eq!(world.after(HOUR - 59, P256).await, ("known", 0));
    assert_eq!(world.after(HOUR - 59, OTHER).await, ("unknown", 0));
    assert_eq!(world.after(HOUR - 60, P256).await, ("known", 1));
    assert_eq!(world.after(0, P256).await, ("known", 1));
    assert_eq!(world.after(60, P256).await, ("known", 0));
}

#[tokio::test]
async fn without_any_known_key_an_issuer_that_is_away_is_an_error() {
    let world = World::with(&[]).await;
    for (number, (status, body, part)) in [
        (200, r#"{"keys":[]}"#, "no key for"),
        (503, "down", "503"),
        (404, "", "404"),
        (302, "", "302"),
        (200, "<html>", "expected value"),
        (200, "{}", "missing field `keys`"),
    ]
    .into_iter()
    .enumerate()
    {
        world.provider.answers("/keys", status, body);
        let (found, asked) = world.find(5 * number as i64, P256).await;
        let error = found.err().unwrap().to_string();
        assert!(error.contains(part) && error.contains("/keys: "), "{error}");
        assert_eq!(asked.len(), 1);
        // It is remembered for some seconds, and then asked again.
        let (found, asked) = world.find(5 * number as i64 + 4, P256).await;
        assert_eq!((found.err().unwrap().to_string(), asked.len()), (error, 0));
    }
    world.provider.publishes(&[P256.jwk()]);
    assert_eq!(world.after(30, P256).await, ("known", 1));
}

#[tokio::test]
async fn nobody_at_the_address_is_an_error_that_says_why() {
    let mut world = World::with(&[]).await;
    // Port 1 is nobody's.
    let base = &world.provider.base;
    let list = world.provider.trusted(json!({ "issuer": base, "jwksUri": "http://127.0.0.1:1/keys" }));
    world.issuers = issuer::parse(&list).unwrap();
    let error = world.error().await;
    assert!(error.contains("http://127.0.0.1:1/keys: ") && error.contains("refused"), "{error}");
}

#[tokio::test]
async fn a_silent_issuer_is_given_up_on() {
    let mut world = World::with(&[]).await;
    world.provider.falls_silent();
    world.keys.timeout = Duration::from_millis(50);
    let error = world.error().await;
    assert!(error.contains("no answer in time"), "{error}");
}

#[tokio::test]
async fn a_key_set_has_a_largest_size() {
    let world = World::with(&[json!({ "kty": "x", "more": "x".repeat(MOST_BYTES) }), P256.jwk()]).await;
    let error = world.error().await;
    assert!(error.contains("length limit exceeded"), "{error}");
}

#[tokio::test]
async fn keys_are_found_by_discovery() {
    let world = World::discovered(json!({})).await;
    let (found, asked) = world.find(0, P256).await;
    assert!(found.unwrap().is_some());
    assert_eq!(asked, ["/.well-known/openid-configuration", "/keys"]);
    assert_eq!(world.after(HOUR - 1, P256).await, ("known", 0));
}

#[tokio::test]
async fn a_discovery_that_leads_astray_is_an_error() {
    for (description, part) in [
        (json!({ "jwks_uri": "http://a.example/keys" }), "http://a.example/keys: is not https"),
        (json!({ "jwks_uri": "http://127.0.0.1:80@a.example/keys" }), "is not https"),
        (json!({ "jwks_uri": "/keys" }), "/keys: is not https"),
        (json!({ "jwks_uri": null }), "invalid type: null"),
        (json!({ "issuer": "https://other.example" }), "describes another issuer, https://other.example"),
    ] {
        let world = World::discovered(description.clone()).await;
        let (found, asked) = world.find(0, P256).await;
        let error = found.err().unwrap().to_string();
        assert!(error.contains(part), "{description}: {error}");
        assert_eq!(asked, ["/.well-known/openid-configuration"], "{description}");
    }
}

#[tokio::test]
async fn a_key_that_is_not_understood_does_not_break_the_others() {
    let strange = [
        json!("a key"),
        json!(null),
        json!({}),
        json!({ "kty": "AKP", "alg": "ML-DSA-44", "kid": "p256", "pub": "AAAA" }),
        json!({ "kty": "EC", "crv": "secp256k1", "kid": "p256", "x": "AAAA", "y": "AAAA" }),
        json!({ "kty": "EC", "crv": "P-384", "kid": "p256", "x": "AAAA", "y": "AAAA" }),
        json!({ "kty": "RSA", "kid": 7, "n": "AAAA", "e": "AQAB" }),
        json!({ "kty": "RSA", "kid": "p256", "n": [], "e": "AQAB" }),
        json!({ "kty": "oct", "kid": "p256", "alg": "HS256", "k": "AAAA" }),
        with(&P256.jwk(), json!({ "alg": "ES256K" })),
        with(&P256.jwk(), json!({ "use": "enc" })),
        with(&RSA.jwk(), json!({ "x5c": "no list" })),
        P256.jwk(),
    ];
    let world = World::with(&strange).await;
    assert_eq!(world.after(0, P256).await, ("known", 1));
    assert_eq!(world.after(0, RSA).await, ("unknown", 0));
    let (found, _) = world.find(0, P256).await;
    assert_eq!(found.unwrap().unwrap().algorithm, Algorithm::ES256);
}
