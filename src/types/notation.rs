//! The text notation of types, for reports and plan files: written by [`Display`](fmt::Display), read by [`parse`].
//!
//! ```text
//! Long   String   long[]   TimeWindow          basic types, by the names of the table
//! List<T>   Map<K, V>   Tuple2<A, B>   Row<A>   Array<T>   Nullable<T>   Ttl<T>   Timer<K, N>
//! DecimalData(10, 2)   Nullable(8)<T>   Row(legacy)<A>   Value(com.example.V)
//!                                              with values of their own, where they are not the plain ones
//! RowData<INT, VARCHAR(10) NOT NULL>           a row of SQL, by the types of its columns as SQL writes them;
//!                                              `T WITH S` where the serializer S is not the one Flink makes for T
//! com.example.Order{amount: Double, id: Long}  a POJO, its fields in the order of its serializer
//! com.example.Status[NEW, PAID]                an enum, its constants in the order of their ordinals
//! com.example.Order                            a POJO or an enum that the plan defines under `types`
//! Kryo<com.example.Money>                      a class that Flink leaves to Kryo; `registered C by S` and `default
//!                                              C by S` follow where the job told Kryo of classes
//! Opaque<com.example.MySnapshot v3>            a snapshot that only its own class can read
//! ?                                            a type that stands behind an opaque snapshot
//! ```
//!
//! A POJO's subclasses follow its fields: `com.example.Shape{x: Long, registered com.example.Circle{…}}`, and
//! `unregistered …` for those that came up at run time.

mod logical;
mod parameters;
#[cfg(test)]
mod tests;
mod write;

pub use write::{field_name, write};

use super::{
    BasicType, CollectionType, DataType, LogicalType, ParameterizedType, SqlDataType, TypeConstructor,
};
use nom::branch::alt;
use nom::bytes::complete::{tag, take_while1};
use nom::character::complete::{char, i32 as int, multispace0, multispace1};
use nom::combinator::{cut, map, opt, value};
use nom::error::{Error, ErrorKind};
use nom::multi::separated_list0;
use nom::sequence::{delimited, preceded, separated_pair};
use nom::{IResult, Parser};
use std::cell::RefCell;
use std::fmt;

const TUPLE_PACKAGE: &str = "org.apache.flink.api.java.tuple.";

/// Deeper than any type people write, and shallow enough for any stack.
pub(crate) const DEPTH_LIMIT: u32 = 64;

impl fmt::Display for DataType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&write(self, &|_| None))
    }
}

/// Why a text is not a type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotationError {
    /// The text does not follow the notation.
    #[error("'{text}' is not a type: {problem} at column {column}")]
    Syntax {
        /// The whole text.
        text: String,
        /// What is wrong.
        problem: &'static str,
        /// Where, counted from 1 in characters.
        column: usize,
    },
    /// A class is named that the plan does not define.
    #[error(
        "the type '{class}' is not defined: define its fields or constants under `types`, or write Kryo<{class}> if Flink leaves it to Kryo"
    )]
    Undefined {
        /// The class.
        class: String,
    },
}

/// Reads a type; `lookup` gives the classes that are named without their fields or constants.
pub fn parse(text: &str, lookup: &dyn Fn(&str) -> Option<DataType>) -> Result<DataType, NotationError> {
    parse_within(text, 0, &|class, _| lookup(class))
}

/// As [`parse`], for a type that stands `depth` levels deep in another; `lookup` is told how deep the class stands.
/// A logical type, as SQL writes it; `None` for anything else.
pub(crate) fn parse_logical(text: &str) -> Option<LogicalType> {
    let (rest, logical_type) = logical::logical_type(text.trim(), 0).ok()?;
    rest.is_empty().then_some(logical_type)
}

pub(crate) fn parse_within(
    text: &str,
    depth: u32,
    lookup: &dyn Fn(&str, u32) -> Option<DataType>,
) -> Result<DataType, NotationError> {
    let scope = Scope { lookup, undefined: RefCell::new(None), depth };
    let whole = delimited(multispace0, |input| data_type(input, &scope), multispace0).parse(text);
    let (problem, rest) = match whole {
        Ok(("", parsed)) => {
            return match scope.undefined.into_inner() {
                Some(class) => Err(NotationError::Undefined { class }),
                None => Ok(parsed),
            };
        }
        Ok((rest, _)) => ("nothing is expected", rest),
        Err(nom::Err::Error(error) | nom::Err::Failure(error)) => (
            match error.code {
                ErrorKind::TooLarge => "types nest too deep",
                ErrorKind::Verify => "no type of this name takes arguments,",
                ErrorKind::Count => "the type takes another number of arguments,",
                ErrorKind::Char if error.input.is_empty() => "it ends too early,",
                _ => "something else is expected",
            },
            error.input,
        ),
        Err(nom::Err::Incomplete(_)) => ("it ends too early,", ""),
    };
    let before = text.len().saturating_sub(rest.len());
    let column = text.get(..before).unwrap_or(text).chars().count().saturating_add(1);
    Err(NotationError::Syntax { text: text.to_owned(), problem, column })
}

