//! What `java.io.ObjectOutputStream` wrote, read without its classes.

use super::{DataInput, DecodeError, JavaStr, Within};
use std::borrow::Cow;
use std::iter::successors;

mod collections;
mod open;
mod reader;
#[cfg(test)]
mod tests;

/// One object of a Java object stream, with all that it refers to.
///
/// The stream describes its classes, so none has to be known; none is ever instantiated. Everything lives in one
/// table and refers by index, so a graph with cycles is harmless here. It is not to who walks it: the graph may
/// come back to where it was, and a shared object is met as often as it is referred to.
#[derive(Debug)]
pub struct JavaObject<'a> {
    nodes: Vec<Node<'a>>,
    root: NodeId,
}

/// A value inside a [`JavaObject`]: a place to look at, cheap to copy.
#[derive(Clone, Copy)]
pub struct JavaValue<'o, 'a> {
    object: &'o JavaObject<'a>,
    place: Place,
}

#[derive(Clone, Copy)]
enum Place {
    Node(NodeId),
    Primitive(Primitive),
}

/// A primitive, widened as Java widens it: `byte`, `char` and `short` to `int`, `float` to `double`.
#[derive(Clone, Copy)]
enum Primitive {
    Boolean(bool),
    Int(i32),
    Long(i64),
    Double(f64),
}

/// An index into [`JavaObject::nodes`], half a word wide because hostile arrays are made of little else.
type NodeId = u32;

/// The node that is always there.
const NULL: NodeId = 0;

#[derive(Debug)]
enum Node<'a> {
    Null,
    /// Has its handle, so that its own contents can refer to it, but the contents are not read yet.
    Unfinished,
    String(JavaStr<'a>),
    /// Primitive data between the objects of a `writeObject` method.
    Block(&'a [u8]),
    ClassDesc(Box<ClassDesc<'a>>),
    /// An instance of `java.lang.Class`.
    Class(NodeId),
    Enum {
        class: NodeId,
        constant: NodeId,
    },
    Primitives {
        class: NodeId,
        bytes: &'a [u8],
    },
    Array {
        class: NodeId,
        elements: Box<[NodeId]>,
    },
    /// The data of each class that has any, from the base class to the derived one.
    Object {
        class: NodeId,
        levels: Box<[Level<'a>]>,
    },
}

/// `java.io.ObjectStreamClass`.
#[derive(Debug)]
struct ClassDesc<'a> {
    /// None for a `java.lang.reflect.Proxy`.
    name: Option<JavaStr<'a>>,
    shape: Shape,
    fields: Box<[Field<'a>]>,
    parent: NodeId,
    /// How many classes there are from this one to its base.
    ancestry: u32,
}

/// As much of a class as is needed to read its instances.
#[derive(Debug, Clone, Copy, Default)]
struct Shape {
    flags: u8,
    /// The type code of an array's elements; zero when the class is no array class.
    component: u8,
    primitive_bytes: usize,
    /// Number of fields that are objects.
    references: usize,
}

#[derive(Debug)]
struct Field<'a> {
    name: JavaStr<'a>,
    code: u8,
    /// Offset among the primitive bytes of a level, or index among its references.
    place: usize,
}

/// What an object holds on behalf of one of its classes.
#[derive(Debug)]
struct Level<'a> {
    class: NodeId,
    primitives: &'a [u8],
    /// First the fields, as many as the class has; then what its `writeObject` method added.
    references: Box<[NodeId]>,
}

impl<'a> JavaObject<'a> {
    /// Reads a stream's header and its first object; `input` is left right behind it.
    pub fn read(input: &mut DataInput<'a>) -> Result<Self, DecodeError> {
        let (nodes, root) = reader::read(input).within("Java object")?;
        Ok(Self { nodes, root })
    }

    /// The object that was written.
    pub fn root(&self) -> JavaValue<'_, 'a> {
        JavaValue { object: self, place: Place::Node(self.root) }
    }

    /// Every object in the stream, in the order in which they were begun.
    pub fn objects(&self) -> impl Iterator<Item = JavaValue<'_, 'a>> {
        let ids = (0..).zip(&self.nodes).filter(|(_, node)| matches!(node, Node::Object { .. }));
        ids.map(|(id, _)| JavaValue { object: self, place: Place::Node(id) })
    }

    fn class_desc(&self, id: NodeId) -> Option<&ClassDesc<'a>> {
        class_desc(&self.nodes, id)
    }
}

