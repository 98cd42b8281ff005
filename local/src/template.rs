//! What `template.yaml` says, as far as it matters here: functions, routes, the authorizer, schedules, the table.
//!
//! Read are `AWS::Serverless::Function` (`Metadata.BuildProperties.Binary`, `Timeout`, `MemorySize`, `Environment`, events
//! `HttpApi` and `ScheduleV2`), `AWS::Serverless::HttpApi` (`Auth`), `AWS::DynamoDB::Table` (keys, indexes, time to live),
//! `Globals.Function` and the parameters' defaults. No more of it than that: what an `EventBridgeRule` starts is played by hand.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Map, Value, json};

use crate::{resolve, yaml};

/// The name that the table gets on this machine, unless the template fixes one.
const TABLE_NAME: &str = "local";

/// What is run.
#[derive(Debug)]
pub(crate) struct Template {
    /// By the name of the binary.
    pub(crate) functions: BTreeMap<String, Function>,
    /// In the template's order.
    pub(crate) routes: Vec<Route>,
    /// The default authorizer of the API.
    pub(crate) authorizer: Option<Authorizer>,
    /// Functions that run by the clock.
    pub(crate) schedules: Vec<Schedule>,
    /// The one table.
    pub(crate) table: Table,
}

/// One Lambda function.
#[derive(Debug, PartialEq)]
pub(crate) struct Function {
    /// Folder, package, binary.
    pub(crate) name: String,
    /// How long one invocation may take.
    pub(crate) timeout: Duration,
    /// MiB, handed on as Lambda does; nothing limits it here.
    pub(crate) memory: u64,
    /// Its variables: the value, or why it cannot be known from the template alone.
    pub(crate) variables: BTreeMap<String, Result<String, String>>,
}

/// One route of the API.
#[derive(Debug, PartialEq)]
pub(crate) struct Route {
    /// Upper case, or `ANY`.
    pub(crate) method: String,
    /// As in the template, `{parameters}` included.
    pub(crate) path: String,
    /// Who answers.
    pub(crate) function: String,
    /// Whether the authorizer is asked first.
    pub(crate) authorized: bool,
}

/// Who is asked before a function is.
#[derive(Debug, PartialEq)]
pub(crate) struct Authorizer {
    /// The authorizing function.
    pub(crate) function: String,
    /// Lower-case names of the headers that say who calls.
    pub(crate) headers: Vec<String>,
    /// How long an answer counts; zero: it is not kept.
    pub(crate) keep: Duration,
}

/// One schedule of a function that runs by the clock.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Schedule {
    /// What runs.
    pub(crate) function: String,
    /// How often; `None` for an expression that is no rate: it only runs by hand here.
    pub(crate) every: Option<Duration>,
    /// The event, with `<aws.scheduler.scheduled-time>` where the time goes.
    pub(crate) input: String,
}

/// The table, as requests that make it.
#[derive(Debug, PartialEq)]
pub(crate) struct Table {
    /// Its name here.
    pub(crate) name: String,
    /// The `CreateTable` request.
    pub(crate) create: Value,
    /// The attribute by which items end.
    pub(crate) time_to_live: Option<String>,
}

impl Template {
    /// Reads the file.
    pub(crate) fn load(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("cannot use {}", path.display()))
    }

    /// Reads the text of a template.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let document = yaml::read(text)?;
        let resources = document["Resources"].as_object().context("no Resources")?;
        let defaults = resolve::Defaults::of(&document);
        let globals = &document["Globals"]["Function"];
        let table = table(resources)?;

        let api = of_type(resources, "AWS::Serverless::HttpApi").next().map(|(_, api)| &api["Properties"]["Auth"]);
        let authorizer = api.map(|auth| authorizer(auth, resources)).transpose()?.flatten();

        let mut functions = BTreeMap::new();
        let (mut routes, mut schedules) = (Vec::new(), Vec::new());
        for (id, resource) in of_type(resources, "AWS::Serverless::Function") {
            let function = function(resource, globals, &defaults).with_context(|| format!("function {id}"))?;
            for (event, described) in resource["Properties"]["Events"].as_object().into_iter().flatten() {
                let properties = &described["Properties"];
                match described["Type"].as_str() {
                    Some("HttpApi") => routes.push(
                        route(properties, &function.name, authorizer.is_some())
                            .with_context(|| format!("event {event} of {id}"))?,
                    ),
                    Some("ScheduleV2" | "Schedule") => {
                        schedules.push(schedule(properties, &function.name, &defaults));
                    }
                    Some(_) | None => {}
                }
            }
            functions.insert(function.name.clone(), function);
        }
        Ok(Self { functions, routes, authorizer, schedules, table })
    }
}