struct Scope<'s> {
    lookup: &'s dyn Fn(&str, u32) -> Option<DataType>,
    /// The first class that nobody defines.
    undefined: RefCell<Option<String>>,
    depth: u32,
}

type Parsed<'a, T> = IResult<&'a str, T>;

/// A class, field, state or constant name: whatever has no meaning in the notation.
fn name(input: &str) -> Parsed<'_, &str> {
    take_while1(|c: char| !c.is_whitespace() && !"<>{}[](),:".contains(c)).parse(input)
}

fn comma(input: &str) -> Parsed<'_, ()> {
    value((), delimited(multispace0, char(','), multispace0)).parse(input)
}

fn data_type<'a>(input: &'a str, outer: &Scope<'_>) -> Parsed<'a, DataType> {
    if outer.depth >= DEPTH_LIMIT {
        return Err(nom::Err::Failure(Error::new(input, ErrorKind::TooLarge)));
    }
    let scope =
        Scope { lookup: outer.lookup, undefined: RefCell::new(None), depth: outer.depth.saturating_add(1) };
    let parsed =
        alt((value(DataType::leaf(TypeConstructor::Unread), char('?')), |input| named_type(input, &scope)))
            .parse(input);
    if let Some(class) = scope.undefined.into_inner() {
        outer.undefined.borrow_mut().get_or_insert(class);
    }
    parsed
}

fn named_type<'a>(input: &'a str, scope: &Scope<'_>) -> Parsed<'a, DataType> {
    let (rest, name) = name(input)?;
    match rest.chars().next() {
        Some('{') => pojo(rest, name, scope),
        Some('[') => alt((|rest| basic_array(rest, name), |rest| constants(rest, name))).parse(rest),
        Some('<') if name == "Kryo" => cut(parameters::kryo).parse(rest),
        Some('<') if name == "Opaque" => cut(opaque).parse(rest),
        Some('<' | '(') => match (ParameterizedType::named(name), SqlDataType::named(name)) {
            (Some(row), _) => parameterized(rest, row, scope),
            (_, Some(row)) => sql(rest, row, scope),
            _ => with_arguments(rest, name, scope),
        },
        _ => {
            let found = BasicType::named(name).map(|row| DataType::leaf(TypeConstructor::Basic(row)));
            let found = found.or_else(|| (scope.lookup)(name, scope.depth.saturating_sub(1)));
            if found.is_none() {
                scope.undefined.borrow_mut().get_or_insert(name.to_owned());
            }
            Ok((rest, found.unwrap_or(DataType::leaf(TypeConstructor::Unread))))
        }
    }
}

fn class(input: &str) -> Parsed<'_, &str> {
    name(input)
}

/// `long[]` and its like are basic types.
fn basic_array<'a>(rest: &'a str, element: &str) -> Parsed<'a, DataType> {
    let (after, _) = tag("[]").parse(rest)?;
    match BasicType::named(&format!("{element}[]")) {
        Some(row) => Ok((after, DataType::leaf(TypeConstructor::Basic(row)))),
        None => Err(nom::Err::Error(Error::new(rest, ErrorKind::Tag))),
    }
}

fn constants<'a>(rest: &'a str, class: &str) -> Parsed<'a, DataType> {
    let list = separated_list0(comma, map(name, str::to_owned));
    let inside = delimited(multispace0, list, multispace0);
    map(delimited(char('['), inside, cut(char(']'))), |constants| {
        DataType::leaf(TypeConstructor::Enum { class: class.to_owned(), constants })
    })
    .parse(rest)
}

fn opaque(rest: &str) -> Parsed<'_, DataType> {
    let inside = separated_pair(class, tag(" v"), int);
    map(delimited(char('<'), inside, char('>')), |(class, version): (&str, i32)| {
        DataType::leaf(TypeConstructor::Opaque { class: class.to_owned(), version })
    })
    .parse(rest)
}

fn arguments<'a>(rest: &'a str, scope: &Scope<'_>) -> Parsed<'a, Vec<DataType>> {
    let list = separated_list0(comma, |input| data_type(input, scope));
    let inside = delimited(multispace0, list, multispace0);
    delimited(char('<'), inside, cut(char('>'))).parse(rest)
}

fn with_arguments<'a>(rest: &'a str, name: &str, scope: &Scope<'_>) -> Parsed<'a, DataType> {
    let refuse = |kind| Err(nom::Err::Failure(Error::new(rest, kind)));
    if rest.starts_with('(') {
        return refuse(ErrorKind::Verify);
    }
    let (after, arguments) = arguments(rest, scope)?;
    let constructor = match CollectionType::named(name) {
        Some(row) => TypeConstructor::Collection(row),
        None if name.contains('.') => TypeConstructor::Tuple { class: name.to_owned() },
        None if name.strip_prefix("Tuple").is_some_and(|n| n.parse::<u8>().is_ok()) => {
            TypeConstructor::Tuple { class: format!("{TUPLE_PACKAGE}{name}") }
        }
        None => return refuse(ErrorKind::Verify),
    };
    let wanted = match &constructor {
        TypeConstructor::Collection(row) => Some(row.nested.len()),
        TypeConstructor::Tuple { class } => {
            class.strip_prefix(TUPLE_PACKAGE).and_then(|name| name.strip_prefix("Tuple")?.parse().ok())
        }
        _ => None,
    };
    if wanted.is_some_and(|wanted| wanted != arguments.len()) {
        return refuse(ErrorKind::Count);
    }
    Ok((after, DataType { constructor, arguments }))
}

