//! The harness: a whole deployment on this machine, and people who use it.

use std::collections::BTreeMap;

use local::{Local, Options};
use serde_json::{Value, json};

use crate::description::{self, Asked};

/// A deployment of its own, in memory.
pub(crate) struct App {
    pub(crate) local: Local,
    http: reqwest::Client,
}

/// Somebody with a token.
#[derive(Clone)]
pub(crate) struct Someone<'a> {
    app: &'a App,
    pub(crate) tenant: String,
    token: Option<String>,
}

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Value,
    pub(crate) text: String,
}

/// An invitation that was made, as the partner has it.
#[derive(Debug, Clone)]
pub(crate) struct Invited {
    pub(crate) id: String,
    pub(crate) link: String,
    pub(crate) token: String,
}

pub(crate) const OPERATOR: &str = local::OPERATOR_TENANT;

impl App {
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// With other values for some of the functions' variables.
    pub(crate) async fn start_with(variables: &[(&str, &str)]) -> Self {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let options = Options { variables: variables.collect::<BTreeMap<_, _>>(), ..Options::default() };
        Self { local: Local::start(options).await.unwrap(), http: reqwest::Client::new() }
    }

    /// With another timeout for a function.
    pub(crate) async fn start_with_timeout(function: &str, timeout: std::time::Duration) -> Self {
        let options = Options { timeouts: BTreeMap::from([(function.to_owned(), timeout)]), ..Options::default() };
        Self { local: Local::start(options).await.unwrap(), http: reqwest::Client::new() }
    }

    /// Asks as nobody.
    pub(crate) fn nobody(&self) -> Someone<'_> {
        Someone { app: self, tenant: String::new(), token: None }
    }

    /// Somebody with a token from elsewhere.
    pub(crate) fn with_token(&self, tenant: &str, token: &str) -> Someone<'_> {
        Someone { app: self, tenant: tenant.to_owned(), token: Some(token.to_owned()) }
    }

    /// Somebody with a token of that description.
    pub(crate) async fn someone(&self, description: Value) -> Someone<'_> {
        let tenant = description["tenantId"].as_str().unwrap().to_owned();
        let answer = self.nobody().post("/_local/token", description).await;
        let token = answer.body["access_token"].as_str().expect("a token").to_owned();
        Someone { app: self, tenant, token: Some(token) }
    }

    /// The operator of the deployment.
    pub(crate) async fn operator(&self) -> Someone<'_> {
        self.someone(json!({ "tenantId": OPERATOR, "roles": ["Operator"] })).await
    }

    /// Somebody of an organisation with that name, always the same tenant for a name; in Japan, a global
    /// administrator.
    pub(crate) async fn admin_of(&self, name: &str) -> Someone<'_> {
        self.someone(json!({ "tenantId": tenant(name), "country": "JP", "email": format!("admin@{name}.example") }))
            .await
    }

    /// Somebody of that organisation with one role.
    pub(crate) async fn agent_of(&self, name: &str, role: &str) -> Someone<'_> {
        self.someone(json!({ "tenantId": tenant(name), "roles": [role], "country": "JP" })).await
    }

    /// The global administrator of a registered partner in Japan's public cloud.
    pub(crate) async fn partner(&self, name: &str) -> Someone<'_> {
        self.register(name, json!({})).await;
        self.admin_of(name).await
    }

    /// Registers an organisation as a partner, or changes it.
    pub(crate) async fn register(&self, name: &str, change: Value) -> Answer {
        let mut body = json!({ "name": name, "country": "JP", "cloud": "public" });
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let answer = self.operator().await.put(&format!("/v1/partners/{}", tenant(name)), body).await;
        assert!(answer.status < 300, "{answer:?}");
        answer
    }

    /// Moves the clock of the whole deployment.
    pub(crate) async fn set_clock(&self, now: &str) {
        assert!(self.nobody().put("/_local/clock", json!({ "now": now })).await.status < 300);
    }

    /// Moves the clock on.
    pub(crate) async fn pass(&self, days: i64) {
        let now = self.local.now() + jiff::SignedDuration::from_hours(days * 24);
        self.set_clock(&now.to_string()).await;
    }

    /// Runs the clean-up now.
    pub(crate) async fn clean_up(&self) -> Value {
        let answer = self.nobody().post("/_local/schedule/cleanup-invitations", json!({})).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body
    }

    /// Mails in the mailbox, newest first.
    pub(crate) async fn mails(&self) -> Vec<Value> {
        self.nobody().get("/_local/mail").await.body["items"].as_array().unwrap().clone()
    }

    /// What the mail service does next.
    pub(crate) async fn next_mail(&self, failure: &str) {
        assert!(self.nobody().post("/_local/mail/failure", json!({ "next": failure })).await.status < 300);
    }

    /// What happens between the functions and DynamoDB from now on.
    pub(crate) async fn store_fault(&self, kind: &str, rate: f64) {
        let answer = self.nobody().post("/_local/store/fault", json!({ "kind": kind, "rate": rate })).await;
        assert!(answer.status < 300, "{answer:?}");
    }

    /// Nothing more happens there.
    pub(crate) async fn store_heals(&self) {
        assert!(self.nobody().post("/_local/store/fault", json!({ "kind": null })).await.status < 300);
    }

    /// DynamoDB requests that `act` takes, and its answer.
    pub(crate) async fn calls<T>(&self, act: impl Future<Output = T>) -> (u64, T) {
        assert!(self.nobody().delete("/_local/store/calls").await.status < 300);
        let answer = act.await;
        let calls = self.nobody().get("/_local/store/calls").await.body;
        (calls["total"].as_u64().unwrap(), answer)
    }

    /// Everything the functions have printed.
    pub(crate) fn log(&self) -> String {
        self.local.log_lines().iter().map(|line| format!("{line:?}\n")).collect()
    }
}

