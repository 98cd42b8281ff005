//! The description of the API, `docs/openapi.json`: every answer of every story is checked against it, and it is checked
//! against the routes and the problems that there are.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, LazyLock, Mutex},
};

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::{app::Answer, tidy};

static DESCRIPTION: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(&tidy::read("docs/openapi.json")).unwrap());

/// Each schema that was asked for, compiled once.
static VALIDATORS: LazyLock<Mutex<BTreeMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);

/// What was asked.
pub(crate) struct Asked<'a> {
    pub(crate) method: &'a str,
    /// With its query.
    pub(crate) path: &'a str,
    pub(crate) body: Option<&'a str>,
}

/// Panics where the description does not have that answer. What no route has is API Gateway's own 404, and is not checked.
pub(crate) fn check(asked: &Asked<'_>, answer: &Answer) {
    let (path, _) = asked.path.split_once('?').unwrap_or((asked.path, ""));
    let Some((route, operation)) = operation(asked.method, path) else { return };
    if let Err(error) = agrees(operation, asked, answer) {
        panic!("docs/openapi.json and {route} disagree at status {}: {error}\n{asked:?}\n{answer:?}", answer.status);
    }
}

impl std::fmt::Debug for Asked<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}", self.method, self.path, self.body.unwrap_or_default())
    }
}

fn agrees(operation: &'static Value, asked: &Asked<'_>, answer: &Answer) -> Result<(), String> {
    let described = &operation["responses"][answer.status.to_string()];
    if described.is_null() {
        return Err("this status is not described".to_owned());
    }
    let described = resolved(described);
    let media_type = answer.header("content-type").split(';').next().unwrap_or_default();
    let content = &described["content"][media_type];
    if content.is_null() {
        return Err(format!("the content type {media_type:?} is not described"));
    }
    valid(&content["schema"], &answer.body)?;
    for (name, header) in described["headers"].as_object().into_iter().flatten() {
        let header = resolved(header);
        match answer.headers.get(name) {
            Some(_) => valid(&header["schema"], &answer.header(name).into())?,
            None if header["required"] == true => return Err(format!("the header {name} is missing")),
            None => {}
        }
    }
    if answer.status < 300 && !operation["requestBody"].is_null() {
        let body = asked.body.filter(|body| !body.is_empty()).unwrap_or("{}");
        let body = serde_json::from_str(body).map_err(|error| format!("the request was taken: {error}"))?;
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        valid(schema, &body).map_err(|error| format!("the request was taken: {error}"))?;
    }
    Ok(())
}

/// The operation of a request: of the paths that fit the one with the fewest parameters.
fn operation(method: &str, path: &str) -> Option<(String, &'static Value)> {
    let fits = |pattern: &str| {
        let (pattern, path): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
        let fits = |(wanted, given): (&&str, &&str)| wanted == given || wanted.starts_with('{') && !given.is_empty();
        pattern.len() == path.len() && pattern.iter().zip(&path).all(fits)
    };
    let found = operations().into_iter().filter(|(of, pattern, _)| of == method && fits(pattern));
    let (method, path, operation) = found.min_by_key(|(_, pattern, _)| pattern.matches('{').count())?;
    Some((format!("{method} {path}"), operation))
}

/// Every operation: its method in capitals, its path, and what is said of it.
fn operations() -> Vec<(String, &'static str, &'static Value)> {
    let paths = DESCRIPTION["paths"].as_object().unwrap().iter();
    let of = |(path, item): (&'static String, &'static Value)| {
        let methods = item.as_object().unwrap().iter();
        methods.map(move |(method, operation)| (method.to_uppercase(), path.as_str(), operation))
    };
    paths.flat_map(of).collect()
}

/// What a reference into the description names; anything else is itself.
fn resolved(value: &'static Value) -> &'static Value {
    match value["$ref"].as_str() {
        Some(name) => DESCRIPTION.pointer(name.trim_start_matches('#')).unwrap_or_else(|| panic!("nothing is {name}")),
        None => value,
    }
}

fn validator(schema: &Value) -> Arc<Validator> {
    let mut validators = VALIDATORS.lock().unwrap();
    let made = validators.entry(schema.to_string()).or_insert_with(|| {
        let whole = json!({ "allOf": [schema], "components": DESCRIPTION["components"] });
        Arc::new(jsonschema::draft202012::new(&whole).unwrap_or_else(|error| panic!("{schema}: {error}")))
    });
    Arc::clone(made)
}

fn valid(schema: &Value, value: &Value) -> Result<(), String> {
    let errors: Vec<String> = validator(schema)
        .iter_errors(value)
        .map(|error| format!("{} at {:?}", error.masked(), error.instance_path().as_str()))
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(format!("{} (by {schema})", errors.join("; "))) }
}

/// Every object of the description that has one of `keys`, with its place.
fn having<'a>(keys: &[&str], value: &'a Value, place: &str, found: &mut Vec<(String, &'a Value)>) {
    if keys.iter().any(|key| value.get(key).is_some()) {
        found.push((place.to_owned(), value));
    }
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(object) => object.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(n, item)| (n.to_string(), item)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    for (key, value) in inner.into_iter().filter(|(key, _)| !["example", "examples"].contains(&key.as_str())) {
        having(keys, value, &format!("{place}/{key}"), found);
    }
}

