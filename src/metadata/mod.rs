//! The `_metadata` file of a savepoint or checkpoint, as Flink's `MetadataV2V3SerializerBase` and its versions
//! write it.
//!
//! ```text
//! int magic 0x4960672D | int version | long checkpoint ID | master states | operator states | properties (V4+)
//! ```
//!
//! [`CheckpointMetadata::decode`] reads what stands before the operators; [`CheckpointMetadata::operators`] then
//! decodes one operator at a time, so a file of any size costs the memory of its widest operator. Nothing here
//! does I/O, and everything borrows from the bytes.

pub mod handle;
mod master_state;
mod operator;
mod properties;
mod version;

pub use master_state::MasterState;
pub use operator::{OperatorState, OperatorSubtaskState, StateRole, SubtaskStream};
pub use properties::{CheckpointProperties, SnapshotKind};
pub use version::{MetadataVersion, RecordLayout, VERSIONS, Version3Layout, VersionRow};

use crate::wire::{DataInput, DecodeError, DecodeErrorKind, Within};

/// The four bytes every `_metadata` file starts with (`Checkpoints.HEADER_MAGIC_NUMBER`).
pub const HEADER_MAGIC_NUMBER: i32 = 0x4960_672D;

/// The decoded head of a `_metadata` file; its operators follow on demand.
///
/// Mirrors `org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata`.
#[derive(Clone)]
pub struct CheckpointMetadata<'a> {
    /// How the file's records are laid out: its version, and which of that version's layouts.
    pub layout: RecordLayout,
    /// The checkpoint's number within its job.
    pub checkpoint_id: i64,
    /// What the master hooks stored.
    pub master_states: Vec<MasterState<'a>>,
    operator_count: usize,
    operators: DataInput<'a>,
}

impl<'a> CheckpointMetadata<'a> {
    /// Whether the bytes start as a `_metadata` file does.
    pub fn is_metadata(bytes: &[u8]) -> bool {
        bytes.starts_with(&HEADER_MAGIC_NUMBER.to_be_bytes())
    }

    /// Decodes everything that stands before the operators.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut input = DataInput::new(bytes, 0);
        let start = input;
        let magic = input.read_int()?;
        if magic != HEADER_MAGIC_NUMBER {
            return Err(start.error(DecodeErrorKind::WrongMagic {
                what: "a _metadata file",
                expected: u64::from(HEADER_MAGIC_NUMBER.cast_unsigned()),
                found: u64::from(magic.cast_unsigned()),
                hint: "; name a savepoint's directory, or its _metadata file",
            }));
        }
        let at_version = input;
        let version =
            MetadataVersion::from_number(input.read_int()?).map_err(|kind| at_version.error(kind))?;
        let at_id = input;
        let checkpoint_id = input.read_long()?;
        if checkpoint_id < 0 {
            return Err(at_id.error(DecodeErrorKind::Invalid {
                what: "a checkpoint ID cannot be negative",
                found: checkpoint_id,
            }));
        }
        let count = if version.has_tasks() {
            0
        } else {
            input.read_count("master states", MasterState::LEAST_BYTES)?
        };
        let master_states = (0..count)
            .map(|index| MasterState::decode(&mut input).within_with(|| format!("master state {index}")))
            .collect::<Result<_, _>>()?;
        let operator_count = input.read_count("operators", OperatorState::LEAST_BYTES)?;
        let mut metadata = Self {
            layout: RecordLayout::of(version),
            checkpoint_id,
            master_states,
            operator_count,
            operators: input,
        };
        if version == MetadataVersion::V3 {
            metadata.layout.version_3 = metadata.find_version_3_layout();
        }
        Ok(metadata)
    }

    /// The layout in which the file ends where it should. Most files have no record that would tell, and fit all;
    /// then, and where two fit by chance, it is the one that Flink itself reads. Where none fits, it is one in which the
    /// operators can be read, and what is wrong comes behind them; and else again Flink's, as nearly all files have it.
    fn find_version_3_layout(&self) -> Version3Layout {
        let operators =
            |version_3| Operators { layout: RecordLayout { version_3, ..self.layout }, ..self.operators() };
        let mut layouts = Version3Layout::ALL.into_iter();
        layouts
            .clone()
            .find(|layout| operators(*layout).properties().is_ok())
            .or_else(|| layouts.find(|layout| operators(*layout).all(|operator| operator.is_ok())))
            .unwrap_or(Version3Layout::Final)
    }

    /// How many operators the file says it holds.
    pub fn operator_count(&self) -> usize {
        self.operator_count
    }

    /// Decodes the operators one by one, in the order of the file, which is Flink's hash order and means nothing.
    pub fn operators(&self) -> Operators<'a> {
        Operators { layout: self.layout, index: 0, count: self.operator_count, input: self.operators }
    }
}

/// Iterates over the operators of a `_metadata` file. After an error it ends.
pub struct Operators<'a> {
    layout: RecordLayout,
    index: usize,
    count: usize,
    input: DataInput<'a>,
}

impl Operators<'_> {
    /// Skips to the end of the operators and decodes what stands behind the last: the checkpoint properties
    /// (`None` before version 4, and where the writer had none), and then the end of the file.
    pub fn properties(mut self) -> Result<Option<CheckpointProperties>, DecodeError> {
        for operator in self.by_ref() {
            operator?;
        }
        let mut input = self.input;
        let properties = if self.layout.version.has_properties() {
            CheckpointProperties::decode(&mut input).within("checkpoint properties")?
        } else {
            None
        };
        match input.rest().len() {
            0 => Ok(properties),
            left => Err(input.error(DecodeErrorKind::TrailingBytes { left: left as u64 })),
        }
    }
}

impl<'a> Iterator for Operators<'a> {
    type Item = Result<OperatorState<'a>, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.index >= self.count {
            return None;
        }
        let index = self.index;
        self.index = self.index.saturating_add(1);
        let decoded = OperatorState::decode(&mut self.input, self.layout)
            .within_with(|| format!("operator {} of {}", index.saturating_add(1), self.count));
        if decoded.is_err() {
            self.index = self.count;
        }
        Some(decoded)
    }
}
