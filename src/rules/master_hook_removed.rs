//! State of a master hook that the new job may not have.

use super::finding::{Finding, Findings, SettledBy, Subject};
use super::{Context, Rule, Severity};
use crate::plan::SourceKind;

pub(super) static RULE: Rule = Rule {
    id: "master-hook-removed",
    severity: Severity::Error,
    summary: "The savepoint has the state of a master hook that the new job does not register.",
    explanation: "A source may register a hook with the checkpoint coordinator that stores something of its own, beside the \
operators. Like state without an operator, it is refused where nobody asks for it; but only if the new job registers another \
hook: where it registers none, Flink does not look, and the state is gone without a word.",
    flink: "MasterHooks.restoreMasterHooks: \"Found state '…' which is not resumed by any hook\" \
(IllegalStateException), unless --allowNonRestoredState. It returns at once if the job has no hooks.",
    repair: "Keep the source that registers the hook, or restore with --allowNonRestoredState.",
    example: "fixtures/upgrades/operators/master-hook-replaced/flink-2.3-old --plan fixtures/upgrades/operators/master-hook-replaced/flink-2.3-new",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(planned) = &context.plan.master_hooks else {
        for hook in &context.savepoint.master_hooks {
            findings.undetermined(
                Subject::job(),
                format!("whether the new job registers the master hook \"{hook}\", which has state"),
                SettledBy::Plan(SourceKind::Savepoint),
                "let a test run of the new job take one, which names the hooks, or list them in a plan file (`master_hooks: []` for none)",
            );
        }
        return;
    };
    for hook in context.savepoint.master_hooks.iter().filter(|hook| !planned.contains(hook)) {
        let finding = if planned.is_empty() {
            Finding::warning(
                Subject::job(),
                format!(
                    "the master hook \"{hook}\" has state, and the new job registers none: Flink drops it without a word"
                ),
                "keep the source that registers it, if its state is still wanted",
            )
        } else {
            Finding::dropped(
                context,
                Subject::job(),
                format!(
                    "the master hook \"{hook}\" has state, and the new job registers others and not this one"
                ),
                "keep the source that registers it, or restore with --allowNonRestoredState",
            )
        };
        findings.add(finding.change(hook));
    }
}
