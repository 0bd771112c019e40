//! Snapshots of types that Flink leaves to Kryo.

use super::pojo::read_optional_map;
use super::{Body, SnapshotInput, unknown_version};
use crate::types::TypeConstructor;
use crate::wire::{DecodeError, Within};

/// `KryoSerializerSnapshot`.
///
/// Its registrations are passed over: a restore accepts any change of them, and they say nothing of the class's
/// fields.
pub(super) fn read_kryo(input: &mut SnapshotInput<'_>, version: i32) -> Result<Body, DecodeError> {
    if version != 2 {
        return Err(unknown_version(input, version));
    }
    let class = input.data.read_utf()?.decode().into_owned();
    for part in ["registrations", "default serializers", "default serializer classes"] {
        read_optional_map(&mut input.data, &mut |_, _| Ok(())).within(part)?;
    }
    Ok((TypeConstructor::Kryo { class }, Vec::new()))
}
