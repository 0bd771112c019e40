//! What of a type Flink does not compare, and may read otherwise than it was written.

use super::quoted;
use crate::types::Resolution;

/// A question that is left open, and what to do about it.
pub(super) struct Uncompared {
    /// Whether what.
    pub(super) why: String,
    /// What to do.
    pub(super) help: &'static str,
}

/// Fields that another class declares now.
pub(super) fn moved(resolution: &Resolution) -> Option<Uncompared> {
    let fields = named(&resolution.moved_fields)?;
    Some(Uncompared {
        why: format!(
            "whether Flink finds {fields} again: it looks for a field in the class that declared it and in what this extends, \
and another class declares it now"
        ),
        help: "leave the field where it was; or try the restore in a test, and look at the field; in a plan file, write \
`field of class` for one of a superclass",
    })
}

/// Classes that Kryo serializes by something else.
pub(super) fn reserialized(resolution: &Resolution) -> Option<Uncompared> {
    let changes = Some(resolution.reserialized.join(", ")).filter(|changes| !changes.is_empty())?;
    Some(Uncompared {
        why: format!(
            "whether one serializer that Kryo was given reads what the other wrote ({changes}), which Flink does not ask"
        ),
        help: "give Kryo the serializer that wrote the state; or try the restore in a test, and look at the values",
    })
}

/// Classes that are registered anew, of which a key may hold objects.
pub(super) fn registered_anew(resolution: &Resolution) -> Option<Uncompared> {
    let classes = named(&resolution.newly_registered)?;
    Some(Uncompared {
        why: format!(
            "whether keys hold objects of {classes}, which the job registers now: RocksDB finds a key by its bytes, these become \
others, and what was under the key is lost"
        ),
        help: "do not register the class while such keys have state; or try the restore in a test, and look whether the keys \
find their state",
    })
}

fn named(names: &[String]) -> Option<String> {
    (!names.is_empty()).then(|| quoted(names.iter().map(String::as_str)))
}
