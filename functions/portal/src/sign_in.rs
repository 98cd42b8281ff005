//! Where people sign in: `SIGN_IN`.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::{domain::Cloud, origin::safe_origin};

/// A way to sign in: an issuer at which the portal is registered as a public client (authorization code with PKCE). Pages get it as
/// it is; nothing in it is secret.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SignIn {
    /// What its button says.
    name: String,
    /// The cloud whose people sign in there.
    cloud: Cloud,
    /// `{tid}` in it stands for the tenant of whoever signs in.
    issuer: String,
    client_id: String,
    scope: String,
    #[serde(flatten)]
    endpoints: Endpoints,
}

/// Where its endpoints are, if its discovery document does not say it: pages can fetch only from the issuer's origin, and from those
/// of what is named here.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Endpoints {
    #[serde(skip_serializing_if = "Option::is_none")]
    authorization_endpoint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_endpoint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_session_endpoint: Option<String>,
}

/// As it is written, right or wrong.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Written {
    #[serde(default)]
    name: String,
    cloud: Option<Cloud>,
    #[serde(default)]
    issuer: String,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    scope: String,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
    end_session_endpoint: Option<String>,
}

const TENANT: &str = "{tid}";

/// Parses and checks the list, or several of them one behind the other: the template puts that of its own user pool behind the one
/// it is given. All that is wrong is said at once.
pub(crate) fn parse(text: &str) -> Result<Vec<SignIn>, String> {
    let lists = serde_json::Deserializer::from_str(text).into_iter::<Vec<Value>>();
    let lists: Vec<_> = lists.collect::<Result<_, _>>().map_err(|error| format!("is no JSON list: {error}"))?;
    let entries = lists.concat();
    let (mut all, mut problems): (Vec<SignIn>, Vec<String>) = (Vec::new(), Vec::new());
    for (entry, number) in entries.into_iter().zip(1..) {
        let before = problems.len();
        let mut wrong = |what: String| problems.push(format!("entry {number} {what}"));
        match serde_json::from_value::<Written>(entry) {
            Err(error) => wrong(format!("is wrong: {error}")),
            Ok(written) => {
                written.problems().into_iter().for_each(&mut wrong);
                // Buttons that say the same are no choice.
                if all.iter().any(|other| other.name == written.name) {
                    wrong(format!("has the name of another: {:?}", written.name));
                }
                if let (Some(sign_in), true) = (written.sign_in(), problems.len() == before) {
                    all.push(sign_in);
                }
            }
        }
    }
    if problems.is_empty() { Ok(all) } else { Err(problems.join(", ")) }
}

impl Written {
    fn problems(&self) -> Vec<String> {
        let texts =
            [("name", &self.name), ("issuer", &self.issuer), ("clientId", &self.client_id), ("scope", &self.scope)];
        let empty = texts.into_iter().filter(|(_, text)| text.trim().is_empty()).map(|(name, _)| name);
        let missing = empty.chain(self.cloud.is_none().then_some("cloud")).map(|name| format!("has no {name}"));
        // Without it there is no identity token, and so no name to greet by.
        let no_openid = !self.scope.trim().is_empty() && !self.scope.split(' ').any(|word| word == "openid");
        let no_openid = no_openid.then(|| "asks for a scope without openid".to_owned());
        let unsafe_address = |address: &&String| !address.is_empty() && origin(address).is_none();
        let unsafe_addresses = self
            .addresses()
            .filter(unsafe_address)
            .map(|address| format!("has an address that is not https: {address}"));
        missing.chain(no_openid).chain(unsafe_addresses).collect()
    }

    fn addresses(&self) -> impl Iterator<Item = &String> {
        let endpoints = [&self.authorization_endpoint, &self.token_endpoint, &self.end_session_endpoint];
        [&self.issuer].into_iter().chain(endpoints.into_iter().flatten())
    }

    fn sign_in(self) -> Option<SignIn> {
        let Self {
            name,
            cloud,
            issuer,
            client_id,
            scope,
            authorization_endpoint,
            token_endpoint,
            end_session_endpoint,
        } = self;
        let endpoints = Endpoints { authorization_endpoint, token_endpoint, end_session_endpoint };
        Some(SignIn { name, cloud: cloud?, issuer, client_id, scope, endpoints })
    }
}

