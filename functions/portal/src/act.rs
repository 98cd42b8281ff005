//! The portal: a web application of plain files, for partners and customers. Public; what it shows comes from the API, with the
//! caller's own token.
//!
//! | route | answers |
//! |---|---|
//! | `GET /`, `GET /{page}` | the document of all pages, revalidated each time; 404 with the same document where there is no such page |
//! | `GET /openapi.json` | the description of the API |
//! | `GET /assets/{version}/{proxy+}` | a file: kept for ever under its own version, not at all under another; 404 |

use lambda_http::http::header;
use shared::{
    Error,
    http::{Answer, Call},
};

use crate::{
    assets::{self, DESCRIPTION, DESCRIPTION_VERSION, File, VERSION},
    headers,
    page::{self, Page},
    sign_in::{self, SignIn},
};

pub(crate) struct Deps {
    page: Page,
    policy: String,
}

impl Deps {
    pub(crate) fn new(sign_in: &[SignIn]) -> Self {
        Self { page: Page::new(sign_in), policy: headers::policy(&sign_in::origins(sign_in)) }
    }
}

/// Ask again each time, and hear that nothing changed.
const REVALIDATE: &str = "no-cache";
/// What stands under its own version never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// A page that was open during a deployment goes on with files of the next version, and nobody remembers that.
const NEVER: &str = "no-store";

pub(crate) async fn handle(deps: &'static Deps, call: Call) -> Result<Answer, Error> {
    let answer = match call.route() {
        "GET /openapi.json" => versioned(&call, DESCRIPTION_VERSION, || file(&call, &DESCRIPTION)),
        "GET /assets/{version}/{proxy+}" => asset(&call)?,
        _ => document(deps, &call)?,
    };
    let https = text(&call, "x-forwarded-proto") == "https";
    Ok(headers::on(answer, &deps.policy, https))
}

fn document(deps: &'static Deps, call: &Call) -> Result<Answer, Error> {
    let path: String = call.path("page")?;
    let html = |status, outcome| Answer::file(status, outcome, "text/html; charset=utf-8", deps.page.html.clone());
    if page::is_known(&path) {
        return Ok(versioned(call, &deps.page.etag, || html(200, "ok")));
    }
    Ok(html(404, "not-found").with(header::CACHE_CONTROL, NEVER.to_owned()))
}

fn asset(call: &Call) -> Result<Answer, Error> {
    let (version, name): (String, String) = (call.path("version")?, call.path("proxy")?);
    let Some(found) = assets::find(&name) else {
        let answer = Answer::file(404, "not-found", "text/plain; charset=utf-8", b"There is no such file.\n".to_vec());
        return Ok(answer.with(header::CACHE_CONTROL, NEVER.to_owned()));
    };
    let caching = if version == VERSION { FOR_EVER } else { NEVER };
    Ok(file(call, found).with(header::CACHE_CONTROL, caching.to_owned()))
}

fn file(call: &Call, file: &File) -> Answer {
    let (body, encoding) = file.body(text(call, header::ACCEPT_ENCODING.as_str()));
    let answer = Answer::file(200, "ok", file.content_type, body).with(header::VARY, "accept-encoding".to_owned());
    match encoding {
        Some((name, value)) => answer.with(name, value),
        None => answer,
    }
}

/// 304 where the client has that version already (RFC 9110 section 13.1.2), else what `make` makes.
fn versioned(call: &Call, version: &str, make: impl FnOnce() -> Answer) -> Answer {
    let known = text(call, header::IF_NONE_MATCH.as_str());
    let is_known = known.split(',').any(|tag| tag.trim().trim_start_matches("W/").trim_matches('"') == version);
    let answer = if is_known { Answer::not_modified() } else { make() };
    answer.with_etag(version).with(header::CACHE_CONTROL, REVALIDATE.to_owned())
}

/// A header's text; one that cannot be read asks for nothing.
fn text<'a>(call: &'a Call, name: &str) -> &'a str {
    call.header(name).ok().flatten().unwrap_or_default()
}
