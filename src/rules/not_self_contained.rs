//! Files outside the savepoint's own directory.

use super::finding::{Finding, Findings, Subject};
use super::{Context, Rule, Severity, size};
use crate::source::Owner;

pub(super) static RULE: Rule = Rule {
    id: "not-self-contained",
    severity: Severity::Warning,
    summary: "The checkpoint refers to files outside its own directory, which others may delete.",
    explanation: "An incremental checkpoint refers to files of the checkpoints before it, in the directories `shared` and \
`taskowned` beside it; after a restore that claimed it, to files in the directory of the old job. The job that wrote them \
deletes them when its newer checkpoints need them no more, and so does whoever clears the old job's directory. Then the restore \
fails. Savepoints, native ones too, have all their files in one directory.",
    flink: "SharedStateRegistry counts the references within one job; a job that is started from the checkpoint without CLAIM \
does not take part, and needs the files until its first full checkpoint.",
    repair: "Take a savepoint: it can be moved and kept. Or restore with --claimMode CLAIM, and do not touch the old job's directory; \
`holdpoint files` lists what is where.",
    example: "fixtures/savepoints/flink-2.3-v1-incremental/savepoint --plan fixtures/savepoints/flink-2.3-v1/savepoint \
--state-backend rocksdb --relocate /srv/flink/pool=fixtures/savepoints",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(stored) = &context.savepoint.stored else { return };
    let outside = stored.by_owner.iter().filter(|(owner, _)| **owner != Owner::Exclusive);
    let outside: Vec<_> =
        outside.map(|(owner, it)| format!("{} {} ({})", it.files, owner.name(), size(it.bytes))).collect();
    if outside.is_empty() {
        return;
    }
    findings.add(Finding::warning(
        Subject::job(),
        format!("not all of its files are in its own directory: {}", outside.join(", ")),
        "take a savepoint to restore from, or see to it that nobody deletes them before the new job's first checkpoint",
    ));
}
