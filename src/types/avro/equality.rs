//! Whether two schemas are equal: `org.apache.avro.Schema.equals`.

use super::schema::{AvroSchema, Field, Kind};
use super::{Effort, NodeId, Unsettled};
use std::collections::HashSet;

/// Whether Avro takes the two for equal: names, fields, defaults, orders and properties are, but documentation,
/// aliases and the default of an enum need not be.
pub(super) fn are_equal(one: &AvroSchema, other: &AvroSchema) -> Result<bool, Unsettled> {
    let mut equality = Equality { one, other, seen: HashSet::new(), effort: Effort::default() };
    equality.equal(one.root, other.root)
}

struct Equality<'s> {
    one: &'s AvroSchema,
    other: &'s AvroSchema,
    /// Pairs of types that are being compared, or were.
    seen: HashSet<(NodeId, NodeId)>,
    effort: Effort,
}

impl Equality<'_> {
    fn equal(&mut self, one: NodeId, other: NodeId) -> Result<bool, Unsettled> {
        if !self.seen.insert((one, other)) {
            return Ok(true);
        }
        self.effort.enter()?;
        let equal = self.types_equal(one, other)?;
        self.effort.leave();
        Ok(equal)
    }

    fn types_equal(&mut self, one: NodeId, other: NodeId) -> Result<bool, Unsettled> {
        let (one, other) = (&self.one[one], &self.other[other]);
        if one.properties != other.properties {
            return Ok(false);
        }
        match (&one.kind, &other.kind) {
            (Kind::Primitive(one), Kind::Primitive(other)) => Ok(one == other),
            (Kind::Array(one), Kind::Array(other)) | (Kind::Map(one), Kind::Map(other)) => {
                self.equal(*one, *other)
            }
            (Kind::Union(one), Kind::Union(other)) => {
                let mut equal = one.len() == other.len();
                for (one, other) in one.iter().zip(other) {
                    equal = equal && self.equal(*one, *other)?;
                }
                Ok(equal)
            }
            (Kind::Fixed { name: one, size }, Kind::Fixed { name: other, size: other_size }) => {
                Ok(one.name == other.name && size == other_size)
            }
            (Kind::Enum { name: one, symbols, .. }, Kind::Enum { name: other, symbols: others, .. }) => {
                Ok(one.name == other.name && symbols == others)
            }
            (Kind::Record { name: one, fields }, Kind::Record { name: other, fields: others }) => {
                let mut equal = one.name == other.name && fields.len() == others.len();
                for (one, other) in fields.iter().zip(others) {
                    equal = equal && self.fields_equal(one, other)?;
                }
                Ok(equal)
            }
            _ => Ok(false),
        }
    }

    fn fields_equal(&mut self, one: &Field, other: &Field) -> Result<bool, Unsettled> {
        let alike = one.name == other.name
            && one.default == other.default
            && one.order == other.order
            && one.properties == other.properties;
        Ok(alike && self.equal(one.schema, other.schema)?)
    }
}
