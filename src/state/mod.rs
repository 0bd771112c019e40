//! The headers inside state files: which states there are, of which kind, with which serializers.
//!
//! A keyed header ([`decode_keyed_header`]) stands at the start of every stream of managed keyed state, an operator
//! header ([`decode_operator_header`]) at the start of every stream of managed operator state. They are short, are
//! never compressed, and the state itself follows; nothing here reads on into it.

mod backend;
mod header;
mod meta_info;
mod snapshot;

pub use backend::StateBackend;
pub use header::{StateHeader, Unread, decode_keyed_header, decode_operator_header};
pub use meta_info::{StateKind, StateMetaInfo};
pub use snapshot::SerializerSnapshot;