/// The origins that pages fetch from to sign in: of discovery, and of the endpoint where codes become tokens. To the other endpoints
/// the browser goes itself.
pub(crate) fn origins(all: &[SignIn]) -> Vec<String> {
    let fetched = |one: &SignIn| [origin(&one.issuer), one.endpoints.token_endpoint.as_deref().and_then(origin)];
    let mut origins: Vec<String> = all.iter().flat_map(fetched).flatten().collect();
    origins.sort();
    origins.dedup();
    origins
}

fn origin(address: &str) -> Option<String> {
    safe_origin(&address.replace(TENANT, "tid"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRA: &str = r#"{"name":"Work account","cloud":"public","issuer":"https://login.example/{tid}/v2.0","clientId":"c","scope":"openid api"}"#;
    const COGNITO: &str = r#"{"name":"Pool","cloud":"public","issuer":"https://cognito-idp.eu-central-1.amazonaws.com/p","clientId":"c","scope":"openid",
        "authorizationEndpoint":"https://us.auth.example/authorize?a=b","tokenEndpoint":"https://us.auth.example:8443/token","endSessionEndpoint":"https://out.example/"}"#;

    #[test]
    fn pages_may_fetch_from_issuers_and_token_endpoints() {
        let all = parse(&format!("[{ENTRA},{COGNITO}]")).unwrap();
        let origins = origins(&all);
        assert_eq!(
            origins,
            ["https://cognito-idp.eu-central-1.amazonaws.com", "https://login.example", "https://us.auth.example:8443"]
        );
        assert!(super::origins(&parse("[]").unwrap()).is_empty());
    }

    #[test]
    fn pages_get_it_as_it_was_written() {
        for written in [ENTRA, COGNITO] {
            let all = parse(&format!("[{written}]")).unwrap();
            let expected: Value = serde_json::from_str(written).unwrap();
            assert_eq!(serde_json::to_value(&all[0]).unwrap(), expected);
        }
    }

    #[test]
    fn what_the_docs_recommend_is_taken() {
        let docs = include_str!("../../../docs/portal.md");
        let recipes: Vec<&str> =
            docs.split("```json\n").skip(1).filter_map(|rest| rest.split("\n```").next()).collect();
        assert_eq!(recipes.len(), 5);
        for recipe in recipes {
            assert!(parse(recipe).is_ok_and(|all| !all.is_empty()), "{recipe}");
        }
    }

    #[test]
    fn the_pool_that_the_template_makes_stands_behind_the_given_list() {
        let template = include_str!("../../../template.yaml");
        let (_, entry) = template.split_once("                  - '[{\"name\"").unwrap();
        let entry = format!("[{{\"name\"{}", entry.split('\'').next().unwrap());
        let entry = [
            ("${UserPoolCloud}", "public"),
            ("${Pages}", "https://pool.auth.example"),
            ("${AWS::URLSuffix}", "a.example"),
        ]
        .into_iter()
        .fold(entry, |entry, (name, value)| entry.replace(name, value));
        for (given, names) in [("[]", 1), (&format!("[{ENTRA}]"), 2)] {
            let all =
                parse(&format!("{given}{}", entry.replace("${AWS::Region}", "r").replace("${UserPool}", "p"))).unwrap();
            assert_eq!(all.len(), names);
            assert_eq!(
                all[names - 1].endpoints.token_endpoint.as_deref(),
                Some("https://pool.auth.example/oauth2/token")
            );
        }
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let text = format!(
            r#"[{ENTRA},{{"issuer":"http://a.example","scope":"profile","tokenEndpoint":"https://a.example;b/"}},{ENTRA},{{"cloud":"moon"}},{{"client_id":"c"}}]"#
        );
        let error = parse(&text).unwrap_err();
        for part in [
            "entry 2 has no name",
            "entry 2 has no clientId",
            "entry 2 has no cloud",
            "entry 2 asks for a scope without openid",
            "entry 2 has an address that is not https: http://a.example",
            "entry 2 has an address that is not https: https://a.example;b/",
            "entry 3 has the name of another: \"Work account\"",
            "entry 4 is wrong: unknown variant `moon`",
            "entry 5 is wrong: unknown field `client_id`",
        ] {
            assert!(error.contains(part), "{part} in {error}");
        }
        assert!(parse("{}").unwrap_err().contains("no JSON list"));
    }
}
