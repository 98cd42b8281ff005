//! The acceptance portals: for each cloud a name and an address, by configuration.

use std::{collections::BTreeMap, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::domain::{
    Cloud,
    text::{Name, WebAddress},
};

/// Where customers of a cloud answer invitations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Portal {
    /// The name that mails call it by.
    pub name: Name,
    /// Its address; a link is this, `#` and a token.
    pub url: WebAddress,
}

/// The portal of every cloud.
#[derive(Debug, Clone)]
pub struct Portals(BTreeMap<Cloud, Portal>);

impl Portals {
    /// Parses `{"public":{"name":"…","url":"https://…"},…}`, one entry for each cloud.
    pub fn parse(text: &str) -> Result<Self, String> {
        let named: BTreeMap<String, Portal> =
            serde_json::from_str(text).map_err(|error| format!("is wrong: {error}"))?;
        let mut portals = BTreeMap::new();
        for (cloud, portal) in named {
            let cloud = Cloud::from_str(&cloud).map_err(|detail| format!("names the cloud {cloud}, which {detail}"))?;
            if portal.url.as_str().contains('#') {
                return Err(format!("has an address with a fragment for {}; the token goes there", cloud.as_str()));
            }
            portals.insert(cloud, portal);
        }
        match Cloud::all().find(|cloud| !portals.contains_key(cloud)) {
            Some(missing) => Err(format!("has no entry for the cloud {}", missing.as_str())),
            None => Ok(Self(portals)),
        }
    }

    /// The portal of a cloud.
    #[must_use]
    pub fn of(&self, cloud: Cloud) -> &Portal {
        &self.0[&cloud] // `parse` saw one for each
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cloud_has_a_portal() {
        let entry = r#"{"name":"Portal","url":"https://portal.example/accept"}"#;
        let all = format!(r#"{{"public":{entry},"usGovernment":{entry},"germany":{entry},"china":{entry}}}"#);
        assert_eq!(Portals::parse(&all).unwrap().of(Cloud::China).name.as_str(), "Portal");
        for (text, part) in [
            ("{}".to_owned(), "no entry for the cloud public"),
            (all.replace("china", "moon"), "must be one of"),
            (all.replace("/accept", "/#accept"), "fragment"),
            (all.replace("https", "javascript"), "is wrong"),
        ] {
            let error = Portals::parse(&text).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }
}
