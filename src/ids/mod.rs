//! Operator IDs: how Flink names an operator in a savepoint.
//!
//! An ID is the hash of the uid that the user set, or of the operator's position in the [`StreamGraph`] and of what is
//! chained to it ([`Chaining`], [`operator_ids`]). The way back goes through uids that somebody names ([`KnownUids`]), and
//! through the positions that there can be ([`search_generated`]).

mod chaining;
mod edits;
mod given;
mod graph;
mod hasher;
mod known_uids;
mod literals;
mod search;
mod sql_nodes;
mod sub_uid;
mod uid_stem;

pub use chaining::{CHAINING_RULES, Chaining, ChainingRule, default_strategy};
pub use edits::{Edit, EditKind, Edits, edits, edits_of_generated};
pub use given::generated_from;
pub use graph::{
    ChainingStrategy, GraphError, GraphSettings, OperatorFactory, OperatorKind, Partitioner, PlacedEdge,
    StreamEdge, StreamGraph, StreamNode,
};
pub use hasher::{Generated, NodeId, operator_ids};
pub use known_uids::{KnownUid, KnownUids, is_source};
pub use search::{Found, SEARCH_BUDGET, SearchScope, search_generated};
pub use sql_nodes::{SQL_NODES, UidFormat};
pub use sub_uid::{SUB_UIDS, SubUid};
pub use uid_stem::{same_stem, uids_like};

use crate::wire::{DataInput, DecodeError};
use std::fmt;
use std::str::FromStr;

/// The 16 bytes by which a restore matches state to operators.
///
/// Mirrors `org.apache.flink.runtime.jobgraph.OperatorID`. It displays as the 32 hex digits that Flink prints.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperatorId([u8; 16]);

impl OperatorId {
    /// The ID of an operator whose user set `uid`: the murmur3 128-bit hash of its UTF-8 bytes with seed 0, as
    /// `StreamGraphHasherV2.generateUserSpecifiedHash` computes it.
    ///
    /// ```
    /// use holdpoint::ids::OperatorId;
    ///
    /// let id = OperatorId::of_uid("customer-profile");
    /// assert_eq!(id.to_string(), "8543f4f2e0576b0fc244442c6c7832f2");
    /// ```
    pub fn of_uid(uid: &str) -> Self {
        Self::hash(uid.as_bytes())
    }

    /// The first ID that stands in a text as a word of its own, as in what Flink says when a restore fails. A job's ID, which
    /// looks the same, stands in a path.
    pub fn named_in(text: &str) -> Option<Self> {
        let mut words =
            text.split_whitespace().map(|word| word.trim_matches(|c: char| c.is_ascii_punctuation()));
        words.find_map(|word| word.parse().ok())
    }

    /// Guava's `Hashing.murmur3_128(0)`, whose bytes are little-endian.
    fn hash(mut bytes: &[u8]) -> Self {
        // Reading from a slice cannot fail.
        Self(murmur3::murmur3_x64_128(&mut bytes, 0).unwrap_or_default().to_le_bytes())
    }

    /// The two longs of the file are the 16 bytes in the order in which Flink prints them.
    pub(crate) fn decode(input: &mut DataInput<'_>) -> Result<Self, DecodeError> {
        let bytes = input.read_slice(16)?;
        let mut id = [0; 16];
        id.copy_from_slice(bytes);
        Ok(Self(id))
    }
}

impl fmt::Display for OperatorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for OperatorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for OperatorId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            u128::from_str_radix(text, 16).map(|id| Self(id.to_be_bytes())).map_err(|error| error.to_string())
        } else {
            Err(format!("'{text}' is not an operator ID, which has 32 hex digits"))
        }
    }
}

impl serde::Serialize for OperatorId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `StreamGraphHasherV2` of Flink 1.20.5 and 2.3.0 made of these uids.
    const MADE_BY_FLINK: &[(&str, &str)] = &[
        ("source-id", "bd9c186e89cc37a76d776844dfa8ccba"),
        ("mapper", "68d9ba1c95f4086b1fa3bcef4b72f3b8"),
        ("a", "897859f6655555855a890e51483ab5e6"),
        ("", "00000000000000000000000000000000"),
        ("ünïcode-✓", "6ce73b3f286cf8cdebcc897ec427fad4"),
        ("x😀", "e20055349af3d354b7ea1bfa49e7e5d8"),
        ("a-very-long-operator-identifier-with-more-than-32-bytes-in-it", "d3c0e40fa42628c87eca7eed9e89d89b"),
    ];

    #[test]
    fn a_uid_hashes_to_the_id_that_flink_gives_it() {
        for (uid, id) in MADE_BY_FLINK {
            assert_eq!(OperatorId::of_uid(uid).to_string(), *id, "{uid:?}");
            assert_eq!(id.parse(), Ok(OperatorId::of_uid(uid)));
        }
    }

    #[test]
    fn what_flink_says_names_the_operator() {
        let job = "0123456789abcdef0123456789abcdef";
        let id = "6ecccd95d11788cac465b7835ce61b0c";
        for text in [
            id.to_owned(),
            format!("for operator {id} to the new program"),
            format!(
                "Failed to rollback to checkpoint/savepoint hdfs:///{job}/chk-7. Cannot map state for operator {id}."
            ),
            format!("operator '{id}': no"),
        ] {
            assert_eq!(OperatorId::named_in(&text).map(|id| id.to_string()).as_deref(), Some(id), "{text}");
        }
        assert_eq!(OperatorId::named_in(&format!("hdfs:///{job}/chk-7")), None);
    }

    #[test]
    fn what_is_not_an_id_is_refused() {
        for text in ["", "6ecc", "+ecccd95d11788cac465b7835ce61b0c", "6ecccd95d11788cac465b7835ce61b0c "] {
            assert!(text.parse::<OperatorId>().is_err(), "{text:?}");
        }
    }
}