fn parameterized<'a>(
    rest: &'a str,
    row: &'static ParameterizedType,
    scope: &Scope<'_>,
) -> Parsed<'a, DataType> {
    let (after, parameters) = parameters::parameters(rest, row)?;
    let (after, arguments) =
        if row.nested == Some(0) { (after, Vec::new()) } else { arguments(after, scope)? };
    if row.nested.is_some_and(|nested| nested != arguments.len()) {
        return Err(nom::Err::Failure(Error::new(rest, ErrorKind::Count)));
    }
    Ok((after, DataType { constructor: TypeConstructor::Parameterized { row, parameters }, arguments }))
}

/// Logical types, each with its serializer where that is not the usual one.
fn sql<'a>(rest: &'a str, row: &'static SqlDataType, scope: &Scope<'_>) -> Parsed<'a, DataType> {
    let with = || delimited(multispace0, tag("WITH"), multispace1);
    let field = |input: &'a str| {
        let (rest, logical_type) = logical::logical_type(input, scope.depth)?;
        if row.types.is_some() {
            let (rest, class) = opt(preceded(with(), cut(parameters::name_or_text))).parse(rest)?;
            return Ok((rest, (logical_type, None, class)));
        }
        let (rest, serializer) = opt(preceded(with(), cut(|input| data_type(input, scope)))).parse(rest)?;
        let Some(serializer) = serializer.or_else(|| logical_type.serializer()) else {
            // A raw type does not say what serializes it.
            return Err(nom::Err::Failure(Error::new(rest, ErrorKind::Tag)));
        };
        Ok((rest, (logical_type, Some(serializer), None)))
    };
    let inside = delimited(multispace0, separated_list0(comma, field), multispace0);
    let (after, fields) = delimited(char('<'), inside, cut(char('>'))).parse(rest)?;
    if row.types.is_some_and(|types| types != fields.len()) {
        return Err(nom::Err::Failure(Error::new(rest, ErrorKind::Count)));
    }
    let (mut types, mut arguments, mut serializers) = (Vec::new(), Vec::new(), Vec::new());
    for (logical_type, argument, class) in fields {
        types.push(logical_type);
        arguments.extend(argument);
        if row.types.is_some() {
            serializers.push(class);
        }
    }
    Ok((after, DataType { constructor: TypeConstructor::Sql { row, types, serializers }, arguments }))
}

enum Member {
    Field(String, Option<String>, DataType),
    Registered(DataType),
    Unregistered(DataType),
}

fn pojo<'a>(rest: &'a str, class: &str, scope: &Scope<'_>) -> Parsed<'a, DataType> {
    let member = |input: &'a str| -> Parsed<'a, Member> {
        alt((
            map(preceded(tag("registered "), |input| data_type(input, scope)), Member::Registered),
            map(preceded(tag("unregistered "), |input| data_type(input, scope)), Member::Unregistered),
            map(
                separated_pair(
                    (name, opt(preceded((multispace1, tag("of"), multispace1), name))),
                    (multispace0, char(':'), multispace0),
                    cut(|input| data_type(input, scope)),
                ),
                |((name, class), field)| Member::Field(name.to_owned(), class.map(str::to_owned), field),
            ),
        ))
        .parse(input)
    };
    let inside = delimited(multispace0, separated_list0(comma, member), multispace0);
    let (after, members) = delimited(char('{'), inside, cut(char('}'))).parse(rest)?;
    let mut pojo = PojoParts::default();
    for member in members {
        match member {
            Member::Field(name, class, field) => {
                pojo.names.push(name);
                pojo.inherited_from.push(class);
                pojo.fields.push(field);
            }
            Member::Registered(class) => pojo.registered.push(class),
            Member::Unregistered(class) => pojo.unregistered.push(class),
        }
    }
    Ok((after, pojo.into_type(class)))
}

#[derive(Default)]
struct PojoParts {
    names: Vec<String>,
    inherited_from: Vec<Option<String>>,
    fields: Vec<DataType>,
    registered: Vec<DataType>,
    unregistered: Vec<DataType>,
}

impl PojoParts {
    fn into_type(self, class: &str) -> DataType {
        let constructor = TypeConstructor::Pojo {
            class: class.to_owned(),
            fields: self.names,
            inherited_from: self.inherited_from,
            registered: self.registered.len(),
            unregistered: self.unregistered.len(),
        };
        let arguments = self.fields.into_iter().chain(self.registered).chain(self.unregistered).collect();
        DataType { constructor, arguments }
    }
}
