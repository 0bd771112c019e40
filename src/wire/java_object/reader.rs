//! The grammar of Java object streams (`java.io.ObjectStreamConstants`).

use super::open::{Begun, Next, Open};
use super::{ClassDesc, Field, NULL, Node, NodeId, Shape, class_desc, primitive_size};
use crate::wire::{DataInput, DecodeError, DecodeErrorKind, JavaStr};
use std::collections::HashMap;
use std::iter::successors;
use std::rc::Rc;

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

/// How deep objects may nest: a job graph of thousands of vertices in a line nests tens of thousands deep, because each
/// refers to the next. What is open is kept in a list and takes no stack; this bounds its memory.
const MAX_DEPTH: u32 = 100_000;

/// How deep the descriptions of classes may nest, for which reading recurses.
const MAX_CLASS_DEPTH: u32 = 128;

/// How many classes there may be from a class to its base.
///
/// An object of six bytes makes the reader visit all of them, so this bounds the time.
const MAX_ANCESTRY: u32 = 64;

fn broken(at: DataInput<'_>, what: &'static str) -> DecodeError {
    at.error(DecodeErrorKind::JavaStream { what })
}

/// Reads a stream's header and its first object: gives the table of objects, and which of them it is.
pub(super) fn read<'a>(input: &mut DataInput<'a>) -> Result<(Vec<Node<'a>>, NodeId), DecodeError> {
    let mut reader = Reader {
        input,
        nodes: vec![Node::Null],
        handles: Vec::new(),
        layouts: HashMap::new(),
        depth: 0,
        class_depth: 0,
    };
    let root = reader.stream()?;
    Ok((reader.nodes, root))
}

/// `java.io.ObjectInputStream`, as far as the grammar goes.
///
/// Lists grow as their elements are read and are never reserved for a count, because nested counts could each
/// claim all bytes that are left.
pub(super) struct Reader<'i, 'a> {
    pub(super) input: &'i mut DataInput<'a>,
    pub(super) nodes: Vec<Node<'a>>,
    /// The node of each handle, in the order Java assigns them, which is why `assign` stands where it stands.
    handles: Vec<NodeId>,
    /// Each class that an object was of, and the classes that it extends, the base class first.
    layouts: HashMap<NodeId, Rc<[(NodeId, Shape)]>>,
    /// How many objects and arrays are open.
    depth: u32,
    class_depth: u32,
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

    /// An object, in the widest sense, with all that it leads to.
    fn content(&mut self) -> Result<NodeId, DecodeError> {
        let outer = self.depth;
        let mut open: Vec<Open<'a>> = Vec::new();
        let mut whole = self.begin(&mut open)?;
        loop {
            if let Some(id) = whole.take() {
                let Some(outer) = open.last_mut() else { return Ok(id) };
                outer.take(id);
            }
            whole = match open.last_mut().map(|inner| inner.next(self)).transpose()? {
                Some(Next::Content) => self.begin(&mut open)?,
                Some(Next::End) | None => open.pop().map(|inner| {
                    let (id, node) = inner.finish();
                    self.finish(id, node)
                }),
            };
            self.depth = outer.saturating_add(u32::try_from(open.len()).unwrap_or(u32::MAX));
        }
    }

    /// Begins to read an object, in the widest sense: it is whole, or else the last of those that are open.
    fn begin(&mut self, open: &mut Vec<Open<'a>>) -> Result<Option<NodeId>, DecodeError> {
        let start = *self.input;
        let begun = match self.input.read_unsigned_byte()? {
            TC_OBJECT => self.object()?,
            TC_ARRAY => self.array()?,
            tag => Begun::Whole(self.simple(start, tag)?),
        };
        match begun {
            Begun::Whole(id) => Ok(Some(id)),
            Begun::Open(_) if self.depth >= MAX_DEPTH => {
                Err(start.error(DecodeErrorKind::TooDeep { limit: MAX_DEPTH }))
            }
            Begun::Open(begun) => {
                open.push(begun);
                Ok(None)
            }
        }
    }

