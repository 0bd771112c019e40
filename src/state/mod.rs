//! The headers inside state files: which states there are, of which kind, with which serializers.
//!
//! A keyed header ([`decode_keyed_header`]) stands at the start of every stream of managed keyed state, an operator
//! header ([`decode_operator_header`]) at the start of every stream of managed operator state. They are short, are
//! never compressed, and the state itself follows; nothing here reads on into it.

mod backend;
mod changelog;
mod header;
mod meta_info;
mod snapshot;
mod state_kind;
mod timers;

pub use backend::StateBackend;
pub use changelog::{change_set_start, decode_change_set, decode_logged_state, decode_logged_states};
pub use header::{
    HeaderVersion, KEYED_HEADER_VERSIONS, OPERATOR_HEADER_VERSIONS, StateHeader, Unread, decode_keyed_header,
    decode_operator_header,
};
pub use meta_info::StateMetaInfo;
pub use snapshot::{SerializerSnapshot, decode_snapshot, snapshot_classes};
pub use state_kind::{StateFamily, StateKind};
pub use timers::{TIMER_KEY_GROUPS, TimerService, TimerServices, decode_timer_services};

pub(crate) use snapshot::snapshot_of_serializer;
