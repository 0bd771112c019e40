//! State that goes to another operator than the one that wrote it, because of `setUidHash`.

use super::context::Match;
use super::finding::{Finding, Findings, SettledBy, Subject};
use super::{Context, Rule, Severity};
use crate::plan::{PlannedOperator, SourceKind};

pub(super) static RULE: Rule = Rule {
    id: "uid-hash-takes-state",
    severity: Severity::Warning,
    summary: "A setUidHash takes state that another operator owns, or leaves the operator's own state behind.",
    explanation: "setUidHash is a second name by which an operator's state is looked up, before its own ID; what the \
operator writes is always under its own ID. So a hash that is still set after the first savepoint of the new job finds \
the state of before, if a savepoint has it under both; a hash that is another operator's ID competes with that operator: \
one of the two gets the state, the other starts empty, and Flink says nothing.",
    flink: "StateAssignmentOperation.assignStates asks for the user's hash where the savepoint has it, else for the \
generated ID, and takes the state out of the map. It walks the tasks in the order of a hash set, which is another one in \
each run: one job was accepted from one savepoint, and refused from another like it. An ID that is a hash or a generated one counts as known, so that nothing is refused \
(Checkpoints.loadAndValidateCheckpoint).",
    repair: "Use setUidHash only for an ID that no operator of the new job has, and take it out when a savepoint was \
taken with the new uid.",
    example: "fixtures/savepoints/flink-2.3-v1/savepoint --plan fixtures/savepoints/flink-2.3-v1/savepoint --plan \
examples/rules/uid-hash-takes-state.yaml",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    // What an operator writes is under its own ID, whatever it was restored by.
    let is_savepoint = context.plan.layers.iter().all(|(_, kind)| *kind == SourceKind::Savepoint);
    let hidden = if is_savepoint { "a savepoint does not show it" } else { "the plan does not show it" };
    let went = context.removed.iter().any(|old| old.has_state);
    let may_take = context.added.iter().any(|new| new.may_have_uid_hash())
        || went && context.plan.operators.iter().any(PlannedOperator::may_have_uid_hash);
    let moved: Vec<_> = context.moved.iter().filter(|it| it.new.may_have_uid_hash()).collect();
    for Match { old, new } in &moved {
        let Some(id) = new.id else { continue };
        findings.beyond_flink(
            Subject::operator(old, Some(new)),
            format!(
                "whether {} has .setUidHash(\"{}\"), with which Flink finds this state: {hidden}",
                new.title(),
                old.id
            ),
            format!("if it has, lay the job graph over the plan, or a plan file: operators: [{{id: {id}, uid_hash: {}}}]", old.id),
        );
    }
    if may_take && moved.is_empty() {
        findings.beyond_flink(
            Subject::job(),
            format!("whether an operator of the new job has a setUidHash: {hidden}, and state would go another way"),
            "if one has, lay the job graph over the plan, or a plan file with the `uid` and `uid_hash` of the operator",
        );
    }
    for contest in context.contested.iter().filter(|contest| contest.old.has_state) {
        let subject = Subject::operator(contest.old, None);
        let titles: Vec<_> = contest.new.iter().map(|new| new.title()).collect();
        let titles = titles.join(" and ");
        findings.add(
            Finding::warning(
                subject.clone(),
                format!("{titles} ask for its state, by ID and by setUidHash: one gets it, the other silently starts empty"),
                "take the setUidHash out, or give the operator whose ID it is another uid",
            )
            .bytes(contest.old.bytes),
        );
        if !contest.old.states.is_empty() {
            findings.undetermined(
                subject,
                format!("which of {titles} gets the state, so its types were compared with none"),
                SettledBy::Plan(SourceKind::PlanFile),
                "take the setUidHash out of the job, and write the plan without it: a trial may end otherwise the next time",
            );
        }
    }
    for operator in &context.matched {
        let own = operator.new.certain_id().filter(|id| *id != operator.old.id);
        if let Some(left) = own.and_then(|id| context.savepoint.operator(id)).filter(|left| left.has_state) {
            findings.add(
                Finding::warning(
                    Subject::operator(left, Some(operator.new)),
                    format!(
                        "it restores what {} holds, which its setUidHash names; what it wrote itself is dropped without a word",
                        operator.old.id
                    ),
                    "take the setUidHash out: the savepoint has the operator's state under its own ID",
                )
                .bytes(left.bytes),
            );
        }
    }
}