    /// What is no object of a class and no array.
    fn simple(&mut self, start: DataInput<'a>, tag: u8) -> Result<NodeId, DecodeError> {
        Ok(match tag {
            TC_NULL => NULL,
            TC_REFERENCE => self.reference()?,
            TC_CLASSDESC => self.plain_class_desc()?,
            TC_PROXYCLASSDESC => self.proxy_class_desc()?,
            TC_STRING => self.short_string()?,
            TC_LONGSTRING => self.long_string()?,
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
        })
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
        if self.class_depth == MAX_CLASS_DEPTH {
            return Err(self.input.error(DecodeErrorKind::TooDeep { limit: MAX_CLASS_DEPTH }));
        }
        self.class_depth = self.class_depth.saturating_add(1);
        self.skip_annotation()?;
        let start = *self.input;
        let parent = self.class_desc()?;
        self.class_depth = self.class_depth.saturating_sub(1);
        let ancestry = class_desc(&self.nodes, parent).map_or(0, |parent| parent.ancestry).saturating_add(1);
        if ancestry > MAX_ANCESTRY {
            return Err(start.error(DecodeErrorKind::TooDeep { limit: MAX_ANCESTRY }));
        }
        Ok(self.finish(id, Node::ClassDesc(Box::new(ClassDesc { name, shape, fields, parent, ancestry }))))
    }

    fn object(&mut self) -> Result<Begun<'a>, DecodeError> {
        let start = *self.input;
        let (class, shape) = self.class_of()?;
        let id = self.assign(Node::Unfinished)?;
        // An externalizable class writes the data of its base classes itself.
        let is_external = shape.flags & SC_EXTERNALIZABLE != 0;
        let layout = if is_external { [(class, shape)].into() } else { self.data_layout(class) };
        Ok(Begun::Open(Open::object(start, id, class, layout)))
    }

    /// `class` and the classes it extends, the base class first: the order of an object's data.
    fn data_layout(&mut self, class: NodeId) -> Rc<[(NodeId, Shape)]> {
        if let Some(layout) = self.layouts.get(&class) {
            return Rc::clone(layout);
        }
        let parent = |id: &NodeId| class_desc(&self.nodes, *id).map(|class| class.parent);
        let shape = |id| class_desc(&self.nodes, id).map(|class| (id, class.shape));
        let mut layout: Vec<_> = successors(Some(class), parent).filter_map(shape).collect();
        layout.reverse();
        let layout: Rc<[_]> = layout.into();
        self.layouts.insert(class, Rc::clone(&layout));
        layout
    }

    /// The fields of one class of an object that are no objects, and whether its `writeObject` method added something.
    /// `start` is where the object's class was named.
    pub(super) fn primitives(
        &mut self,
        start: DataInput<'a>,
        shape: Shape,
    ) -> Result<(&'a [u8], bool), DecodeError> {
        match shape.flags & (SC_SERIALIZABLE | SC_EXTERNALIZABLE | SC_BLOCK_DATA) {
            0 | SC_BLOCK_DATA => return Err(broken(start, "an object's class is not serializable")),
            SC_EXTERNALIZABLE => {
                return Err(broken(start, "an externalizable object without a length cannot be read"));
            }
            _ => {}
        }
        let primitives = self.input.read_slice(shape.primitive_bytes)?;
        Ok((primitives, shape.flags & (SC_WRITE_METHOD | SC_EXTERNALIZABLE) != 0))
    }

    /// Skips the objects and blocks of data behind the description of a class, up to the mark that ends them.
    fn skip_annotation(&mut self) -> Result<(), DecodeError> {
        let mut skipped = Vec::new();
        while !self.blocks(&mut skipped)? {
            self.content()?;
        }
        Ok(())
    }

    /// Appends blocks of data to `contents`, up to an object or the mark that ends them; whether that is the mark.
    pub(super) fn blocks(&mut self, contents: &mut Vec<NodeId>) -> Result<bool, DecodeError> {
        loop {
            let start = *self.input;
            let length = match self.input.read_unsigned_byte()? {
                TC_ENDBLOCKDATA => return Ok(true),
                TC_BLOCKDATA => self.input.read_unsigned_byte()?.into(),
                TC_BLOCKDATALONG => self.input.read_count("bytes of data", 1)?,
                _ => {
                    *self.input = start;
                    return Ok(false);
                }
            };
            let block = self.input.read_slice(length)?;
            contents.push(self.add(Node::Block(block))?);
        }
    }

    fn array(&mut self) -> Result<Begun<'a>, DecodeError> {
        let start = *self.input;
        let (class, shape) = self.class_of()?;
        let id = self.assign(Node::Unfinished)?;
        if let Some(size) = primitive_size(shape.component) {
            let count = self.input.read_count("array elements", size)?;
            let bytes = self.input.read_slice(count.saturating_mul(size))?;
            return Ok(Begun::Whole(self.finish(id, Node::Primitives { class, bytes })));
        }
        if !matches!(shape.component, b'L' | b'[') {
            return Err(broken(start, "an array's class is not an array class"));
        }
        let count = self.input.read_count("array elements", 1)?;
        Ok(Begun::Open(Open::array(id, class, count)))
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
