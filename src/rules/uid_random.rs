//! A uid that looks made up at run time.

use super::finding::{Finding, Findings, Subject};
use super::{Context, Rule, Severity};
use crate::plan::{PlannedOperator, Uid};

pub(super) static RULE: Rule = Rule {
    id: "uid-random",
    severity: Severity::Warning,
    summary: "A uid looks random, as if it were another one each time the job is submitted.",
    explanation: "A uid has to be the same in every version of the job. One from UUID.randomUUID(), from the clock or \
from an object's hash is another one each time, and so is the operator's ID: its state is never found again. Where the \
savepoint has the very same uid, it is written down somewhere, and only hard to read.",
    flink: "StreamGraphHasherV2.generateUserSpecifiedHash hashes the text, whatever it is.",
    repair: "Write the uid as a constant that says what the operator does.",
    example: "fixtures/savepoints/flink-2.3-v1/savepoint --plan fixtures/savepoints/flink-2.3-v1/savepoint --plan \
examples/rules/uid-random.yaml",
    check,
};

/// Digits of a clock in milliseconds.
const CLOCK_DIGITS: usize = 13;
/// Hex digits of a UUID.
const UUID_DIGITS: usize = 32;

fn check(context: &Context<'_>, findings: &mut Findings) {
    for new in &context.plan.operators {
        let Uid::Set(uid) = &new.uid else { continue };
        let is_known = context.matched.iter().any(|it| std::ptr::eq(it.new, new) && it.old.has_state);
        if !is_known && holds_state(new) && looks_random(uid) {
            findings.add(Finding::warning(
                Subject::planned(new),
                "its uid looks random, and the savepoint does not have it: if it is made when the job is submitted, no restore finds its state".to_owned(),
                "write the uid as a constant",
            ));
        }
    }
}

/// Operators without state lose nothing. What is not known may have some.
fn holds_state(new: &PlannedOperator) -> bool {
    new.states.as_ref().is_none_or(|planned| !planned.states.is_empty())
}

/// It has a UUID in it, or as many digits in a row as a clock has.
fn looks_random(uid: &str) -> bool {
    let longest = |is_digit: fn(char) -> bool, text: &str| {
        text.split(|c| !is_digit(c)).map(str::len).max().unwrap_or(0)
    };
    let without_dashes = uid.replace('-', "");
    longest(|c| c.is_ascii_digit(), uid) >= CLOCK_DIGITS
        || longest(|c| c.is_ascii_hexdigit(), &without_dashes) >= UUID_DIGITS
}

#[cfg(test)]
mod tests {
    use super::looks_random;

    #[test]
    fn uuids_and_clocks_look_random_and_versions_and_dates_do_not() {
        for uid in [
            "0b0d6ad2-9c1f-4d5c-8f8e-1f6b7c2a9e10",
            "map-0b0d6ad29c1f4d5c8f8e1f6b7c2a9e10",
            "sink-1764050400123",
        ] {
            assert!(looks_random(uid), "{uid}");
        }
        for uid in [
            "customer-profile",
            "orders-v2",
            "since-2026-11-25",
            "kafka-orders-20261125",
            "4_group-aggregate",
        ] {
            assert!(!looks_random(uid), "{uid}");
        }
    }
}
