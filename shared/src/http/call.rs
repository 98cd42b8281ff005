//! One request as an act sees it: who calls, when, with what.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use lambda_http::{Body, Request, RequestExt, http::header, request::RequestContext};
use serde::Serialize;

use super::{
    identity,
    json::{self, Fields},
};
use crate::{
    Error,
    domain::{Act, Caller, Refusal},
    store::{IdempotencyKey, Page},
};

/// A body may be this long, in bytes.
const MOST_BYTES: usize = 64 * 1024;

/// A request.
pub struct Call {
    request: Request,
    now: Option<Timestamp>,
    caller: Option<Caller>,
    trace: Trace,
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.trace.fmt(f) // headers and body hold tokens
    }
}

/// What the log says of a request. Never its path, query or body: they may hold what is not ours to keep.
#[derive(Debug, Clone, Default)]
pub(super) struct Trace {
    pub(super) request_id: String,
    pub(super) route: Option<String>,
    pub(super) tenant: Option<String>,
}

impl Call {
    pub(super) fn new(request: Request) -> Self {
        let context = match request.request_context_ref() {
            Some(RequestContext::ApiGatewayV2(context)) => Some(context),
            Some(_) | None => None,
        };
        let now = context.and_then(|context| Timestamp::from_millisecond(context.time_epoch).ok());
        let caller = context
            .and_then(|context| context.authorizer.as_ref())
            .and_then(|authorizer| identity::caller(&authorizer.fields));
        let trace = Trace {
            request_id: context.and_then(|context| context.request_id.clone()).unwrap_or_default(),
            route: context.and_then(|context| context.route_key.clone()),
            tenant: caller.as_ref().map(|caller| caller.tenant.to_string()),
        };
        Self { request, now, caller, trace }
    }

    pub(super) fn trace(&self) -> Trace {
        self.trace.clone()
    }

    /// The time of the event, which API Gateway sets.
    pub fn now(&self) -> Result<Timestamp, Error> {
        self.now.ok_or_else(|| Error::internal("the event has no requestContext.timeEpoch"))
    }

    /// Who calls, as `authorize` verified it.
    pub fn caller(&self) -> Result<&Caller, Error> {
        self.caller.as_ref().ok_or(Error::Unauthenticated)
    }

    /// Who calls, if one of its roles allows the act.
    pub fn caller_who_may(&self, act: Act) -> Result<&Caller, Error> {
        let caller = self.caller()?;
        caller.must(act)?;
        Ok(caller)
    }

    /// The method, for a function with several: `GET`.
    #[must_use]
    pub fn method(&self) -> &str {
        self.request.method().as_str()
    }

    /// The route's key, for a function with several routes: `DELETE /v1/partners/{partnerId}/delegated-admin`.
    #[must_use]
    pub fn route(&self) -> &str {
        self.trace.route.as_deref().unwrap_or_default()
    }

    /// An id in the path; what is no id names nothing that exists.
    pub fn path<T: FromStr>(&self, name: &str) -> Result<T, Error> {
        let parameters = self.request.path_parameters_ref();
        let text = parameters.and_then(|parameters| parameters.first(name)).unwrap_or_default();
        text.parse().map_err(|_| Refusal::NotFound.into())
    }

    /// A header's value. One that is there and no ASCII text is refused: read as absent, it would not do what it was sent for.
    pub fn header(&self, name: &str) -> Result<Option<&str>, Error> {
        let Some(value) = self.request.headers().get(name) else { return Ok(None) };
        let text = value.to_str().map_err(|_| Error::Malformed(format!("The header {name} must be ASCII text.")))?;
        Ok(Some(text))
    }

    /// The client's idempotency key, with `request` as we understood it: spelling and order of fields do not
    /// matter, what is asked of which route does.
    pub fn idempotency_key(&self, request: &impl Serialize) -> Result<Option<IdempotencyKey>, Error> {
        let Some(key) = self.header("idempotency-key")? else { return Ok(None) };
        if key.is_empty() || key.len() > 255 {
            return Err(Error::Malformed("The Idempotency-Key header must have 1 to 255 characters.".to_owned()));
        }
        let request = serde_json::to_string(&(self.route(), request)).map_err(Error::internal)?;
        Ok(Some(IdempotencyKey { key: key.to_owned(), request }))
    }

    /// A parameter of the query, parsed; an empty one is none. Says what is expected where it cannot be.
    pub fn query<T: FromStr<Err = String>>(&self, name: &str) -> Result<Option<T>, Error> {
        let parameters = self.request.query_string_parameters_ref();
        let given = parameters.and_then(|parameters| parameters.first(name)).filter(|text| !text.is_empty());
        let Some(text) = given else { return Ok(None) };
        let parsed = text.parse().map_err(|detail| Error::Malformed(format!("The query parameter {name} {detail}.")));
        parsed.map(Some)
    }

    /// What to search for: at most 120 characters; blank is nothing.
    pub fn search(&self, name: &str) -> Result<Option<String>, Error> {
        let Some(Text(text)) = self.query(name)? else { return Ok(None) };
        let text = text.trim();
        if text.chars().count() > 120 {
            return Err(Error::Malformed(format!("The query parameter {name} must have at most 120 characters.")));
        }
        Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
    }

    /// Refuses query parameters that the route does not know: a misspelt filter must not list everything.
    pub fn only_queries(&self, known: &[&str]) -> Result<(), Error> {
        let Some(parameters) = self.request.query_string_parameters_ref() else { return Ok(()) };
        for (name, _) in parameters.iter() {
            if !known.contains(&name) {
                let known = known.join(", ");
                return Err(Error::Malformed(format!("Unknown query parameter {name:?}; this route takes {known}.")));
            }
            if parameters.all(name).is_some_and(|values| values.len() > 1) {
                return Err(Error::Malformed(format!("The query parameter {name} is given more than once.")));
            }
        }
        Ok(())
    }

    /// The page asked for: `limit` (1 to 100, 25 by default) and `cursor`.
    pub fn page(&self) -> Result<Page, Error> {
        let limit: Option<Limit> = self.query("limit")?;
        let cursor: Option<String> = self.query::<Text>("cursor")?.map(|text| text.0);
        Ok(Page { limit: limit.map_or(25, |limit| limit.0), cursor })
    }

    /// The JSON object in the body, read field by field; every wrong field is reported at once. No body is
    /// an empty object.
    pub fn body<T>(&self, read: impl FnOnce(&mut Fields<'_>) -> Option<T>) -> Result<T, Error> {
        let bytes: &[u8] = match self.request.body() {
            Body::Text(text) => text.as_bytes(),
            Body::Binary(bytes) => bytes,
            Body::Empty => &[],
            _ => return Err(Error::Malformed("The body cannot be read.".to_owned())),
        };
        if bytes.len() > MOST_BYTES {
            return Err(Error::Malformed(format!("The body has more than {MOST_BYTES} bytes.")));
        }
        if bytes.is_empty() {
            return json::read(b"{}", read);
        }
        let content_type = self.header(header::CONTENT_TYPE.as_str())?.unwrap_or_default();
        let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if media_type != "application/json" {
            return Err(Error::Malformed("Send the body as content-type: application/json.".to_owned()));
        }
        json::read(bytes, read)
    }
}

struct Limit(u8);

impl FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(limit @ 1..=100) => Ok(Self(limit)),
            Ok(_) | Err(_) => Err("must be a number from 1 to 100".to_owned()),
        }
    }
}

/// Any text as a query parameter.
struct Text(String);

impl FromStr for Text {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(Self(text.to_owned()))
    }
}
