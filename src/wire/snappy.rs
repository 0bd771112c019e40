//! Streams that `SnappyFramedOutputStream` compressed (the framing format of Snappy).

use super::{DataInput, DecodeError, DecodeErrorKind};
use std::io::Read;

/// Bytes of a chunk before it was compressed, at most: what the framing format allows.
const MOST_CHUNK_BYTES: usize = 1 << 16;

/// `sNaPpY`, behind the type and the length of its chunk.
const STREAM_IDENTIFIER: &[u8] = b"\xff\x06\0\0sNaPpY";

/// The chunks of a compressed stream, uncompressed one after another as far as somebody reads.
///
/// Only whole chunks are ever uncompressed, and those in front of the place that is asked for not at all, so nobody
/// who asks for little holds much, however much the stream unfolds to.
#[derive(Clone)]
pub struct SnappyStream<'a> {
    chunks: DataInput<'a>,
}

/// One chunk that holds data.
struct Chunk<'a> {
    start: DataInput<'a>,
    /// The chunk from its type on.
    bytes: &'a [u8],
    /// Bytes before compression.
    length: usize,
}

impl<'a> SnappyStream<'a> {
    /// The stream that `input` starts with.
    pub fn open(mut input: DataInput<'a>) -> Result<Self, DecodeError> {
        let start = input;
        if input.read_slice(STREAM_IDENTIFIER.len())? != STREAM_IDENTIFIER {
            return Err(broken(start, "it does not start with the identifier of a Snappy stream"));
        }
        Ok(Self { chunks: input })
    }

    /// Passes this many uncompressed bytes, and gives what is left of the chunk that they end in.
    pub fn skip(&mut self, mut bytes: u64) -> Result<Vec<u8>, DecodeError> {
        loop {
            let before = self.chunks;
            let Some(chunk) = self.next_chunk()? else {
                let left = 0;
                return match bytes {
                    0 => Ok(Vec::new()),
                    needed => Err(before.error(DecodeErrorKind::UnexpectedEnd { needed, left })),
                };
            };
            if let Some(rest) = bytes.checked_sub(chunk.length as u64) {
                bytes = rest;
                continue;
            }
            let mut data = chunk.uncompress()?;
            data.drain(..usize::try_from(bytes).unwrap_or(usize::MAX).min(data.len()));
            return Ok(data);
        }
    }

    /// Appends the next chunk; an error at the end of the stream.
    pub fn append_chunk(&mut self, data: &mut Vec<u8>) -> Result<(), DecodeError> {
        let Some(chunk) = self.next_chunk()? else {
            return Err(self.chunks.error(DecodeErrorKind::UnexpectedEnd { needed: 1, left: 0 }));
        };
        data.extend(chunk.uncompress()?);
        Ok(())
    }

    fn next_chunk(&mut self) -> Result<Option<Chunk<'a>>, DecodeError> {
        loop {
            let start = self.chunks;
            if start.rest().is_empty() {
                return Ok(None);
            }
            let kind = self.chunks.read_unsigned_byte()?;
            let length = self.chunks.read_slice(3)?.iter().rev();
            let length = length.fold(0_usize, |length, byte| (length << 8) | usize::from(*byte));
            let mut body = DataInput::new(self.chunks.read_slice(length)?, start.offset());
            match kind {
                0 | 1 => {
                    body.read_int()?; // checksum
                    let data = body.rest();
                    let length =
                        if kind == 0 { snap::raw::decompress_len(data).ok() } else { Some(data.len()) };
                    let length = length.filter(|length| *length <= MOST_CHUNK_BYTES);
                    let length =
                        length.ok_or_else(|| broken(start, "a chunk is longer than the format allows"))?;
                    let consumed = start.rest().len().saturating_sub(self.chunks.rest().len());
                    let bytes = start.rest().get(..consumed).unwrap_or_default();
                    return Ok(Some(Chunk { start, bytes, length }));
                }
                // Reserved for chunks that may be passed; streams may also be concatenated.
                0x80..=0xff => {}
                _ => return Err(broken(start, "a chunk has an unknown type")),
            }
        }
    }
}

impl Chunk<'_> {
    fn uncompress(&self) -> Result<Vec<u8>, DecodeError> {
        let stream = STREAM_IDENTIFIER.chain(self.bytes);
        let mut data = Vec::with_capacity(self.length);
        let read = snap::read::FrameDecoder::new(stream).take(MOST_CHUNK_BYTES as u64).read_to_end(&mut data);
        read.map(|_| data).map_err(|_| broken(self.start, "a chunk is damaged"))
    }
}

fn broken(at: DataInput<'_>, what: &'static str) -> DecodeError {
    at.error(DecodeErrorKind::Snappy { what })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn compressed(data: &[u8]) -> Vec<u8> {
        let mut encoder = snap::write::FrameEncoder::new(Vec::new());
        encoder.write_all(data).unwrap();
        encoder.into_inner().unwrap()
    }

    /// Longer than three chunks, of which no two are alike.
    fn data() -> Vec<u8> {
        (0_u32..50_000).flat_map(u32::to_be_bytes).collect()
    }

    #[test]
    fn reading_starts_anywhere_and_ends_where_the_stream_ends() {
        let (data, stream) = (data(), compressed(&data()));
        for skipped in [0, 1, 65_535, 65_536, 65_537, 199_999, 200_000] {
            let mut input = SnappyStream::open(DataInput::new(&stream, 0)).unwrap();
            let mut read = input.skip(skipped as u64).unwrap();
            while input.append_chunk(&mut read).is_ok() {}
            assert!(read == data[skipped..], "from {skipped}");
        }
    }

    #[test]
    fn what_is_no_stream_is_refused_where_it_is_wrong() {
        let stream = compressed(&data());
        let said = |bytes: &[u8], skipped| {
            let input = SnappyStream::open(DataInput::new(bytes, 0));
            input.and_then(|mut input| input.skip(skipped)).unwrap_err().to_string()
        };
        assert_eq!(
            said(b"not a stream", 0),
            "not a Snappy stream: it does not start with the identifier of a Snappy stream (at offset 0 = 0x0)"
        );
        let length = stream.len();
        assert_eq!(
            said(&stream, 200_001),
            format!(
                "the file ends inside a value: 1 bytes are needed, 0 are left (at offset {length} = 0x{length:x})"
            )
        );
        let mut unknown = stream.clone();
        unknown[10] = 2;
        assert_eq!(
            said(&unknown, 0),
            "not a Snappy stream: a chunk has an unknown type (at offset 10 = 0xa)"
        );
        let mut damaged = stream.clone();
        damaged[21..40].fill(0xff);
        assert_eq!(said(&damaged, 0), "not a Snappy stream: a chunk is damaged (at offset 10 = 0xa)");
        // A chunk that says it unfolds to four gigabytes.
        let bomb = [STREAM_IDENTIFIER, b"\0\x09\0\0\0\0\0\0\xff\xff\xff\xff\x0f"].concat();
        assert_eq!(
            said(&bomb, 0),
            "not a Snappy stream: a chunk is longer than the format allows (at offset 10 = 0xa)"
        );
    }
}
