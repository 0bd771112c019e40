//! Each rule fires where it must, and is silent where it must not.

use crate::support::{catalog, job_fixtures, location, path, plan, plan_file};
use crate::upgrades::new_fixtures;
use holdpoint::catalog::StateCatalog;
use holdpoint::files::SavepointFiles;
use holdpoint::flink::FlinkLine;
use holdpoint::metadata::MetadataVersion;
use holdpoint::plan::{JobPlan, PlanFile, Uid};
use holdpoint::report::{Outcome, Report};
use holdpoint::rules::{ClaimMode, Context, Question, RULES, RestorePath, Severity};
use holdpoint::source::Source;
use holdpoint::state::StateBackend;
use std::collections::BTreeSet;
use std::fmt::Write;

/// A question whose answer must name a rule, or must not.
struct Case {
    rule: &'static str,
    fires: bool,
    old: &'static str,
    plan: fn() -> JobPlan,
    question: Question,
}

impl Case {
    fn says(&self) -> BTreeSet<&'static str> {
        let (catalog, plan, location) = (catalog(self.old), (self.plan)(), location(self.old));
        let mut files = SavepointFiles::read(&location).unwrap();
        files.verify(&location).unwrap();
        let context = Context::new(&catalog, &plan, self.question).with_files(&files);
        let report = Report::of_context(&context);
        let found = report.findings.found.iter().map(|finding| finding.rule);
        found.chain(report.findings.unchecked.iter().map(|unchecked| unchecked.rule)).collect()
    }
}

macro_rules! cases {
    ($($rule:literal $fires:ident $old:literal $plan:expr $(, $option:ident: $value:expr)*;)+) => {
        vec![$(Case {
            rule: $rule,
            fires: cases!($fires),
            old: $old,
            plan: || $plan,
            question: Question { $($option: $value,)* ..Question::default() },
        }),+]
    };
    (fires) => { true };
    (silent) => { false };
}

/// A fixture's plan file, changed by hand as its author would.
fn edited(fixture: &str, edit: fn(&mut PlanFile)) -> JobPlan {
    let mut file = PlanFile::of_plan(&plan(fixture));
    edit(&mut file);
    plan_file("edited.yaml", &file.to_yaml(fixture))
}

/// A plan with the plan file of a rule's example laid over it.
fn over(fixture: &str, example: &str) -> JobPlan {
    plan(fixture).overlaid(example_plan(example))
}

/// The plan file of a rule's example.
fn example_plan(rule: &str) -> JobPlan {
    JobPlan::read(&path("examples/rules").join(format!("{rule}.yaml")).display().to_string()).unwrap()
}

/// A plan file of this text.
fn written(text: &str) -> JobPlan {
    plan_file(&format!("{:x}.yaml", text.len()), text)
}

fn line(text: &str) -> FlinkLine {
    text.parse().unwrap()
}

fn with_backend(fixture: &str, backend: StateBackend) -> JobPlan {
    JobPlan { state_backend: Some(backend), ..plan(fixture) }
}

/// totals behind totals-sink's head, as a plan can say it.
fn chain(file: &mut PlanFile, head: &str, member: &str) {
    for name in [head, member] {
        let entry = file.operators.iter_mut().find(|it| it.name.as_deref() == Some(name)).unwrap();
        entry.chain = Some("chain-1".to_owned());
    }
    // The head of a chain is listed first.
    file.operators.sort_by_key(|it| it.name.as_deref() != Some(head));
}

fn cases() -> Vec<Case> {
    cases_of_operators().into_iter().chain(cases_of_states()).collect()
}

