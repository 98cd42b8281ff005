//! Reading a request's body field by field.
//!
//! `serde`'s derive stops at the first wrong field and keeps the last of two equal keys; a caller wants to
//! know all that is wrong at once, and a duplicate key is how two readers are made to see two requests.

use std::{cell::RefCell, fmt, str::FromStr};

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use crate::error::{Error, FieldError};

/// A JSON value whose objects have no key twice.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    Number(serde_json::Number),
    String(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// A type that a field of a request can have.
pub trait Field: Sized {
    /// Parses the value, or says what is expected instead.
    fn parse(value: FieldValue<'_>) -> Result<Self, String>;
}

/// A field's value.
#[derive(Debug, Clone, Copy)]
pub struct FieldValue<'a>(&'a Json);

/// The fields of one object in a request.
pub struct Fields<'a> {
    object: &'a [(String, Json)],
    pointer: String,
    asked: Vec<&'static str>,
    errors: &'a RefCell<Vec<FieldError>>,
}

/// Parses `bytes` and reads its fields with `read`, which answers `None` where a required one is missing.
pub(super) fn read<T>(bytes: &[u8], read: impl FnOnce(&mut Fields<'_>) -> Option<T>) -> Result<T, Error> {
    let json: Json =
        serde_json::from_slice(bytes).map_err(|error| Error::Malformed(format!("The body is not JSON: {error}.")))?;
    let Json::Object(object) = &json else {
        return Err(Error::Malformed("The body must be a JSON object.".to_owned()));
    };
    let errors = RefCell::new(Vec::new());
    let mut fields = Fields { object, pointer: String::new(), asked: Vec::new(), errors: &errors };
    let value = read(&mut fields);
    fields.refuse_the_rest();
    match (value, errors.into_inner()) {
        (Some(value), errors) if errors.is_empty() => Ok(value),
        (_, errors) => Err(Error::Invalid(errors)),
    }
}

impl<'a> Fields<'a> {
    /// A field that may be absent or `null`.
    pub fn optional<T: Field>(&mut self, name: &'static str) -> Option<T> {
        let value = self.find(name)?;
        match T::parse(FieldValue(value)) {
            Ok(value) => Some(value),
            Err(detail) => {
                self.wrong(name, detail);
                None
            }
        }
    }

    /// A field that must be there.
    pub fn required<T: Field>(&mut self, name: &'static str) -> Option<T> {
        if self.find(name).is_none() {
            self.wrong(name, "is required".to_owned());
            return None;
        }
        self.optional(name)
    }

    /// A list of at most `most` values; absent or `null`, it is empty.
    pub fn list<T: Field>(&mut self, name: &'static str, most: usize) -> Vec<T> {
        let items = match self.find(name) {
            Some(Json::Array(items)) if items.len() <= most => items,
            Some(_) => {
                self.wrong(name, format!("must be a list of at most {most}"));
                return Vec::new();
            }
            None => return Vec::new(),
        };
        let mut values = Vec::with_capacity(items.len());
        for (place, item) in items.iter().enumerate() {
            match T::parse(FieldValue(item)) {
                Ok(value) => values.push(value),
                Err(detail) => self.wrong(&format!("{name}/{place}"), detail),
            }
        }
        values
    }

    /// An object within this one; absent or `null`, it is read as an empty one.
    pub fn object<T>(&mut self, name: &'static str, read: impl FnOnce(&mut Fields<'_>) -> T) -> T {
        let inner: &'a [(String, Json)] = match self.find(name) {
            Some(Json::Object(object)) => object,
            Some(_) => {
                self.wrong(name, "must be an object".to_owned());
                &[]
            }
            None => &[],
        };
        let pointer = format!("{}/{name}", self.pointer);
        let mut fields = Fields { object: inner, pointer, asked: Vec::new(), errors: self.errors };
        let value = read(&mut fields);
        fields.refuse_the_rest();
        value
    }

    /// Whether the object has this field, and not as `null`.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.object.iter().any(|(key, value)| key == name && *value != Json::Null)
    }

    /// Reports a field that can be read and is wrong all the same.
    pub fn wrong(&self, name: &str, detail: String) {
        self.errors.borrow_mut().push(FieldError::new(format!("{}/{name}", self.pointer), detail));
    }

    fn find(&mut self, name: &'static str) -> Option<&'a Json> {
        if !self.asked.contains(&name) {
            self.asked.push(name);
        }
        self.object.iter().find(|(key, _)| key == name).map(|(_, value)| value).filter(|value| **value != Json::Null)
    }

    /// Names what nobody asked for: a misspelt field must not silently take its default.
    fn refuse_the_rest(&self) {
        for (name, _) in self.object.iter().filter(|(name, _)| !self.asked.contains(&name.as_str())) {
            let escaped = name.replace('~', "~0").replace('/', "~1"); // RFC 6901 section 3
            let known = self.asked.join(", ");
            self.wrong(&escaped, format!("is not a field of this request; it has {known}"));
        }
    }
}

