//! `PUT /v1/partners/{partnerId}`: the operator registers a partner, changes it or suspends it.
//!
//! | answer | when |
//! |---|---|
//! | 201 `{"partner": …}` | it is new |
//! | 200 `{"partner": …}` | it was changed, or is so already |
//! | 403 `forbidden` | the caller is no operator of the operator's tenant |
//! | 412 `changed-since` | `If-Match` names an older version than the `ETag` of the last answer |
//! | 422 `validation-failed`, `unsupported-country` | fields are wrong, or the cloud is another than the registered one |
//!
//! Optional fields that are left out stay as they are; new, they are `active`, reminders on, 500 mails a day.

use shared::{
    Error,
    domain::{
        Act, PartnerId,
        partner::{Registration, SupportContact},
    },
    http::{Answer, Call, Fields, view::PartnerAnswer},
    store::Store,
};

pub(crate) struct Deps {
    pub(crate) store: Store,
}

pub(crate) async fn handle(deps: &Deps, call: Call) -> Result<Answer, Error> {
    let (operator, now) = (call.caller_who_may(Act::RegisterPartner)?, call.now()?);
    let partner_id: PartnerId = call.path("partnerId")?;
    let wanted = call.body(registration)?;
    let if_match = call.header("if-match")?;
    let matches = |version: Option<String>| if_match.is_none_or(|wanted| is_match(wanted, version.as_deref()));
    let (partner, is_new) = deps.store.register(partner_id, &wanted, matches, operator, now).await?;
    let body = PartnerAnswer { partner: &partner };
    let answer =
        if is_new { Answer::created(&body, format!("/v1/partners/{partner_id}"))? } else { Answer::ok(&body)? };
    Ok(answer.with_etag(partner.version()))
}

/// RFC 9110 section 13.1.1: any of the listed strong tags, or `*` for whatever is there.
fn is_match(wanted: &str, version: Option<&str>) -> bool {
    let Some(version) = version else { return false };
    wanted.split(',').map(str::trim).any(|tag| tag == "*" || tag.trim_matches('"') == version && !tag.starts_with("W/"))
}

fn registration(fields: &mut Fields<'_>) -> Option<Registration> {
    let (name, country, cloud) = (fields.required("name"), fields.required("country"), fields.required("cloud"));
    let (status, reminders) = (fields.optional("status"), fields.optional("reminders"));
    let daily_mail_quota = fields.optional("dailyMailQuota");
    let has_contact = fields.has("supportContact");
    let contact = fields.object("supportContact", |contact| SupportContact {
        name: contact.optional("name"),
        email: contact.optional("email"),
        phone: contact.optional("phone"),
        web: contact.optional("web"),
    });
    let support_contact = has_contact.then_some(contact);
    Some(Registration {
        name: name?,
        country: country?,
        cloud: cloud?,
        status,
        support_contact,
        reminders,
        daily_mail_quota,
    })
}

#[cfg(test)]
mod tests {
    use super::is_match;

    #[test]
    fn if_match_names_versions() {
        for (wanted, version, expected) in [
            ("\"a\"", Some("a"), true),
            ("\"b\", \"a\"", Some("a"), true),
            ("*", Some("a"), true),
            ("\"b\"", Some("a"), false),
            ("W/\"a\"", Some("a"), false),
            ("*", None, false),
        ] {
            assert_eq!(is_match(wanted, version), expected, "{wanted} {version:?}");
        }
    }
}