/// The tenant of an organisation, made of its name.
pub(crate) fn tenant(name: &str) -> String {
    let mut bytes = [0; 16];
    for (n, byte) in name.bytes().enumerate() {
        bytes[n % 16] ^= byte.rotate_left(u32::try_from(n / 16).unwrap());
    }
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

/// The route of a customer's record.
pub(crate) fn record_of(customer: &str) -> String {
    format!("/v1/customers/{}", tenant(customer))
}

impl Someone<'_> {
    /// Asks; an answer that `docs/openapi.json` does not have is a failure.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Answer {
        let url = format!("{}{path}", self.app.local.url());
        let mut request = self.app.http.request(method.parse().unwrap(), url);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if body.is_some() && !headers.iter().any(|(name, _)| *name == "content-type") {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.body(body.clone().unwrap_or_default()).send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let answer = Answer { status, headers, body: serde_json::from_str(&text).unwrap_or(Value::Null), text };
        if path.starts_with("/v1/") {
            description::check(&Asked { method, path, body: body.as_deref() }, &answer);
        }
        answer
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, &[], Some(body.to_string())).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.send("PUT", path, &[], Some(body.to_string())).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send("PATCH", path, &[], Some(body.to_string())).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, &[], None).await
    }

    /// Invites somebody, with delegated admin.
    pub(crate) async fn invites(&self) -> Invited {
        self.invites_with(json!({})).await
    }

    pub(crate) async fn invites_with(&self, body: Value) -> Invited {
        let answer = self.post("/v1/invitations", body).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.invited()
    }

    pub(crate) async fn previews(&self, invited: &Invited) -> Answer {
        self.post("/v1/invitations/preview", json!({ "token": invited.token })).await
    }

    pub(crate) async fn accepts(&self, invited: &Invited) -> Answer {
        self.accepts_as("Fabrikam", invited).await
    }

    pub(crate) async fn accepts_as(&self, name: &str, invited: &Invited) -> Answer {
        let domain = format!("{}.example", name.to_lowercase().replace(' ', "-"));
        let customer = json!({ "name": name, "domain": domain });
        let body = json!({ "token": invited.token, "agreementAccepted": true, "customer": customer });
        self.post("/v1/invitations/accept", body).await
    }

    pub(crate) async fn declines(&self, invited: &Invited, reason: &str) -> Answer {
        self.post("/v1/invitations/decline", json!({ "token": invited.token, "reason": reason })).await
    }

    pub(crate) async fn renews(&self, invited: &Invited) -> Answer {
        self.post(&format!("/v1/invitations/{}/renew", invited.id), json!({})).await
    }

    pub(crate) async fn revokes(&self, invited: &Invited) -> Answer {
        self.post(&format!("/v1/invitations/{}/revoke", invited.id), json!({})).await
    }

    pub(crate) async fn sends(&self, invited: &Invited, body: Value) -> Answer {
        self.post(&format!("/v1/invitations/{}/send", invited.id), body).await
    }

    pub(crate) async fn invitation(&self, invited: &Invited) -> Answer {
        self.get(&format!("/v1/invitations/{}", invited.id)).await
    }

    /// Asks for a relationship with that organisation and gets it.
    pub(crate) async fn wins(&self, customer: &str) -> Answer {
        let invited = self.invites().await;
        let accepted = self.app.admin_of(customer).await.accepts_as(customer, &invited).await;
        assert_eq!(accepted.status, 200, "{accepted:?}");
        accepted
    }

    /// The record of a customer.
    pub(crate) async fn record(&self, customer: &str) -> Answer {
        self.get(&record_of(customer)).await
    }

    /// Buys that many of a subscription for a customer.
    pub(crate) async fn buys(&self, customer: &str, name: &str, quantity: u32) -> Answer {
        self.buys_as("subscription", customer, name, quantity).await
    }

    pub(crate) async fn buys_as(&self, kind: &str, customer: &str, name: &str, quantity: u32) -> Answer {
        let body =
            json!({ "kind": kind, "name": name, "sku": "SKU-1", "quantity": quantity, "serviceType": "microsoft365" });
        self.post(&format!("{}/subscriptions", record_of(customer)), body).await
    }

    pub(crate) async fn changes_subscription(&self, customer: &str, id: &str, change: Value) -> Answer {
        self.patch(&format!("{}/subscriptions/{id}", record_of(customer)), change).await
    }

    /// Makes a user of the customer's tenant.
    pub(crate) async fn makes_user(&self, customer: &str, name: &str) -> Answer {
        let body = json!({ "userPrincipalName": name, "displayName": "Somebody" });
        self.post(&format!("{}/users", record_of(customer)), body).await
    }

    pub(crate) async fn changes_user(&self, customer: &str, id: &str, change: Value) -> Answer {
        self.patch(&format!("{}/users/{id}", record_of(customer)), change).await
    }

    /// Gives a user a licence.
    pub(crate) async fn assigns(&self, customer: &str, user: &str, subscription: &str) -> Answer {
        self.changes_user(customer, user, json!({ "licenses": { "add": [subscription] } })).await
    }

    /// Opens a service request for the customer.
    pub(crate) async fn opens(&self, customer: &str, channel: &str) -> Answer {
        let body = json!({ "title": "No mail", "description": "Nobody gets mail.", "severity": "critical", "channel": channel });
        self.post(&format!("{}/service-requests", record_of(customer)), body).await
    }

    pub(crate) async fn changes_request(&self, customer: &str, id: &str, change: Value) -> Answer {
        self.patch(&format!("{}/service-requests/{id}", record_of(customer)), change).await
    }

    /// As the customer, takes delegated admin away from a partner.
    pub(crate) async fn takes_grant_from(&self, partner: &str) -> Answer {
        self.delete(&format!("/v1/partners/{}/delegated-admin", tenant(partner))).await
    }

    /// Removes the relationship with a customer.
    pub(crate) async fn removes(&self, customer: &str) -> Answer {
        self.delete(&record_of(customer)).await
    }

    /// The names of the partner's customers.
    pub(crate) async fn customers(&self) -> Vec<String> {
        self.all("/v1/customers?limit=100").await.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
    }

    /// Every item of a list, page by page.
    pub(crate) async fn all(&self, path: &str) -> Vec<Value> {
        let (mut items, mut cursor) = (Vec::new(), String::new());
        loop {
            let answer = self.get(&format!("{path}{cursor}")).await;
            assert_eq!(answer.status, 200, "{answer:?}");
            items.extend(answer.body["items"].as_array().unwrap().clone());
            match answer.body["nextCursor"].as_str() {
                Some(next) => cursor = format!("{}cursor={next}", if path.contains('?') { '&' } else { '?' }),
                None => return items,
            }
        }
    }
}

