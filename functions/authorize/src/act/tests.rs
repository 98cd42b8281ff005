use lambda_runtime::Diagnostic;

use super::*;
use crate::{
    issuer,
    testing::{OPERATOR, P256, Provider, RSA, STRANGER_P256, TENANT, log, now, with},
};

async fn provider() -> (Provider, Deps) {
    let provider = Provider::start(&[RSA.jwk(), P256.jwk()]).await;
    let list = provider.trusted(json!({ "jwksUri": format!("{}/keys", provider.base) }));
    let deps = Deps::new(issuer::parse(&list).unwrap(), OPERATOR.parse().unwrap());
    (provider, deps)
}

fn event(identity_source: Value) -> Request {
    let event = json!({
        "version": "2.0", "type": "REQUEST", "identitySource": identity_source, "headers": { "host": "a" },
        "requestContext": { "requestId": "r1", "timeEpoch": now().as_millisecond(), "stage": "$default" },
    });
    serde_json::from_value(event).unwrap()
}

fn bearer(token: &str) -> Request {
    event(json!([format!("Bearer {token}")]))
}

/// What API Gateway is answered.
async fn answer(deps: &Deps, request: Request) -> Value {
    json!(handle(deps, request).await.unwrap())
}

fn refused() -> Value {
    json!({ "isAuthorized": false, "context": {} })
}

#[tokio::test]
async fn a_good_token_is_handed_on_as_an_identity() {
    let (provider, deps) = provider().await;
    let more =
        json!({ "name": "Ada", "email": "ada@fabrikam.example", "tenant_ctry": "jp", "roles": "SalesAgent Operator" });
    let claims = with(&provider.claims(), more);
    for signer in [RSA, P256] {
        assert_eq!(
            answer(&deps, bearer(&signer.token(&claims))).await,
            json!({ "isAuthorized": true, "context": {
                "tenant": TENANT, "user": "ada", "name": "Ada", "email": "ada@fabrikam.example",
                "roles": ["SalesAgent"], "country": "JP", "cloud": "public",
            }})
        );
    }
    assert_eq!(
        answer(&deps, bearer(&P256.token(&provider.claims()))).await,
        json!({ "isAuthorized": true, "context": {
            "tenant": TENANT, "user": "ada", "roles": ["GlobalAdmin"], "cloud": "public",
        }})
    );
}

#[tokio::test]
async fn anything_else_is_refused_and_the_answer_does_not_say_why() {
    let (provider, deps) = provider().await;
    let claims = provider.claims();
    for (case, request) in [
        ("a stranger's key", bearer(&STRANGER_P256.token(&claims))),
        ("expired", bearer(&P256.token(&with(&claims, json!({ "exp": 1 }))))),
        ("another audience", bearer(&P256.token(&with(&claims, json!({ "aud": "theirs" }))))),
        ("no token", event(json!([]))),
        ("an empty one", event(json!([""]))),
        ("garbage", event(json!(["Bearer header.payload.signature"]))),
        ("only the first counts", event(json!(["Basic x", format!("Bearer {}", P256.token(&claims))]))),
    ] {
        assert_eq!(answer(&deps, request).await, refused(), "{case}");
    }
}

#[tokio::test]
async fn nobody_can_make_it_ask_an_issuer_for_a_token_that_cannot_count() {
    let (provider, deps) = provider().await;
    let claims = provider.claims();
    for token in [
        "garbage".to_owned(),
        P256.token(&with(&claims, json!({ "iss": "https://other.example" }))),
        P256.token(&with(&claims, json!({ "aud": "theirs" }))),
        RSA.sign(jsonwebtoken::Algorithm::RS512, &with(&RSA.header(), json!({ "alg": "RS512" })), &claims),
    ] {
        assert_eq!(answer(&deps, bearer(&token)).await, refused());
    }
    assert_eq!(provider.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn keys_that_cannot_be_had_are_an_error_and_no_refusal() {
    let (provider, deps) = provider().await;
    provider.answers("/keys", 503, "");
    let token = P256.token(&provider.claims());
    let error: Diagnostic = handle(&deps, bearer(&token)).await.unwrap_err().into();
    assert_eq!(error.error_type, "KeysUnavailable");
    let message = format!("the issuer's keys cannot be had: {}/keys: 503 Service Unavailable", provider.base);
    assert_eq!(error.error_message, message);
}

#[tokio::test]
async fn the_log_says_why_and_never_the_token() {
    let (provider, deps) = provider().await;
    let ask = async |deps: &Deps, token: &str| {
        let request = bearer(token);
        let judged = judge(deps, &request, Some(now())).await;
        json!(told(&request, &judged))
    };
    let claims = with(&provider.claims(), json!({ "name": "Ada Secret" }));
    let good = P256.token(&claims);
    let tokens = [
        STRANGER_P256.token(&claims),
        P256.token(&with(&claims, json!({ "exp": 1 }))),
        P256.token(&with(&claims, json!({ "iss": "https://other.example" }))),
        P256.sign(jsonwebtoken::Algorithm::ES256, &with(&P256.header(), json!({ "kid": "secret-id" })), &claims),
        "garbage-garbage".to_owned(),
    ];
    let mut lines = Vec::new();
    for token in &tokens {
        lines.push(ask(&deps, token).await);
    }
    provider.answers("/keys", 503, "");
    let fresh = Deps::new(deps.issuers.clone(), deps.operator);
    lines.push(ask(&fresh, &good).await);
    lines.push(ask(&deps, &good).await);

    for (line, (outcome, part)) in lines.iter().zip([
        ("refused", "a wrong signature"),
        ("refused", "expired"),
        ("refused", "an issuer that is not trusted"),
        ("refused", "a key that its issuer does not have"),
        ("refused", "no readable token"),
        ("keys-unavailable", "503 Service Unavailable"),
        ("authorized", TENANT),
    ]) {
        assert_eq!((&line["outcome"], &line["request_id"]), (&json!(outcome), &json!("r1")));
        assert!(line.to_string().contains(part), "{part} in {line}");
    }
    let log = format!("{}{lines:?}", log());
    for piece in tokens.iter().chain([&good]).flat_map(|token| token.split('.')).chain(["Secret", "secret-id"]) {
        assert!(!log.contains(piece), "{piece} in the log");
    }
}
