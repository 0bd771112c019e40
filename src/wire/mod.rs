//! Java's primitives on a byte slice: what `java.io.DataOutput` wrote, read back without a copy.
//!
//! This layer knows no Flink. [`DataInput`] mirrors `java.io.DataInput` method by method, so that a decoder can
//! be held beside Flink's own and compared line for line; [`JavaObject`] reads what `java.io.ObjectOutputStream`
//! wrote, and never instantiates anything; [`SnappyStream`] uncompresses. Every failure is a [`DecodeError`]: what, at which offset of the
//! file, and on which path through the records.

mod data_input;
mod decode_error;
mod java_object;
mod snappy;

pub use data_input::{DataInput, JavaStr};
pub use decode_error::{DecodeError, DecodeErrorKind, Within};
pub use java_object::{JavaObject, JavaValue};
pub use snappy::SnappyStream;
