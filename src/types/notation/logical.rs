//! Reading logical types, as SQL writes them.

use super::{DEPTH_LIMIT, Parsed, comma};
use crate::types::{
    ATOMIC_TYPES, AtomicType, LogicalKind, LogicalType, NumberField, SQL_COLLECTIONS, SqlField,
};
use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::tag;
use nom::character::complete::{alpha1, char, i32 as int, multispace0, multispace1, satisfy};
use nom::combinator::{cut, not, opt, peek, recognize};
use nom::error::{Error, ErrorKind};
use nom::multi::{many0, separated_list0, separated_list1};
use nom::sequence::{delimited, preceded};

/// A logical type, with whether it allows `NULL`.
pub(super) fn logical_type(input: &str, depth: u32) -> Parsed<'_, LogicalType> {
    if depth >= DEPTH_LIMIT {
        return Err(nom::Err::Failure(Error::new(input, ErrorKind::TooLarge)));
    }
    let inside = depth.saturating_add(1);
    let (rest, kind) = alt((
        |input| collection(input, inside),
        |input| row(input, inside),
        |input| distinct(input, inside),
        |input| structured(input, inside),
        |input| classed(input, "RAW", |class| LogicalKind::Raw { class }),
        |input| classed(input, "UNKNOWN", |class| LogicalKind::Unknown { class }),
        atomic,
    ))
    .parse(input)?;
    let not_null = (multispace1, tag("NOT"), multispace1, tag("NULL"));
    let (rest, not_null) = opt(not_null).parse(rest)?;
    Ok((rest, LogicalType { kind, nullable: not_null.is_none() }))
}

/// The longest row of the table that fits.
fn atomic(input: &str) -> Parsed<'_, LogicalKind> {
    let mut best: Option<(&str, &'static AtomicType, Vec<i32>)> = None;
    for row in ATOMIC_TYPES {
        if let Ok((rest, numbers)) = formatted(input, row.format)
            && best.as_ref().is_none_or(|(other, ..)| rest.len() < other.len())
        {
            best = Some((rest, row, numbers));
        }
    }
    match best {
        Some((rest, row, numbers)) => {
            // Some numbers have a name of their own: `VARCHAR(2147483647)` is `STRING`.
            let is_named = |other: &&AtomicType| match (other.fields, numbers.as_slice()) {
                ([NumberField::Only(_, number)], [found]) => other.class == row.class && number == found,
                _ => false,
            };
            Ok((
                rest,
                match ATOMIC_TYPES.iter().find(is_named) {
                    Some(named) => LogicalKind::Atomic(named, Vec::new()),
                    None => LogicalKind::Atomic(row, numbers),
                },
            ))
        }
        None => Err(nom::Err::Error(Error::new(input, ErrorKind::Tag))),
    }
}

fn formatted<'a>(input: &'a str, format: &'static str) -> Parsed<'a, Vec<i32>> {
    let (mut rest, mut numbers) = (input, Vec::new());
    for piece in format.split_inclusive('#') {
        (rest, _) = tag(piece.trim_end_matches('#')).parse(rest)?;
        if piece.ends_with('#') {
            let number;
            (rest, number) = int(rest)?;
            numbers.push(number);
        }
    }
    let (rest, ()) = not(peek(satisfy(|c| c.is_alphanumeric() || c == '_' || c == '('))).parse(rest)?;
    Ok((rest, numbers))
}

fn in_angles<'a, T>(
    input: &'a str,
    word: &'static str,
    inside: impl Parser<&'a str, Output = T, Error = Error<&'a str>>,
) -> Parsed<'a, T> {
    let (rest, _) = (tag(word), char('<')).parse(input)?;
    cut(delimited(multispace0, inside, (multispace0, char('>')))).parse(rest)
}

fn collection(input: &str, depth: u32) -> Parsed<'_, LogicalKind> {
    let Some(row) = SQL_COLLECTIONS
        .iter()
        .find(|row| input.strip_prefix(row.name).is_some_and(|rest| rest.starts_with('<')))
    else {
        return Err(nom::Err::Error(Error::new(input, ErrorKind::Tag)));
    };
    let parts = separated_list1(comma, |input| logical_type(input, depth));
    let (rest, parts) = in_angles(input, row.name, parts)?;
    if parts.len() != row.fields.len() {
        return Err(nom::Err::Failure(Error::new(input, ErrorKind::Count)));
    }
    Ok((rest, LogicalKind::Collection(row, parts)))
}

fn row(input: &str, depth: u32) -> Parsed<'_, LogicalKind> {
    let fields = separated_list0(comma, |input| field(input, depth));
    let (rest, fields) = in_angles(input, "ROW", fields)?;
    Ok((rest, LogicalKind::Row(fields)))
}

fn field(input: &str, depth: u32) -> Parsed<'_, SqlField> {
    let (rest, (name, _, logical_type)) =
        (|input| quoted(input, '`'), multispace1, |input| logical_type(input, depth)).parse(input)?;
    let (rest, description) = opt(preceded(multispace1, |input| quoted(input, '\''))).parse(rest)?;
    Ok((rest, SqlField { name, logical_type, description }))
}

fn distinct(input: &str, depth: u32) -> Parsed<'_, LogicalKind> {
    let inside = (identifier, comma, |input| logical_type(input, depth));
    let (rest, (identifier, (), source)) = in_angles(input, "DISTINCT", inside)?;
    Ok((rest, LogicalKind::Distinct { identifier: identifier.to_owned(), source: Box::new(source) }))
}

fn structured(input: &str, depth: u32) -> Parsed<'_, LogicalKind> {
    let class = || preceded(multispace0, |input| quoted(input, '\''));
    let attributes = many0(preceded(comma, |input| field(input, depth)));
    let comparison = preceded(multispace1, alpha1);
    let inside = (opt(identifier), opt(class()), comparison, attributes);
    let (rest, (identifier, class, comparison, attributes)) = in_angles(input, "STRUCTURED", inside)?;
    let (identifier, comparison) = (identifier.map(str::to_owned), comparison.to_owned());
    Ok((rest, LogicalKind::Structured { identifier, class, comparison, attributes }))
}

/// A word with a class in brackets and quotes.
fn classed<'a>(
    input: &'a str,
    word: &'static str,
    make: impl Fn(String) -> LogicalKind,
) -> Parsed<'a, LogicalKind> {
    let (rest, _) = (tag(word), char('(')).parse(input)?;
    let (rest, class) = cut(|input| quoted(input, '\'')).parse(rest)?;
    let (rest, _) = cut(char(')')).parse(rest)?;
    Ok((rest, make(class)))
}

/// ``` `catalog`.`database`.`name` ```, as it stands.
fn identifier(input: &str) -> Parsed<'_, &str> {
    recognize(separated_list1(char('.'), |input| quoted(input, '`'))).parse(input)
}

/// A text in SQL's quotes, which double inside it.
fn quoted(input: &str, quote: char) -> Parsed<'_, String> {
    let (mut rest, _) = char(quote).parse(input)?;
    let mut text = String::new();
    loop {
        let Some((before, after)) = rest.split_once(quote) else {
            return Err(nom::Err::Failure(Error::new("", ErrorKind::Char)));
        };
        text.push_str(before);
        rest = after;
        let Some(doubled) = rest.strip_prefix(quote) else {
            return Ok((rest, text));
        };
        text.push(quote);
        rest = doubled;
    }
}
