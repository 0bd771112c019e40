//! What tells findings apart, and stays the same.

use super::{Case, cases};
use crate::support::{path, plan};
use holdpoint::plan::JobPlan;
use holdpoint::report::Report;
use holdpoint::rules::{Finding, Fingerprint, Question, Unchecked};
use std::collections::{BTreeMap, BTreeSet};

fn fingerprints(report: &Report) -> Vec<Fingerprint> {
    let found = report.findings.found.iter().map(Finding::fingerprint);
    found.chain(report.findings.unchecked.iter().map(Unchecked::fingerprint)).collect()
}

#[test]
fn no_two_findings_of_a_check_share_one() {
    for case in cases() {
        let all = fingerprints(&case.report);
        let different: BTreeSet<_> = all.iter().collect();
        assert_eq!(different.len(), all.len(), "{}", case.name);
    }
}

/// The same rule, operator and state: another type is another change, and has another fingerprint.
#[test]
fn another_change_of_the_same_state_is_another_finding() {
    let of = |new: &str| {
        let case = Case::new(new, "flink-2.3-v1", plan(new));
        let found = case.report.findings.found.iter();
        let one = found
            .clone()
            .find(|it| it.subject.state.as_deref() == Some("last-order") && it.rule == "state-type-changed");
        one.unwrap().fingerprint()
    };
    assert_ne!(of("flink-2.3-field-type-changed"), of("flink-2.3-field-added"));
}

/// A savepoint with other subtasks and sizes, under another path, has the same findings: only what is of all the operators
/// together may differ.
#[test]
fn sizes_parallelism_and_paths_do_not_count() {
    let next = JobPlan::read(path("examples/shop-next.yaml").to_str().unwrap()).unwrap();
    let of = |old: &str| {
        let case = Case::new(old, old, next.clone());
        let found = case.report.findings.found.iter();
        found
            .map(|it| ((it.rule, it.subject.clone()), (it.fingerprint(), it.bytes)))
            .collect::<BTreeMap<_, _>>()
    };
    let [one, other] = ["flink-2.3-v1", "flink-2.3-max4"].map(of);
    assert!(one.len() >= 4);
    let mut other_sizes = 0;
    for (place, (fingerprint, bytes)) in &one {
        assert_eq!(other.get(place).map(|it| it.0), Some(*fingerprint), "{place:?}");
        other_sizes += usize::from(other[place].1 != *bytes);
    }
    assert!(other_sizes > 0);
}

#[test]
fn the_question_does_not_count() {
    let case = Case::shop();
    let asked = Question { allow_non_restored_state: true, ..Question::default() };
    let with = Report::of(&case.savepoint, &case.plan, asked);
    let [mut one, mut other] = [&case.report, &with].map(fingerprints);
    one.sort();
    other.sort();
    assert_eq!(one, other);
}
