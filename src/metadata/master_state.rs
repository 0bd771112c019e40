//! What a master hook stored.

use crate::wire::{DataInput, DecodeError, DecodeErrorKind, JavaStr};

/// The state of one `MasterTriggerRestoreHook`.
///
/// Mirrors `org.apache.flink.runtime.checkpoint.MasterState`.
#[derive(Debug, Clone, Copy)]
pub struct MasterState<'a> {
    /// The hook's identifier.
    pub name: JavaStr<'a>,
    /// Version of the hook's own serializer.
    pub version: i32,
    /// What the hook wrote, opaque to everybody else.
    pub payload: &'a [u8],
}

impl<'a> MasterState<'a> {
    const MAGIC_NUMBER: i32 = 0xC96B_1696_u32.cast_signed();
    /// magic, length, version, empty name, empty payload
    pub(super) const LEAST_BYTES: usize = 4 + 4 + 4 + 2 + 4;

    pub(super) fn decode(input: &mut DataInput<'a>) -> Result<Self, DecodeError> {
        let start = *input;
        let magic = input.read_int()?;
        if magic != Self::MAGIC_NUMBER {
            return Err(start.error(DecodeErrorKind::WrongMagic {
                what: "a master state",
                expected: u64::from(Self::MAGIC_NUMBER.cast_unsigned()),
                found: u64::from(magic.cast_unsigned()),
                hint: "",
            }));
        }
        let mut block = input.read_block("bytes of a master state")?;
        let version = block.read_int()?;
        let name = block.read_utf()?;
        let payload = block.read_block("bytes of a hook's payload")?.rest();
        match block.rest().len() {
            0 => Ok(Self { name, version, payload }),
            left => Err(block.error(DecodeErrorKind::TrailingBytes { left: left as u64 })),
        }
    }
}