impl<'o, 'a> JavaValue<'o, 'a> {
    /// Whether this is `null`.
    pub fn is_null(self) -> bool {
        matches!(self.node(), Some(Node::Null))
    }

    /// The binary name of an object's, an array's or an enum constant's class, such as `java.util.Map$Entry` or
    /// `[I`. A `java.lang.reflect.Proxy` has none.
    pub fn class_name(self) -> Option<Cow<'a, str>> {
        self.class()?.name.map(JavaStr::decode)
    }

    /// The names of the class and of the serializable classes it extends, the most derived first.
    pub fn class_names(self) -> impl Iterator<Item = Cow<'a, str>> + use<'o, 'a> {
        successors(self.class(), move |class| self.object.class_desc(class.parent))
            .filter_map(|class| class.name.map(JavaStr::decode))
    }

    /// The field called `name`. A derived class's hides that of its base class, as in Java.
    pub fn field(self, name: &str) -> Option<JavaValue<'o, 'a>> {
        self.levels().iter().rev().find_map(|level| {
            let class = self.object.class_desc(level.class)?;
            let field = class.fields.iter().find(|field| field.name.decode() == name)?;
            if primitive_size(field.code).is_some() {
                Primitive::decode(field.code, level.primitives.get(field.place..)?)
                    .map(|it| self.primitive_at(it))
            } else {
                level.references.get(field.place).map(|id| self.node_at(*id))
            }
        })
    }

    /// Whether its class, or one that it extends, has a field of this name, whatever the field holds.
    pub fn has_field(self, name: &str) -> bool {
        self.field(name).is_some()
    }

    /// Whether both are the same object, not only equal ones.
    pub fn is_same(self, other: Self) -> bool {
        match (self.place, other.place) {
            (Place::Node(a), Place::Node(b)) => a == b && std::ptr::eq(self.object, other.object),
            _ => false,
        }
    }

    /// Whether its class is, or extends, the one of this name.
    pub fn is_a(self, class: &str) -> bool {
        self.class_names().any(|name| name == class)
    }

    /// What the `writeObject` method of `class` wrote besides its fields, or a `writeExternal` method at all: in
    /// order, objects and blocks of primitive data (see [`JavaValue::as_bytes`]).
    ///
    /// Java starts a new block every 1024 bytes, in the midst of a value if it has to.
    pub fn annotation(self, class: &str) -> impl Iterator<Item = JavaValue<'o, 'a>> + use<'o, 'a> {
        let annotation = self.levels().iter().find_map(|level| {
            let found = self.object.class_desc(level.class)?;
            let is_it = found.name.is_some_and(|name| name.decode() == class);
            is_it.then(|| level.references.get(found.shape.references..)).flatten()
        });
        annotation.unwrap_or_default().iter().map(move |id| self.node_at(*id))
    }

    /// The elements of an array, of primitives or of objects.
    pub fn elements(self) -> impl Iterator<Item = JavaValue<'o, 'a>> + use<'o, 'a> {
        let (objects, bytes) = match self.node() {
            Some(Node::Array { elements, .. }) => (&**elements, &[][..]),
            Some(Node::Primitives { bytes, .. }) => (&[][..], *bytes),
            _ => (&[][..], &[][..]),
        };
        let code = self.class().map_or(0, |class| class.shape.component);
        let primitives = bytes.chunks_exact(primitive_size(code).unwrap_or(1));
        let primitives = primitives.filter_map(move |bytes| Primitive::decode(code, bytes));
        let objects = objects.iter().map(move |id| self.node_at(*id));
        objects.chain(primitives.map(move |primitive| self.primitive_at(primitive)))
    }

    /// The value of a `boolean` or a `java.lang.Boolean`.
    pub fn as_bool(self) -> Option<bool> {
        match self.primitive()? {
            Primitive::Boolean(value) => Some(value),
            _ => None,
        }
    }

    /// The value of an `int`, of what Java widens to one (`byte`, `short`, `char`), or of an object around one.
    pub fn as_int(self) -> Option<i32> {
        match self.primitive()? {
            Primitive::Int(value) => Some(value),
            _ => None,
        }
    }

    /// As [`JavaValue::as_int`], and of a `long`.
    pub fn as_long(self) -> Option<i64> {
        match self.primitive()? {
            Primitive::Int(value) => Some(value.into()),
            Primitive::Long(value) => Some(value),
            _ => None,
        }
    }

    /// The value of a `float`, of a `double`, or of an object around one.
    pub fn as_double(self) -> Option<f64> {
        match self.primitive()? {
            Primitive::Double(value) => Some(value),
            _ => None,
        }
    }

    /// The text of a `java.lang.String`.
    pub fn as_str(self) -> Option<Cow<'a, str>> {
        match self.node()? {
            Node::String(text) => Some(text.decode()),
            _ => None,
        }
    }

    /// The bytes of a `byte[]`, or of a block that a `writeObject` method wrote.
    pub fn as_bytes(self) -> Option<&'a [u8]> {
        match self.node()? {
            Node::Block(bytes) => Some(bytes),
            Node::Primitives { bytes, class } => {
                (self.object.class_desc(*class)?.shape.component == b'B').then_some(bytes)
            }
            _ => None,
        }
    }

    /// The name of an enum's constant.
    pub fn enum_constant(self) -> Option<Cow<'a, str>> {
        match self.node()? {
            Node::Enum { constant, .. } => self.node_at(*constant).as_str(),
            _ => None,
        }
    }

    /// The name of the class that this instance of `java.lang.Class` is.
    pub fn as_class(self) -> Option<Cow<'a, str>> {
        match self.node()? {
            Node::Class(class) => self.object.class_desc(*class)?.name.map(JavaStr::decode),
            _ => None,
        }
    }

    /// Whether this is a block of primitive data between objects.
    fn is_block(self) -> bool {
        matches!(self.node(), Some(Node::Block(_)))
    }

    fn node_at(self, id: NodeId) -> Self {
        Self { place: Place::Node(id), ..self }
    }

    fn primitive_at(self, primitive: Primitive) -> Self {
        Self { place: Place::Primitive(primitive), ..self }
    }

    fn node(self) -> Option<&'o Node<'a>> {
        match self.place {
            Place::Node(id) => self.object.nodes.get(id as usize),
            Place::Primitive(_) => None,
        }
    }

    fn class(self) -> Option<&'o ClassDesc<'a>> {
        match self.node()? {
            Node::Object { class, .. }
            | Node::Array { class, .. }
            | Node::Primitives { class, .. }
            | Node::Enum { class, .. } => self.object.class_desc(*class),
            _ => None,
        }
    }

    fn levels(self) -> &'o [Level<'a>] {
        match self.node() {
            Some(Node::Object { levels, .. }) => levels,
            _ => &[],
        }
    }

    /// A primitive, or the one inside its `java.lang` wrapper.
    fn primitive(self) -> Option<Primitive> {
        let place = match self.place {
            Place::Node(_) if self.class_name()?.starts_with("java.lang.") => self.field("value")?.place,
            place => place,
        };
        match place {
            Place::Primitive(primitive) => Some(primitive),
            Place::Node(_) => None,
        }
    }
}

