//! Objects and arrays that are being read. They may nest deeper than a stack holds, so they stand in a list.

use super::reader::Reader;
use super::{Level, Node, NodeId, Shape};
use crate::wire::{DataInput, DecodeError};
use std::rc::Rc;

/// What was begun and is not whole yet.
pub(super) enum Open<'a> {
    Object(OpenObject<'a>),
    Array { id: NodeId, class: NodeId, elements: Vec<NodeId>, left: usize },
}

/// What was begun.
pub(super) enum Begun<'a> {
    Whole(NodeId),
    Open(Open<'a>),
}

/// What comes next in something open.
pub(super) enum Next {
    /// An object that it holds.
    Content,
    /// Nothing: it is whole.
    End,
}

pub(super) struct OpenObject<'a> {
    /// Where its class was named.
    start: DataInput<'a>,
    id: NodeId,
    class: NodeId,
    /// Its classes, the base class first, and how many of them are begun.
    layout: Rc<[(NodeId, Shape)]>,
    begun: usize,
    levels: Vec<Level<'a>>,
    level: Option<OpenLevel<'a>>,
}

/// What is being read on behalf of one class.
struct OpenLevel<'a> {
    class: NodeId,
    primitives: &'a [u8],
    references: Vec<NodeId>,
    /// Fields that are still to come.
    left: usize,
    /// More may come behind the fields.
    is_annotated: bool,
}

impl<'a> Open<'a> {
    pub(super) fn object(
        start: DataInput<'a>,
        id: NodeId,
        class: NodeId,
        layout: Rc<[(NodeId, Shape)]>,
    ) -> Self {
        Self::Object(OpenObject { start, id, class, layout, begun: 0, levels: Vec::new(), level: None })
    }

    pub(super) fn array(id: NodeId, class: NodeId, count: usize) -> Self {
        Self::Array { id, class, elements: Vec::new(), left: count }
    }

    /// Reads up to the next object that it holds, or to its end.
    pub(super) fn next(&mut self, reader: &mut Reader<'_, 'a>) -> Result<Next, DecodeError> {
        match self {
            Self::Object(object) => object.next(reader),
            Self::Array { left, .. } => Ok(match left.checked_sub(1) {
                Some(fewer) => {
                    *left = fewer;
                    Next::Content
                }
                None => Next::End,
            }),
        }
    }

    /// Takes an object that it holds.
    pub(super) fn take(&mut self, content: NodeId) {
        match self {
            Self::Object(object) => {
                if let Some(level) = &mut object.level {
                    level.references.push(content);
                }
            }
            Self::Array { elements, .. } => elements.push(content),
        }
    }

    /// What it is, once it is whole, and where it stands.
    pub(super) fn finish(self) -> (NodeId, Node<'a>) {
        match self {
            Self::Object(object) => {
                (object.id, Node::Object { class: object.class, levels: object.levels.into() })
            }
            Self::Array { id, class, elements, .. } => (id, Node::Array { class, elements: elements.into() }),
        }
    }
}

impl<'a> OpenObject<'a> {
    fn next(&mut self, reader: &mut Reader<'_, 'a>) -> Result<Next, DecodeError> {
        loop {
            let Some(level) = &mut self.level else {
                let Some((class, shape)) = self.layout.get(self.begun).copied() else { return Ok(Next::End) };
                self.begun = self.begun.saturating_add(1);
                let (primitives, is_annotated) = reader.primitives(self.start, shape)?;
                let (references, left) = (Vec::new(), shape.references);
                self.level = Some(OpenLevel { class, primitives, references, left, is_annotated });
                continue;
            };
            if let Some(fewer) = level.left.checked_sub(1) {
                level.left = fewer;
                return Ok(Next::Content);
            }
            if level.is_annotated && !reader.blocks(&mut level.references)? {
                return Ok(Next::Content);
            }
            if let Some(level) = self.level.take()
                && !(level.primitives.is_empty() && level.references.is_empty())
            {
                let OpenLevel { class, primitives, references, .. } = level;
                self.levels.push(Level { class, primitives, references: references.into() });
            }
        }
    }
}