fn of_type<'a>(resources: &'a Map<String, Value>, kind: &'a str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    resources.iter().filter(move |(_, resource)| resource["Type"] == kind)
}

fn binary(resource: &Value) -> Result<&str> {
    resource["Metadata"]["BuildProperties"]["Binary"].as_str().context("no Metadata.BuildProperties.Binary")
}

fn function(resource: &Value, globals: &Value, defaults: &resolve::Defaults) -> Result<Function> {
    let properties = &resource["Properties"];
    let number = |name: &str, otherwise: u64| {
        [properties, globals].iter().find_map(|from| from[name].as_u64()).unwrap_or(otherwise)
    };
    let variables = [globals, properties]
        .iter()
        .filter_map(|from| from["Environment"]["Variables"].as_object())
        .flatten()
        .map(|(name, given)| (name.clone(), defaults.text(given)))
        .collect();
    Ok(Function {
        name: binary(resource)?.to_owned(),
        timeout: Duration::from_secs(number("Timeout", 3)),
        memory: number("MemorySize", 128),
        variables,
    })
}

fn route(properties: &Value, function: &str, has_authorizer: bool) -> Result<Route> {
    let method = properties["Method"].as_str().context("no Method")?.to_ascii_uppercase();
    let path = properties["Path"].as_str().context("no Path")?.to_owned();
    let opted_out = properties["Auth"]["Authorizer"] == "NONE";
    Ok(Route { method, path, function: function.to_owned(), authorized: has_authorizer && !opted_out })
}

fn authorizer(auth: &Value, resources: &Map<String, Value>) -> Result<Option<Authorizer>> {
    let Some(name) = auth["DefaultAuthorizer"].as_str() else { return Ok(None) };
    let described = &auth["Authorizers"][name];
    let arn = &described["FunctionArn"]["Fn::GetAtt"];
    let id = match arn.as_array() {
        Some(parts) => parts.first().and_then(Value::as_str),
        None => arn.as_str().and_then(|text| text.strip_suffix(".Arn")),
    };
    let id = id.ok_or_else(|| anyhow!("authorizer {name}: FunctionArn is no !GetAtt <function>.Arn"))?;
    let resource = resources.get(id).with_context(|| format!("authorizer {name}: no resource {id}"))?;
    let identity = &described["Identity"];
    let headers = match identity["Headers"].as_array() {
        Some(headers) => headers.iter().filter_map(Value::as_str).map(str::to_ascii_lowercase).collect(),
        None => vec!["authorization".to_owned()],
    };
    let keep = Duration::from_secs(identity["ReauthorizeEvery"].as_u64().unwrap_or(0));
    Ok(Some(Authorizer { function: binary(resource)?.to_owned(), headers, keep }))
}

fn schedule(properties: &Value, function: &str, defaults: &resolve::Defaults) -> Schedule {
    let text = |name: &str| defaults.text(&properties[name]).ok();
    let expression = text("ScheduleExpression").or_else(|| text("Schedule"));
    let input = text("Input").unwrap_or_else(|| "{}".to_owned());
    Schedule { function: function.to_owned(), every: expression.as_deref().and_then(rate), input }
}

/// `rate(1 hour)`, and nothing else.
fn rate(expression: &str) -> Option<Duration> {
    let (number, unit) = expression.strip_prefix("rate(")?.strip_suffix(')')?.split_once(' ')?;
    let seconds = match unit.trim().trim_end_matches('s') {
        "minute" => 60,
        "hour" => 3_600,
        "day" => 86_400,
        _ => return None,
    };
    let every = Duration::from_secs(number.parse::<u64>().ok()?.checked_mul(seconds)?);
    (!every.is_zero()).then_some(every)
}

fn table(resources: &Map<String, Value>) -> Result<Table> {
    let tables: Vec<_> = of_type(resources, "AWS::DynamoDB::Table").collect();
    let [(_, resource)] = tables.as_slice() else { bail!("expected one table, found {}", tables.len()) };
    let properties = &resource["Properties"];
    let name = properties["TableName"].as_str().unwrap_or(TABLE_NAME).to_owned();
    let mut create = json!({ "TableName": name, "BillingMode": "PAY_PER_REQUEST" });
    for key in ["AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "LocalSecondaryIndexes"] {
        if !properties[key].is_null() {
            create[key] = properties[key].clone();
        }
    }
    let ttl = &properties["TimeToLiveSpecification"];
    let time_to_live = (ttl["Enabled"] == true).then(|| ttl["AttributeName"].as_str().map(str::to_owned)).flatten();
    Ok(Table { name, create, time_to_live })
}

#[cfg(test)]
#[path = "template_tests.rs"]
mod tests;
