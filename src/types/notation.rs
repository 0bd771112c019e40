//! The text notation of types, for reports and plan files: written by [`Display`](fmt::Display), read by [`parse`].
//!
//! ```text
//! Long   String   long[]   TimeWindow          basic types, by the names of the table
//! List<T>   Map<K, V>   Tuple2<A, B>   Row<A>   Array<T>   Nullable<T>   Ttl<T>   Timer<K, N>
//! com.example.Order{amount: Double, id: Long}  a POJO, its fields in the order of its serializer
//! com.example.Status[NEW, PAID]                an enum, its constants in the order of their ordinals
//! com.example.Order                            a POJO or an enum that the plan defines under `types`
//! Kryo<com.example.Money>                      a class that Flink leaves to Kryo
//! Opaque<com.example.MySnapshot v3>            a snapshot that only its own class can read
//! ?                                            a type that stands behind an opaque snapshot
//! ```
//!
//! A POJO's subclasses follow its fields: `com.example.Shape{x: Long, registered com.example.Circle{…}}`, and
//! `unregistered …` for those that came up at run time.

use super::{BasicType, CollectionType, DataType, TypeConstructor};
use nom::branch::alt;
use nom::bytes::complete::{tag, take_while1};
use nom::character::complete::{char, i32 as int, multispace0};
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
        TypeConstructor::Row { supports_row_kind: true } => format!("Row{}", arguments()),
        TypeConstructor::Row { supports_row_kind: false } => format!("LegacyRow{}", arguments()),
        TypeConstructor::Nullable { padding: 0 } => format!("Nullable{}", arguments()),
        TypeConstructor::Nullable { padding } => format!("Nullable({padding}){}", arguments()),
        TypeConstructor::Array => format!("Array{}", arguments()),
        TypeConstructor::Enum { class, constants } => format!("{class}[{}]", constants.join(", ")),
        TypeConstructor::Pojo { class, .. } => {
            let fields = data_type.fields().map(|(field, inner)| format!("{field}: {}", write(inner, name)));
            let subclass =
                |kind: &'static str| move |inner: &DataType| format!("{kind} {}", write(inner, name));
            let registered = data_type.registered_subclasses().iter().map(subclass("registered"));
            let unregistered = data_type.unregistered_subclasses().iter().map(subclass("unregistered"));
            let members: Vec<_> = fields.chain(registered).chain(unregistered).collect();
            format!("{class}{{{}}}", members.join(", "))
        }
        TypeConstructor::Kryo { class } => format!("Kryo<{class}>"),
        TypeConstructor::Opaque { class, version } => format!("Opaque<{class} v{version}>"),
        TypeConstructor::Unread => "?".to_owned(),
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
        Some('<') if name == "Kryo" => map(cut(delimited(char('<'), class, char('>'))), |class: &str| {
            DataType::leaf(TypeConstructor::Kryo { class: class.to_owned() })
        })
        .parse(rest),
        Some('<') if name == "Opaque" => cut(opaque).parse(rest),
        Some('<' | '(') => with_arguments(rest, name, scope),
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

fn with_arguments<'a>(rest: &'a str, name: &str, scope: &Scope<'_>) -> Parsed<'a, DataType> {
    let (after, padding) = opt(delimited(char('('), int, char(')'))).parse(rest)?;
    let list = separated_list0(comma, |input| data_type(input, scope));
    let inside = delimited(multispace0, list, multispace0);
    let (after, arguments) = delimited(char('<'), inside, cut(char('>'))).parse(after)?;
    let constructor = match (name, padding) {
        ("Nullable", padding) => TypeConstructor::Nullable { padding: padding.unwrap_or(0) },
        (_, Some(_)) => return Err(nom::Err::Failure(Error::new(rest, ErrorKind::Verify))),
        ("Array", None) => TypeConstructor::Array,
        ("Row", None) => TypeConstructor::Row { supports_row_kind: true },
        ("LegacyRow", None) => TypeConstructor::Row { supports_row_kind: false },
        (name, None) => match CollectionType::named(name) {
            Some(row) => TypeConstructor::Collection(row),
            None if name.contains('.') => TypeConstructor::Tuple { class: name.to_owned() },
            None if name.strip_prefix("Tuple").is_some_and(|n| n.parse::<u8>().is_ok()) => {
                TypeConstructor::Tuple { class: format!("{TUPLE_PACKAGE}{name}") }
            }
            None => return Err(nom::Err::Failure(Error::new(rest, ErrorKind::Verify))),
        },
    };
    let wanted = match &constructor {
        TypeConstructor::Collection(row) => Some(row.nested.len()),
        TypeConstructor::Nullable { .. } | TypeConstructor::Array => Some(1),
        TypeConstructor::Tuple { class } => {
            class.strip_prefix(TUPLE_PACKAGE).and_then(|name| name.strip_prefix("Tuple")?.parse().ok())
        }
        _ => None,
    };
    if wanted.is_some_and(|wanted| wanted != arguments.len()) {
        return Err(nom::Err::Failure(Error::new(rest, ErrorKind::Count)));
    }
    Ok((after, DataType { constructor, arguments }))
}

