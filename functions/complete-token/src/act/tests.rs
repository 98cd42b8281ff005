use lambda_runtime::Context;

use super::*;

const PAGE: &str = include_str!("../../../../docs/identity/cognito.md");

/// The recorded event: Mai Sato of Fabrikam signs in.
fn event() -> Event {
    serde_json::from_str(include_str!("../../../../events/complete-token.json")).unwrap()
}

/// The event of somebody with other attributes.
fn of(attributes: &[(&str, &str)]) -> Event {
    let mut event = event();
    event["request"]["userAttributes"] = json!(BTreeMap::from_iter(attributes.iter().copied()));
    event
}

async fn answer(event: Event) -> Result<Event, lambda_runtime::Error> {
    handle(LambdaEvent::new(event, Context::default())).await
}

/// What is added to the access token.
async fn claims(event: Event) -> Value {
    let answer = Value::Object(answer(event).await.unwrap());
    answer["response"]["claimsAndScopeOverrideDetails"]["accessTokenGeneration"]["claimsToAddOrOverride"].clone()
}

#[tokio::test]
async fn the_token_gets_what_the_page_on_cognito_shows() {
    let mut blocks = PAGE.split("```json\n").skip(1).map(|rest| rest.split("\n```").next().unwrap());
    let token = blocks.find(|block| block.starts_with('{')).unwrap();
    let token: Value = serde_json::from_str(token).unwrap();
    let claims = claims(event()).await;
    assert_eq!(claims.as_object().unwrap().len(), 5, "{claims}");
    for (claim, value) in claims.as_object().unwrap() {
        assert_eq!(token[claim], *value, "{claim}");
    }
}

#[tokio::test]
async fn the_event_comes_back_with_nothing_else_changed() {
    let mut answer = answer(event()).await.unwrap();
    let details = &answer["response"]["claimsAndScopeOverrideDetails"];
    // Neither groups nor scopes nor the ID token: what is not named stays as it is.
    assert_eq!(details.as_object().unwrap().keys().collect::<Vec<_>>(), ["accessTokenGeneration"]);
    let asked = event();
    answer.insert("response".to_owned(), asked["response"].clone());
    assert_eq!(answer, asked);
}

#[tokio::test]
async fn who_belongs_to_no_organisation_gets_a_token_that_says_none() {
    let aud = json!({ "aud": "1example23456789abcdefghij" });
    for attributes in [
        &[][..],
        &[("custom:tenant", "")],
        &[("custom:tenant", "fabrikam")],
        &[("tenant", "22222222-2222-4222-8222-222222222222")],
    ] {
        assert_eq!(claims(of(attributes)).await, aud, "{attributes:?}");
    }
}

#[tokio::test]
async fn nobody_signs_in_by_an_event_of_another_kind() {
    for part in ["callerContext", "request"] {
        let mut event = event();
        event.remove(part);
        answer(event).await.unwrap_err();
    }
}

#[test]
fn a_line_names_the_organisation_and_nobody_in_it() {
    let line = |event: &Event| json!(told("r1".to_owned(), &complete(event)));
    let tenant = "22222222-2222-4222-8222-222222222222";
    assert_eq!(line(&event()), json!({ "request_id": "r1", "tenant": tenant, "outcome": "completed" }));
    assert_eq!(line(&of(&[("name", "Mai Sato")])), json!({ "request_id": "r1", "outcome": "no-tenant" }));
    let mut wrong = event();
    wrong["request"]["userAttributes"]["email"] = json!(["mai@fabrikam.example"]);
    let line = line(&wrong);
    assert_eq!(line["outcome"], "internal");
    assert!(!line.to_string().contains("mai"), "{line}");
}
