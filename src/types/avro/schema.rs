//! Avro schemas as Java's Avro reads them: named types with their full names, and what refers to them resolved.

use serde_json::{Map, Value};
use std::collections::HashMap;
use std::fmt;
use std::ops::Index;
use std::rc::Rc;

/// A schema: a graph, since what is named may contain itself.
///
/// Mirrors `org.apache.avro.Schema`.
#[derive(Debug)]
pub(super) struct AvroSchema {
    nodes: Vec<Node>,
    /// Where the schema starts.
    pub(super) root: NodeId,
    /// Stands for a node that is not there, which no id is of.
    nothing: Node,
}

/// A type in a schema. Two places that name the same record have the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct NodeId(usize);

/// A type, and its properties: what it has besides the attributes that Avro reserves (`logicalType`, `avro.java.string`).
#[derive(Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) properties: Map<String, Value>,
}

/// What kind of type.
#[derive(Debug)]
pub(super) enum Kind {
    Primitive(Primitive),
    Array(NodeId),
    Map(NodeId),
    Union(Vec<NodeId>),
    Fixed { name: Named, size: i64 },
    Enum { name: Named, symbols: Vec<String>, default: Option<String> },
    Record { name: Named, fields: Vec<Field> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Primitive {
    Null,
    Boolean,
    Int,
    Long,
    Float,
    Double,
    Bytes,
    String,
}

impl Primitive {
    const NAMES: [(Self, &'static str); 8] = [
        (Self::Null, "null"),
        (Self::Boolean, "boolean"),
        (Self::Int, "int"),
        (Self::Long, "long"),
        (Self::Float, "float"),
        (Self::Double, "double"),
        (Self::Bytes, "bytes"),
        (Self::String, "string"),
    ];

    fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|row| row.1 == name).map(|row| row.0)
    }

    fn name(self) -> &'static str {
        Self::NAMES.iter().find(|row| row.0 == self).map_or("", |row| row.1)
    }
}

/// What a record, an enum or a fixed is called.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) name: Name,
    /// Names that it has besides.
    pub(super) aliases: Vec<Name>,
}

/// A name and its namespace.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Name {
    /// Empty if it has none. What is inside a type has the type's.
    namespace: Rc<str>,
    pub(super) simple: Rc<str>,
}

/// A longer one, which types inside would inherit, is no name.
const LONGEST_NAME: usize = 1024;

impl Name {
    /// `text` as it is if it says a namespace, else in this one.
    fn new(text: &str, namespace: &Rc<str>) -> Result<Self, String> {
        if text.len() > LONGEST_NAME {
            return Err(format!("a name of {} bytes", text.len()));
        }
        Ok(match text.rsplit_once('.') {
            Some((namespace, simple)) => Self { namespace: namespace.into(), simple: simple.into() },
            None => Self { namespace: namespace.clone(), simple: text.into() },
        })
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.namespace.is_empty() {
            write!(f, "{}.", self.namespace)?;
        }
        f.write_str(&self.simple)
    }
}

/// A field of a record.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) aliases: Vec<String>,
    pub(super) schema: NodeId,
    pub(super) default: Option<Value>,
    /// `ascending` if nothing else is said.
    pub(super) order: String,
    pub(super) properties: Map<String, Value>,
}

const RESERVED: [&str; 10] =
    ["doc", "fields", "items", "name", "namespace", "size", "symbols", "values", "type", "aliases"];
const RESERVED_IN_FIELDS: [&str; 6] = ["default", "doc", "name", "order", "type", "aliases"];

impl Index<NodeId> for AvroSchema {
    type Output = Node;

    fn index(&self, id: NodeId) -> &Node {
        self.nodes.get(id.0).unwrap_or(&self.nothing)
    }
}