impl Answer {
    /// Status and slug: `409 already-accepted`; of a success, also what it says of the matter.
    pub(crate) fn summary(&self) -> String {
        let slug = self.body["type"].as_str().map(|slug| slug.trim_start_matches("/problems/"));
        let grant = self.body["relationship"]["delegatedAdmin"].as_str();
        let things = ["invitation", "subscription", "serviceRequest"].iter();
        let status = things.filter_map(|thing| self.body[thing]["status"].as_str()).next();
        let status = status.or(self.body["user"]["userPrincipalName"].as_str()).or(self.body["status"].as_str());
        let message = self.body["message"].as_str();
        match slug.or(grant).or(status).or(message) {
            Some(word) => format!("{} {word}", self.status),
            None => self.status.to_string(),
        }
    }

    /// The invitation and its draft.
    pub(crate) fn invited(&self) -> Invited {
        let link = self.body["draft"]["link"].as_str().unwrap_or_else(|| panic!("no draft in {self:?}")).to_owned();
        let (_, token) = link.split_once('#').unwrap();
        let id = self.body["invitation"]["id"].as_str().unwrap().to_owned();
        Invited { id, token: token.to_owned(), link }
    }

    /// The id of what was made or changed.
    pub(crate) fn id(&self) -> String {
        let things = ["invitation", "subscription", "serviceRequest", "user"].iter();
        let id = things.filter_map(|thing| self.body[thing]["id"].as_str()).next();
        id.unwrap_or_else(|| panic!("nothing was made: {self:?}")).to_owned()
    }

    /// The wrong fields.
    pub(crate) fn pointers(&self) -> Vec<String> {
        let errors = self.body["errors"].as_array().unwrap_or_else(|| panic!("no errors in {self:?}"));
        errors.iter().map(|error| error["pointer"].as_str().unwrap().to_owned()).collect()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl App {
    /// A deployment that keeps its table in `data`.
    pub(crate) async fn start_in(data: &std::path::Path, variables: &[(&str, &str)]) -> Self {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let data = Some(data.to_owned());
        let options = Options { data, variables: variables.collect::<BTreeMap<_, _>>(), ..Options::default() };
        Self { local: Local::start(options).await.unwrap(), http: reqwest::Client::new() }
    }

    pub(crate) async fn stop(self) {
        self.local.stop().await;
    }
}
