//! Files that are not there, or not as long as they were.

use super::finding::{Finding, Findings, Subject};
use super::{Context, Rule, Severity, size};
use crate::files::{Presence, ReferredFile};
use crate::ids::OperatorId;
use std::collections::{BTreeMap, BTreeSet};

pub(super) static RULE: Rule = Rule {
    id: "file-missing",
    severity: Severity::Error,
    summary: "A file that the savepoint refers to is missing, or not as long as it was.",
    explanation: "The restore is accepted, and fails in each task that wants the file. A savepoint of before Flink 1.11 and every \
checkpoint name their files by where they were, so that moving the directory loses them (--relocate FROM=TO tells where they are \
now, but only to this tool). The store is asked with --verify; without it, files whose headers are read are found missing \
nevertheless, and end the check.",
    flink: "The task's restore operation opens the file: FileNotFoundException, or EOFException where it is short. Only a state \
without an operator that is dropped with --allowNonRestoredState is never opened.",
    repair: "Put the file back, or restore from another savepoint.",
    example: "fixtures/savepoints/flink-2.3-v1-incremental/savepoint --plan fixtures/savepoints/flink-2.3-v1/savepoint \
--state-backend rocksdb --verify --relocate /srv/flink/pool=fixtures/savepoints",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(files) = context.files else { return };
    let mut of_operator: BTreeMap<OperatorId, Vec<&ReferredFile>> = BTreeMap::new();
    for file in files.unsound() {
        for user in file.uses.iter().map(|it| it.operator).collect::<BTreeSet<_>>() {
            of_operator.entry(user).or_default().push(file);
        }
    }
    for (user, unsound) in of_operator {
        let (Some(old), Some(first)) = (context.savepoint.operator(user), unsound.first()) else { continue };
        let new = context.matched.iter().find(|it| it.old.id == user).map(|it| it.new);
        let subject = Subject::operator(old, new);
        let more = match unsound.len().saturating_sub(1) {
            0 => String::new(),
            more => format!(", and {more} more are not as they were"),
        };
        let message = format!("{} {}{more}", first.location, problem(first));
        let help = "put it back, or restore from another savepoint";
        // What nobody in the new job opens does no harm.
        let finding = if new.is_some() { Finding::rejected } else { Finding::info };
        let bytes = unsound.iter().filter_map(|file| file.bytes).fold(0, u64::saturating_add);
        findings.add(finding(subject, message, help).bytes(bytes));
    }
}

fn problem(file: &ReferredFile) -> String {
    match file.presence {
        Some(Presence::OtherSize(found)) => {
            format!("has {}, and not {}", size(found), size(file.bytes.unwrap_or(0)))
        }
        _ => "is missing".to_owned(),
    }
}
