//! What `java.io.ObjectOutputStream` wrote, read without its classes.

use super::{DataInput, DecodeError, DecodeErrorKind, JavaStr, Within};
use std::borrow::Cow;
use std::iter::successors;

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

// java.io.ObjectStreamConstants
const MAGIC_AND_VERSION: u32 = 0xaced_0005;
const TC_NULL: u8 = 0x70;
const TC_REFERENCE: u8 = 0x71;
const TC_CLASSDESC: u8 = 0x72;
const TC_OBJECT: u8 = 0x73;
const TC_STRING: u8 = 0x74;
const TC_ARRAY: u8 = 0x75;
const TC_CLASS: u8 = 0x76;
const TC_BLOCKDATA: u8 = 0x77;
const TC_ENDBLOCKDATA: u8 = 0x78;
const TC_RESET: u8 = 0x79;
const TC_BLOCKDATALONG: u8 = 0x7a;
const TC_EXCEPTION: u8 = 0x7b;
const TC_LONGSTRING: u8 = 0x7c;
const TC_PROXYCLASSDESC: u8 = 0x7d;
const TC_ENUM: u8 = 0x7e;
const BASE_WIRE_HANDLE: i32 = 0x7e_0000;
const SC_WRITE_METHOD: u8 = 0x01;
const SC_SERIALIZABLE: u8 = 0x02;
const SC_EXTERNALIZABLE: u8 = 0x04;
const SC_BLOCK_DATA: u8 = 0x08;
const SC_ENUM: u8 = 0x10;

/// How deep objects may nest.
///
/// Reading recurses, so this bounds the stack: to a half of a thread's 2 MiB in a debug build, to a tenth in a
/// release build. Java gives up itself somewhat above a thousand.
const MAX_DEPTH: u32 = 400;

/// How many classes there may be from a class to its base.
///
/// An object of six bytes makes the reader visit all of them, so this bounds the time.
const MAX_ANCESTRY: u32 = 64;

impl<'a> JavaObject<'a> {
    /// Reads a stream's header and its first object; `input` is left right behind it.
    pub fn read(input: &mut DataInput<'a>) -> Result<Self, DecodeError> {
        let mut reader = Reader { input, nodes: vec![Node::Null], handles: Vec::new(), depth: 0 };
        let root = reader.stream().within("Java object")?;
        Ok(Self { nodes: reader.nodes, root })
    }

