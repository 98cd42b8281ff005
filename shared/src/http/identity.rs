//! Identity, from what `authorize` hands on in `requestContext.authorizer.lambda` and from nothing else.

use std::{collections::HashMap, str::FromStr};

use serde_json::Value;

use crate::domain::{Caller, Role};

/// The caller; `None` where anything needed is missing or unreadable, which is no identity at all.
pub(super) fn caller(fields: &HashMap<String, Value>) -> Option<Caller> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    Some(Caller {
        tenant: text("tenant")?.parse().ok()?,
        user: text("user")?.to_owned(),
        name: text("name").map(str::to_owned),
        email: text("email").map(str::to_owned),
        roles: roles(fields.get("roles")),
        country: match text("country") {
            Some(country) => Some(country.parse().ok()?),
            None => None,
        },
        cloud: text("cloud")?.parse().ok()?,
    })
}

/// Roles arrive as an array, as JSON text of one, or as space- or comma-separated text. Unknown ones are
/// other applications' and mean nothing here.
fn roles(value: Option<&Value>) -> Vec<Role> {
    let names: Vec<String> = match value {
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(Value::String(text)) => match serde_json::from_str::<Vec<String>>(text) {
            Ok(names) => names,
            Err(_) => text.split([' ', ',']).map(str::to_owned).collect(),
        },
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | None => Vec::new(),
    };
    names.iter().filter_map(|name| Role::from_str(name).ok()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(roles: &Value) -> HashMap<String, Value> {
        let fields = json!({
            "tenant": "11111111-1111-4111-8111-111111111111", "user": "u", "name": "", "roles": roles,
            "country": "JP", "cloud": "public"
        });
        serde_json::from_value(fields).unwrap()
    }

    #[test]
    fn roles_arrive_in_four_forms() {
        for form in [
            json!(["AdminAgent", "GlobalAdmin", "Other"]),
            json!("[\"AdminAgent\",\"GlobalAdmin\"]"),
            json!("AdminAgent GlobalAdmin"),
            json!("AdminAgent,GlobalAdmin,Other"),
        ] {
            assert_eq!(caller(&fields(&form)).unwrap().roles, [Role::AdminAgent, Role::GlobalAdmin], "{form}");
        }
        assert_eq!(caller(&fields(&json!(null))).unwrap().roles, []);
    }

    #[test]
    fn without_a_tenant_a_user_or_a_cloud_there_is_no_identity() {
        for missing in ["tenant", "user", "cloud"] {
            let mut fields = fields(&json!([]));
            fields.remove(missing);
            assert_eq!(caller(&fields), None, "{missing}");
        }
        let mut wrong = fields(&json!([]));
        wrong.insert("tenant".to_owned(), json!("contoso"));
        assert_eq!(caller(&wrong), None);
    }
}