fn cases_of_operators() -> Vec<Case> {
    cases![
        "flink-downgraded" fires "flink-2.3-v1" plan("flink-1.20-v1");
        "flink-downgraded" silent "flink-1.20-v1" plan("flink-2.3-v1");
        "state-backend-changed" fires "flink-2.3-v1-rocksdb-native" with_backend("flink-2.3-v1", StateBackend::HashMap);
        "state-backend-changed" silent "flink-2.3-v1-rocksdb-native" with_backend("flink-2.3-v1", StateBackend::RocksDb);
        "state-backend-changed" silent "flink-2.3-v1-rocksdb" with_backend("flink-2.3-v1", StateBackend::HashMap);
        "changelog-not-claimed" fires "flink-2.3-v1" plan("flink-2.3-v1-changelog-memory");
        "changelog-not-claimed" fires "flink-2.3-v1-changelog-memory" plan("flink-2.3-v1"); // which does not tell
        "changelog-not-claimed" silent "flink-2.3-v1" plan("flink-2.3-v1-changelog-memory"), claim_mode: ClaimMode::Claim;
        "changelog-not-claimed" silent "flink-2.3-v1" plan("flink-2.3-v1-changelog-memory"), restore: RestorePath::Ha;
        "changelog-not-claimed" silent "flink-2.3-v1-changelog-memory" edited("flink-2.3-v1", |file| file.changelog = Some(false));
        "operator-removed" fires "flink-1.20-v1" plan("flink-1.20-operator-removed");
        "operator-removed" fires "flink-1.20-v1" plan("flink-1.20-operator-replaced");
        "operator-removed" silent "flink-1.20-v1" plan("flink-1.20-sink-renamed"); // it holds no state
        "operator-removed" silent "flink-1.20-v1" plan("flink-1.20-sink-renamed"), restore: RestorePath::Ha;
        "stateless-operator-removed" fires "flink-1.20-v1" plan("flink-1.20-sink-renamed"), restore: RestorePath::Ha;
        "stateless-operator-removed" silent "flink-1.20-v1" plan("flink-1.20-sink-renamed");
        "stateless-operator-removed" silent "flink-1.20-v1" plan("flink-1.20-operator-removed"), restore: RestorePath::Ha; // it has state
        "operator-id-changed" fires "flink-1.20-v1" plan("flink-1.20-uid-dropped");
        "operator-id-changed" fires "flink-1.20-v1" plan("flink-1.20-uid-renamed");
        "operator-id-changed" fires "flink-1.20-v1" plan("flink-1.20-uid-added");
        "operator-id-changed" fires "flink-1.20-v1" plan("flink-1.20-unchained");
        "operator-id-changed" silent "flink-1.20-v1" plan("flink-1.20-function-replaced"); // the place is the same
        "operator-id-changed" silent "flink-1.20-v1" plan("flink-1.20-operator-replaced"); // by one that holds nothing
        "operator-added" fires "flink-2.3-operator-removed" plan("flink-2.3-v1");
        "operator-added" silent "flink-2.3-v1" plan("flink-2.3-uid-renamed"); // it moved
        "operator-finished" fires "flink-2.3-finished" plan("flink-2.3-operator-removed");
        "operator-finished" fires "flink-2.3-finished" plan("flink-2.3-finished"); // a savepoint does not tell what is before it
        "operator-finished" silent "flink-2.3-v1" plan("flink-2.3-operator-removed"); // nothing had finished
        "uid-too-long" fires "flink-2.3-v1" edited("flink-2.3-v1", |file| file.operators[0].name = Some("n".repeat(65_536)));
        "uid-too-long" silent "flink-2.3-v1" edited("flink-2.3-v1", |file| file.operators[0].name = Some("n".repeat(65_535)));
        "uid-too-long" silent "flink-1.20-v1" edited("flink-1.20-v1", |file| file.operators[0].name = Some("n".repeat(65_536))); // not stored there
        "uid-missing" fires "flink-2.3-v1" plan("flink-2.3-v1");
        "uid-missing" silent "flink-2.3-uid-added" plan("flink-2.3-uid-added"); // parse has none, and no state
        "chain-head-uid-only" fires "flink-2.3-v1" edited("flink-2.3-v1", |file| chain(file, "apply-rules", "totals"));
        "chain-head-uid-only" silent "flink-2.3-v1" edited("flink-2.3-v1", |file| chain(file, "totals", "Sink: totals-sink")); // the head has none
        "chain-head-uid-only" silent "flink-2.3-v1" edited("flink-2.3-v1", |file| chain(file, "apply-rules", "audit")); // both have one
        "max-parallelism-changed" fires "flink-1.20-v1" plan("flink-1.20-max-parallelism-256");
        "max-parallelism-changed" silent "flink-1.20-v1" plan("flink-1.20-max-parallelism-128"); // set to what it was
        "parallelism-above-max" fires "flink-1.20-max4" plan("flink-1.20-parallelism-8");
        "parallelism-above-max" silent "flink-1.20-max4" plan("flink-1.20-parallelism-4");
    ]
}

