//! The versions of the `_metadata` file: who wrote which, what each changed, and what that switches in the reader.

use crate::flink::FlinkLine;
use crate::wire::DecodeErrorKind;

/// A version of the `_metadata` file that this tool reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MetadataVersion {
    /// Written by Flink 1.11 to 1.15.
    V3,
    /// Written by Flink 1.16 to 1.20.
    V4,
    /// Written by Flink 2.0.
    V5,
    /// Written by Flink 2.1 to 2.3.
    V6,
}

/// One row of [`VERSIONS`].
#[derive(Debug)]
pub struct VersionRow {
    /// The version.
    pub version: MetadataVersion,
    /// The number in the file.
    pub number: i32,
    /// The first line of Flink that writes it, which is also the first that reads it.
    pub since: FlinkLine,
    /// The last line of Flink known to write it.
    pub until: FlinkLine,
    /// What it changed, in a sentence.
    pub delta: &'static str,
}

/// Every version this tool reads, oldest first.
pub static VERSIONS: [VersionRow; 4] = [
    VersionRow {
        version: MetadataVersion::V3,
        number: 3,
        since: FlinkLine { major: 1, minor: 11 },
        until: FlinkLine { major: 1, minor: 15 },
        delta: "adds coordinator state, channel state and finished subtasks",
    },
    VersionRow {
        version: MetadataVersion::V4,
        number: 4,
        since: FlinkLine { major: 1, minor: 16 },
        until: FlinkLine { major: 1, minor: 20 },
        delta: "adds the checkpoint properties, Java-serialized, at the end",
    },
    VersionRow {
        version: MetadataVersion::V5,
        number: 5,
        since: FlinkLine { major: 2, minor: 0 },
        until: FlinkLine { major: 2, minor: 0 },
        delta: "adds the operator's name and uid in front of its ID",
    },
    VersionRow {
        version: MetadataVersion::V6,
        number: 6,
        since: FlinkLine { major: 2, minor: 1 },
        until: FlinkLine { major: 2, minor: 3 },
        delta: "gives channel state handles a type byte and merged forms",
    },
];

impl MetadataVersion {
    /// The version of `number`, or what to say about it.
    pub(super) fn from_number(number: i32) -> Result<Self, DecodeErrorKind> {
        VERSIONS.iter().find(|row| row.number == number).map(|row| row.version).ok_or(
            DecodeErrorKind::UnsupportedVersion {
                what: "_metadata",
                found: number.into(),
                hint: match number {
                    1 => "no Flink since 1.11 reads what Flink 1.1 and 1.2 wrote; restore it in Flink 1.3 to 1.10 and take a new savepoint there",
                    2 => "Flink 1.3 to 1.10 wrote it; restore it in a Flink from 1.11 on and take a new savepoint there",
                    _ => "this holdpoint reads versions 3 to 6 (Flink 1.11 to 2.3); a newer holdpoint may read it",
                },
            },
        )
    }

    /// This version's row in [`VERSIONS`].
    pub fn row(self) -> &'static VersionRow {
        match self {
            Self::V3 => &VERSIONS[0],
            Self::V4 => &VERSIONS[1],
            Self::V5 => &VERSIONS[2],
            Self::V6 => &VERSIONS[3],
        }
    }

    /// Whether the checkpoint properties stand at the end of the file.
    pub fn has_properties(self) -> bool {
        self >= Self::V4
    }

    /// Whether each operator's name and uid are stored.
    pub fn has_names(self) -> bool {
        self >= Self::V5
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_every_row_finds_itself() {
        assert!(VERSIONS.is_sorted_by_key(|row| row.number));
        for row in &VERSIONS {
            assert_eq!(row.version.row().number, row.number);
            assert_eq!(MetadataVersion::from_number(row.number).unwrap(), row.version);
        }
    }
}