enum Member {
    Field(String, DataType),
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
                    name,
                    (multispace0, char(':'), multispace0),
                    cut(|input| data_type(input, scope)),
                ),
                |(name, field)| Member::Field(name.to_owned(), field),
            ),
        ))
        .parse(input)
    };
    let inside = delimited(multispace0, separated_list0(comma, member), multispace0);
    let (after, members) = delimited(char('{'), inside, cut(char('}'))).parse(rest)?;
    let mut pojo = PojoParts::default();
    for member in members {
        match member {
            Member::Field(name, field) => {
                pojo.names.push(name);
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
    fields: Vec<DataType>,
    registered: Vec<DataType>,
    unregistered: Vec<DataType>,
}

impl PojoParts {
    fn into_type(self, class: &str) -> DataType {
        let constructor = TypeConstructor::Pojo {
            class: class.to_owned(),
            fields: self.names,
            registered: self.registered.len(),
            unregistered: self.unregistered.len(),
        };
        let arguments = self.fields.into_iter().chain(self.registered).chain(self.unregistered).collect();
        DataType { constructor, arguments }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<DataType, NotationError> {
        parse(text, &|_| None)
    }

    #[test]
    fn what_is_written_reads_back() {
        for text in [
            "Long",
            "long[]",
            "String[]",
            "?",
            "List<Tuple2<String, Integer>>",
            "Map<com.example.Key{a: Long, b: List<Nullable<String>>}, Ttl<Double>>",
            "com.example.MyTuple<String, Long>",
            "Row<Long, Nullable(8)<Long>>",
            "LegacyRow<>",
            "com.example.Status[NEW, PAID]",
            "com.example.Outer$Inner{}",
            "Kryo<com.example.Money>",
            "Opaque<com.example.MySnapshot v-3>",
            "com.example.Shape{x: Long, registered com.example.Circle{r: Double}, unregistered com.example.Box{}}",
            "com.example.Odd{registered: Long, unregistered: String}",
            "Timer<String, TimeWindow>",
            "Array<com.example.Status[A]>",
        ] {
            assert_eq!(read(text).map(|parsed| parsed.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn what_is_no_type_is_refused_with_its_column() {
        for (text, message) in [
            ("", "'' is not a type: something else is expected at column 1"),
            ("List<Long", "'List<Long' is not a type: it ends too early, at column 10"),
            ("List<Long>>", "'List<Long>>' is not a type: nothing is expected at column 11"),
            (
                "Map<Long>",
                "'Map<Long>' is not a type: the type takes another number of arguments, at column 4",
            ),
            (
                "Tuple3<Long>",
                "'Tuple3<Long>' is not a type: the type takes another number of arguments, at column 7",
            ),
            ("Lisst<Long>", "'Lisst<Long>' is not a type: no type of this name takes arguments, at column 6"),
        ] {
            assert_eq!(read(text).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn a_class_without_fields_must_be_defined_elsewhere() {
        let undefined = NotationError::Undefined { class: "com.example.Order".to_owned() };
        assert_eq!(read("List<com.example.Order>"), Err(undefined));
        let order = read("com.example.Order{id: Long}").unwrap();
        let found = parse("List<com.example.Order>", &|_| Some(order.clone())).unwrap();
        assert_eq!(found.to_string(), "List<com.example.Order{id: Long}>");
    }

    #[test]
    fn nesting_has_a_limit() {
        let deep = format!("{}Long{}", "List<".repeat(10_000), ">".repeat(10_000));
        assert!(read(&deep).unwrap_err().to_string().contains("types nest too deep"));
    }
}