impl AvroSchema {
    /// Reads the JSON of a schema; the error says in words what is wrong.
    ///
    /// What nests deeper than `serde_json` goes (128 levels of JSON) is refused.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let document: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let mut parser = Parser::default();
        let root = parser.schema(&document, &"".into())?;
        let nothing = Node { kind: Kind::Primitive(Primitive::Null), properties: Map::new() };
        Ok(Self { nodes: parser.nodes, root, nothing })
    }

    /// A type for a message: `int`, `bytes (decimal)`, `com.example.Order`, `[null, string]`.
    pub(super) fn describe(&self, id: NodeId) -> String {
        const SHOWN: usize = 8;
        let node = &self[id];
        let text = match &node.kind {
            Kind::Primitive(primitive) => primitive.name().to_owned(),
            Kind::Array(_) => "array".to_owned(),
            Kind::Map(_) => "map".to_owned(),
            Kind::Union(branches) => {
                // A union has no unions in it, so that this goes one level deep.
                let mut shown: Vec<_> = branches.iter().take(SHOWN).map(|id| self.describe(*id)).collect();
                shown.extend((branches.len() > SHOWN).then(|| "…".to_owned()));
                format!("[{}]", shown.join(", "))
            }
            Kind::Fixed { name, .. } | Kind::Enum { name, .. } | Kind::Record { name, .. } => {
                name.name.to_string()
            }
        };
        match node.properties.get("logicalType").and_then(Value::as_str) {
            Some(logical) => format!("{text} ({logical})"),
            None => text,
        }
    }
}

/// Puts the types of a schema into a row, as they come.
#[derive(Default)]
struct Parser {
    nodes: Vec<Node>,
    named: HashMap<Name, NodeId>,
}

impl Parser {
    fn add(&mut self, kind: Kind, properties: Map<String, Value>) -> NodeId {
        self.nodes.push(Node { kind, properties });
        NodeId(self.nodes.len().saturating_sub(1))
    }

    /// `namespace` is that of the type around this one; empty if it has none.
    fn schema(&mut self, json: &Value, namespace: &Rc<str>) -> Result<NodeId, String> {
        match json {
            Value::String(name) => match Primitive::named(name) {
                Some(primitive) => Ok(self.add(Kind::Primitive(primitive), Map::new())),
                None => self.reference(name, namespace),
            },
            Value::Array(branches) => {
                let branches: Result<Vec<_>, _> =
                    branches.iter().map(|branch| self.schema(branch, namespace)).collect();
                let branches = branches?;
                let nests =
                    |id: &NodeId| self.nodes.get(id.0).is_some_and(|it| matches!(it.kind, Kind::Union(_)));
                if branches.iter().any(nests) {
                    return Err("a union is in a union".to_owned());
                }
                Ok(self.add(Kind::Union(branches), Map::new()))
            }
            Value::Object(attributes) => self.object(attributes, namespace),
            _ => Err(format!("{json} is no schema")),
        }
    }

    fn reference(&self, text: &str, namespace: &Rc<str>) -> Result<NodeId, String> {
        let name = Name::new(text, namespace)?;
        let without_namespace = || Name::new(&name.simple, &"".into()).ok();
        let found = self.named.get(&name).copied();
        let found = found.or_else(|| self.named.get(&without_namespace()?).copied());
        found.ok_or_else(|| format!("the type {name} is not defined"))
    }

    fn object(&mut self, attributes: &Map<String, Value>, namespace: &Rc<str>) -> Result<NodeId, String> {
        let kind = text(attributes, "type")?;
        let properties = || rest(attributes, &RESERVED);
        if let Some(primitive) = Primitive::named(kind) {
            return Ok(self.add(Kind::Primitive(primitive), properties()));
        }
        match kind {
            "array" => {
                let items = self.schema(attribute(attributes, "items")?, namespace)?;
                Ok(self.add(Kind::Array(items), properties()))
            }
            "map" => {
                let values = self.schema(attribute(attributes, "values")?, namespace)?;
                Ok(self.add(Kind::Map(values), properties()))
            }
            "fixed" => {
                let name = named(attributes, namespace)?;
                let size = attribute(attributes, "size")?.as_i64().ok_or("a size is no number")?;
                self.add_named(name.name.clone(), Kind::Fixed { name, size }, properties())
            }
            "enum" => {
                let name = named(attributes, namespace)?;
                let symbols = strings(attributes, "symbols")?;
                let default = attributes.get("default").and_then(Value::as_str).map(str::to_owned);
                let mut properties = properties();
                properties.remove("default");
                self.add_named(name.name.clone(), Kind::Enum { name, symbols, default }, properties)
            }
            "record" | "error" => self.record(attributes, namespace),
            other => self.reference(other, namespace),
        }
    }