impl Primitive {
    /// The primitive of type `code` that `bytes` start with.
    fn decode(code: u8, bytes: &[u8]) -> Option<Self> {
        let mut input = DataInput::new(bytes, 0);
        let value = match code {
            b'Z' => input.read_boolean().map(Self::Boolean),
            b'B' => input.read_byte().map(|value| Self::Int(value.into())),
            b'C' => input.read_unsigned_short().map(|value| Self::Int(value.into())),
            b'S' => input.read_short().map(|value| Self::Int(value.into())),
            b'I' => input.read_int().map(Self::Int),
            b'J' => input.read_long().map(Self::Long),
            b'F' => input.read_int().map(|bits| Self::Double(f32::from_bits(bits.cast_unsigned()).into())),
            b'D' => input.read_long().map(|bits| Self::Double(f64::from_bits(bits.cast_unsigned()))),
            _ => return None,
        };
        value.ok()
    }
}

/// Bytes of a primitive of type `code`; none for objects, arrays and what is no type code.
fn primitive_size(code: u8) -> Option<usize> {
    match code {
        b'B' | b'Z' => Some(1),
        b'C' | b'S' => Some(2),
        b'F' | b'I' => Some(4),
        b'D' | b'J' => Some(8),
        _ => None,
    }
}

fn class_desc<'o, 'a>(nodes: &'o [Node<'a>], id: NodeId) -> Option<&'o ClassDesc<'a>> {
    match nodes.get(id as usize)? {
        Node::ClassDesc(class) => Some(class),
        _ => None,
    }
}