impl FieldValue<'_> {
    fn text(&self) -> Result<&str, String> {
        match self.0 {
            Json::String(text) => Ok(text),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => {
                Err("must be a string".to_owned())
            }
        }
    }
}

impl Field for bool {
    fn parse(value: FieldValue<'_>) -> Result<Self, String> {
        match value.0 {
            Json::Bool(flag) => Ok(*flag),
            Json::Null | Json::Number(_) | Json::String(_) | Json::Array(_) | Json::Object(_) => {
                Err("must be true or false".to_owned())
            }
        }
    }
}

impl Field for u64 {
    fn parse(value: FieldValue<'_>) -> Result<Self, String> {
        match value.0 {
            Json::Number(number) => number.as_u64().ok_or_else(|| "must be a whole number, 0 or more".to_owned()),
            Json::Null | Json::Bool(_) | Json::String(_) | Json::Array(_) | Json::Object(_) => {
                Err("must be a number".to_owned())
            }
        }
    }
}

impl Field for u32 {
    fn parse(value: FieldValue<'_>) -> Result<Self, String> {
        Self::try_from(u64::parse(value)?).map_err(|_| format!("must be at most {}", Self::MAX))
    }
}

impl Field for crate::domain::invitation::Days {
    fn parse(value: FieldValue<'_>) -> Result<Self, String> {
        u64::parse(value)?.try_into()
    }
}

impl Field for crate::domain::subscription::Quantity {
    fn parse(value: FieldValue<'_>) -> Result<Self, String> {
        u64::parse(value)?.try_into()
    }
}

impl Field for jiff::Timestamp {
    fn parse(value: FieldValue<'_>) -> Result<Self, String> {
        value.text()?.parse().map_err(|_| "must be a time such as 2026-11-22T09:30:00Z (RFC 3339)".to_owned())
    }
}

impl Field for String {
    fn parse(value: FieldValue<'_>) -> Result<Self, String> {
        value.text().map(str::to_owned)
    }
}

macro_rules! from_text {
    ($($type:ty),*) => {$(
        impl Field for $type {
            fn parse(value: FieldValue<'_>) -> Result<Self, String> {
                <$type>::from_str(value.text()?).map_err(|error| error.to_string())
            }
        }
    )*};
}

from_text!(
    crate::domain::Cloud,
    crate::domain::Country,
    crate::domain::Locale,
    crate::domain::PartnerId,
    crate::domain::SubscriptionId,
    crate::domain::TenantId,
    crate::domain::text::Description,
    crate::domain::text::Domain,
    crate::domain::text::Email,
    crate::domain::text::MailText,
    crate::domain::text::Name,
    crate::domain::text::Note,
    crate::domain::text::Phone,
    crate::domain::text::Reason,
    crate::domain::text::Sku,
    crate::domain::text::Subject,
    crate::domain::text::Title,
    crate::domain::text::UserPrincipalName,
    crate::domain::text::WebAddress
);