fn cases_of_states() -> Vec<Case> {
    cases![
        "key-type-changed" fires "flink-1.20-v1" plan("flink-1.20-key-type-changed");
        "key-type-changed" silent "flink-1.20-v1" plan("flink-1.20-field-type-changed"); // a value
        "namespace-type-changed" fires "flink-1.20-v1" plan("flink-1.20-window-type-changed");
        "namespace-type-changed" silent "flink-1.20-v1" plan("flink-1.20-v1");
        "state-kind-changed" fires "flink-1.20-v1" plan("flink-1.20-state-kind-changed");
        "state-kind-changed" fires "flink-1.20-v1" plan("flink-1.20-list-to-union");
        "state-kind-changed" silent "flink-1.20-v1" plan("flink-1.20-value-type-changed");
        "state-type-changed" fires "flink-1.20-v1" plan("flink-1.20-field-type-changed");
        "state-type-changed" fires "flink-1.20-v1" plan("flink-1.20-broadcast-value-changed");
        "state-type-changed" fires "flink-1.20-v1" with_backend("flink-1.20-map-key-evolved", StateBackend::RocksDb);
        "state-type-changed" silent "flink-1.20-v1" plan("flink-1.20-state-kind-changed"); // the kind says it all
        "state-type-changed" silent "flink-1.20-v1" plan("flink-1.20-key-type-changed"); // timers hold the key, too
        "subclass-unregistered" fires "flink-1.20-v1" plan("flink-1.20-v1");
        "subclass-unregistered" silent "flink-2.3-sql-group" plan("flink-2.3-sql-group"); // no POJOs
        "state-removed" fires "flink-1.20-v1" plan("flink-1.20-state-removed");
        "state-removed" silent "flink-1.20-v1" plan("flink-1.20-state-renamed");
        "state-renamed" fires "flink-1.20-v1" plan("flink-1.20-state-renamed");
        "state-renamed" silent "flink-1.20-v1" plan("flink-1.20-state-removed");
        "state-added" fires "flink-1.20-v1" plan("flink-1.20-state-added");
        "state-added" silent "flink-1.20-v1" plan("flink-1.20-field-added");
        "state-backend-changed" fires "flink-2.3-v1" with_backend("flink-2.3-v1", StateBackend::ForSt); // it is canonical
        "state-backend-changed" silent "flink-2.3-v1-rocksdb-native" with_backend("flink-2.3-v1", StateBackend::ForSt);
        "savepoint-too-old" fires "flink-1.11-checkout" plan("flink-2.3-checkout");
        "savepoint-too-old" silent "flink-1.12-checkout" plan("flink-2.3-checkout");
        "plan-of-other-flink" fires "flink-1.20-v1" plan("flink-1.20-v1"), target_flink: Some(line("2.3"));
        "plan-of-other-flink" silent "flink-1.20-v1" plan("flink-2.3-v1");
        "file-missing" fires "flink-2.3-v1-incremental" with_backend("flink-2.3-v1", StateBackend::RocksDb);
        "file-missing" silent "flink-2.3-v1" plan("flink-2.3-v1");
        "not-self-contained" fires "flink-2.3-v1-incremental" with_backend("flink-2.3-v1", StateBackend::RocksDb);
        "not-self-contained" silent "flink-2.3-v1-rocksdb-native" with_backend("flink-2.3-v1", StateBackend::RocksDb);
        "master-hook-removed" fires "flink-2.3-ledger" plan("flink-2.3-v1");
        "master-hook-removed" silent "flink-2.3-ledger" plan("flink-2.3-ledger");
        "everything-dropped" fires "flink-2.3-v1" example_plan("everything-dropped"), allow_non_restored_state: true;
        "everything-dropped" silent "flink-2.3-v1" example_plan("everything-dropped"); // it is refused
        "everything-dropped" silent "flink-2.3-v1" plan("flink-2.3-uid-dropped"), allow_non_restored_state: true; // not all
        "uid-duplicated" fires "flink-2.3-v1" example_plan("uid-duplicated");
        "uid-duplicated" silent "flink-2.3-v1" plan("flink-2.3-v1");
        "operator-replaced" fires "flink-2.3-v1" example_plan("operator-replaced");
        "operator-replaced" silent "flink-2.3-v1" plan("flink-2.3-state-removed"); // others stay
        "in-flight-data" fires "flink-2.3-checkout" over("flink-2.3-checkout", "in-flight-data");
        "in-flight-data" fires "flink-1.20-checkout" plan("flink-2.3-checkout"); // another Flink
        "in-flight-data" fires "flink-2.3-checkout" plan("flink-2.3-checkout"); // a savepoint does not tell what is chained
        "in-flight-data" silent "flink-2.3-v1" plan("flink-2.3-v1"); // a savepoint has none
        "uid-random" fires "flink-2.3-v1" over("flink-2.3-v1", "uid-random");
        "uid-random" silent "flink-2.3-v1" plan("flink-2.3-uid-renamed");
        "uid-hash-takes-state" fires "flink-2.3-v1" over("flink-2.3-v1", "uid-hash-takes-state");
        "uid-hash-takes-state" silent "flink-2.3-v1" written("operators: [{uid: profiles, uid_hash: 8543f4f2e0576b0fc244442c6c7832f2}]"); // nobody else's
        "uids-swapped" fires "flink-2.3-v1" example_plan("uids-swapped");
        "uids-swapped" silent "flink-2.3-v1" plan("flink-2.3-v1");
        "max-parallelism-mixed" fires "flink-2.3-stock" over("flink-2.3-stock", "max-parallelism-mixed"), target_flink: Some(line("2.4"));
        "max-parallelism-mixed" silent "flink-2.3-stock" plan("flink-2.3-stock"), target_flink: Some(line("2.4")); // each in a chain of its own
        "state-oversized" fires "flink-2.3-v1" plan("flink-2.3-v1"), large_state: 8 << 10;
        "state-oversized" silent "flink-2.3-v1" plan("flink-2.3-v1");
        "state-skewed" fires "flink-2.3-partly" plan("flink-2.3-partly"), large_state: 2 << 10;
        "state-skewed" silent "flink-2.3-v1" plan("flink-2.3-v1"), large_state: 2 << 10;
        "key-hash-code" fires "flink-2.3-stock" plan("flink-2.3-stock");
        "key-hash-code" silent "flink-2.3-v1" plan("flink-2.3-v1"); // String
        "connector-replaced" fires "flink-2.3-v1" plan("flink-2.3-v1");
        "connector-replaced" silent "flink-2.3-ledger" plan("flink-2.3-ledger"); // a SourceFunction
        "sql-query-unseen" fires "flink-2.3-sql-group" plan("flink-2.3-sql-group");
        "sql-query-unseen" silent "flink-2.3-windows" plan("flink-2.3-windows");
        "pattern-matches-open" fires "flink-2.3-pattern" plan("flink-2.3-pattern");
        "pattern-matches-open" silent "flink-2.3-windows" plan("flink-2.3-windows");
        "serializer-missing" fires "flink-1.20-stock" plan("flink-2.3-stock");
        "serializer-missing" silent "flink-1.20-stock" plan("flink-1.20-stock");
        "collection-serializer-changed" fires "flink-1.20-v1" plan("flink-1.20-v1"), target_flink: Some(line("2.3"));
        "collection-serializer-changed" silent "flink-1.20-v1" plan("flink-1.20-v1");
        "collection-serializer-changed" silent "flink-1.20-v1" plan("flink-2.3-v1"); // state-type-changed says so
        "kryo-upgraded" fires "flink-1.20-v1" plan("flink-2.3-v1");
        "kryo-upgraded" silent "flink-1.20-v1" plan("flink-1.20-v1");
        "kryo-serialized" fires "flink-2.3-v1" plan("flink-2.3-v1");
        "kryo-serialized" silent "flink-2.3-state-removed" plan("flink-2.3-state-removed"); // "balance" is gone
        "plan-incomplete" fires "flink-2.3-v1" edited("flink-2.3-v1", |file| file.operators.iter_mut().for_each(|it| it.states = None));
        "plan-incomplete" silent "flink-2.3-v1" edited("flink-2.3-v1", |file| file.operators.iter_mut().for_each(|it| it.states = Some(Vec::new())));
        "state-unread" fires "flink-2.3-custom-serializer" plan("flink-2.3-custom-serializer");
        "state-unread" silent "flink-2.3-v1" plan("flink-2.3-custom-serializer"); // what is unread is the plan's
        "plan-incomplete" fires "flink-2.3-v1" plan("flink-2.3-custom-serializer");
        "plans-contradict" fires "flink-2.3-v1" plan("flink-2.3-v1").overlaid(plan("flink-2.3-key-type-changed"));
        "plans-contradict" silent "flink-2.3-v1" plan("flink-2.3-v1").overlaid(plan("flink-2.3-state-added")); // it tells more
        "state-removed" silent "flink-2.3-v1" plan("flink-2.3-custom-serializer"); // it may be among the unread
    ]
}