    fn record(&mut self, attributes: &Map<String, Value>, namespace: &Rc<str>) -> Result<NodeId, String> {
        let name = named(attributes, namespace)?;
        let namespace = name.name.namespace.clone();
        let properties = rest(attributes, &RESERVED);
        // Its fields may name it.
        let id = self.add_named(name.name.clone(), Kind::Record { name, fields: Vec::new() }, properties)?;
        let mut fields = Vec::new();
        for json in attribute(attributes, "fields")?.as_array().ok_or("the fields are no list")? {
            let json = json.as_object().ok_or("a field is no object")?;
            let schema = self.schema(attribute(json, "type")?, &namespace)?;
            fields.push(Field {
                name: text(json, "name")?.to_owned(),
                aliases: aliases(json)?,
                schema,
                default: json.get("default").cloned(),
                order: json.get("order").and_then(Value::as_str).unwrap_or("ascending").to_lowercase(),
                properties: rest(json, &RESERVED_IN_FIELDS),
            });
        }
        if let Some(Node { kind: Kind::Record { fields: record, .. }, .. }) = self.nodes.get_mut(id.0) {
            *record = fields;
        }
        Ok(id)
    }

    fn add_named(
        &mut self,
        name: Name,
        kind: Kind,
        properties: Map<String, Value>,
    ) -> Result<NodeId, String> {
        let id = self.add(kind, properties);
        match self.named.insert(name, id) {
            None => Ok(id),
            Some(_) => Err("a type is defined twice".to_owned()),
        }
    }
}

fn named(attributes: &Map<String, Value>, around: &Rc<str>) -> Result<Named, String> {
    let namespace = attributes.get("namespace").and_then(Value::as_str);
    if namespace.is_some_and(|namespace| namespace.len() > LONGEST_NAME) {
        return Err("a namespace is longer than a name".to_owned());
    }
    let name = Name::new(text(attributes, "name")?, &namespace.map_or_else(|| around.clone(), Rc::from))?;
    let aliases = aliases(attributes)?;
    let aliases: Result<_, _> = aliases.iter().map(|alias| Name::new(alias, &name.namespace)).collect();
    Ok(Named { aliases: aliases?, name })
}

fn attribute<'j>(attributes: &'j Map<String, Value>, key: &str) -> Result<&'j Value, String> {
    attributes.get(key).ok_or_else(|| format!("a type or a field has no {key}"))
}

fn text<'j>(attributes: &'j Map<String, Value>, key: &str) -> Result<&'j str, String> {
    attribute(attributes, key)?.as_str().ok_or_else(|| format!("a {key} is no text"))
}

fn strings(attributes: &Map<String, Value>, key: &str) -> Result<Vec<String>, String> {
    let texts = attribute(attributes, key)?
        .as_array()
        .map(|all| all.iter().map(|it| it.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>());
    texts.flatten().ok_or_else(|| format!("the {key} are no list of names"))
}

fn aliases(attributes: &Map<String, Value>) -> Result<Vec<String>, String> {
    if attributes.contains_key("aliases") { strings(attributes, "aliases") } else { Ok(Vec::new()) }
}

fn rest(attributes: &Map<String, Value>, reserved: &[&str]) -> Map<String, Value> {
    let others = attributes.iter().filter(|(key, _)| !reserved.contains(&key.as_str()));
    others.map(|(key, value)| (key.clone(), value.clone())).collect()
}
