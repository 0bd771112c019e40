//! Writing the notation.

use super::TUPLE_PACKAGE;
use crate::types::{
    DataType, KryoRegistration, KryoSettings, Parameter, ParameterKind, ParameterizedType,
    RegisteredSerializer, TypeConstructor,
};

/// The type in the notation. Where `name` gives a name to a part of it, that stands in the part's place.
pub fn write(data_type: &DataType, name: &dyn Fn(&DataType) -> Option<String>) -> String {
    if let Some(name) = name(data_type) {
        return name;
    }
    let list = |types: &[DataType]| {
        types.iter().map(|argument| write(argument, name)).collect::<Vec<_>>().join(", ")
    };
    let arguments = || format!("<{}>", list(&data_type.arguments));
    match &data_type.constructor {
        TypeConstructor::Basic(row) => row.name.to_owned(),
        TypeConstructor::Collection(row) => format!("{}{}", row.name, arguments()),
        TypeConstructor::Tuple { class } => {
            format!("{}{}", class.strip_prefix(TUPLE_PACKAGE).unwrap_or(class), arguments())
        }
        TypeConstructor::Parameterized { row, parameters } => {
            let arguments = if row.nested == Some(0) { String::new() } else { arguments() };
            format!("{}{}{arguments}", row.name, write_parameters(row, parameters))
        }
        TypeConstructor::Sql { row, types, serializers } => {
            let types = types.iter().enumerate().map(|(index, logical_type)| {
                let class = serializers.get(index).and_then(|class| class.as_deref().map(name_or_text));
                let argument = || match data_type.arguments.get(index) {
                    Some(argument) if logical_type.serializer().as_ref() == Some(argument) => None,
                    Some(argument) => Some(write(argument, name)),
                    None => Some("?".to_owned()), // it stands behind an opaque one
                };
                let serializer = if row.types.is_some() { class } else { argument() };
                let with = serializer.map(|serializer| format!(" WITH {serializer}"));
                format!("{logical_type}{}", with.unwrap_or_default())
            });
            format!("{}<{}>", row.name, types.collect::<Vec<_>>().join(", "))
        }
        TypeConstructor::Enum { class, constants } => format!("{class}[{}]", constants.join(", ")),
        TypeConstructor::Pojo { class, .. } => {
            let fields = data_type.fields().zip(data_type.inherited()).map(|((field, inner), class)| {
                format!("{}: {}", field_name(field, class.as_deref()), write(inner, name))
            });
            let subclass =
                |kind: &'static str| move |inner: &DataType| format!("{kind} {}", write(inner, name));
            let registered = data_type.registered_subclasses().iter().map(subclass("registered"));
            let unregistered = data_type.unregistered_subclasses().iter().map(subclass("unregistered"));
            let members: Vec<_> = fields.chain(registered).chain(unregistered).collect();
            format!("{class}{{{}}}", members.join(", "))
        }
        TypeConstructor::Kryo { class, settings } => format!("Kryo<{class}{}>", write_settings(settings)),
        TypeConstructor::Opaque { class, version } => format!("Opaque<{class} v{version}>"),
        TypeConstructor::Unread => "?".to_owned(),
    }
}

/// A field, and the class that it is inherited from.
pub fn field_name(field: &str, class: Option<&str>) -> String {
    class.map_or_else(|| field.to_owned(), |class| format!("{field} of {class}"))
}

/// The parameters that are not plain, in brackets.
fn write_parameters(row: &ParameterizedType, parameters: &[Parameter]) -> String {
    let of_note = row.parameters.iter().zip(parameters).filter(|(row, value)| !row.kind.is_plain(value));
    let written: Vec<_> = of_note.map(|(row, value)| write_parameter(&row.kind, value)).collect();
    if written.is_empty() { String::new() } else { format!("({})", written.join(", ")) }
}

fn write_parameter(kind: &ParameterKind, value: &Parameter) -> String {
    match (kind, value) {
        (_, Parameter::Int(value)) => value.to_string(),
        (_, Parameter::Name(value)) => name_or_text(value),
        (ParameterKind::Flag { word, .. }, Parameter::Flag(_)) => (*word).to_owned(),
        (_, Parameter::Flag(value)) => value.to_string(),
        (_, Parameter::Logical(value)) => value.to_string(),
        (_, Parameter::Constants(constants)) => {
            let constants = constants.iter().map(|(name, id)| format!("{} {id}", name_or_text(name)));
            format!("[{}]", constants.collect::<Vec<_>>().join(", "))
        }
    }
}

/// A name as it is, or a text in quotes if it holds what has a meaning in the notation.
fn name_or_text(text: &str) -> String {
    match super::name(text) {
        Ok(("", _)) if !text.contains('"') => text.to_owned(),
        _ => serde_json::Value::from(text).to_string(),
    }
}

fn write_settings(settings: &KryoSettings) -> String {
    let each = |what: &'static str| {
        move |it: &KryoRegistration| {
            let by = match &it.serializer {
                RegisteredSerializer::Unspecified => String::new(),
                RegisteredSerializer::Class(class) => format!(" by {class}"),
                RegisteredSerializer::Instance(class) => format!(" by an instance of {class}"),
                RegisteredSerializer::Missing => " missing".to_owned(),
            };
            format!(", {what} {}{by}", it.class)
        }
    };
    settings
        .registered
        .iter()
        .map(each("registered"))
        .chain(settings.defaults.iter().map(each("default")))
        .collect()
}
