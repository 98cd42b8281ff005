//! The page where one chooses whom to be.

use crate::form;
use crate::html::{Text, document};
use crate::issuer::CLOUDS;
use crate::persona::PERSONAS;

/// What the page may do: look like itself, and send its forms here and, from here, to where the client waits.
pub(crate) fn policy(redirect_origin: &str) -> String {
    format!(
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' {redirect_origin}"
    )
}

/// The page; `asked` is what the client asked with, `hint` whom it expects.
pub(crate) fn choose(asked: &[(String, String)], hint: Option<&str>) -> String {
    let hidden: String = asked
        .iter()
        .map(|(name, value)| format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">\n", Text(name), Text(value)))
        .collect();
    let people: String = PERSONAS
        .iter()
        .map(|persona| {
            let focus = if hint.is_some_and(|hint| persona.is(hint)) { " autofocus" } else { "" };
            let (key, name, does) = (persona.key, persona.name, persona.does);
            format!("<tr><td><button name=\"persona\" value=\"{key}\"{focus}>{name}</button><td>{does}\n")
        })
        .collect();
    let clouds: String = CLOUDS.iter().map(|cloud| format!("<option>{cloud}")).collect();
    let query = form::encoded(asked.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let back = format!("/_local/authorize?{query}");
    let back = Text(&back);
    let lasts = "<label>The token lasts <input name=\"expiresInSeconds\" type=\"number\" min=\"1\" max=\"31536000\" value=\"3600\"> seconds</label>";
    let body = format!(
        r#"<h1>Sign in to this machine</h1>
<p>No password: whoever can reach this page is trusted. Choose whom to be.
<form action="/_local/authorize/as">
{hidden}<table>{people}</table>
<p>{lasts}
</form>
<h2>Partners</h2>
<p>A partner can invite once the operator has registered it.
<form action="/_local/demo" method="post">
<input type="hidden" name="back" value="{back}">
<button>Register Contoso and Northwind</button>
</form>
<h2>Anybody else</h2>
<form action="/_local/authorize/as">
{hidden}<p><label>Tenant <input name="tenantId" required size="36" pattern="[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}" placeholder="55555555-5555-4555-8555-555555555555"></label>
<p><label>Roles, separated by commas <input name="roles" value="GlobalAdmin"></label>
<p><label>Name <input name="name"></label>
<p><label>Email address <input name="email" type="email"></label>
<p><label>Country <input name="country" size="2" maxlength="2" value="JP"></label>
<p><label>Cloud <select name="cloud">{clouds}</select></label>
<p>{lasts}
<p><button>Sign in</button>
</form>"#
    );
    document("Sign in", &body)
}

/// The page where there is nowhere to send anybody.
pub(crate) fn refused(why: &str) -> String {
    document("Sign in", &format!("<h1>This sign-in cannot go on</h1>\n<p>{}", Text(why)))
}
