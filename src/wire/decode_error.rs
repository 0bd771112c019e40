//! What went wrong while decoding, where in the file, and on which path through the records.

use std::borrow::Cow;
use std::fmt;

/// A failure to decode, one word wide so that the success path pays nothing for it.
///
/// It displays as one line: the path, the kind, the offset.
pub struct DecodeError(Box<Inner>);

struct Inner {
    kind: DecodeErrorKind,
    offset: u64,
    /// Innermost segment first: records add theirs on the way out.
    path: Vec<Cow<'static, str>>,
}

/// The kinds of decoding failures. Each carries the value that offended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// The input ends inside a value: so many bytes were needed, so many were left.
    UnexpectedEnd {
        /// Bytes the value needs.
        needed: u64,
        /// Bytes that were left.
        left: u64,
    },
    /// The first four bytes are not those of the format.
    WrongMagic {
        /// What the bytes should have introduced.
        what: &'static str,
        /// The number the format starts with.
        expected: u64,
        /// The number found.
        found: u64,
        /// What to do about it; empty where nothing but damage explains it.
        hint: &'static str,
    },
    /// A version that this tool does not read.
    UnsupportedVersion {
        /// What has the version.
        what: &'static str,
        /// The version found.
        found: i64,
        /// What to do about it.
        hint: &'static str,
    },
    /// A tag that is not in the table of its position. Nothing says how long the record is, so nothing after it
    /// can be read.
    UnknownTag {
        /// What the tag selects.
        what: &'static str,
        /// The tag found.
        found: i64,
    },
    /// A count or a length that is negative, or larger than the bytes that are left could hold.
    ImpossibleCount {
        /// What is counted.
        what: &'static str,
        /// The count found.
        found: i64,
        /// Bytes that were left.
        left: u64,
    },
    /// A value that the format does not allow here.
    Invalid {
        /// What is wrong with it.
        what: &'static str,
        /// The value found.
        found: i64,
    },
    /// Records nest deeper than any real file's, so the file is taken for hostile.
    TooDeep {
        /// The limit.
        limit: u32,
    },
    /// A Java object stream that holds something its grammar does not allow.
    JavaStream {
        /// What is wrong.
        what: &'static str,
    },
    /// A Snappy stream that its framing format does not allow.
    Snappy {
        /// What is wrong.
        what: &'static str,
    },
    /// Bytes are left where the format ends.
    TrailingBytes {
        /// How many.
        left: u64,
    },
}

impl fmt::Display for DecodeErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnexpectedEnd { needed, left } => {
                write!(f, "the file ends inside a value: {needed} bytes are needed, {left} are left")
            }
            Self::WrongMagic { what, expected, found, hint } => {
                write!(
                    f,
                    "this is not {what}: it starts with 0x{found:08x} instead of 0x{expected:08x}{hint}"
                )
            }
            Self::UnsupportedVersion { what, found, hint } => {
                write!(f, "{what} version {found} is not supported: {hint}")
            }
            Self::UnknownTag { what, found } => write!(f, "unknown {what} tag {found}"),
            Self::ImpossibleCount { what, found, left } => {
                write!(
                    f,
                    "impossible number of {what}: {found}, with {left} bytes left; the file is cut short, or damaged"
                )
            }
            Self::Invalid { what, found } => write!(f, "{what}: {found}"),
            Self::TooDeep { limit } => write!(f, "records nest more than {limit} deep"),
            Self::JavaStream { what } => write!(f, "not a Java object stream: {what}"),
            Self::Snappy { what } => write!(f, "not a Snappy stream: {what}"),
            Self::TrailingBytes { left } => write!(f, "{left} bytes are left where the file should end"),
        }
    }
}

impl DecodeError {
    /// An error of `kind` at `offset` bytes from the start of the file.
    #[cold]
    #[inline(never)]
    pub fn new(kind: DecodeErrorKind, offset: u64) -> Self {
        Self(Box::new(Inner { kind, offset, path: Vec::new() }))
    }

    /// The same error at another place: where the bytes start that the place was counted in, when they are not the
    /// file's own.
    #[must_use]
    pub fn moved_to(mut self, offset: u64) -> Self {
        self.0.offset = offset;
        self
    }

    /// What went wrong.
    pub fn kind(&self) -> &DecodeErrorKind {
        &self.0.kind
    }

    /// Where: bytes from the start of the file.
    pub fn offset(&self) -> u64 {
        self.0.offset
    }

    /// Whether the input ended too early, when it ended so many bytes into the file: with more bytes the answer may be
    /// another.
    pub fn is_for_want_of_input(&self, end: u64) -> bool {
        /// A count is refused where it starts, for what is left behind it.
        const WIDEST_COUNT: u64 = 8;
        let (DecodeErrorKind::UnexpectedEnd { left, .. }
        | DecodeErrorKind::ImpossibleCount { found: 0.., left, .. }) = self.0.kind
        else {
            return false;
        };
        end.checked_sub(self.0.offset.saturating_add(left)).is_some_and(|between| between <= WIDEST_COUNT)
    }

    /// The records around the place, outermost first.
    pub fn path(&self) -> impl Iterator<Item = &str> {
        self.0.path.iter().rev().map(AsRef::as_ref)
    }

    /// Adds the name of the enclosing record to the path.
    #[must_use]
    pub fn within(mut self, segment: impl Into<Cow<'static, str>>) -> Self {
        self.0.path.push(segment.into());
        self
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for segment in self.path() {
            write!(f, "{segment} › ")?;
        }
        write!(f, "{} (at offset {} = 0x{:x})", self.0.kind, self.0.offset, self.0.offset)
    }
}

impl fmt::Debug for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for DecodeError {}

/// Lets each record say its name when an error passes through it.
pub trait Within {
    /// Adds the name of the enclosing record to the error's path.
    #[must_use]
    fn within(self, segment: &'static str) -> Self;

    /// As [`Within::within`], for a name that has to be made.
    #[must_use]
    fn within_with(self, segment: impl FnOnce() -> String) -> Self;
}

impl<T> Within for Result<T, DecodeError> {
    fn within(self, segment: &'static str) -> Self {
        self.map_err(|error| error.within(segment))
    }

    fn within_with(self, segment: impl FnOnce() -> String) -> Self {
        self.map_err(|error| error.within(segment()))
    }
}