#[test]
fn the_operations_are_the_routes_of_the_api() {
    let described: BTreeSet<String> =
        operations().into_iter().map(|(method, path, _)| format!("{method} {path}")).collect();
    let routes: BTreeSet<String> = tidy::routes().iter().map(tidy::Route::key).collect();
    assert_eq!(described, routes);
}

#[test]
fn every_operation_says_what_it_is_and_has_valid_examples() {
    let mut ids = BTreeSet::new();
    for (method, path, operation) in operations() {
        let id = operation["operationId"].as_str().unwrap_or_else(|| panic!("{method} {path} has no operationId"));
        assert!(ids.insert(id), "{id} is there twice");
        assert!(operation["summary"].as_str().is_some_and(|summary| summary.len() > 10), "{id} has no summary");
        let is_public = operation["security"] == json!([]);
        assert_eq!(is_public, path == "/v1/invitations/preview", "{id}");
        let named = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let parameters: Vec<&Value> = operation["parameters"].as_array().into_iter().flatten().map(resolved).collect();
        for name in named {
            let is_it = |parameter: &&&Value| parameter["in"] == "path" && parameter["name"] == name;
            assert_eq!(parameters.iter().filter(is_it).count(), 1, "{id}: {name}");
        }
        for parameter in parameters {
            if let Some(example) = parameter.get("example") {
                valid(&parameter["schema"], example).unwrap_or_else(|error| panic!("{id}: {error}"));
            }
        }
        let request = operation.get("requestBody");
        assert_eq!(request.is_some(), ["POST", "PUT", "PATCH"].contains(&method.as_str()), "{id}");
        for (media_type, content) in request.and_then(|request| request["content"].as_object()).into_iter().flatten() {
            let example = content.get("example").unwrap_or_else(|| panic!("{id}: a request without an example"));
            valid(&content["schema"], example).unwrap_or_else(|error| panic!("{id}: {media_type}: {error}"));
        }
        for (status, response) in operation["responses"].as_object().unwrap() {
            for (media_type, content) in resolved(response)["content"].as_object().unwrap() {
                match content.get("example") {
                    Some(example) => {
                        valid(&content["schema"], example).unwrap_or_else(|error| panic!("{id} {status}: {error}"));
                    }
                    None => assert!(media_type == "application/problem+json", "{id} {status} has no example"),
                }
            }
        }
    }
}

#[test]
fn the_problems_are_those_that_the_functions_answer() {
    let source = tidy::read("shared/src/http/problem.rs");
    let problem = |rest: &str| {
        let mut words = rest.trim_start().strip_prefix('"')?.splitn(2, '"');
        let (slug, rest) = (words.next()?, words.next()?);
        let status: String =
            rest.trim_start_matches([',', ' ', '\n']).chars().take_while(char::is_ascii_digit).collect();
        Some((slug.to_owned(), status))
    };
    let answered: BTreeSet<(String, String)> = source.split("new(").skip(1).filter_map(problem).collect();
    let mut described = BTreeSet::new();
    for (method, path, operation) in operations() {
        for (status, response) in operation["responses"].as_object().unwrap() {
            let schema = &resolved(response)["content"]["application/problem+json"]["schema"];
            let one = [schema];
            let schemas = schema["oneOf"].as_array().map_or(one.to_vec(), |schemas| schemas.iter().collect());
            for schema in schemas.into_iter().filter(|schema| !schema.is_null()) {
                let problem = resolved(schema);
                let slug = problem["properties"]["type"]["const"].as_str().unwrap();
                let slug = slug.strip_prefix("/problems/").unwrap().to_owned();
                let said = problem["properties"]["status"]["const"].to_string();
                assert_eq!(said, *status, "{slug} on {method} {path}");
                described.insert((slug, said));
                for example in problem["examples"].as_array().unwrap() {
                    valid(schema, example).unwrap();
                }
            }
        }
    }
    assert_eq!(described, answered);
}

#[test]
fn every_object_is_closed() {
    let mut objects = Vec::new();
    having(&["properties"], &DESCRIPTION["components"]["schemas"], "", &mut objects);
    assert!(objects.len() > 60, "{}", objects.len());
    for (place, schema) in objects {
        // The parts of a closed whole, and what all problems have in common, are open themselves.
        let is_part = place.contains("/oneOf/") || place == "/Problem";
        let is_closed = schema["additionalProperties"] == false || schema["unevaluatedProperties"] == false;
        assert!(is_closed || is_part || place.ends_with("/properties"), "{place} takes whatever comes");
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_part_is_used() {
    let (mut references, mut used) = (Vec::new(), BTreeSet::new());
    having(&["$ref"], &DESCRIPTION, "", &mut references);
    for (_, reference) in references {
        resolved(reference);
        used.insert(reference["$ref"].as_str().unwrap().to_owned());
    }
    for kind in ["schemas", "parameters", "headers", "responses"] {
        for name in DESCRIPTION["components"][kind].as_object().unwrap().keys() {
            assert!(used.contains(&format!("#/components/{kind}/{name}")), "nothing uses {kind}/{name}");
        }
    }
}
