//! What Flink makes of two Avro schemas: as is if Avro takes them for equal, after migration if the new one reads what
//! the old one wrote, else incompatible (`AvroSerializerSnapshot.resolveSchemaCompatibility`).
//!
//! Both questions are answered as Java's Avro answers them, which Flink asks: `Schema.equals`, which looks at
//! properties (`avro.java.string`) and not at documentation and aliases; and `SchemaCompatibility`, which compares
//! names without their namespaces and does not look at logical types.

mod equality;
mod reading;
mod schema;

use super::{Change, Compatibility};
use schema::{AvroSchema, Field, Kind, NodeId};
use std::fmt;

/// Why two schemas could not be compared to the end. Schemas may be written to keep whoever compares them busy.
pub(super) struct Unsettled;

/// How many pairs of types are compared, and how deep in one another: beyond what people write.
const PAIRS: usize = 200_000;
const DEPTH: usize = 200;

/// What was found in two schemas.
#[derive(Default)]
pub(super) struct Comparison {
    /// Every difference that counts for Flink; none if it takes the two for the same.
    pub(super) changes: Vec<Change>,
    /// Records of which a field stands where another one stood, or none.
    pub(super) moved: Vec<String>,
}

/// Compares the texts of two schemas.
pub(super) fn compare(new: &str, old: &str) -> Comparison {
    if new == old {
        return Comparison::default();
    }
    let unknown = |what: String| Comparison {
        changes: vec![Change { path: Vec::new(), compatibility: Compatibility::Unknown, what }],
        moved: Vec::new(),
    };
    let (reader, writer) = match (AvroSchema::parse(new), AvroSchema::parse(old)) {
        (Ok(reader), Ok(writer)) => (reader, writer),
        (Err(why), _) => return unknown(format!("the new Avro schema could not be read: {why}")),
        (_, Err(why)) => return unknown(format!("the Avro schema of the state could not be read: {why}")),
    };
    match compare_schemas(&reader, &writer) {
        Ok(comparison) => comparison,
        Err(Unsettled) => unknown("the Avro schemas are too large or too deep to be compared".to_owned()),
    }
}

fn compare_schemas(reader: &AvroSchema, writer: &AvroSchema) -> Result<Comparison, Unsettled> {
    if equality::are_equal(reader, writer)? {
        return Ok(Comparison::default());
    }
    let reading::Outcome { reads, mut changes, moved } = reading::read(reader, writer)?;
    let compatibility = if reads { Compatibility::AfterMigration } else { Compatibility::Incompatible };
    if changes.iter().all(|change| change.compatibility != compatibility) {
        let what = "the Avro schema changed in defaults, orders, properties or branches".to_owned();
        changes.push(Change { path: Vec::new(), compatibility, what });
    }
    Ok(Comparison { changes, moved })
}

/// An Avro schema in short; it displays as `Avro<Order>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AvroSummary<'t> {
    /// The class of the values, or that of the schema where the state does not say one.
    pub class: &'t str,
    /// The fields of a record with their types, or the symbols of an enum.
    pub fields: String,
    name: String,
}

impl<'t> AvroSummary<'t> {
    pub(super) fn of(class: &'t str, schema: &str) -> Option<Self> {
        let schema = AvroSchema::parse(schema).ok()?;
        let fields = match &schema[schema.root].kind {
            Kind::Record { fields, .. } => {
                let field = |it: &Field| format!("{}: {}", it.name, schema.describe(it.schema));
                fields.iter().map(field).collect::<Vec<_>>().join(", ")
            }
            Kind::Enum { symbols, .. } => format!("[{}]", symbols.join(", ")),
            _ => String::new(),
        };
        let full = schema.describe(schema.root);
        let name = full.rsplit_once('.').map_or(full.as_str(), |(_, name)| name).to_owned();
        Some(Self { class, fields, name })
    }
}

impl fmt::Display for AvroSummary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Avro<{}>", self.name)
    }
}

/// Counts what was compared.
#[derive(Default)]
struct Effort {
    pairs: usize,
    depth: usize,
}

impl Effort {
    fn enter(&mut self) -> Result<(), Unsettled> {
        self.pairs = self.pairs.saturating_add(1);
        self.depth = self.depth.saturating_add(1);
        if self.pairs > PAIRS || self.depth > DEPTH { Err(Unsettled) } else { Ok(()) }
    }

    fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(fields: &str) -> String {
        format!(r#"{{"type":"record","name":"Order","namespace":"com.example","fields":[{fields}]}}"#)
    }

    fn worst(new: &str, old: &str) -> Option<Compatibility> {
        compare(new, old).changes.iter().map(|change| change.compatibility).max()
    }

    #[test]
    fn a_change_says_where_it_is() {
        let lines = |price: &str| {
            record(&format!(
                r#"{{"name":"lines","type":{{"type":"array","items":{{"type":"record","name":"Line","fields":[{{"name":"price","type":{price}}}]}}}}}}"#
            ))
        };
        let Comparison { changes, .. } = compare(&lines(r#""int""#), &lines(r#"["null","string"]"#));
        let told: Vec<_> = changes.iter().map(|it| format!("{}: {}", it.path.join(" › "), it.what)).collect();
        assert_eq!(
            told,
            [
                "Order.lines › element › Line.price: null → int",
                "Order.lines › element › Line.price: string → int"
            ]
        );
    }

    /// The branch that comes closest says what is wrong, not the union.
    #[test]
    fn a_change_inside_a_union_says_where_it_is() {
        let inner = |kind: &str| {
            record(&format!(
                r#"{{"name":"inner","type":["null",{{"type":"record","name":"Inner","fields":[{{"name":"x","type":"{kind}"}}]}}]}}"#
            ))
        };
        let Comparison { changes, .. } = compare(&inner("int"), &inner("string"));
        assert_eq!(changes.len(), 1);
        assert_eq!(changes[0].path, ["Order.inner", "Inner.x"]);
        assert_eq!(changes[0].what, "string → int");
    }

    #[test]
    fn what_cannot_be_read_is_never_compatible() {
        let int = record(r#"{"name":"x","type":"int"}"#);
        let undefined = record(r#"{"name":"x","type":"Nowhere"}"#);
        for other in ["", "{", "[", "7", r#"{"type":"record"}"#, r#""Nowhere""#, &undefined] {
            assert_eq!(worst(&int, other), Some(Compatibility::Unknown), "{other}");
            assert_eq!(worst(other, &int), Some(Compatibility::Unknown), "{other}");
        }
    }

    /// A text of a megabyte that nests as deep as it can.
    #[test]
    fn deep_schemas_are_not_followed() {
        let arrays = |inner: &str, levels: usize| {
            format!("{}\"{inner}\"{}", r#"{"type":"array","items":"#.repeat(levels), "}".repeat(levels))
        };
        assert_eq!(worst(&arrays("long", 100), &arrays("int", 100)), Some(Compatibility::AfterMigration));
        assert_eq!(worst(&arrays("long", 35_000), &arrays("int", 35_000)), Some(Compatibility::Unknown));
        let unions = "[".repeat(1 << 20);
        assert_eq!(worst(&unions, &arrays("int", 1)), Some(Compatibility::Unknown));
    }

    /// Flat in its text, but each record has a field of the one before it, and only the last is asked for.
    #[test]
    fn chains_of_records_are_not_followed_to_their_end() {
        let chain = |prefix: &str, kind: &str, count: usize| {
            let inner = |at: usize| match at.checked_sub(1) {
                Some(before) => format!("n{before}.R"),
                None => kind.to_owned(),
            };
            let link = |at: usize| {
                let x = inner(at);
                format!(
                    r#"{{"name":"{prefix}{at}","type":{{"type":"record","name":"n{at}.R","fields":[{{"name":"x","type":"{x}"}}]}},"default":{{}}}}"#
                )
            };
            let last = format!(r#",{{"name":"last","type":"{}"}}"#, inner(count));
            record(&((0..count).map(link).collect::<Vec<_>>().join(",") + &last))
        };
        let resolve = |count| worst(&chain("new", "long", count), &chain("old", "int", count));
        assert_eq!(resolve(50), Some(Compatibility::AfterMigration));
        assert_eq!(resolve(10_000), Some(Compatibility::Unknown));
    }

    /// Two unions of many records of one name, each of which may read each.
    #[test]
    fn wide_unions_are_not_compared_pair_by_pair_without_an_end() {
        let wide = |field: &str| {
            let branch = |at: usize| {
                format!(
                    r#"{{"type":"record","name":"n{at}.R","fields":[{{"name":"{field}{at}","type":"int"}}]}}"#
                )
            };
            format!("[{}]", (0..3_000).map(branch).collect::<Vec<_>>().join(","))
        };
        assert_eq!(worst(&wide("a"), &wide("b")), Some(Compatibility::Unknown));
    }

    /// Every type inside has the namespace of the one around it.
    #[test]
    fn a_long_namespace_is_refused_before_it_is_inherited() {
        let long = |kind: &str| {
            let field = |at: usize| {
                format!(r#"{{"name":"f{at}","type":{{"type":"record","name":"R{at}","fields":[]}}}}"#)
            };
            let fields = (0..2_000).map(field).collect::<Vec<_>>().join(",");
            let namespace = "n".repeat(500_000);
            format!(
                r#"{{"type":"record","name":"O","namespace":"{namespace}","fields":[{fields},{{"name":"k","type":"{kind}"}}]}}"#
            )
        };
        assert_eq!(worst(&long("int"), &long("long")), Some(Compatibility::Unknown));
    }
}
