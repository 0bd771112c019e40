//! The rules: what a restore may stumble over, one file each.
//!
//! A rule looks at a [`Context`] and tells [`Findings`] what it found, and what it could not judge. The report, the
//! verdict, `holdpoint explain` and the documentation all derive from [`RULES`].
//!
//! To add a rule: its file, named for the change that it finds, and its line in [`RULES`].

mod chain_head_uid_only;
mod changelog_not_claimed;
mod collection_serializer_changed;
mod connector_replaced;
mod context;
mod everything_dropped;
mod file_missing;
mod finding;
mod fingerprint;
mod flink_downgraded;
mod in_flight_data;
mod key_hash_code;
mod key_type_changed;
mod kryo_serialized;
mod kryo_upgraded;
mod master_hook_removed;
mod max_parallelism_changed;
mod max_parallelism_mixed;
mod namespace_type_changed;
mod not_self_contained;
mod operator_added;
mod operator_finished;
mod operator_id_changed;
mod operator_removed;
mod operator_replaced;
mod parallelism_above_max;
mod pattern_matches_open;
mod plan_incomplete;
mod plan_of_other_flink;
mod plans_contradict;
mod policy;
mod question;
mod savepoint_too_old;
mod serializer_missing;
mod sql_query_unseen;
mod state_added;
mod state_backend_changed;
mod state_kind_changed;
mod state_oversized;
mod state_removed;
mod state_renamed;
mod state_skewed;
mod state_type_changed;
mod state_unread;
mod stateless_operator_removed;
mod subclass_unregistered;
mod uid_duplicated;
mod uid_hash_takes_state;
mod uid_missing;
mod uid_random;
mod uid_too_long;
mod uids_swapped;
mod uncompared;
mod waiver;
mod waiver_expired;
mod waiver_unused;

pub use context::Context;
pub use finding::{Effect, Finding, Findings, SettledBy, Severity, Subject, Unchecked};
pub use fingerprint::Fingerprint;
pub use policy::Policy;
pub use question::{ClaimMode, Question, RestorePath, RestoreRules, SaidBy};
pub use waiver::Waiver;

/// One rule.
pub struct Rule {
    /// Its name: the change that it finds.
    pub id: &'static str,
    /// The severity its findings have at most; `Info` if it finds nothing itself, and only leaves questions open.
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

/// Every rule: about the whole job, about operators, about parallelism and size, about states, about what is not known. The
/// last ones are about waivers, and look at what those before them found.
pub static RULES: &[&Rule] = &[
    &flink_downgraded::RULE,
    &savepoint_too_old::RULE,
    &plan_of_other_flink::RULE,
    &file_missing::RULE,
    &not_self_contained::RULE,
    &state_backend_changed::RULE,
    &changelog_not_claimed::RULE,
    &master_hook_removed::RULE,
    &everything_dropped::RULE,
    &uid_duplicated::RULE,
    &operator_removed::RULE,
    &stateless_operator_removed::RULE,
    &operator_id_changed::RULE,
    &operator_added::RULE,
    &operator_replaced::RULE,
    &connector_replaced::RULE,
    &operator_finished::RULE,
    &in_flight_data::RULE,
    &uid_missing::RULE,
    &uid_random::RULE,
    &uid_too_long::RULE,
    &uid_hash_takes_state::RULE,
    &uids_swapped::RULE,
    &chain_head_uid_only::RULE,
    &max_parallelism_changed::RULE,
    &max_parallelism_mixed::RULE,
    &parallelism_above_max::RULE,
    &state_oversized::RULE,
    &state_skewed::RULE,
    &key_type_changed::RULE,
    &key_hash_code::RULE,
    &pattern_matches_open::RULE,
    &namespace_type_changed::RULE,
    &state_kind_changed::RULE,
    &state_type_changed::RULE,
    &state_removed::RULE,
    &state_renamed::RULE,
    &state_added::RULE,
    &serializer_missing::RULE,
    &collection_serializer_changed::RULE,
    &kryo_upgraded::RULE,
    &kryo_serialized::RULE,
    &sql_query_unseen::RULE,
    &subclass_unregistered::RULE,
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

/// A size for people: `27.3 KiB`.
fn size(bytes: u64) -> String {
    bytesize::ByteSize(bytes).display().iec().to_string()
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

/// The states of an operator that have a key, in a few words: the user's, or its timers where there are no others.
fn keyed_states(operator: &crate::catalog::CatalogOperator) -> String {
    const NAMED: usize = 3;
    let names: std::collections::BTreeSet<_> = operator
        .states
        .iter()
        .filter(|it| it.kind.is_keyed() && it.kind != crate::state::StateKind::Timers)
        .map(|it| it.name.as_str())
        .collect();
    match names.len().checked_sub(NAMED) {
        _ if names.is_empty() => "its timers".to_owned(),
        None | Some(0) => quoted(names),
        Some(more) => {
            let first: Vec<_> = names.iter().take(NAMED).map(|name| format!("\"{name}\"")).collect();
            format!("{} and {more} more states", first.join(", "))
        }
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
