//! Every format, read as its consumer reads it.

mod fingerprints;
mod github;
mod gitlab;
mod html;
mod json;
mod junit;
mod markdown;
mod sarif;
mod several;

use crate::support::{catalog, job_fixtures, path, plan, plan_file};
use holdpoint::catalog::StateCatalog;
use holdpoint::ids::KnownUids;
use holdpoint::plan::JobPlan;
use holdpoint::report::{Checked, Gate, RENDERERS, Renderer, Report};
use holdpoint::rules::{Question, Severity};
use std::sync::LazyLock;

/// A check, with all that it is about.
struct Case {
    name: String,
    savepoint: StateCatalog,
    plan: JobPlan,
    report: Report,
    uids: KnownUids,
}

/// Names as a user may choose them, to break a format that takes them as they are.
const HOSTILE: &str = "a|b `c` <b>*d*</b> @e #1 %0A::error::x, [f](g) \\ & ]]> \u{1b}[31m\u{202e}";

impl Case {
    fn new(name: &str, savepoint: &str, plan: JobPlan) -> Self {
        let savepoint = catalog(savepoint);
        let report = Report::of(&savepoint, &plan, Question::default());
        Self { name: name.to_owned(), savepoint, plan, report, uids: KnownUids::default() }
    }

    /// The shop and its next version, as the README has them.
    fn shop() -> Self {
        let plan = JobPlan::read(path("examples/shop-next.yaml").to_str().unwrap()).unwrap();
        Self::new("shop-next", "flink-2.3-v1", plan)
    }

    /// A plan with the worst of names.
    fn hostile() -> Self {
        let name = serde_json::Value::from(format!("{HOSTILE}\nline two"));
        let text = format!(
            "operators:\n  - {{uid: customer-profile, key: String, states: [{{name: {name}, kind: value, value: Long}}]}}\n  - {{uid: {name}, name: {name}, states: [{{name: {name}, kind: value, value: Long}}]}}\n"
        );
        Self::new("hostile", "flink-2.3-v1", plan_file("hostile.yaml", &text))
    }

    fn checked(&self) -> Checked<'_> {
        Checked {
            title: &self.name,
            savepoint: &self.savepoint,
            plan: &self.plan,
            report: &self.report,
            gate: Gate { fail_on: Severity::Error, accept_undetermined: false },
            policy: None,
            uids: &self.uids,
        }
    }

    fn render(&self, format: &str) -> String {
        (Renderer::named(format).unwrap().render)(&self.checked())
    }

    /// The bytes of a format that is JSON.
    fn render_json(&self, format: &str) -> serde_json::Value {
        serde_json::from_str(&self.render(format)).unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    /// How many entries each format must have.
    fn entries(&self) -> usize {
        self.report.findings.found.len() + self.report.findings.unchecked.len()
    }
}

/// Every upgrade of the fixtures from version 1, and what is hostile.
fn cases() -> &'static [Case] {
    static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
        let mut cases = vec![Case::shop(), Case::hostile()];
        for new in job_fixtures() {
            if let Some(line) = ["flink-1.20", "flink-2.3"].into_iter().find(|line| new.starts_with(line)) {
                cases.push(Case::new(&new, &format!("{line}-v1"), plan(&new)));
            }
        }
        assert!(cases.iter().any(|case| case.report.findings.unchecked.iter().any(|it| it.undetermined)));
        cases
    });
    &CASES
}

/// Each format has its row in the documentation, and its file of tests here.
#[test]
fn every_format_is_documented_and_tested() {
    let page = std::fs::read_to_string(path("docs/outputs.md")).unwrap();
    for renderer in RENDERERS {
        assert!(page.contains(&format!("| `{}` |", renderer.name)), "{}", renderer.name);
        let has_tests = path(&format!("tests/outputs/{}.rs", renderer.name)).exists();
        // The table is what the console blocks of the documentation show.
        assert!(has_tests || renderer.name == "table", "{}", renderer.name);
    }
}
