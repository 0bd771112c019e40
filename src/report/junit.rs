//! JUnit's XML, as Jenkins, GitLab and others show test results.
//!
//! An operator is a suite, and a finding is a test of it: failed when it reaches the gate. An operator without findings is
//! one test that passed, so that a repaired operator shows as such.

use super::{Checked, Entry, Weight};
use crate::rules::Subject;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

/// The operators of the savepoint in its order, then what is only in the plan, then the whole job.
pub fn render_report(checked: &Checked<'_>) -> String {
    let mut suites = Suites::default();
    for operator in &checked.savepoint.operators {
        let new = checked.plan.operators.iter().find(|it| it.id == Some(operator.id));
        suites.add(&Subject::operator(operator, new), None);
    }
    for entry in checked.report.entries() {
        suites.add(entry.subject, [case(checked, &entry)]);
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

/// What fails the check is a failure, or an error where it could not be judged; what is waived and what nobody looked at is
/// skipped; the rest passed, and has something to say.
fn case(checked: &Checked<'_>, entry: &Entry<'_>) -> TestCase {
    let is_finding = matches!(entry.weight, Weight::Found(..));
    let mut name = entry.rule.to_owned();
    if let Some(state) = &entry.subject.state {
        name = format!("{name} › {state}");
    }
    if !is_finding {
        name = format!("{name} ({})", entry.weight.name());
    }
    let text = format!("{}\n→ {}\nfingerprint {}", entry.message, entry.help, entry.fingerprint);
    let (mut status, message) = match (entry.waiver, checked.report.fails(entry, checked.gate)) {
        (Some(waiver), _) => (TestCaseStatus::skipped(), format!("waived: {}", waiver.reason)),
        (None, true) if is_finding => {
            (TestCaseStatus::non_success(NonSuccessKind::Failure), entry.message.to_owned())
        }
        (None, true) => {
            let message = format!("{}: {}", entry.weight.name(), entry.message);
            (TestCaseStatus::non_success(NonSuccessKind::Error), message)
        }
        (None, false) if is_finding => {
            let mut case = TestCase::new(name, TestCaseStatus::success());
            case.set_system_out(format!("{}: {text}", entry.weight.name()));
            return case;
        }
        (None, false) => (TestCaseStatus::skipped(), format!("{}: {}", entry.weight.name(), entry.message)),
    };
    status.set_type(entry.rule).set_message(message).set_description(text);
    TestCase::new(name, status)
}
