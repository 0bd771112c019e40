//! A max parallelism as people write it: `128`, `derived`, `128?`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// Who set a max parallelism, and to what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MaxParallelismSetting {
    /// `128`: the job sets it.
    Set(i32),
    /// `derived`: the job sets none.
    Derived,
    /// `128?`: a run had it.
    SetOrDerived(i32),
}

impl fmt::Display for MaxParallelismSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Set(value) => write!(f, "{value}"),
            Self::Derived => f.write_str("derived"),
            Self::SetOrDerived(value) => write!(f, "{value}?"),
        }
    }
}

impl FromStr for MaxParallelismSetting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |text: &str| text.parse::<i32>().ok().filter(|value| (1..=32_768).contains(value));
        match (text, text.strip_suffix('?')) {
            ("derived", _) => Some(Self::Derived),
            (_, Some(value)) => number(value).map(Self::SetOrDerived),
            (value, None) => number(value).map(Self::Set),
        }
        .ok_or_else(|| {
            format!("'{text}' is not a max parallelism: write a number from 1 to 32768, such a number with a question mark, or derived")
        })
    }
}

impl Serialize for MaxParallelismSetting {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Set(value) => serializer.serialize_i32(*value),
            other => serializer.collect_str(other),
        }
    }
}

impl<'de> Deserialize<'de> for MaxParallelismSetting {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = MaxParallelismSetting;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, a number with a question mark, or derived")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Self::Value, E> {
                self.visit_str(&value.to_string())
            }

            fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Self::Value, E> {
                self.visit_str(&value.to_string())
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for MaxParallelismSetting {
    fn schema_name() -> Cow<'static, str> {
        "MaxParallelism".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "anyOf": [
                { "type": "integer", "minimum": 1, "maximum": 32_768 },
                { "type": "string", "pattern": "^(derived|[0-9]+\\?)$" }
            ]
        })
    }
}
