//! A cursor over bytes that `java.io.DataOutput` wrote.

use super::{DecodeError, DecodeErrorKind};
use byteorder::{BE, ByteOrder};
use std::borrow::Cow;
use std::fmt;

/// Reads what `java.io.DataOutput` wrote, from a slice that it borrows.
///
/// Its methods carry the names of `java.io.DataInput`. It is two words and an offset, cheap to copy, so a
/// record can be validated once and visited again later.
#[derive(Clone, Copy)]
pub struct DataInput<'a> {
    rest: &'a [u8],
    /// Offset of `rest` in the file, for error messages.
    offset: u64,
}

/// A string as `DataOutput.writeUTF` wrote it: modified UTF-8, still in its bytes.
///
/// It becomes text only where somebody looks at it. Surrogates that stand alone, which Java allows, are shown as
/// U+FFFD.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct JavaStr<'a>(&'a [u8]);

impl<'a> JavaStr<'a> {
    /// Takes `bytes` for modified UTF-8.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The text, borrowed when it is ASCII, as it nearly always is.
    pub fn decode(self) -> Cow<'a, str> {
        simd_cesu8::mutf8::decode_lossy(self.0)
    }

    /// Of a path, what stands before its last slash, in its bytes.
    pub fn parent(self) -> &'a [u8] {
        let slash = self.0.iter().rposition(|byte| *byte == b'/');
        slash.and_then(|slash| self.0.get(..slash)).unwrap_or_default()
    }

    /// Whether there is no text at all.
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for JavaStr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.decode())
    }
}

impl fmt::Debug for JavaStr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.decode())
    }
}

impl<'a> DataInput<'a> {
    /// A cursor at the start of `bytes`, which lie `offset` bytes into their file.
    pub fn new(bytes: &'a [u8], offset: u64) -> Self {
        Self { rest: bytes, offset }
    }

    /// Bytes from the start of the file to the next byte to be read.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The bytes that are left.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// An error of `kind` at the next byte to be read.
    pub fn error(&self, kind: DecodeErrorKind) -> DecodeError {
        DecodeError::new(kind, self.offset)
    }

    /// Takes the next `length` bytes.
    pub fn read_slice(&mut self, length: usize) -> Result<&'a [u8], DecodeError> {
        let Some((taken, rest)) = self.rest.split_at_checked(length) else {
            return Err(self.error(DecodeErrorKind::UnexpectedEnd {
                needed: length as u64,
                left: self.rest.len() as u64,
            }));
        };
        self.rest = rest;
        self.offset = self.offset.saturating_add(length as u64);
        Ok(taken)
    }

    /// As [`DataInput::read_slice`], for bytes that are not looked at now.
    ///
    /// It touches each of their cache lines: who jumps over some lines and reads the next waits for memory each time,
    /// because the processor fetches ahead only what is read without gaps.
    pub fn pass_slice(&mut self, length: usize) -> Result<&'a [u8], DecodeError> {
        const CACHE_LINE: usize = 64;
        let passed = self.read_slice(length)?;
        std::hint::black_box(passed.iter().step_by(CACHE_LINE).fold(0, |all, byte| all | byte));
        Ok(passed)
    }

    /// `readByte`.
    pub fn read_byte(&mut self) -> Result<i8, DecodeError> {
        Ok(self.read_unsigned_byte()?.cast_signed())
    }

    /// `readUnsignedByte`.
    pub fn read_unsigned_byte(&mut self) -> Result<u8, DecodeError> {
        self.read_slice(1).map(|bytes| bytes.first().copied().unwrap_or_default())
    }

    /// `readBoolean`: any value but zero is true.
    pub fn read_boolean(&mut self) -> Result<bool, DecodeError> {
        Ok(self.read_unsigned_byte()? != 0)
    }

    /// `readShort`.
    pub fn read_short(&mut self) -> Result<i16, DecodeError> {
        self.read_slice(2).map(BE::read_i16)
    }

    /// `readUnsignedShort`.
    pub fn read_unsigned_short(&mut self) -> Result<u16, DecodeError> {
        self.read_slice(2).map(BE::read_u16)
    }

    /// `readInt`.
    pub fn read_int(&mut self) -> Result<i32, DecodeError> {
        self.read_slice(4).map(BE::read_i32)
    }

    /// `readLong`.
    pub fn read_long(&mut self) -> Result<i64, DecodeError> {
        self.read_slice(8).map(BE::read_i64)
    }

    /// `readUTF`.
    pub fn read_utf(&mut self) -> Result<JavaStr<'a>, DecodeError> {
        let start = *self;
        let length = self.read_unsigned_short()?;
        self.read_slice(length.into()).map(JavaStr::new).map_err(|_| {
            start.error(DecodeErrorKind::UnexpectedEnd {
                needed: u64::from(length).saturating_add(2),
                left: start.rest.len() as u64,
            })
        })
    }

    /// An `int` length and so many bytes, as a cursor of their own.
    pub fn read_block(&mut self, what: &'static str) -> Result<DataInput<'a>, DecodeError> {
        let length = self.read_count(what, 1)?;
        let offset = self.offset;
        Ok(DataInput::new(self.read_slice(length)?, offset))
    }

    /// An `int` that counts records of at least `least_bytes` bytes each.
    ///
    /// A count that the bytes left could not hold is refused here, so no caller allocates for a lie.
    pub fn read_count(&mut self, what: &'static str, least_bytes: usize) -> Result<usize, DecodeError> {
        let start = *self;
        let found = self.read_int()?;
        start.check_count(what, found.into(), least_bytes, self.rest.len())
    }

    /// As [`DataInput::read_count`], for a count that was written as a `short`.
    pub fn read_short_count(&mut self, what: &'static str, least_bytes: usize) -> Result<usize, DecodeError> {
        let start = *self;
        let found = self.read_short()?;
        start.check_count(what, found.into(), least_bytes, self.rest.len())
    }

    fn check_count(
        &self,
        what: &'static str,
        found: i64,
        least_bytes: usize,
        left: usize,
    ) -> Result<usize, DecodeError> {
        usize::try_from(found)
            .ok()
            .filter(|count| count.checked_mul(least_bytes).is_some_and(|bytes| bytes <= left))
            .ok_or_else(|| self.error(DecodeErrorKind::ImpossibleCount { what, found, left: left as u64 }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_modified_utf8() {
        let mut input = DataInput::new(b"\0\x02\xc0\x80\0\x06\xed\xa0\xbd\xed\xb8\x80\0\x03\xed\xa0\xbd", 0);
        assert_eq!(input.read_utf().unwrap().decode(), "\0");
        assert_eq!(input.read_utf().unwrap().decode(), "😀");
        assert!(input.read_utf().unwrap().decode().contains('\u{fffd}'), "a lone surrogate is no error");
    }

    #[test]
    fn a_string_cut_short_is_reported_where_it_starts() {
        let mut input = DataInput::new(b"\0\x05ab", 100);
        let error = input.read_utf().unwrap_err();
        assert_eq!(
            error.to_string(),
            "the file ends inside a value: 7 bytes are needed, 4 are left (at offset 100 = 0x64)"
        );
    }

    #[test]
    fn a_count_that_cannot_fit_is_refused_at_its_own_offset() {
        for bytes in [[0xff; 4], [0x7f, 0xff, 0xff, 0xff], [0, 0, 0, 1]] {
            let error = DataInput::new(&bytes, 8).read_count("subtasks", 4).unwrap_err();
            assert!(matches!(error.kind(), DecodeErrorKind::ImpossibleCount { .. }), "{error}");
            assert_eq!(error.offset(), 8);
        }
    }
}
