//! Damage to the snapshots of every serializer there is.

use crate::serializers::{NEW, written};
use holdpoint::state::decode_snapshot;
use holdpoint::types::notation;
use holdpoint::wire::DataInput;

#[test]
fn a_snapshot_cut_anywhere_is_an_error() {
    for snapshot in NEW.into_iter().map(|it| written(it.0)).flat_map(|written| written.snapshots) {
        for length in (0..snapshot.bytes.len()).step_by(7) {
            let error = decode_snapshot(&mut DataInput::new(&snapshot.bytes[..length], 0))
                .expect_err("a cut snapshot is no snapshot");
            assert!(error.offset() <= length as u64, "{} cut at {length}: {error}", snapshot.name);
        }
    }
}

/// A value displays, however odd, and what it displays as is read without a panic.
#[test]
fn any_byte_of_a_snapshot_may_be_flipped() {
    for snapshot in NEW.into_iter().map(|it| written(it.0)).flat_map(|written| written.snapshots) {
        let mut bytes = snapshot.bytes.clone();
        for at in (0..bytes.len()).step_by(23) {
            bytes[at] ^= 0x81;
            match decode_snapshot(&mut DataInput::new(&bytes, 0)) {
                Ok(decoded) => drop(notation::parse(&decoded.data_type().to_string(), &|_| None)),
                Err(error) => {
                    assert!(error.offset() <= bytes.len() as u64, "{} at {at}: {error}", snapshot.name);
                }
            }
            bytes[at] ^= 0x81;
        }
    }
}
