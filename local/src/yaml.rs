//! YAML with the short tags of SAM templates, as JSON: `!Ref X` is `{"Ref":"X"}`, any other `!F v` is `{"Fn::F":v}`.

use anyhow::{Context, Result, bail};
use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Value, json};

/// Reads one YAML document.
///
/// # Errors
/// Where it is none, or has aliases, which no template here needs.
pub fn read(text: &str) -> Result<Value> {
    let documents = Yaml::load_from_str(text).context("not YAML")?;
    let [document] = documents.as_slice() else {
        bail!("expected one YAML document, found {}", documents.len());
    };
    value(document)
}

fn value(node: &Yaml<'_>) -> Result<Value> {
    Ok(match node {
        Yaml::Value(scalar) => plain(scalar),
        Yaml::Sequence(items) => Value::Array(items.iter().map(value).collect::<Result<_>>()?),
        Yaml::Mapping(entries) => {
            let mut map = Map::new();
            for (key, entry) in entries {
                map.insert(key_text(key)?, value(entry)?);
            }
            Value::Object(map)
        }
        Yaml::Tagged(tag, inner) => {
            let inner = value(inner)?;
            match tag.suffix.as_str() {
                "Ref" => json!({ "Ref": inner }),
                name => json!({ format!("Fn::{name}"): inner }),
            }
        }
        Yaml::Representation(text, ..) => Value::String(text.to_string()),
        Yaml::Alias(_) => bail!("YAML aliases are not read here"),
        Yaml::BadValue => bail!("a value that is not what its YAML tag says"),
    })
}

fn key_text(key: &Yaml<'_>) -> Result<String> {
    match value(key)? {
        Value::String(text) => Ok(text),
        Value::Bool(flag) => Ok(flag.to_string()),
        Value::Number(number) => Ok(number.to_string()),
        other @ (Value::Null | Value::Array(_) | Value::Object(_)) => bail!("a key that is not text: {other}"),
    }
}

fn plain(scalar: &Scalar<'_>) -> Value {
    match scalar {
        Scalar::Null => Value::Null,
        Scalar::Boolean(flag) => json!(flag),
        Scalar::Integer(number) => json!(number),
        Scalar::FloatingPoint(number) => json!(number.into_inner()),
        Scalar::String(text) => json!(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_tags_become_the_long_form() {
        let read = read("a: !Ref Table\nb: !Sub 'x-${Y}'\nc: !GetAtt Authorize.Arn\nd: [1, true, '1']\n").unwrap();
        assert_eq!(
            read,
            json!({"a": {"Ref": "Table"}, "b": {"Fn::Sub": "x-${Y}"}, "c": {"Fn::GetAtt": "Authorize.Arn"}, "d": [1, true, "1"]})
        );
    }
}
