//! JUnit's XML, as Jenkins, GitLab and others show test results.
//!
//! An operator is a suite, and a finding is a test of it: failed when it reaches the gate. An operator without findings is
//! one test that passed, so that a repaired operator shows as such.

use super::Checked;
use crate::rules::{Finding, Subject, Unchecked};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

/// The operators of the savepoint in its order, then what is only in the plan, then the whole job.
pub fn render_report(checked: &Checked<'_>) -> String {
    let mut suites = Suites::default();
    for operator in &checked.savepoint.operators {
        let new = checked.plan.operators.iter().find(|it| it.id == Some(operator.id));
        suites.add(&Subject::operator(operator, new), None);
    }
    for finding in &checked.report.findings.found {
        suites.add(&finding.subject, [case_of_finding(checked, finding)]);
    }
    for unchecked in &checked.report.findings.unchecked {
        suites.add(&unchecked.subject, [case_of_unchecked(checked, unchecked)]);
    }
    let mut report = Report::new("holdpoint");
    for (_, name, cases) in suites.0 {
        let mut suite = TestSuite::new(name.as_str());
        if cases.is_empty() {
            let mut case = TestCase::new("restores", TestCaseStatus::success());
            case.set_classname(name.as_str());
            suite.add_test_case(case);
        }
        for mut case in cases {
            case.set_classname(name.as_str());
            suite.add_test_case(case);
        }
        report.add_test_suite(suite);
    }
    // Writing to memory fails for nothing that was put in here.
    report.to_string().unwrap_or_default()
}

/// Suites in the order in which they were first asked for, by the operators that they are of.
#[derive(Default)]
struct Suites(Vec<(Option<String>, String, Vec<TestCase>)>);

impl Suites {
    fn add(&mut self, subject: &Subject, cases: impl IntoIterator<Item = TestCase>) {
        let operator = subject.operator_id.map(|id| id.to_string()).or_else(|| subject.operator_name.clone());
        if let Some((_, _, suite)) = self.0.iter_mut().find(|(of, _, _)| *of == operator) {
            suite.extend(cases);
        } else {
            self.0.push((operator, subject.title(), cases.into_iter().collect()));
        }
    }
}

fn name(rule: &str, subject: &Subject) -> String {
    subject.state.as_ref().map_or_else(|| rule.to_owned(), |state| format!("{rule} › {state}"))
}

fn case_of_finding(checked: &Checked<'_>, finding: &Finding) -> TestCase {
    let text = format!("{}\n→ {}\nfingerprint {}", finding.message, finding.help, finding.fingerprint());
    if finding.severity < checked.gate.fail_on {
        let mut case = TestCase::new(name(finding.rule, &finding.subject), TestCaseStatus::success());
        case.set_system_out(format!("{}: {text}", finding.severity.name()));
        return case;
    }
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_type(finding.rule).set_message(finding.message.as_str()).set_description(text);
    TestCase::new(name(finding.rule, &finding.subject), status)
}

/// What keeps a verdict from being given is an error, unless it was said to pass.
fn case_of_unchecked(checked: &Checked<'_>, unchecked: &Unchecked) -> TestCase {
    let fails = unchecked.undetermined && !checked.gate.accept_undetermined;
    let mut status =
        if fails { TestCaseStatus::non_success(NonSuccessKind::Error) } else { TestCaseStatus::skipped() };
    let word = if unchecked.undetermined { "undetermined" } else { "unchecked" };
    status
        .set_type(unchecked.rule)
        .set_message(format!("{word}: {}", unchecked.why))
        .set_description(format!("{}\n→ {}", unchecked.why, unchecked.help));
    TestCase::new(format!("{} ({word})", name(unchecked.rule, &unchecked.subject)), status)
}
