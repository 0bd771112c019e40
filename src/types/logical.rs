//! The logical types of SQL, as Flink's table serializers keep them beside the state.

mod tables;

pub use tables::{ATOMIC_TYPES, AtomicType, NumberField, SQL_COLLECTIONS, SqlCollection, SqlSerializer};

use super::{BasicType, DataType, Parameter, ParameterizedType, SqlDataType, TypeConstructor};
use std::fmt;

/// A type of SQL: what stands in a column.
///
/// Mirrors `org.apache.flink.table.types.logical.LogicalType`, as far as its `equals` looks: whether a timestamp is
/// a time attribute makes no difference to it, so it is not kept. It displays as SQL writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogicalType {
    /// What kind of type.
    pub kind: LogicalKind,
    /// Whether it allows `NULL`.
    pub nullable: bool,
}

/// The kinds of logical types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogicalKind {
    /// `INT`, `VARCHAR(10)`, `TIMESTAMP(3)`: a row of the table, and its numbers.
    Atomic(&'static AtomicType, Vec<i32>),
    /// `ARRAY<T>`, `MULTISET<T>`, `MAP<K, V>`.
    Collection(&'static SqlCollection, Vec<LogicalType>),
    /// `ROW<…>`.
    Row(Vec<SqlField>),
    /// `DISTINCT<name, T>`: a type of the user's own that is a type of SQL by another name.
    Distinct {
        /// Name in the catalog.
        identifier: String,
        /// What it is.
        source: Box<LogicalType>,
    },
    /// `STRUCTURED<name, …>`: a type of the user's own with attributes.
    Structured {
        /// Name in the catalog, of a registered type.
        identifier: Option<String>,
        /// The class that implements it.
        class: Option<String>,
        /// The constant of `StructuredComparison`: `NONE` is what Flink 1.x makes, `EQUALS` what 2.x does.
        comparison: String,
        /// Its attributes.
        attributes: Vec<SqlField>,
    },
    /// `RAW('class')`: a type that only its own serializer reads.
    Raw {
        /// The class.
        class: String,
    },
    /// A class of logical types that this tool does not know, or one that says more than is kept of it.
    Unknown {
        /// The class.
        class: String,
    },
}

/// A field of a row, or an attribute of a structured type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlField {
    /// Its name.
    pub name: String,
    /// Its type.
    pub logical_type: LogicalType,
    /// Its comment, which is a part of the type for Flink.
    pub description: Option<String>,
}

impl LogicalType {
    /// Whether equal types are equal to Flink too: a raw type has a serializer besides, which is not kept here.
    pub fn is_certain(&self) -> bool {
        self.all(&|kind| !matches!(kind, LogicalKind::Raw { .. } | LogicalKind::Unknown { .. }))
    }

    /// Whether the whole type is known, so that different types are different to Flink too.
    pub fn is_known(&self) -> bool {
        self.all(&|kind| !matches!(kind, LogicalKind::Unknown { .. }))
    }

    /// The type with its structured types as Flink 2.x reads those of 1.x: of the ones that are told by their class
    /// it takes the comparison for that of its own.
    #[must_use]
    pub fn as_later_read(&self) -> Self {
        let later = |fields: &[SqlField]| {
            let later = |field: &SqlField| SqlField {
                logical_type: field.logical_type.as_later_read(),
                ..field.clone()
            };
            fields.iter().map(later).collect()
        };
        let kind = match &self.kind {
            LogicalKind::Collection(row, parts) => {
                LogicalKind::Collection(row, parts.iter().map(Self::as_later_read).collect())
            }
            LogicalKind::Row(fields) => LogicalKind::Row(later(fields)),
            LogicalKind::Structured { identifier, class: Some(class), attributes, .. } => {
                LogicalKind::Structured {
                    identifier: identifier.clone(),
                    class: Some(class.clone()),
                    comparison: "EQUALS".to_owned(),
                    attributes: later(attributes),
                }
            }
            other => other.clone(),
        };
        Self { kind, nullable: self.nullable }
    }

    /// Whether it holds of this type and of every type inside it.
    fn all(&self, holds: &dyn Fn(&LogicalKind) -> bool) -> bool {
        let fields = |fields: &[SqlField]| fields.iter().all(|field| field.logical_type.all(holds));
        holds(&self.kind)
            && match &self.kind {
                LogicalKind::Collection(_, parts) => parts.iter().all(|part| part.all(holds)),
                LogicalKind::Row(parts) | LogicalKind::Structured { attributes: parts, .. } => fields(parts),
                LogicalKind::Distinct { source, .. } => source.all(holds),
                _ => true,
            }
    }

