//! Reading the values that a type has besides its arguments.

use super::{Parsed, class, comma, logical, name};
use crate::types::{
    DataType, KryoRegistration, KryoSettings, Parameter, ParameterKind, ParameterizedType,
    RegisteredSerializer, TypeConstructor,
};
use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::tag;
use nom::character::complete::{char, i32 as int, multispace0, multispace1};
use nom::combinator::{cut, map, not, opt, peek, success, value};
use nom::error::{Error, ErrorKind};
use nom::multi::{many0, separated_list0};
use nom::sequence::{delimited, preceded, separated_pair};

/// The parameters of a type, with the plain values of those that are left out.
pub(super) fn parameters<'a>(rest: &'a str, row: &ParameterizedType) -> Parsed<'a, Vec<Parameter>> {
    let (mut after, open) = opt((char('('), multispace0)).parse(rest)?;
    let mut parameters = Vec::new();
    let mut is_first = true;
    for parameter in row.parameters {
        let written = |input: &'a str| {
            let (input, ()) = if is_first { (input, ()) } else { comma(input)? };
            one(input, &parameter.kind)
        };
        let found = if open.is_some() {
            written(after)
        } else {
            Err(nom::Err::Error(Error::new(after, ErrorKind::Char)))
        };
        match (found, parameter.kind.plain()) {
            (Ok((next, value)), _) => {
                parameters.push(value);
                after = next;
                is_first = false;
            }
            (Err(nom::Err::Error(_)), Some(plain)) => parameters.push(plain),
            (Err(nom::Err::Error(error)), None) => return Err(nom::Err::Failure(error)),
            (Err(other), _) => return Err(other),
        }
    }
    if open.is_some() {
        (after, _) = cut((multispace0, char(')'))).parse(after)?;
    }
    Ok((after, parameters))
}

fn one<'a>(input: &'a str, kind: &ParameterKind) -> Parsed<'a, Parameter> {
    match kind {
        ParameterKind::Int { .. } => map(int, Parameter::Int).parse(input),
        ParameterKind::Name { .. } => map(name_or_text, Parameter::Name).parse(input),
        ParameterKind::Flag { plain, word, .. } => value(Parameter::Flag(!plain), tag(*word)).parse(input),
        ParameterKind::Logical => {
            map(|input| logical::logical_type(input, 0), Parameter::Logical).parse(input)
        }
        ParameterKind::Constants => {
            let constants = separated_list0(comma, separated_pair(name_or_text, multispace1, int));
            map(delimited(char('['), constants, cut(char(']'))), Parameter::Constants).parse(input)
        }
    }
}

/// A name as it is, or a text in the quotes of JSON.
pub(super) fn name_or_text(input: &str) -> Parsed<'_, String> {
    if !input.starts_with('"') {
        return map(name, str::to_owned).parse(input);
    }
    let mut texts = serde_json::Deserializer::from_str(input).into_iter::<String>();
    match texts.next() {
        Some(Ok(text)) => Ok((input.get(texts.byte_offset()..).unwrap_or_default(), text)),
        _ => Err(nom::Err::Failure(Error::new(input, ErrorKind::Escaped))),
    }
}

/// `<class, registered C by S, default C by an instance of S>`.
pub(super) fn kryo(rest: &str) -> Parsed<'_, DataType> {
    let serializer = alt((
        map(preceded(tag(" by an instance of "), class), |class: &str| {
            RegisteredSerializer::Instance(class.to_owned())
        }),
        map(preceded(tag(" by "), class), |class: &str| RegisteredSerializer::Class(class.to_owned())),
        value(RegisteredSerializer::Missing, tag(" missing")),
        value(RegisteredSerializer::Unspecified, success(())),
    ));
    let registration = map((class, serializer), |(class, serializer)| KryoRegistration {
        class: class.to_owned(),
        serializer,
    });
    let kind = alt((value(true, tag("registered ")), value(false, tag("default "))));
    let settings = many0(preceded(comma, (kind, registration)));
    let (after, (_, class, told, _)) =
        (char('<'), class, settings, preceded(peek(not(char(','))), char('>'))).parse(rest)?;
    let mut settings = KryoSettings::default();
    for (is_registered, registration) in told {
        let list = if is_registered { &mut settings.registered } else { &mut settings.defaults };
        list.push(registration);
    }
    Ok((after, DataType::leaf(TypeConstructor::Kryo { class: class.to_owned(), settings })))
}
