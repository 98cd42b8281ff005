//! The clouds, as data. Partner and customer must be in the same one.

use serde::{Deserialize, Serialize};

/// A cloud of the vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Cloud {
    /// The worldwide cloud.
    Public,
    /// The cloud for the government of the United States.
    UsGovernment,
    /// The cloud for Germany.
    Germany,
    /// The cloud for China, operated by 21Vianet.
    China,
}

/// What is true of a cloud. The name and address of its acceptance portal are configuration.
struct Row {
    cloud: Cloud,
    name: &'static str,
    may_leave_delegated_admin_out: bool,
}

const CLOUDS: [Row; 4] = [
    Row { cloud: Cloud::Public, name: "public", may_leave_delegated_admin_out: true },
    Row { cloud: Cloud::UsGovernment, name: "usGovernment", may_leave_delegated_admin_out: false },
    Row { cloud: Cloud::Germany, name: "germany", may_leave_delegated_admin_out: false },
    Row { cloud: Cloud::China, name: "china", may_leave_delegated_admin_out: false },
];

impl Cloud {
    /// Every cloud.
    pub fn all() -> impl Iterator<Item = Self> {
        CLOUDS.iter().map(|row| row.cloud)
    }

    /// The name in requests and answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.row().name
    }

    /// Whether an invitation in this cloud may ask for the relationship alone.
    #[must_use]
    pub fn may_leave_delegated_admin_out(self) -> bool {
        self.row().may_leave_delegated_admin_out
    }

    fn row(self) -> &'static Row {
        &CLOUDS[self as usize]
    }
}

impl std::str::FromStr for Cloud {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        CLOUDS
            .iter()
            .find(|row| row.name == text)
            .map(|row| row.cloud)
            .ok_or_else(|| format!("must be one of {}", CLOUDS.each_ref().map(|row| row.name).join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_stands_at_its_cloud_and_has_the_name_serde_writes() {
        for cloud in Cloud::all() {
            assert_eq!(cloud.row().cloud, cloud);
            assert_eq!(serde_json::to_value(cloud).unwrap(), cloud.as_str());
            assert_eq!(cloud.as_str().parse(), Ok(cloud));
        }
        assert_eq!(
            Cloud::all().filter(|cloud| cloud.may_leave_delegated_admin_out()).collect::<Vec<_>>(),
            [Cloud::Public]
        );
    }
}
