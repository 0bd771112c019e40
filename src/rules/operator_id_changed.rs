//! The operator is still there, under another ID.

use super::context::Match;
use super::finding::{Finding, Findings, SettledBy, Subject};
use super::{Context, Rule, Severity, quoted};
use crate::ids::{OperatorId, same_stem, uids_like};
use crate::plan::{SourceKind, Uid};

pub(super) static RULE: Rule = Rule {
    id: "operator-id-changed",
    severity: Severity::Error,
    summary: "An operator that holds state seems to live on in the new job under another ID.",
    explanation: "Flink matches state to operators by ID alone. The ID is the hash of the operator's uid; without a \
uid it is a hash of the operator's place in the graph and of what is chained to it, so that an operator added or \
removed before it, a chain broken or formed, or a changed parallelism gives it another ID. The state then counts as \
that of a removed operator: the restore is refused, and with --allowNonRestoredState the operator silently starts \
empty. The pair is found by name, and by the names and kinds of its states, so look whether it is right.",
    flink: "StreamGraphHasherV2 makes the IDs; Checkpoints.loadAndValidateCheckpoint matches them and refuses with \
\"Cannot map checkpoint/savepoint state for operator …\"; StateAssignmentOperation looks state up by the user's hash \
(setUidHash) first, and by the ID after it.",
    repair: "Give the operator its old ID back, then a uid, so that it never changes again.",
    example: "fixtures/savepoints/flink-2.3-v1/savepoint --plan fixtures/savepoints/flink-2.3-uid-renamed/savepoint",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    for moved in &context.moved {
        let Match { old, new } = moved;
        let new_id = new
            .certain_id()
            .map_or_else(|| "an ID that the plan does not tell".to_owned(), |id| id.to_string());
        let shown_by = if old.name.is_some() && old.name == new.name {
            "the name is the same".to_owned()
        } else if shared_states(moved).next().is_some() {
            format!("both have {}", quoted(shared_states(moved)))
        } else {
            "the uids are alike".to_owned()
        };
        let (why, repair) = cause_and_repair(context, moved);
        let message = format!(
            "{why}: it was {}, and is {new_id} in the new job ({shown_by}). Flink does not find its state; with --allowNonRestoredState it starts empty",
            old.id
        );
        let subject = Subject::operator(old, Some(new));
        if new.certain_id().is_none() {
            findings.undetermined(
                subject,
                format!("the plan does not tell the ID of {}, which seems to be this operator", new.title()),
                SettledBy::Plan(SourceKind::PlanFile),
                "write the operator's uid in a file (--uids), or its generated_id in the plan file",
            );
        } else {
            findings.add(Finding::dropped(context, subject, message, repair).bytes(old.bytes).change(new_id));
        }
    }
}

fn shared_states<'m>(moved: &'m Match<'_>) -> impl Iterator<Item = &'m str> {
    let planned = moved.new.states.as_ref().map(|planned| planned.states.as_slice()).unwrap_or_default();
    let names = moved.old.states.iter().map(|state| state.name.as_str());
    names.filter(|name| planned.iter().any(|new| new.name == *name))
}

/// The uid that the operator had: what the savepoint says, else one that differs from the new one by its end and gives
/// the old ID.
fn old_uid(moved: &Match<'_>) -> Option<String> {
    let guessed = || match &moved.new.uid {
        Uid::Set(new) => uids_like(new).find(|uid| OperatorId::of_uid(uid) == moved.old.id),
        Uid::Unset | Uid::Unknown => None,
    };
    moved.old.uid.clone().or_else(guessed)
}

/// What happened to the ID, and the line that undoes it.
fn cause_and_repair(context: &Context<'_>, moved: &Match<'_>) -> (String, String) {
    let old_id = moved.old.id;
    let hash = format!(".setUidHash(\"{old_id}\")");
    let old_has_none = context.savepoint.version.has_names() && moved.old.uid.is_none();
    match (old_uid(moved), &moved.new.uid) {
        (Some(old), Uid::Set(new)) => (
            if same_stem(&old, new) {
                format!("only the end of its uid changed, from \"{old}\" to \"{new}\"")
            } else {
                format!("its uid changed from \"{old}\" to \"{new}\"")
            },
            format!("put .uid(\"{old}\") back, or keep the new uid and add {hash}"),
        ),
        (Some(old), _) => {
            (format!("its uid \"{old}\" is gone"), format!("put .uid(\"{old}\") back on the operator"))
        }
        (None, Uid::Set(new)) if old_has_none => (
            format!("it had no uid and now has \"{new}\""),
            format!("keep .uid(\"{new}\") and add {hash}, until a savepoint was taken with the new ID"),
        ),
        (None, Uid::Set(new)) => (
            format!("its ID is now that of the uid \"{new}\""),
            format!("put the uid that it had back, or keep .uid(\"{new}\") and add {hash}"),
        ),
        (None, Uid::Unset) if old_has_none => (
            "it has no uid, and its place in the graph, or what is chained to it, changed".to_owned(),
            format!("add {hash} to the operator, and a .uid(\"…\") of its own, so that the ID stays"),
        ),
        (None, _) => (
            "it has another ID: a uid was dropped, or it has none and its place in the graph, or what is chained to it, changed"
                .to_owned(),
            format!("put the uid that it had back, or add {hash} and a .uid(\"…\") of its own, so that the ID stays"),
        ),
    }
}
