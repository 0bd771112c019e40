//! A uid or a name that no checkpoint can hold.

use super::finding::{Finding, Findings, Subject};
use super::{Context, Rule, Severity};
use crate::metadata::VERSIONS;
use crate::plan::Uid;

pub(super) static RULE: Rule = Rule {
    id: "uid-too-long",
    severity: Severity::Error,
    summary: "An operator's uid or name is longer than a checkpoint can hold.",
    explanation: "From Flink 2.0 on, a savepoint or checkpoint holds the uid and the name of each operator, each of at most \
65,535 bytes. The job starts, restores and runs with a longer one, and no checkpoint of it ever completes. A name is as \
long where it was made of a query or of a list of fields.",
    flink: "MetadataV5Serializer.serializeOperatorState writes both with DataOutput.writeUTF, which fails with \
\"encoded string … too long\" (UTFDataFormatException) when the checkpoint is to be completed.",
    repair: "Give the operator a shorter name with name(…). A uid that was too long never got into a savepoint of Flink 2.x; in one \
of 1.x the operator's state is under the hash of it: shorten it, and keep the state with setUidHash.",
    example: "fixtures/upgrades/operators/name-too-long/flink-2.3-old --plan fixtures/upgrades/operators/name-too-long/flink-2.3-new/job.graph",
    check,
};

/// What `DataOutput.writeUTF` takes.
const MOST: usize = 65_535;

fn check(context: &Context<'_>, findings: &mut Findings) {
    let target = context.target();
    let has_names = VERSIONS.iter().any(|row| row.version.has_names() && row.since <= target);
    for new in context.plan.operators.iter().filter(|_| has_names) {
        let uid = if let Uid::Set(uid) = &new.uid { Some(uid) } else { None };
        for (what, text) in [("uid", uid), ("name", new.name.as_ref())] {
            let Some(bytes) = text.map(|text| utf_length(text)).filter(|bytes| *bytes > MOST) else {
                continue;
            };
            findings.add(
                Finding::rejected(
                    Subject { uid: None, operator_name: None, ..Subject::planned(new) },
                    format!(
                        "its {what} has {bytes} bytes, and Flink {target} writes at most {MOST} into a checkpoint: the \
job restores, and none of its checkpoints completes"
                    ),
                    format!("give it a {what} of at most {MOST} bytes"),
                )
                .change(what),
            );
        }
    }
}

/// The bytes of a string in Java's modified UTF-8.
fn utf_length(text: &str) -> usize {
    let units = text.encode_utf16().map(|unit| match unit {
        1..=0x7f => 1_usize,
        0 | 0x80..=0x7ff => 2,
        _ => 3,
    });
    units.fold(0, usize::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::utf_length;

    #[test]
    fn bytes_are_counted_as_java_writes_them() {
        assert_eq!(utf_length("a\0é€😀"), 1 + 2 + 2 + 3 + 6);
    }
}
