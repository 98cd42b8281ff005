//! What a function may do: policies of its own, written out in the template, without wildcards.

use serde_json::{Value, json};

use super::{Case, Complaints};

pub(super) fn of(id: &str, function: &Value, complaints: &mut Complaints) {
    let properties = &function["Properties"];
    for elsewhere in ["Role", "PermissionsBoundary", "AssumeRolePolicyDocument", "Connectors"] {
        complaints.expect(properties[elsewhere].is_null(), id, "rights that these rules do not know");
    }
    for policy in given(&properties["Policies"]) {
        let Some(statements) = policy["Statement"].as_array() else {
            complaints.expect(false, id, "rights that these rules do not know");
            continue;
        };
        for statement in statements {
            judge(id, statement, complaints);
        }
    }
}

/// The policies, in whichever branch of a condition they stand.
fn given(policies: &Value) -> Vec<&Value> {
    match policies {
        Value::Null => Vec::new(),
        Value::Array(all) => all.iter().flat_map(given).collect(),
        Value::Object(one) if one.len() == 1 && one.contains_key("Fn::If") => {
            let branches = one["Fn::If"].as_array().unwrap().iter().skip(1);
            branches.filter(|branch| **branch != json!({ "Ref": "AWS::NoValue" })).flat_map(given).collect()
        }
        Value::Object(_) | Value::String(_) | Value::Number(_) | Value::Bool(_) => vec![policies],
    }
}

fn judge(id: &str, statement: &Value, complaints: &mut Complaints) {
    let known = ["Effect", "Action", "Resource", "Condition", "Sid"];
    let is_plain = statement.as_object().is_some_and(|parts| parts.keys().all(|part| known.contains(&part.as_str())));
    complaints.expect(is_plain && statement["Effect"] == "Allow", id, "rights that these rules do not know");
    let actions = texts(&statement["Action"]);
    complaints.expect(!actions.is_empty(), id, "a statement without actions");
    for action in &actions {
        let is_exact = action.contains(':') && !action.contains(['*', '?']);
        complaints.expect(is_exact, id, "an action with a wildcard");
    }
    let resources = match &statement["Resource"] {
        Value::Array(all) => all.clone(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            vec![statement["Resource"].clone()]
        }
    };
    for resource in resources {
        let text = resource.to_string();
        let is_exact = !resource.is_null() && !text.contains(['*', '?']);
        complaints.expect(is_exact, id, "a resource with a wildcard, or none");
    }
    let condition = &statement["Condition"];
    if actions.iter().any(|action| action.starts_with("dynamodb:")) {
        let partitions = texts(&condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]);
        // `PARTNER#*`: a kind of partition, never all of them.
        let is_bound = !partitions.is_empty() && partitions.iter().all(|key| key.find('#').is_some_and(|at| at > 3));
        complaints.expect(is_bound, id, "a right on the table for any partition");
        // `ForAllValues` alone also holds for a request without a partition key.
        let asks_for_one = condition["Null"]["dynamodb:LeadingKeys"] == "false";
        complaints.expect(asks_for_one, id, "a right on the table for requests without a partition");
    }
    if actions.iter().any(|action| action.starts_with("ses:")) {
        let from = &condition["StringEquals"]["ses:FromAddress"];
        complaints.expect(*from == json!({ "Ref": "MailFrom" }), id, "mail as anybody");
    }
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(one) => vec![one.clone()],
        Value::Array(all) => all.iter().map(|one| one.as_str().unwrap_or("*").to_owned()).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
    }
}

/// What the rules above must notice.
pub(super) fn cases() -> Vec<Case> {
    vec![
        (
            "GetPartner/Properties/Policies/0/Statement/0/Action",
            Some(json!("*")),
            "GetPartner: an action with a wildcard",
        ),
        (
            "GetPartner/Properties/Policies/0/Statement/0/Action",
            Some(json!("dynamodb:Get*")),
            "an action with a wildcard",
        ),
        (
            "GetPartner/Properties/Policies/0/Statement/0/Action",
            Some(json!(["dynamodb:GetItem", "s3:*"])),
            "an action with a wildcard",
        ),
        ("GetPartner/Properties/Policies/0/Statement/0/Action", None, "without actions"),
        ("GetPartner/Properties/Policies/0/Statement/0/NotAction", Some(json!("dynamodb:Scan")), "do not know"),
        ("GetPartner/Properties/Policies/0/Statement/0/Resource", Some(json!("*")), "a resource with a wildcard"),
        ("GetPartner/Properties/Policies/0/Statement/0/Resource", Some(json!(["*"])), "a resource with a wildcard"),
        (
            "GetPartner/Properties/Policies/0/Statement/0/Resource",
            Some(json!({ "Fn::Sub": "${Table.Arn}/index/*" })),
            "a resource with a wildcard",
        ),
        ("GetPartner/Properties/Policies/0/Statement/0/Resource", None, "a resource with a wildcard, or none"),
        ("GetPartner/Properties/Policies/0/Statement/0/Condition", None, "for any partition"),
        ("GetPartner/Properties/Policies/0/Statement/0/Condition/Null", None, "without a partition"),
        (
            "GetPartner/Properties/Policies/0/Statement/0/Condition/ForAllValues:StringLike/dynamodb:LeadingKeys",
            Some(json!(["*"])),
            "for any partition",
        ),
        (
            "GetPartner/Properties/Policies/0/Statement/0/Condition/ForAllValues:StringLike/dynamodb:LeadingKeys",
            Some(json!([])),
            "for any partition",
        ),
        // In a branch of a condition.
        (
            "SendInvitation/Properties/Policies/1/Fn::If/1/Statement/0/Action",
            Some(json!("ses:*")),
            "SendInvitation: an action with a wildcard",
        ),
        ("SendInvitation/Properties/Policies/1/Fn::If/1/Statement/0/Condition", None, "mail as anybody"),
        ("SendInvitation/Properties/Policies/1/Fn::If/2", Some(json!("AdministratorAccess")), "do not know"),
        ("GetPartner/Properties/Policies", Some(json!("AdministratorAccess")), "do not know"),
        (
            "GetPartner/Properties/Policies/0",
            Some(json!({ "DynamoDBCrudPolicy": { "TableName": "x" } })),
            "do not know",
        ),
        ("GetPartner/Properties/Role", Some(json!("arn:aws:iam::123456789012:role/admin")), "do not know"),
    ]
}
