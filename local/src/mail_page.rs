//! The mailbox for people: a list, and a page per mail. No scripts, nothing from elsewhere.
//!
//! A mail's HTML part is served apart, and shown in a frame that may do nothing.

use serde_json::Value;

use crate::html::{Text, document};
use crate::mailbox::Mail;

/// What a page may load: itself, its style, and the frame with the HTML part.
pub(crate) const PAGE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'; \
                                      form-action 'none'; frame-ancestors 'none'";
/// What an HTML part may do, in the frame or opened alone: look like itself.
pub(crate) const PART_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; \
                                      form-action 'none'; frame-ancestors 'self'; sandbox";

/// All mails, as `GET /_local/mail` lists them.
pub(crate) fn list(items: &[Value]) -> String {
    let row = |item: &Value| {
        let [id, at, to, subject] = ["messageId", "sentAt", "to", "subject"].map(|name| text(&item[name]));
        let subject = if subject.is_empty() { "(no subject)" } else { subject };
        let at = at.get(..19).unwrap_or(at);
        let (id, at, to, subject) = (Text(id), Text(at), Text(to), Text(subject));
        format!(r#"<tr><td><time>{at}</time><td>{to}<td><a href="/_local/mailbox/{id}">{subject}</a>"#)
    };
    let rows: Vec<_> = items.iter().map(row).collect();
    let table = match rows.as_slice() {
        [] => "<p>No mail yet.".to_owned(),
        rows => format!("<table><tr><th>Time (UTC)<th>To<th>Subject\n{}\n</table>", rows.join("\n")),
    };
    document("Mailbox", &format!("<h1>Mailbox</h1>\n{table}"))
}

/// One mail: headers, tags, HTML part, text, source.
pub(crate) fn one(mail: &Mail) -> String {
    let shown = mail.shown();
    let own = [
        ("Time", "sentAt"),
        ("From", "from"),
        ("To", "to"),
        ("Reply-To", "replyTo"),
        ("Subject", "subject"),
        ("Message id", "messageId"),
        ("Configuration set", "configurationSet"),
    ];
    let own = own.into_iter().map(|(label, name)| (label, text(&shown[name]))).filter(|(_, value)| !value.is_empty());
    let headers: String = own.chain(pairs(&shown["headers"])).map(row).collect();
    let tags: String = pairs(&shown["tags"]).map(row).collect();
    let tags = if tags.is_empty() { String::new() } else { format!("<h2>Tags</h2>\n<table>{tags}</table>\n") };
    let html = mail.html().map(|_| frame(&mail.id)).unwrap_or_default();
    let source = serde_json::to_string_pretty(&mail.request).unwrap_or_default();
    let (subject, plain, source) = (text(&shown["subject"]), Text(text(&shown["text"])), Text(&source));
    let body = format!(
        r#"<p><a href="/_local/mailbox">Mailbox</a>
<h1>{title}</h1>
<table>{headers}</table>
{tags}{html}<h2>Text</h2>
<pre>{plain}</pre>
<h2>Source</h2>
<pre>{source}</pre>"#,
        title = Text(subject)
    );
    document(subject, &body)
}

fn frame(id: &str) -> String {
    let url = format!("/_local/mailbox/{}/html", Text(id));
    format!(
        "<h2>HTML (<a href=\"{url}\">alone</a>)</h2>\n<iframe sandbox title=\"The mail's HTML part\" src=\"{url}\"></iframe>\n"
    )
}

fn row((name, value): (&str, &str)) -> String {
    format!("<tr><th scope=\"row\">{}<td>{}\n", Text(name), Text(value))
}

/// The entries of an object.
fn pairs(object: &Value) -> impl Iterator<Item = (&str, &str)> {
    object.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), text(value)))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn mail(said: &str) -> Mail {
        let request = json!({
            "FromEmailAddress": "invitations@local.example",
            "Destination": { "ToAddresses": [said] },
            "Content": { "Simple": {
                "Subject": { "Data": said },
                "Body": { "Text": { "Data": said }, "Html": { "Data": said } },
                "Headers": [{ "Name": said, "Value": said }],
            } },
            "EmailTags": [{ "Name": said, "Value": said }],
        });
        Mail { id: "one-000000".to_owned(), sent_at: "2030-01-01T00:00:00Z".parse().unwrap(), request }
    }

    #[test]
    fn whatever_a_mail_says_stays_text() {
        let mail = mail(r#"</pre></title><script>"'&</script>"#);
        for page in [one(&mail), list(&[mail.shown()])] {
            assert!(!page.contains("<script") && !page.contains("</pre><"), "{page}");
            assert!(page.contains("&lt;script&gt;&quot;&#39;&amp;&lt;/script&gt;"), "{page}");
        }
    }

    #[test]
    fn a_list_leads_to_each_mail_and_a_mail_shows_all_of_itself() {
        let mail = mail("Hello");
        let page = list(&[mail.shown()]);
        assert!(page.contains(
            r#"<time>2030-01-01T00:00:00</time><td>Hello<td><a href="/_local/mailbox/one-000000">Hello</a>"#
        ));
        let page = one(&mail);
        assert!(
            page.contains("<iframe sandbox title=\"The mail's HTML part\" src=\"/_local/mailbox/one-000000/html\">")
        );
        for part in ["<h2>Tags</h2>", "<pre>Hello</pre>", "&quot;ToAddresses&quot;", "invitations@local.example"] {
            assert!(page.contains(part), "{part}");
        }
        assert!(list(&[]).contains("No mail yet."));
    }

    #[test]
    fn a_mail_without_html_has_no_frame() {
        let mut mail = mail("Hello");
        mail.request["Content"]["Simple"]["Body"]["Html"] = Value::Null;
        assert!(!one(&mail).contains("<iframe"));
    }
}
