//! What the template must keep to, and that these rules notice it where it does not.
//!
//! [`complaints`] reads the template as a document, not as text, and complains of whatever it does not understand:
//! what is written in another way, or started by another source, fails until somebody has thought about it.

mod rights;

use serde_json::{Value, json};

use crate::tidy;

/// What is wrong with a template, each with the resource it is about.
#[derive(Default)]
struct Complaints(Vec<String>);

impl Complaints {
    fn expect(&mut self, holds: bool, about: &str, what: &str) {
        if !holds {
            self.0.push(format!("{about}: {what}"));
        }
    }
}

fn template() -> Value {
    document("template.yaml")
}

fn document(path: &str) -> Value {
    local::yaml::read(&tidy::read(path)).unwrap()
}

fn resources<'a>(template: &'a Value, kind: &'a str) -> impl Iterator<Item = (&'a str, &'a Value)> {
    let all = template["Resources"].as_object().unwrap().iter();
    all.filter(move |(_, resource)| resource["Type"] == kind).map(|(id, resource)| (id.as_str(), resource))
}

fn complaints(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    let mut functions = 0;
    for (id, function) in resources(template, "AWS::Serverless::Function") {
        functions += 1;
        let description = function["Properties"]["Description"].as_str().unwrap_or_default();
        complaints.expect(description.len() > 10, id, "no description");
        log_group(template, id, function, &mut complaints);
        alarm(template, id, function, &mut complaints);
        rights::of(id, function, &mut complaints);
        sources(template, id, function, &mut complaints);
    }
    complaints.expect(functions > 20, "template", "no functions");
    let mut alarms = 0;
    for (id, alarm) in resources(template, "AWS::CloudWatch::Alarm") {
        alarms += 1;
        speaks(id, alarm, &mut complaints);
    }
    complaints.expect(alarms > functions, "template", "no alarms");
    for (id, resource) in template["Resources"].as_object().unwrap() {
        let kind = resource["Type"].as_str().unwrap_or_default();
        // What would start a function, or give it a right, past the rules on functions.
        let elsewhere = ["AWS::IAM::", "AWS::Events::", "AWS::Scheduler::", "AWS::SNS::", "AWS::S3::", "AWS::Pipes::"];
        complaints.expect(!elsewhere.iter().any(|prefix| kind.starts_with(prefix)), id, "these rules do not know it");
        let is_of_lambda = kind.starts_with("AWS::Lambda::");
        // Cognito waits for the answer, so it hears of a failure itself.
        let waits =
            kind == "AWS::Lambda::Permission" && resource["Properties"]["Principal"] == "cognito-idp.amazonaws.com";
        complaints.expect(!is_of_lambda || waits, id, "these rules do not know it");
    }
    complaints.0
}

/// An alarm that whoever hears of it can act on.
fn speaks(id: &str, alarm: &Value, complaints: &mut Complaints) {
    let properties = &alarm["Properties"];
    let words = properties["AlarmDescription"].as_str().unwrap_or_default();
    complaints.expect(words.len() > 120, id, "its description does not say what is wrong and what to do");
    let notifies = json!({ "Fn::If": ["Notifies", [{ "Ref": "AlarmTopicArn" }], { "Ref": "AWS::NoValue" }] });
    complaints.expect(properties["AlarmActions"] == notifies, id, "it notifies nobody");
}

fn log_group(template: &Value, id: &str, function: &Value, complaints: &mut Complaints) {
    let group = format!("{id}Logs");
    let names_it = function["Properties"]["LoggingConfig"]["LogGroup"] == json!({ "Ref": group });
    complaints.expect(names_it, id, "it does not log into its own group");
    let binary = function["Metadata"]["BuildProperties"]["Binary"].as_str().unwrap_or_default();
    let resource = &template["Resources"][&group];
    complaints.expect(resource["Type"] == "AWS::Logs::LogGroup", id, "no log group");
    let name = json!({ "Fn::Sub": format!("/aws/lambda/${{AWS::StackName}}-{binary}") });
    complaints.expect(resource["Properties"]["LogGroupName"] == name, id, "its log group has another name");
    let kept = &resource["Properties"]["RetentionInDays"];
    complaints.expect(*kept == json!({ "Ref": "LogRetentionDays" }), id, "its logs are kept for ever");
}

