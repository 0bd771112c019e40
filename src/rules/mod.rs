//! The rules: what a restore may stumble over, one file each.
//!
//! A rule looks at a [`Context`] and tells [`Findings`] what it found, and what it could not judge. The report, the
//! verdict, `holdpoint explain` and the documentation all derive from [`RULES`].
//!
//! To add a rule: its file, named for the change that it finds, and its line in [`RULES`].

mod chain_head_uid_only;
mod context;
mod finding;
mod fingerprint;
mod flink_downgraded;
mod key_type_changed;
mod kryo_serialized;
mod max_parallelism_changed;
mod namespace_type_changed;
mod operator_added;
mod operator_finished;
mod operator_id_changed;
mod operator_removed;
mod parallelism_above_max;
mod plan_incomplete;
mod plans_contradict;
mod policy;
mod question;
mod state_added;
mod state_backend_changed;
mod state_kind_changed;
mod state_removed;
mod state_renamed;
mod state_type_changed;
mod state_unread;
mod stateless_operator_removed;
mod uid_missing;
mod waiver;
mod waiver_expired;
mod waiver_unused;

pub use context::Context;
pub use finding::{Effect, Finding, Findings, Severity, Subject, Unchecked};
pub use fingerprint::Fingerprint;
pub use policy::Policy;
pub use question::{Question, RestorePath, RestoreRules, SaidBy};
pub use waiver::Waiver;

/// One rule.
pub struct Rule {
    /// Its name: the change that it finds.
    pub id: &'static str,
    /// The severity its findings have at most.
    pub severity: Severity,
    /// What it finds, in one sentence.
    pub summary: &'static str,
    /// Why that matters.
    pub explanation: &'static str,
    /// What Flink does, and the class that does it.
    pub flink: &'static str,
    /// What to do about it.
    pub repair: &'static str,
    /// What to give `holdpoint check` to see it, in this repository.
    pub example: &'static str,
    /// Finds it: adds to what the rules before it found.
    pub(crate) check: fn(&Context<'_>, &mut Findings),
}

/// Every rule: first those about the whole job, then those about operators, then those about states. The last ones are
/// about waivers, and look at what those before them found.
pub static RULES: &[&Rule] = &[
    &flink_downgraded::RULE,
    &state_backend_changed::RULE,
    &operator_removed::RULE,
    &stateless_operator_removed::RULE,
    &operator_id_changed::RULE,
    &operator_added::RULE,
    &operator_finished::RULE,
    &uid_missing::RULE,
    &chain_head_uid_only::RULE,
    &max_parallelism_changed::RULE,
    &parallelism_above_max::RULE,
    &key_type_changed::RULE,
    &namespace_type_changed::RULE,
    &state_kind_changed::RULE,
    &state_type_changed::RULE,
    &state_removed::RULE,
    &state_renamed::RULE,
    &state_added::RULE,
    &kryo_serialized::RULE,
    &plan_incomplete::RULE,
    &plans_contradict::RULE,
    &state_unread::RULE,
    &waiver_expired::RULE,
    &waiver_unused::RULE,
];

impl Rule {
    /// The rule of this name.
    pub fn named(id: &str) -> Option<&'static Self> {
        RULES.iter().copied().find(|rule| rule.id == id)
    }
}

/// Asks every rule.
pub fn check(context: &Context<'_>) -> Findings {
    let mut all = Findings::default();
    for rule in RULES {
        (rule.check)(context, &mut all);
        all.settle(rule, context.policy);
    }
    all.sort();
    all
}

/// `"a", "b" and "c"`, for messages.
fn quoted<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let names: std::collections::BTreeSet<_> = names.into_iter().map(|name| format!("\"{name}\"")).collect();
    let names: Vec<_> = names.into_iter().collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    }
}

/// The changes that decided a resolution, each with the way to it.
fn describe(resolution: &crate::types::Resolution) -> String {
    let changes: Vec<_> = resolution
        .decisive()
        .map(|change| match change.path.as_slice() {
            [] => change.what.clone(),
            path => format!("{}: {}", path.join(" › "), change.what),
        })
        .collect();
    changes.join("; ")
}
