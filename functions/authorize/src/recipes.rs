//! What `docs/identity.md` and its pages say of identity providers holds: its entries are read, and its tokens accepted as the
//! callers that it shows.
//!
//! In its sections, of the blocks fenced as `json` each that begins with `[` is an entry; behind it stand pairs of a
//! token's payload and the caller it is.

use serde_json::{Value, json};

use crate::{
    act::{self, Deps},
    issuer,
    testing::{OPERATOR, Provider, RSA, now, with, without},
    token::Refused,
};

const PAGES: &str = concat!(
    include_str!("../../../docs/identity.md"),
    include_str!("../../../docs/identity/entra-id.md"),
    include_str!("../../../docs/identity/auth0.md"),
    include_str!("../../../docs/identity/keycloak.md"),
    include_str!("../../../docs/identity/cognito.md"),
);

/// An entry, and the tokens that it lets in.
struct Recipe {
    section: &'static str,
    entry: &'static str,
    tokens: Vec<(Value, Value)>,
}

fn recipes() -> Vec<Recipe> {
    let mut recipes: Vec<Recipe> = Vec::new();
    for section in PAGES.split("\n#").skip(1) {
        let title = section.lines().next().unwrap().trim_start_matches('#').trim();
        let mut payload = None;
        for block in section.split("```json\n").skip(1).map(|rest| rest.split("\n```").next().unwrap()) {
            if block.starts_with('[') {
                recipes.push(Recipe { section: title, entry: block, tokens: Vec::new() });
                continue;
            }
            let value: Value = serde_json::from_str(block).unwrap_or_else(|error| panic!("{title}: {error}: {block}"));
            match payload.take() {
                None => payload = Some(value),
                Some(payload) => recipes.last_mut().unwrap().tokens.push((payload, value)),
            }
        }
        assert_eq!(payload, None, "{title}: a token without its caller");
    }
    recipes
}

/// What the authorizer answers to that token, signed by the key of every issuer of that entry.
async fn answer(provider: &Provider, entry: &str, claims: &Value) -> Value {
    let list: Vec<Value> = serde_json::from_str(entry).unwrap();
    let keys = json!({ "jwksUri": format!("{}/keys", provider.base) });
    let list: Value = list.iter().map(|issuer| with(issuer, keys.clone())).collect();
    let deps = Deps::new(issuer::parse(&list.to_string()).unwrap(), OPERATOR.parse().unwrap());
    let event = json!({
        "identitySource": [format!("Bearer {}", RSA.token(claims))],
        "requestContext": { "requestId": "r1", "timeEpoch": now().as_millisecond() },
    });
    json!(act::handle(&deps, serde_json::from_value(event).unwrap()).await.unwrap())
}

/// The token as it is today.
fn today(payload: &Value) -> Value {
    let at = now().as_second();
    let times =
        [("iat", at), ("nbf", at), ("exp", at + 3600)].into_iter().filter(|(name, _)| payload.get(name).is_some());
    with(payload, times.map(|(name, at)| (name.to_owned(), json!(at))).collect())
}

#[test]
fn every_entry_is_one_line_that_the_template_takes_and_the_function_reads() {
    let recipes = recipes();
    let sections: Vec<&str> = recipes.iter().map(|recipe| recipe.section).collect();
    assert_eq!(
        sections,
        [
            "Microsoft Entra ID",
            "National clouds",
            "Auth0",
            "Keycloak",
            "Amazon Cognito",
            "No identity provider: the stack's own pool"
        ]
    );
    for Recipe { section, entry, tokens } in &recipes {
        assert!(entry.starts_with("[{") && entry.ends_with("}]") && !entry.contains('\n'), "{section}");
        assert!(entry.len() < 2048, "{section}: all variables of a function may be 4 KiB together");
        issuer::parse(entry).unwrap_or_else(|error| panic!("{section} {error}"));
        assert!(!tokens.is_empty(), "{section} shows no token");
    }
}

#[test]
fn the_entry_of_the_pool_that_the_template_makes_is_the_templates_own() {
    let template = include_str!("../../../template.yaml");
    let (_, entry) = template.split_once("                - !Sub '[{").unwrap();
    let entry = format!("[{{{}", entry.split('\'').next().unwrap());
    let pool = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab12Cd34E";
    let values = [
        ("https://cognito-idp.${AWS::Region}.${AWS::URLSuffix}/${UserPool}", pool),
        ("${UserPoolClient}", "1example23456789abcdefghij"),
        ("${UserPoolCloud}", "public"),
    ];
    let entry = values.into_iter().fold(entry, |entry, (name, value)| entry.replace(name, value));
    let recipes = recipes();
    let shown = recipes.iter().find(|recipe| recipe.section.starts_with("No identity provider")).unwrap();
    assert_eq!(entry, shown.entry);
    // And behind a list that is given.
    assert_eq!(issuer::parse(&format!("{}{entry}", recipes[0].entry)).unwrap().len(), 3);
}

#[tokio::test]
async fn every_token_is_the_caller_that_the_page_shows() {
    let provider = Provider::start(&[RSA.jwk()]).await;
    for Recipe { section, entry, tokens } in recipes() {
        for (payload, caller) in tokens {
            let accepted = json!({ "isAuthorized": true, "context": caller });
            assert_eq!(answer(&provider, entry, &today(&payload)).await, accepted, "{section}");
        }
    }
}

#[tokio::test]
async fn no_token_of_the_page_does_without_what_the_page_says_it_must_contain() {
    let provider = Provider::start(&[RSA.jwk()]).await;
    let refused = json!({ "isAuthorized": false, "context": {} });
    for Recipe { section, entry, tokens } in recipes() {
        for (payload, caller) in tokens {
            let claims = today(&payload);
            let tenant = claims.as_object().unwrap().iter().find(|(_, value)| **value == caller["tenant"]);
            for needed in ["iss", "aud", "exp", tenant.unwrap().0.as_str()] {
                assert_eq!(answer(&provider, entry, &without(&claims, needed)).await, refused, "{section}: {needed}");
            }
            assert_eq!(answer(&provider, entry, &payload).await, refused, "{section}: its own times are past");
        }
    }
}

#[test]
fn every_reason_of_a_refusal_is_explained() {
    let all = [
        Refused::Unreadable,
        Refused::Algorithm,
        Refused::Kind,
        Refused::Issuer,
        Refused::Audience,
        Refused::UnknownKey,
        Refused::Signature,
        Refused::Expired,
        Refused::NotYetValid,
        Refused::Tenant,
        Refused::User,
    ];
    let section = PAGES.split("\n## What a refusal means").nth(1).unwrap().split("\n## ").next().unwrap();
    let explained: Vec<&str> = section.split("\n| `").skip(2).map(|row| row.split('`').next().unwrap()).collect();
    let given: Vec<String> = all.iter().map(ToString::to_string).collect();
    assert_eq!(explained, given, "in the order in which they are judged");
    for why in all {
        // A new reason does not compile until it is here, and above.
        match why {
            Refused::Unreadable
            | Refused::Algorithm
            | Refused::Kind
            | Refused::Issuer
            | Refused::Audience
            | Refused::UnknownKey
            | Refused::Signature
            | Refused::Expired
            | Refused::NotYetValid
            | Refused::Tenant
            | Refused::User => {}
        }
    }
}