/// The function's own alarm: one error or throttled call in five minutes.
fn alarm(template: &Value, id: &str, function: &Value, complaints: &mut Complaints) {
    let alarm = &template["Resources"][&format!("{id}Failing")];
    complaints.expect(alarm["Type"] == "AWS::CloudWatch::Alarm", id, "no alarm");
    complaints.expect(alarm["Condition"] == function["Condition"], id, "its alarm has another condition");
    let metrics = alarm["Properties"]["Metrics"].as_array().map(Vec::as_slice).unwrap_or_default();
    let sum = metrics.iter().find_map(|metric| metric["Expression"].as_str()).unwrap_or_default();
    for name in ["Errors", "Throttles"] {
        let of_it = json!([{ "Name": "FunctionName", "Value": { "Ref": id } }]);
        let watched = metrics.iter().any(|metric| {
            let what = &metric["MetricStat"]["Metric"];
            let counted = metric["Id"].as_str().is_some_and(|metric| sum.contains(&format!("FILL({metric}, 0)")));
            what["Namespace"] == "AWS/Lambda" && what["MetricName"] == name && what["Dimensions"] == of_it && counted
        });
        complaints.expect(watched, id, &format!("its alarm does not watch {name}"));
    }
    let properties = &alarm["Properties"];
    let first = properties["Threshold"] == 1 && properties["ComparisonOperator"] == "GreaterThanOrEqualToThreshold";
    complaints.expect(first, id, "its alarm waits for more than one failure");
}

/// What starts it: whatever nobody waits for leaves what failed in a queue, and an alarm watches that queue.
fn sources(template: &Value, id: &str, function: &Value, complaints: &mut Complaints) {
    let properties = &function["Properties"];
    let mut asynchronous = 0;
    for (event, source) in properties["Events"].as_object().into_iter().flatten() {
        match source["Type"].as_str() {
            Some("HttpApi") => {}
            Some("ScheduleV2" | "EventBridgeRule") => {
                asynchronous += 1;
                let undelivered = &source["Properties"]["DeadLetterConfig"]["Arn"];
                complaints.expect(is_watched(template, undelivered), id, &format!("{event} has no watched queue"));
            }
            Some(_) | None => {
                complaints.expect(false, id, &format!("{event} is of a kind that these rules do not know"))
            }
        }
    }
    let failed = &properties["EventInvokeConfig"]["DestinationConfig"]["OnFailure"];
    let has_queue = failed["Type"] == "SQS" && is_watched(template, &failed["Destination"]);
    complaints.expect(asynchronous == 0 || has_queue, id, "its own failures have no watched queue");
}

fn is_watched(template: &Value, arn: &Value) -> bool {
    let Some(queue) = arn["Fn::GetAtt"].as_str().and_then(|arn| arn.strip_suffix(".Arn")) else { return false };
    let of_it = json!([{ "Name": "QueueName", "Value": { "Fn::GetAtt": format!("{queue}.QueueName") } }]);
    let watches = |alarm: &Value| {
        let properties = &alarm["Properties"];
        properties["MetricName"] == "ApproximateNumberOfMessagesVisible" && properties["Dimensions"] == of_it
    };
    template["Resources"][queue]["Type"] == "AWS::SQS::Queue"
        && resources(template, "AWS::CloudWatch::Alarm").any(|(_, alarm)| watches(alarm))
}

#[test]
fn the_template_keeps_to_every_rule() {
    assert_eq!(complaints(&template()), Vec::<String>::new());
}

