//! JUnit's XML, read back by a reader of test reports.

use super::{Case, HOSTILE, cases};
use holdpoint::rules::Severity;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus};

fn read(case: &Case) -> Report {
    let xml = case.render("junit");
    Report::deserialize_from_str(&xml).unwrap_or_else(|error| panic!("{}: {error}\n{xml}", case.name))
}

fn count(report: &Report, wanted: fn(&TestCaseStatus) -> bool) -> usize {
    report.test_suites.iter().flat_map(|suite| &suite.test_cases).filter(|case| wanted(&case.status)).count()
}

fn is(status: &TestCaseStatus, wanted: NonSuccessKind) -> bool {
    matches!(status, TestCaseStatus::NonSuccess { kind, .. } if *kind == wanted)
}

#[test]
fn what_reaches_the_gate_fails_and_what_keeps_the_verdict_away_is_an_error() {
    for case in cases() {
        let report = read(case);
        let findings = &case.report.findings;
        let failing = findings.found.iter().filter(|it| it.severity == Severity::Error).count();
        let undetermined = findings.unchecked.iter().filter(|it| it.undetermined).count();
        let failures = count(&report, |status| is(status, NonSuccessKind::Failure));
        assert_eq!((failures, report.failures), (failing, failing), "{}", case.name);
        let errors = count(&report, |status| is(status, NonSuccessKind::Error));
        assert_eq!((errors, report.errors), (undetermined, undetermined), "{}", case.name);
        let skipped = count(&report, |status| matches!(status, TestCaseStatus::Skipped { .. }));
        assert_eq!(skipped, findings.unchecked.len() - undetermined, "{}", case.name);
        assert_eq!(
            report.tests,
            report.test_suites.iter().map(|suite| suite.test_cases.len()).sum::<usize>()
        );
    }
}

/// An operator of which nothing is said is a test that passed.
#[test]
fn every_operator_is_a_suite() {
    let case = Case::shop();
    let report = read(&case);
    // And what is not of one operator is one of its own.
    assert_eq!(report.test_suites.len(), case.savepoint.operators.len() + 1);
    let suite = |name: &str| report.test_suites.iter().find(|suite| suite.name.as_str() == name).unwrap();
    let names =
        |name: &str| suite(name).test_cases.iter().map(|it: &TestCase| it.name.as_str()).collect::<Vec<_>>();
    assert_eq!(names("apply-rules"), ["restores"]);
    assert_eq!(names("audit"), ["operator-removed"]);
}

#[test]
fn a_name_is_read_back() {
    let report = read(&Case::hostile());
    let (before, _) = HOSTILE.split_once('\u{1b}').unwrap();
    assert!(report.test_suites.iter().any(|suite| suite.name.as_str().starts_with(before)));
}