    /// The object that was written.
    pub fn root(&self) -> JavaValue<'_, 'a> {
        JavaValue { object: self, place: Place::Node(self.root) }
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

fn broken(at: DataInput<'_>, what: &'static str) -> DecodeError {
    at.error(DecodeErrorKind::JavaStream { what })
}

/// `java.io.ObjectInputStream`, as far as the grammar goes.
///
/// Lists grow as their elements are read and are never reserved for a count, because nested counts could each
/// claim all bytes that are left.
struct Reader<'i, 'a> {
    input: &'i mut DataInput<'a>,
    nodes: Vec<Node<'a>>,
    /// The node of each handle, in the order Java assigns them, which is why `assign` stands where it stands.
    handles: Vec<NodeId>,
    depth: u32,
}

impl<'a> Reader<'_, 'a> {
    fn stream(&mut self) -> Result<NodeId, DecodeError> {
        let start = *self.input;
        let found = self.input.read_int()?.cast_unsigned();
        if found != MAGIC_AND_VERSION {
            let (what, expected) = ("a Java object stream", MAGIC_AND_VERSION.into());
            return Err(start.error(DecodeErrorKind::WrongMagic {
                what,
                expected,
                found: found.into(),
                hint: "",
            }));
        }
        // A reset forgets all handles, and none is assigned yet.
        while self.input.rest().first() == Some(&TC_RESET) {
            self.input.read_byte()?;
        }
        self.content()
    }

    /// An object, in the widest sense.
    fn content(&mut self) -> Result<NodeId, DecodeError> {
        let start = *self.input;
        self.descend()?;
        let id = match self.input.read_unsigned_byte()? {
            TC_NULL => NULL,
            TC_REFERENCE => self.reference()?,
            TC_CLASSDESC => self.plain_class_desc()?,
            TC_PROXYCLASSDESC => self.proxy_class_desc()?,
            TC_OBJECT => self.object()?,
            TC_STRING => self.short_string()?,
            TC_LONGSTRING => self.long_string()?,
            TC_ARRAY => self.array()?,
            TC_CLASS => self.class()?,
            TC_ENUM => self.enum_constant()?,
            TC_BLOCKDATA | TC_BLOCKDATALONG => {
                return Err(broken(start, "there is primitive data in place of an object"));
            }
            TC_ENDBLOCKDATA => return Err(broken(start, "an object is missing")),
            TC_RESET => return Err(broken(start, "handles are reset inside an object")),
            TC_EXCEPTION => {
                return Err(broken(start, "its writer failed and wrote an exception in place of the object"));
            }
            tag => return Err(unknown_tag(start, tag)),
        };
        self.ascend();
        Ok(id)
    }

    /// A class description, or null.
    fn class_desc(&mut self) -> Result<NodeId, DecodeError> {
        let start = *self.input;
        let id = match self.input.read_unsigned_byte()? {
            TC_NULL => NULL,
            TC_REFERENCE => self.reference()?,
            TC_CLASSDESC => self.plain_class_desc()?,
            TC_PROXYCLASSDESC => self.proxy_class_desc()?,
            tag => return Err(unknown_tag(start, tag)),
        };
        if id != NULL && class_desc(&self.nodes, id).is_none() {
            return Err(broken(start, "a reference to a class leads elsewhere, or into the class itself"));
        }
        Ok(id)
    }

    /// The class description of something that has to have a class.
    fn class_of(&mut self) -> Result<(NodeId, Shape), DecodeError> {
        let start = *self.input;
        let id = self.class_desc()?;
        match class_desc(&self.nodes, id) {
            Some(class) => Ok((id, class.shape)),
            None => Err(broken(start, "an object has no class")),
        }
    }

    fn plain_class_desc(&mut self) -> Result<NodeId, DecodeError> {
        let name = self.input.read_utf()?;
        self.input.read_long()?; // serialVersionUID
        let id = self.assign(Node::Unfinished)?;
        let at_flags = *self.input;
        let flags = self.input.read_unsigned_byte()?;
        let mut shape = Shape { flags, component: component(name), ..Shape::default() };
        let fields = self.fields(&mut shape)?;
        if flags & SC_EXTERNALIZABLE != 0 && (flags & SC_SERIALIZABLE != 0 || !fields.is_empty()) {
            return Err(broken(at_flags, "an externalizable class has serializable parts"));
        }
        self.finish_class(id, Some(name), shape, fields)
    }

    fn proxy_class_desc(&mut self) -> Result<NodeId, DecodeError> {
        let id = self.assign(Node::Unfinished)?;
        for _ in 0..self.input.read_count("proxy interfaces", 2)? {
            self.input.read_utf()?;
        }
        let shape = Shape { flags: SC_SERIALIZABLE, ..Shape::default() };
        self.finish_class(id, None, shape, Box::default())
    }

    fn fields(&mut self, shape: &mut Shape) -> Result<Box<[Field<'a>]>, DecodeError> {
        let mut fields = Vec::new();
        for _ in 0..self.input.read_short_count("fields", 3)? {
            let start = *self.input;
            let code = self.input.read_unsigned_byte()?;
            let name = self.input.read_utf()?;
            let (total, more) = match (code, primitive_size(code)) {
                // Java writes primitives first, and reads them so whatever the description says.
                (_, Some(_)) if shape.references > 0 => {
                    return Err(broken(start, "a primitive field follows one that is an object"));
                }
                (_, Some(size)) => (&mut shape.primitive_bytes, size),
                (b'L' | b'[', None) => (&mut shape.references, 1),
                _ => return Err(broken(start, "a field has an unknown type")),
            };
            fields.push(Field { name, code, place: *total });
            *total = total.saturating_add(more);
            if matches!(code, b'L' | b'[') {
                self.string()?; // its declared type
            }
        }
        Ok(fields.into())
    }

    /// What plain and proxy class descriptions end with.
    fn finish_class(
        &mut self,
        id: NodeId,
        name: Option<JavaStr<'a>>,
        shape: Shape,
        fields: Box<[Field<'a>]>,
    ) -> Result<NodeId, DecodeError> {
        self.descend()?;
        self.annotation(&mut Vec::new())?;
        let start = *self.input;
        let parent = self.class_desc()?;
        self.ascend();
        let ancestry = class_desc(&self.nodes, parent).map_or(0, |parent| parent.ancestry).saturating_add(1);
        if ancestry > MAX_ANCESTRY {
            return Err(start.error(DecodeErrorKind::TooDeep { limit: MAX_ANCESTRY }));
        }
        Ok(self.finish(id, Node::ClassDesc(Box::new(ClassDesc { name, shape, fields, parent, ancestry }))))
    }

    fn object(&mut self) -> Result<NodeId, DecodeError> {
        let start = *self.input;
        let (class, shape) = self.class_of()?;
        let id = self.assign(Node::Unfinished)?;
        // An externalizable class writes the data of its base classes itself.
        let is_external = shape.flags & SC_EXTERNALIZABLE != 0;
        let layout = if is_external { vec![(class, shape)] } else { self.data_layout(class) };
        let mut levels = Vec::new();
        for (class, shape) in layout {
            levels.extend(self.level(start, class, shape)?);
        }
        Ok(self.finish(id, Node::Object { class, levels: levels.into() }))
    }

    /// `class` and the classes it extends, the base class first: the order of an object's data.
    fn data_layout(&self, class: NodeId) -> Vec<(NodeId, Shape)> {
        let parent = |id: &NodeId| class_desc(&self.nodes, *id).map(|class| class.parent);
        let shape = |id| class_desc(&self.nodes, id).map(|class| (id, class.shape));
        let mut layout: Vec<_> = successors(Some(class), parent).filter_map(shape).collect();
        layout.reverse();
        layout
    }

    /// The data of one class of an object, if there is any. `start` is where the object's class was named.
    fn level(
        &mut self,
        start: DataInput<'a>,
        class: NodeId,
        shape: Shape,
    ) -> Result<Option<Level<'a>>, DecodeError> {
        match shape.flags & (SC_SERIALIZABLE | SC_EXTERNALIZABLE | SC_BLOCK_DATA) {
            0 | SC_BLOCK_DATA => return Err(broken(start, "an object's class is not serializable")),
            SC_EXTERNALIZABLE => {
                return Err(broken(start, "an externalizable object without a length cannot be read"));
            }
            _ => {}
        }
        let primitives = self.input.read_slice(shape.primitive_bytes)?;
        let mut references = Vec::new();
        for _ in 0..shape.references {
            references.push(self.content()?);
        }
        if shape.flags & (SC_WRITE_METHOD | SC_EXTERNALIZABLE) != 0 {
            self.annotation(&mut references)?;
        }
        let is_empty = primitives.is_empty() && references.is_empty();
        Ok((!is_empty).then(|| Level { class, primitives, references: references.into() }))
    }

    /// Appends objects and blocks of data to `contents`, up to the mark that ends them.
    fn annotation(&mut self, contents: &mut Vec<NodeId>) -> Result<(), DecodeError> {
        loop {
            let start = *self.input;
            let length = match self.input.read_unsigned_byte()? {
                TC_ENDBLOCKDATA => return Ok(()),
                TC_BLOCKDATA => self.input.read_unsigned_byte()?.into(),
                TC_BLOCKDATALONG => self.input.read_count("bytes of data", 1)?,
                _ => {
                    *self.input = start;
                    contents.push(self.content()?);
                    continue;
                }
            };
            let block = self.input.read_slice(length)?;
            contents.push(self.add(Node::Block(block))?);
        }
    }

    fn array(&mut self) -> Result<NodeId, DecodeError> {
        let start = *self.input;
        let (class, shape) = self.class_of()?;
        let id = self.assign(Node::Unfinished)?;
        if let Some(size) = primitive_size(shape.component) {
            let count = self.input.read_count("array elements", size)?;
            let bytes = self.input.read_slice(count.saturating_mul(size))?;
            return Ok(self.finish(id, Node::Primitives { class, bytes }));
        }
        if !matches!(shape.component, b'L' | b'[') {
            return Err(broken(start, "an array's class is not an array class"));
        }
        let mut elements = Vec::new();
        for _ in 0..self.input.read_count("array elements", 1)? {
            elements.push(self.content()?);
        }
        Ok(self.finish(id, Node::Array { class, elements: elements.into() }))
    }

    fn class(&mut self) -> Result<NodeId, DecodeError> {
        let (class, _) = self.class_of()?;
        self.assign(Node::Class(class))
    }

    fn enum_constant(&mut self) -> Result<NodeId, DecodeError> {
        let start = *self.input;
        let (class, shape) = self.class_of()?;
        if shape.flags & SC_ENUM == 0 {
            return Err(broken(start, "an enum constant's class is not an enum"));
        }
        let id = self.assign(Node::Unfinished)?;
        let constant = self.string()?;
        Ok(self.finish(id, Node::Enum { class, constant }))
    }

    /// A string that cannot be null, written out or referred to.
    fn string(&mut self) -> Result<NodeId, DecodeError> {
        let start = *self.input;
        let id = match self.input.read_unsigned_byte()? {
            TC_STRING => self.short_string()?,
            TC_LONGSTRING => self.long_string()?,
            TC_REFERENCE => self.reference()?,
            tag => return Err(unknown_tag(start, tag)),
        };
        match self.nodes.get(id as usize) {
            Some(Node::String(_)) => Ok(id),
            _ => Err(broken(start, "a reference to a string leads elsewhere")),
        }
    }

    fn short_string(&mut self) -> Result<NodeId, DecodeError> {
        let text = self.input.read_utf()?;
        self.assign(Node::String(text))
    }

    fn long_string(&mut self) -> Result<NodeId, DecodeError> {
        let start = *self.input;
        let (what, found) = ("bytes of a string", self.input.read_long()?);
        let left = self.input.rest().len() as u64;
        let length = usize::try_from(found).ok().filter(|length| *length as u64 <= left);
        let length =
            length.ok_or_else(|| start.error(DecodeErrorKind::ImpossibleCount { what, found, left }))?;
        let text = JavaStr::new(self.input.read_slice(length)?);
        self.assign(Node::String(text))
    }

    fn reference(&mut self) -> Result<NodeId, DecodeError> {
        let start = *self.input;
        let index = self.input.read_int()?.checked_sub(BASE_WIRE_HANDLE);
        let index = index.and_then(|index| usize::try_from(index).ok());
        let id = index.and_then(|index| self.handles.get(index)).copied();
        id.ok_or_else(|| broken(start, "a reference leads to an object that was not written yet"))
    }

    /// Adds a node and gives it the next handle.
    fn assign(&mut self, node: Node<'a>) -> Result<NodeId, DecodeError> {
        let id = self.add(node)?;
        self.handles.push(id);
        Ok(id)
    }

    fn add(&mut self, node: Node<'a>) -> Result<NodeId, DecodeError> {
        let id = NodeId::try_from(self.nodes.len())
            .map_err(|_| broken(*self.input, "it has more objects than can be counted"))?;
        self.nodes.push(node);
        Ok(id)
    }

    fn finish(&mut self, id: NodeId, node: Node<'a>) -> NodeId {
        if let Some(unfinished) = self.nodes.get_mut(id as usize) {
            *unfinished = node;
        }
        id
    }

    fn descend(&mut self) -> Result<(), DecodeError> {
        if self.depth == MAX_DEPTH {
            return Err(self.input.error(DecodeErrorKind::TooDeep { limit: MAX_DEPTH }));
        }
        self.depth = self.depth.saturating_add(1);
        Ok(())
    }

    fn ascend(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }
}

/// The type code of the elements of the array class called `name`, or zero.
fn component(name: JavaStr<'_>) -> u8 {
    match name.decode().as_bytes() {
        [b'[', code, ..] => *code,
        _ => 0,
    }
}

fn unknown_tag(at: DataInput<'_>, tag: u8) -> DecodeError {
    at.error(DecodeErrorKind::UnknownTag { what: "Java object stream", found: tag.into() })
}