#[test]
fn nobody_in_the_pool_says_who_they_are() {
    let template = template();
    let made = &template["Resources"];
    let (pool, client) = (&made["UserPool"], &made["UserPoolClient"]["Properties"]);
    assert_eq!(pool["Properties"]["AdminCreateUserConfig"], json!({ "AllowAdminCreateUserOnly": true }));
    assert_eq!(client["WriteAttributes"], json!(["name"]));
    let schema = pool["Properties"]["Schema"].as_array().unwrap();
    let tenant = schema.iter().find(|attribute| attribute["Name"] == "tenant").unwrap();
    assert_eq!(tenant["Mutable"], false, "not by another client either");
    // A required attribute would have to be writable.
    assert!(schema.iter().all(|attribute| attribute["Required"].is_null()));
    assert_eq!(resources(&template, "AWS::Cognito::UserPoolClient").count(), 1, "another client has rights of its own");
    // With the code grant alone a page never has tokens in its address, and there is no secret to leak.
    assert_eq!(client["AllowedOAuthFlows"]["Fn::If"][1], json!(["code"]));
    assert_eq!(client["GenerateSecret"], false);
    // The pages give out no token that changes anything of its user; one from SRP may, within what is writable.
    assert_eq!(client["AllowedOAuthScopes"]["Fn::If"][1], json!(["openid"]));
    assert_eq!(pool["DeletionPolicy"], "Retain");
    assert_eq!(pool["Properties"]["DeletionProtection"], json!({ "Fn::If": ["IsProduction", "ACTIVE", "INACTIVE"] }));
    let roles = tidy::read("shared/src/domain/role.rs");
    let roles = roles.split("pub enum Role {").nth(1).unwrap().split('}').next().unwrap();
    let roles =
        roles.lines().map(str::trim).filter(|line| !line.starts_with("//")).map(|line| line.trim_end_matches(','));
    let mut roles: Vec<&str> = roles.filter(|line| !line.is_empty()).collect();
    let groups = resources(&template, "AWS::Cognito::UserPoolGroup");
    let mut groups: Vec<&str> = groups.map(|(_, group)| group["Properties"]["GroupName"].as_str().unwrap()).collect();
    roles.sort_unstable();
    groups.sort_unstable();
    assert_eq!(groups, roles);
    for kind in ["UserPool", "UserPoolClient", "UserPoolDomain", "UserPoolGroup", "ManagedLoginBranding"] {
        let kind = format!("AWS::Cognito::{kind}");
        assert!(resources(&template, &kind).all(|(_, made)| made["Condition"] == "MakesUserPool"), "{kind}");
    }
}

#[test]
fn the_distribution_keeps_no_answer_of_the_api_for_another() {
    let edge = document("edge.yaml");
    let made = &edge["Resources"];
    let config = &made["Distribution"]["Properties"]["DistributionConfig"];
    let caching_disabled = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
    assert_eq!(config["DefaultCacheBehavior"]["CachePolicyId"], caching_disabled);
    let kept = config["CacheBehaviors"].as_array().unwrap();
    assert!(kept.iter().all(|behavior| behavior["PathPattern"] == "/assets/*"), "{kept:?}");
    assert!(config["WebACLId"]["Fn::If"].is_array(), "without a web ACL it would hold nothing off");
    let redacted = json!([{ "SingleHeader": { "Name": "authorization" } }, { "UriPath": {} }, { "QueryString": {} }]);
    assert_eq!(made["WebAclLogging"]["Properties"]["RedactedFields"], redacted);
    let mut complaints = Complaints::default();
    resources(&edge, "AWS::CloudWatch::Alarm").for_each(|(id, alarm)| speaks(id, alarm, &mut complaints));
    assert_eq!(complaints.0, Vec::<String>::new());
}

/// Where in the template, what it is changed to (`None`: taken away), and what must be said of it.
type Case = (&'static str, Option<Value>, &'static str);

