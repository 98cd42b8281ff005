//! What a value of the template comes to: literals, `!Ref` of a parameter with a default, `!Sub` of such.

use std::collections::BTreeMap;

use serde_json::Value;

/// The parameters' defaults, and the pseudo parameters that mean something here.
#[derive(Debug)]
pub(crate) struct Defaults(BTreeMap<String, Option<String>>);

impl Defaults {
    /// Reads `Parameters` of a template.
    pub(crate) fn of(document: &Value) -> Self {
        let mut known: BTreeMap<String, Option<String>> = BTreeMap::new();
        for (name, parameter) in document["Parameters"].as_object().into_iter().flatten() {
            known.insert(name.clone(), scalar(&parameter["Default"]));
        }
        for (name, value) in [
            ("AWS::Region", crate::environment::REGION),
            ("AWS::Partition", "aws"),
            ("AWS::AccountId", crate::environment::ACCOUNT),
            ("AWS::StackName", "local"),
            ("AWS::URLSuffix", "amazonaws.com"),
        ] {
            known.insert(name.to_owned(), Some(value.to_owned()));
        }
        Self(known)
    }

    /// The text of a value, or the reason why it is not known.
    pub(crate) fn text(&self, value: &Value) -> Result<String, String> {
        if let Some(literal) = scalar(value) {
            return Ok(literal);
        }
        if let Some(name) = value["Ref"].as_str() {
            return self.parameter(name);
        }
        if let Some(pattern) = value["Fn::Sub"].as_str() {
            return self.substituted(pattern);
        }
        Err(format!("{value} is more of CloudFormation than is understood here"))
    }

    fn parameter(&self, name: &str) -> Result<String, String> {
        match self.0.get(name) {
            Some(Some(default)) => Ok(default.clone()),
            Some(None) => Err(format!("the parameter {name} has no default")),
            None => Err(format!("{name} is no parameter")),
        }
    }

    fn substituted(&self, pattern: &str) -> Result<String, String> {
        let mut text = String::new();
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').ok_or_else(|| format!("`{pattern}` has no closing brace"))?;
            text.push_str(before);
            match name.strip_prefix('!') {
                Some(literal) => text.push_str(&format!("${{{literal}}}")),
                None => text.push_str(&self.parameter(name)?),
            }
            rest = after;
        }
        text.push_str(rest);
        Ok(text)
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
