//! The versions of the `_metadata` file: who wrote which, what each changed, and what that switches in the reader.

use crate::flink::FlinkLine;
use crate::wire::DecodeErrorKind;

/// A version of the `_metadata` file that this tool reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MetadataVersion {
    /// Written by Flink 1.2.
    V1,
    /// Written by Flink 1.3 to 1.10.
    V2,
    /// Written by Flink 1.11 to 1.15.
    V3,
    /// Written by Flink 1.16 to 1.20.
    V4,
    /// Written by Flink 2.0.
    V5,
    /// Written by Flink 2.1 to 2.3.
    V6,
    /// Written by Flink after 2.3.
    V7,
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
pub static VERSIONS: [VersionRow; 7] = [
    VersionRow {
        version: MetadataVersion::V1,
        number: 1,
        since: FlinkLine { major: 1, minor: 2 },
        until: FlinkLine { major: 1, minor: 2 },
        delta: "holds the state of tasks, in each of which several operators are chained",
    },
    VersionRow {
        version: MetadataVersion::V2,
        number: 2,
        since: FlinkLine { major: 1, minor: 3 },
        until: FlinkLine { major: 1, minor: 10 },
        delta: "holds the state of operators rather than of tasks",
    },
    VersionRow {
        version: MetadataVersion::V3,
        number: 3,
        since: FlinkLine { major: 1, minor: 11 },
        until: FlinkLine { major: 1, minor: 15 },
        delta: "adds coordinator state, channel state and finished subtasks; drops what was left of tasks",
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
    VersionRow {
        version: MetadataVersion::V7,
        number: 7,
        since: FlinkLine { major: 2, minor: 4 },
        until: FlinkLine { major: 2, minor: 4 },
        delta: "adds to each subtask the checkpoint that its state was taken over from, if it was",
    },
];

/// How the records of a file are laid out.
///
/// The version alone does not say it for version 3: Flink changed two of its records without a new number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordLayout {
    /// The file's version.
    pub version: MetadataVersion,
    /// Which of the layouts of version 3; [`Version3Layout::Final`] for every other version.
    pub version_3: Version3Layout,
}

/// The layouts of version 3. They differ in records that few files have: in-flight data of unaligned checkpoints, and
/// changelogs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version3Layout {
    /// Flink 1.11: a channel state handle does not say which subtask wrote it. No later Flink reads it.
    Flink1_11,
    /// Flink 1.14: changelog handles without IDs and without what the checkpoint added. No later Flink reads it.
    Flink1_14,
    /// Flink 1.15, and whatever Flink 1.12 to 1.14 wrote without a changelog. Every later version builds on it.
    Final,
}

impl Version3Layout {
    /// All of them, the one that later Flinks read first.
    pub(super) const ALL: [Self; 3] = [Self::Final, Self::Flink1_14, Self::Flink1_11];
}

impl MetadataVersion {
    /// The version of `number`, or what to say about it.
    pub(super) fn from_number(number: i32) -> Result<Self, DecodeErrorKind> {
        VERSIONS.iter().find(|row| row.number == number).map(|row| row.version).ok_or(
            DecodeErrorKind::UnsupportedVersion {
                what: "_metadata",
                found: number.into(),
                hint: "this holdpoint reads versions 1 to 7 (Flink 1.2 to 2.4); a newer holdpoint may read it",
            },
        )
    }

    /// This version's row in [`VERSIONS`].
    pub fn row(self) -> &'static VersionRow {
        match self {
            Self::V1 => &VERSIONS[0],
            Self::V2 => &VERSIONS[1],
            Self::V3 => &VERSIONS[2],
            Self::V4 => &VERSIONS[3],
            Self::V5 => &VERSIONS[4],
            Self::V6 => &VERSIONS[5],
            Self::V7 => &VERSIONS[6],
        }
    }

    /// Whether the file holds the state of tasks, which are not split into operators yet. Master states came with them.
    pub fn has_tasks(self) -> bool {
        self <= Self::V1
    }

    /// Whether operators have the fields of the tasks that version 1 held: chain length, duration, legacy state.
    pub fn has_task_fields(self) -> bool {
        self <= Self::V2
    }

    /// Whether coordinator state, in-flight data and finished subtasks are stored.
    pub fn has_coordinators(self) -> bool {
        self >= Self::V3
    }

    /// Whether the checkpoint properties stand at the end of the file.
    pub fn has_properties(self) -> bool {
        self >= Self::V4
    }

    /// Whether each operator's name and uid are stored.
    pub fn has_names(self) -> bool {
        self >= Self::V5
    }

    /// Whether channel state handles have a tag, which may say that one holds several channels.
    pub fn has_merged_channel_state(self) -> bool {
        self >= Self::V6
    }

    /// Whether a subtask may say which older checkpoint its state was taken over from.
    pub fn has_reference(self) -> bool {
        self >= Self::V7
    }
}

impl RecordLayout {
    /// The layout of a version, where it has but one.
    pub(super) fn of(version: MetadataVersion) -> Self {
        Self { version, version_3: Version3Layout::Final }
    }

    pub(super) fn channel_state_has_subtask(self) -> bool {
        self.version_3 != Version3Layout::Flink1_11
    }

    pub(super) fn changelog_is_final(self) -> bool {
        self.version_3 != Version3Layout::Flink1_14
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