#[test]
fn every_rule_fires_where_it_must_and_nowhere_else() {
    for case in cases() {
        assert_eq!(
            case.says().contains(case.rule),
            case.fires,
            "{} on {}: {:?}",
            case.rule,
            case.old,
            case.says()
        );
    }
}

#[test]
fn every_rule_has_a_firing_case_and_a_near_miss() {
    for fires in [true, false] {
        let covered: BTreeSet<_> =
            cases().iter().filter(|case| case.fires == fires).map(|case| case.rule).collect();
        // Those about waivers need a policy, and tests/policy.rs has both cases of each.
        let all: BTreeSet<_> =
            RULES.iter().map(|rule| rule.id).filter(|id| !id.starts_with("waiver-")).collect();
        assert_eq!(covered, all, "fires: {fires}");
    }
}

/// Every rule over every upgrade from v1, so that an overlap, or a rule that fires too often, shows in review.
#[test]
fn the_rules_that_each_upgrade_sets_off_are_these() {
    let mut table = String::new();
    for new in &new_fixtures() {
        let Some(line) = ["flink-1.20", "flink-2.3"].into_iter().find(|line| new.starts_with(line)) else {
            continue;
        };
        let report = Report::of(&catalog(&format!("{line}-v1")), &plan(new), Question::default());
        let _ = writeln!(table, "{new}: {}", report.verdict().name());
        for finding in &report.findings.found {
            let place = finding.subject.state.as_deref().unwrap_or("-");
            let _ = writeln!(
                table,
                "    {:<8}{:<25}{} {place}",
                finding.severity.name(),
                finding.rule,
                finding.subject.title()
            );
        }
        for unchecked in report.findings.unchecked.iter().filter(|it| it.undetermined) {
            let place = unchecked.subject.state.as_deref().unwrap_or("-");
            let _ =
                writeln!(table, "    ?       {:<25}{} {place}", unchecked.rule, unchecked.subject.title());
        }
    }
    snapbox::assert_data_eq!(table, snapbox::Data::read_from(&path("tests/rules-set-off.txt"), None));
}