macro_rules! from_words {
    ($($type:path { $($word:literal => $variant:ident),* })*) => {$(
        impl Field for $type {
            fn parse(value: FieldValue<'_>) -> Result<Self, String> {
                match value.text()? {
                    $($word => Ok(Self::$variant),)*
                    _ => Err(format!("must be one of {}", [$($word),*].join(", "))),
                }
            }
        }
    )*};
}

from_words! {
    crate::domain::partner::PartnerStatus { "active" => Active, "suspended" => Suspended }
    crate::domain::subscription::Kind {
        "subscription" => Subscription, "reservation" => Reservation, "softwarePurchase" => SoftwarePurchase
    }
    crate::domain::subscription::ServiceType { "azure" => Azure, "microsoft365" => Microsoft365, "other" => Other }
    crate::domain::subscription::Status { "active" => Active, "suspended" => Suspended, "cancelled" => Cancelled }
    crate::domain::service_request::Severity { "critical" => Critical, "moderate" => Moderate, "minimal" => Minimal }
    crate::domain::service_request::Channel { "selfService" => SelfService, "assisted" => Assisted }
    crate::domain::service_request::RequestStatus {
        "open" => Open, "attentionNeeded" => AttentionNeeded, "closed" => Closed
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Json, E> {
        Ok(Json::Bool(flag))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(Json::Number(number.into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Number(number.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Json, E> {
        serde_json::Number::from_f64(number).map(Json::Number).ok_or_else(|| E::custom("a number out of range"))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::String(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element()? {
            array.push(item);
        }
        Ok(Json::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
        let mut object: Vec<(String, Json)> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        while let Some((key, value)) = entries.next_entry::<String, Json>()? {
            if !seen.insert(key.clone()) {
                return Err(A::Error::custom(format!("the key {key:?} stands there twice")));
            }
            object.push((key, value));
        }
        Ok(Json::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text::{Email, Name};

    fn parse(body: &str) -> Result<(Name, Option<Email>, bool), String> {
        let outcome = read(body.as_bytes(), |fields| {
            let name = fields.required("name");
            let email = fields.object("customer", |customer| customer.optional("email"));
            let send = fields.optional("send").unwrap_or(false);
            Some((name?, email, send))
        });
        match outcome {
            Ok(value) => Ok(value),
            Err(Error::Invalid(errors)) => {
                Err(errors.iter().map(|e| format!("{} {}", e.pointer, e.detail)).collect::<Vec<_>>().join("; "))
            }
            Err(Error::Malformed(detail)) => Err(detail),
            Err(other) => Err(format!("{other:?}")),
        }
    }

    #[test]
    fn every_wrong_field_is_reported_at_once() {
        assert!(parse(r#"{"name":"Contoso","customer":{"email":"a@b.example"},"send":true}"#).is_ok());
        assert!(parse(r#"{"name":"Contoso","customer":null,"send":null}"#).is_ok());
        let detail = parse(r#"{"customer":{"email":"x","e/mail":1},"send":"yes","sned":true}"#).unwrap_err();
        for part in [
            "/name is required",
            "/customer/email must be",
            "/customer/e~1mail is not a field",
            "/send must be true or false",
            "/sned is not",
        ] {
            assert!(detail.contains(part), "{part} in {detail}");
        }
    }

    #[test]
    fn broken_json_and_double_keys_are_said_so() {
        for (body, part) in [
            ("", "not JSON"),
            ("{", "not JSON"),
            ("[]", "must be a JSON object"),
            ("{\"name\":\"a\",\"name\":\"b\"}", "\"name\" stands there twice"),
            ("{\"name\":\"a\",\"customer\":{\"x\":1,\"x\":1}}", "\"x\" stands there twice"),
            ("{\"name\":\"a\"} {}", "not JSON"),
        ] {
            let detail = parse(body).unwrap_err();
            assert!(detail.contains(part), "{body}: {detail}");
        }
        let deep = format!("{{\"name\":{}1{}}}", "[".repeat(5000), "]".repeat(5000));
        assert!(parse(&deep).unwrap_err().contains("not JSON"));
    }
}
