//! Logical types as a compiled plan writes them: as SQL, or as an object where SQL cannot say all of it.

use crate::types::{LogicalType, notation};
use serde_json::Value;

/// The row that a node's `outputType` is.
pub(super) fn of(output_type: &Value) -> Option<LogicalType> {
    logical_type(output_type)
}

/// A type; `None` for one that is not read here.
pub(super) fn logical_type(value: &Value) -> Option<LogicalType> {
    notation::parse_logical(&sql(value, 0)?)
}

/// Deeper than any row of a table.
const MOST_DEEP: usize = 32;

/// The type as SQL writes it. That a timestamp is a time attribute makes no difference to Flink.
fn sql(value: &Value, depth: usize) -> Option<String> {
    if depth > MOST_DEEP {
        return None;
    }
    if let Some(text) = value.as_str() {
        return Some(text.to_owned());
    }
    let name = value.get("type")?.as_str()?;
    let precision = || value.get("precision").and_then(Value::as_u64);
    let text = match name {
        "ROW" => {
            let mut fields = Vec::new();
            for field in value.get("fields")?.as_array()? {
                let name = field.get("name")?.as_str()?.replace('`', "``");
                fields.push(format!("`{name}` {}", sql(field.get("fieldType")?, depth.saturating_add(1))?));
            }
            format!("ROW<{}>", fields.join(", "))
        }
        "TIMESTAMP_WITHOUT_TIME_ZONE" => format!("TIMESTAMP({})", precision()?),
        "TIMESTAMP_WITH_LOCAL_TIME_ZONE" => format!("TIMESTAMP({}) WITH LOCAL TIME ZONE", precision()?),
        _ => return None,
    };
    let is_nullable = value.get("nullable").is_none_or(|nullable| nullable != &Value::Bool(false));
    Some(if is_nullable { text } else { format!("{text} NOT NULL") })
}