    /// What Flink serializes the type with, if the type says so: of a raw type it does not.
    ///
    /// Mirrors `InternalSerializers.create`.
    pub fn serializer(&self) -> Option<DataType> {
        let sql = |name, types: Vec<&Self>| {
            let row = SqlDataType::named(name)?;
            let arguments: Vec<_> = types.iter().map(|part| part.serializer()).collect::<Option<_>>()?;
            let types: Vec<_> = types.into_iter().cloned().collect();
            let (arguments, serializers) = if row.types.is_none() {
                (arguments, Vec::new())
            } else {
                (Vec::new(), vec![None; types.len()])
            };
            Some(DataType { constructor: TypeConstructor::Sql { row, types, serializers }, arguments })
        };
        match &self.kind {
            LogicalKind::Atomic(row, numbers) => match row.serializer {
                SqlSerializer::Basic(name) => {
                    Some(DataType::leaf(TypeConstructor::Basic(BasicType::named(name)?)))
                }
                SqlSerializer::Parameterized(name) => {
                    let parameters = numbers.iter().copied().map(Parameter::Int).collect();
                    let row = ParameterizedType::named(name)?;
                    Some(DataType::leaf(TypeConstructor::Parameterized { row, parameters }))
                }
                SqlSerializer::None => None,
            },
            LogicalKind::Collection(row, parts) => {
                let mut parts: Vec<_> = parts.iter().collect();
                let count = Self {
                    kind: LogicalKind::Atomic(AtomicType::named("INT")?, Vec::new()),
                    nullable: false,
                };
                if row.name == "MULTISET" {
                    parts.push(&count);
                }
                sql(row.serializer, parts)
            }
            LogicalKind::Row(fields) | LogicalKind::Structured { attributes: fields, .. } => {
                sql("RowData", fields.iter().map(|field| &field.logical_type).collect())
            }
            LogicalKind::Distinct { source, .. } => source.serializer(),
            LogicalKind::Raw { .. } | LogicalKind::Unknown { .. } => None,
        }
    }
}

impl fmt::Display for LogicalType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            LogicalKind::Atomic(row, numbers) => {
                let mut numbers = numbers.iter();
                for piece in row.format.split_inclusive('#') {
                    f.write_str(piece.trim_end_matches('#'))?;
                    if piece.ends_with('#') {
                        write!(f, "{}", numbers.next().copied().unwrap_or_default())?;
                    }
                }
            }
            LogicalKind::Collection(row, parts) => {
                write!(f, "{}<", row.name)?;
                for (index, part) in parts.iter().enumerate() {
                    write!(f, "{}{part}", if index == 0 { "" } else { ", " })?;
                }
                f.write_str(">")?;
            }
            LogicalKind::Row(fields) => {
                f.write_str("ROW<")?;
                write_fields(f, fields, "")?;
                f.write_str(">")?;
            }
            LogicalKind::Distinct { identifier, source } => write!(f, "DISTINCT<{identifier}, {source}>")?,
            LogicalKind::Structured { identifier, class, comparison, attributes } => {
                f.write_str("STRUCTURED<")?;
                f.write_str(identifier.as_deref().unwrap_or_default())?;
                if let Some(class) = class {
                    let space = if identifier.is_some() { " " } else { "" };
                    write!(f, "{space}{}", Quoted(class, '\''))?;
                }
                write!(f, " {comparison}")?;
                write_fields(f, attributes, ", ")?;
                f.write_str(">")?;
            }
            LogicalKind::Raw { class } => write!(f, "RAW({})", Quoted(class, '\''))?,
            LogicalKind::Unknown { class } => write!(f, "UNKNOWN({})", Quoted(class, '\''))?,
        }
        if self.nullable { Ok(()) } else { f.write_str(" NOT NULL") }
    }
}

fn write_fields(f: &mut fmt::Formatter<'_>, fields: &[SqlField], before: &str) -> fmt::Result {
    let mut separator = before;
    for field in fields {
        write!(f, "{separator}{} {}", Quoted(&field.name, '`'), field.logical_type)?;
        if let Some(description) = &field.description {
            write!(f, " {}", Quoted(description, '\''))?;
        }
        separator = ", ";
    }
    Ok(())
}

/// A text in SQL's quotes, which double inside it.
pub(super) struct Quoted<'t>(pub(super) &'t str, pub(super) char);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(text, quote) = self;
        let doubled = text.replace(*quote, &format!("{quote}{quote}"));
        write!(f, "{quote}{doubled}{quote}")
    }
}
