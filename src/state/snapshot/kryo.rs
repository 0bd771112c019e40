//! Snapshots of types that Flink leaves to Kryo.

use super::pojo::read_optional_map;
use super::{Body, SnapshotInput, unknown_version};
use crate::types::{KryoRegistration, KryoSettings, RegisteredSerializer, TypeConstructor};
use crate::wire::{DataInput, DecodeError, DecodeErrorKind, JavaObject, JavaValue, Within};

/// `KryoSerializerSnapshot`.
pub(super) fn read_kryo(input: &mut SnapshotInput<'_>, version: i32) -> Result<Body, DecodeError> {
    if version != 2 {
        return Err(unknown_version(input, version));
    }
    let class = input.data.read_utf()?.decode().into_owned();
    let mut registered = read_classes(input, read_registration).within("registrations")?;
    registered.retain(|it| {
        let is_itself = it.class == class && it.serializer == RegisteredSerializer::Unspecified;
        let is_without_avro =
            it.is_flinks() && it.serializer.class().is_none_or(|by| by == KryoRegistration::WITHOUT_AVRO);
        !is_itself && !is_without_avro
    });
    let mut defaults = read_classes(input, |data| {
        let object = JavaObject::read(data)?;
        // `ExecutionConfig.SerializableSerializer`, around the serializer.
        let serializer = object.root().field("serializer").and_then(JavaValue::class_name);
        Ok(RegisteredSerializer::Instance(serializer.unwrap_or_default().into_owned()))
    })
    .within("default serializers")?;
    let classes =
        read_classes(input, |data| Ok(RegisteredSerializer::Class(data.read_utf()?.decode().into_owned())));
    defaults.extend(classes.within("default serializer classes")?);
    let settings = KryoSettings { registered, defaults };
    Ok((TypeConstructor::Kryo { class, settings }, Vec::new()))
}

/// An optional map from classes to their serializers.
fn read_classes(
    input: &mut SnapshotInput<'_>,
    read: impl Fn(&mut DataInput<'_>) -> Result<RegisteredSerializer, DecodeError>,
) -> Result<Vec<KryoRegistration>, DecodeError> {
    let mut classes = Vec::new();
    read_optional_map(&mut input.data, &mut |class, _, frame| {
        let class = class.into_owned();
        let serializer = match frame {
            Some(mut frame) => read(&mut frame).within_with(|| class.escape_debug().to_string())?,
            None => RegisteredSerializer::Missing,
        };
        classes.push(KryoRegistration { class, serializer });
        Ok(())
    })?;
    Ok(classes)
}

/// `KryoRegistrationSerializerConfigSnapshot.KryoRegistrationUtil`.
fn read_registration(data: &mut DataInput<'_>) -> Result<RegisteredSerializer, DecodeError> {
    data.read_utf()?; // the class again
    let at_kind = *data;
    match data.read_int()? {
        0 => Ok(RegisteredSerializer::Unspecified),
        1 => Ok(RegisteredSerializer::Class(data.read_utf()?.decode().into_owned())),
        2 => {
            let object = JavaObject::read(data)?;
            let serializer = object.root().field("serializer").and_then(JavaValue::class_name);
            Ok(RegisteredSerializer::Instance(serializer.unwrap_or_default().into_owned()))
        }
        found => Err(at_kind
            .error(DecodeErrorKind::UnknownTag { what: "kind of Kryo registration", found: found.into() })),
    }
}
