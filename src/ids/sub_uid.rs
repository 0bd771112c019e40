//! The uids that Flink derives from the one of a sink, which it makes several operators of.

use crate::flink::FlinkLine;

/// A uid that Flink derives from a sink's.
#[derive(Debug, PartialEq, Eq)]
pub struct SubUid {
    /// What stands before the sink's uid.
    before: &'static str,
    /// What stands behind it.
    after: &'static str,
    /// The operator that has it.
    pub operator: &'static str,
    /// The lines that make it, the first and the last; `None` for no end so far.
    lines: (FlinkLine, Option<FlinkLine>),
}

const fn line(major: u16, minor: u16) -> FlinkLine {
    FlinkLine { major, minor }
}

/// What `SinkTransformationTranslator` makes. The writer has the sink's own uid in all lines. An operator that a sink adds
/// before or behind its committer, and to which it gives a uid of its own, has both, which no table can tell.
pub static SUB_UIDS: &[SubUid] = &[
    SubUid {
        before: "Sink Committer: ",
        after: "",
        operator: "committer",
        lines: (line(1, 13), Some(line(1, 13))),
    },
    SubUid { before: "Sink Committer: ", after: "", operator: "committer", lines: (line(1, 15), None) },
    SubUid {
        before: "Sink Global Committer: ",
        after: "",
        operator: "global committer",
        lines: (line(1, 13), Some(line(1, 13))),
    },
    SubUid {
        before: "Sink ",
        after: " Global Committer",
        operator: "global committer",
        lines: (line(1, 14), None),
    },
];

impl SubUid {
    /// The uid of the part of the sink that has this uid.
    pub fn of(&self, sink: &str) -> String {
        format!("{}{sink}{}", self.before, self.after)
    }

    /// Whether a line of Flink makes it.
    pub fn is_made_by(&self, line: FlinkLine) -> bool {
        line >= self.lines.0 && self.lines.1.is_none_or(|until| line <= until)
    }

    /// Flink's own text for the derivation, such as `Sink Committer: …`.
    pub fn pattern(&self) -> String {
        self.of("…")
    }
}