/// Flink 2.0 and later store uids: a plan that is such a savepoint knows who has none.
#[test]
fn uids_are_known_from_flink_2_0_on() {
    for fixture in job_fixtures() {
        let stored = catalog(&fixture).version >= MetadataVersion::V5;
        let known = plan(&fixture).operators.iter().all(|operator| operator.uid != Uid::Unknown);
        assert_eq!(known, stored, "{fixture}");
    }
}

/// Up to 2.3, high-availability storage is restored without looking at --allowNonRestoredState.
#[test]
fn high_availability_storage_drops_nothing_until_2_4() {
    let restores = |target: &str, restore| {
        let target_flink = target.parse().ok();
        let question =
            Question { allow_non_restored_state: true, restore, target_flink, ..Question::default() };
        Report::of(&catalog("flink-2.3-v1"), &plan("flink-2.3-operator-removed"), question).asked().name()
    };
    assert_eq!(restores("2.3", RestorePath::Savepoint), "accepted");
    assert_eq!(restores("2.3", RestorePath::Ha), "rejected");
    assert_eq!(restores("2.4", RestorePath::Ha), "accepted");
}

/// A savepoint against itself: nothing worse than information, but where nothing can be compared, and Flink accepts it.
/// Two things may be left open: a file from before Flink 1.16 may be in a format of its backend's own, and a changelog
/// without a snapshot names no key.
#[test]
fn a_savepoint_restores_into_its_own_job() {
    // Kryo's classes, the hash codes of keys, the stages of patterns, the files of other checkpoints: no plan tells
    // whether they changed, and each is warned of.
    const BEYOND_ANY_PLAN: [&str; 4] =
        ["kryo-serialized", "key-hash-code", "pattern-matches-open", "not-self-contained"];
    let mut accepted = 0;
    for fixture in job_fixtures().iter().filter(|name| !name.ends_with("-custom-serializer")) {
        let catalog = catalog(fixture);
        // Only the Flink that wrote in-flight data in 1.11 reads it.
        let target_flink = fixture.starts_with("flink-1.11").then(|| "1.11".parse().unwrap());
        // A job with a changelog restores no other way.
        let question = Question { target_flink, claim_mode: ClaimMode::Claim, ..Question::default() };
        let report = Report::of(&catalog, &plan(fixture), question);
        let findings = report.findings.found.iter().filter(|it| !BEYOND_ANY_PLAN.contains(&it.rule));
        let worse: Vec<_> = findings.filter(|finding| finding.severity > Severity::Info).collect();
        assert!(worse.is_empty(), "{fixture}: {worse:?}");
        let open: BTreeSet<_> =
            report.findings.unchecked.iter().filter(|it| it.undetermined).map(|it| it.rule).collect();
        let is_changelog = fixture.contains("-changelog") || fixture.contains("-rescaled");
        let is_old = catalog.version < MetadataVersion::V4;
        let may_be_open = |rule: &&str| match *rule {
            "state-backend-changed" => is_old || is_changelog,
            "plan-incomplete" | "state-unread" => is_changelog,
            _ => false,
        };
        assert!(open.iter().all(may_be_open), "{fixture}: {open:?}");
        let expected = if open.is_empty() { Outcome::Accepted } else { Outcome::Undetermined };
        assert_eq!(report.asked(), expected, "{fixture}");
        accepted += usize::from(open.is_empty());
    }
    assert!(accepted > 120, "{accepted}");
}

/// An over window of rows that becomes one of time loses two states, and gets one that either could be.
#[test]
fn a_new_state_is_the_successor_of_one_old_state_at_most() {
    let of_job = |version: &str| {
        let directory = path("fixtures/upgrades/sql-windows/over-of-rows-to-time");
        directory.join(format!("flink-2.3-{version}")).display().to_string()
    };
    let catalog = StateCatalog::open(&Source::default().savepoint(&of_job("old")).unwrap()).unwrap();
    let plan = JobPlan::read(&of_job("new")).unwrap();
    let report = Report::of(&catalog, &plan, Question::default());
    let states_of = |rule: &str| -> BTreeSet<_> {
        let found = report.findings.found.iter().filter(|it| it.rule == rule);
        found.filter_map(|it| it.subject.state.as_deref()).collect()
    };
    assert_eq!(states_of("state-renamed"), BTreeSet::new());
    let gone = states_of("state-removed");
    assert!(["processedCountState", "smallestTSState"].iter().all(|it| gone.contains(it)), "{gone:?}");
}