#[test]
fn every_rule_notices_what_it_is_for() {
    let cases: Vec<Case> = vec![
        ("GetPartner/Properties/Description", None, "GetPartner: no description"),
        ("GetPartner/Properties/LoggingConfig", None, "its own group"),
        ("GetPartner/Properties/LoggingConfig/LogGroup/Ref", Some(json!("AuthorizeLogs")), "its own group"),
        ("GetPartnerLogs", None, "GetPartner: no log group"),
        ("GetPartnerLogs/Properties/LogGroupName/Fn::Sub", Some(json!("/aws/lambda/x")), "another name"),
        ("GetPartnerLogs/Properties/RetentionInDays", None, "kept for ever"),
        ("GetPartnerFailing", None, "GetPartner: no alarm"),
        ("GetPartnerFailing/Properties/AlarmDescription", Some(json!("It failed.")), "what to do"),
        ("GetPartnerFailing/Properties/AlarmActions", None, "notifies nobody"),
        ("GetPartnerFailing/Properties/Threshold", Some(json!(100)), "more than one failure"),
        (
            "GetPartnerFailing/Properties/Metrics/0/Expression",
            Some(json!("FILL(errors, 0)")),
            "does not watch Throttles",
        ),
        (
            "GetPartnerFailing/Properties/Metrics/1/MetricStat/Metric/Dimensions/0/Value/Ref",
            Some(json!("Authorize")),
            "does not watch Errors",
        ),
        ("RecordDeliveryFailing/Condition", None, "another condition"),
        (
            "CleanupInvitations/Properties/Events/Hourly/Properties/DeadLetterConfig",
            None,
            "Hourly has no watched queue",
        ),
        ("CleanupInvitations/Properties/EventInvokeConfig", None, "its own failures"),
        (
            "RecordDelivery/Properties/EventInvokeConfig/DestinationConfig/OnFailure/Type",
            Some(json!("SNS")),
            "its own failures",
        ),
        ("CleanupLost", None, "CleanupInvitations: Hourly has no watched queue"),
        ("MailFailuresAlarm/Properties/MetricName", Some(json!("NumberOfMessagesSent")), "RemindInvitations"),
        ("GetPartner/Properties/Events/Route/Type", Some(json!("S3")), "do not know"),
        ("Another", Some(json!({ "Type": "AWS::Events::Rule" })), "Another: these rules do not know it"),
        ("Another", Some(json!({ "Type": "AWS::Lambda::EventSourceMapping" })), "Another: these rules do not know it"),
        (
            "Another",
            Some(json!({ "Type": "AWS::Lambda::Permission", "Properties": { "Principal": "sns.amazonaws.com" } })),
            "Another",
        ),
        ("Another", Some(json!({ "Type": "AWS::IAM::Policy" })), "Another: these rules do not know it"),
    ];
    let of_rights = rights::cases();
    for (at, value, expected) in cases.into_iter().chain(of_rights) {
        let changed = changed(&template(), at, value.clone());
        let found = complaints(&changed);
        assert!(found.iter().any(|said| said.contains(expected)), "{at} {value:?}: {found:?}");
    }
    assert!(!complaints(&json!({ "Resources": {} })).is_empty(), "nothing at all is not enough");
}

/// The template with one place changed. The place must be there, or the case would show nothing.
fn changed(template: &Value, at: &str, value: Option<Value>) -> Value {
    let mut changed = template.clone();
    let (parent, name) = at.rsplit_once('/').map_or((String::new(), at), |(parent, name)| (format!("/{parent}"), name));
    let parent = changed.pointer_mut(&format!("/Resources{parent}")).unwrap_or_else(|| panic!("no {at}"));
    let is_there = !parent[name].is_null() || parent.as_array().is_some();
    assert!(is_there || name == "Another" || value.is_some(), "no {at}");
    match (parent, value) {
        (Value::Array(items), Some(value)) => items[name.parse::<usize>().unwrap()] = value,
        (parent, Some(value)) => parent[name] = value,
        (parent, None) => drop(parent.as_object_mut().unwrap().remove(name)),
    }
    changed
}
