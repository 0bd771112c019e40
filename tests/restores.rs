//! Verdicts equal Flink's own restore, for every restore that was recorded.

use crate::support::{catalog, job_fixtures, path, plan, plan_file};
use holdpoint::metadata::MetadataVersion;
use holdpoint::plan::{JobPlan, MaxParallelismSetting, PlanFile};
use holdpoint::report::{Outcome, Report};
use holdpoint::rules::Question;
use holdpoint::state::StateBackend;
use serde::Deserialize;
use std::collections::BTreeSet;

#[derive(Deserialize)]
struct Record {
    restores: Vec<Restore>,
}

/// One restore that a real Flink was asked for, and what it did.
#[derive(Deserialize)]
struct Restore {
    flink: String,
    old: String,
    new: String,
    new_fixture: String,
    backend: String,
    allow_non_restored_state: bool,
    outcome: String,
}

impl Restore {
    fn read_all() -> Vec<Self> {
        let text = std::fs::read_to_string(path("fixtures/restores.json")).unwrap();
        serde_json::from_str::<Record>(&text).unwrap().restores
    }

    fn question(&self) -> Question {
        Question { allow_non_restored_state: self.allow_non_restored_state, ..Question::default() }
    }

    fn state_backend(&self) -> StateBackend {
        match self.backend.as_str() {
            "hashmap" => StateBackend::HashMap,
            "rocksdb" => StateBackend::RocksDb,
            other => panic!("{other}"),
        }
    }

    fn title(&self) -> String {
        let flag = if self.allow_non_restored_state { " -n" } else { "" };
        format!("Flink {}: {} → {} on {}{flag}", self.flink, self.old, self.new, self.backend)
    }

    /// What a plan that is a savepoint cannot tell, and the author of a plan file can.
    fn max_parallelism(&self) -> MaxParallelismSetting {
        match self.new.as_str() {
            "max-parallelism-128" => MaxParallelismSetting::Set(128),
            "max-parallelism-256" => MaxParallelismSetting::Set(256),
            _ => MaxParallelismSetting::Derived,
        }
    }
}

/// The fixtures of new jobs that were restored into.
pub fn new_fixtures() -> BTreeSet<String> {
    Restore::read_all().into_iter().map(|restore| restore.new_fixture).collect()
}

/// Pairs of an old savepoint and a new job whose restore cannot be judged, on both lines of Flink.
fn undetermined_pairs(pairs: &[(&str, &str)]) -> BTreeSet<(String, String)> {
    let lines = ["1.20", "2.3"].iter();
    lines
        .flat_map(|line| {
            pairs.iter().map(move |(old, new)| (format!("flink-{line}-{old}"), (*new).to_owned()))
        })
        .collect()
}

/// Asks about every restore, demands Flink's verdict or none, and gives the pairs without one.
fn judge(plan_of: impl Fn(&Restore) -> JobPlan) -> BTreeSet<(String, String)> {
    let mut undetermined = BTreeSet::new();
    for restore in Restore::read_all() {
        let plan = JobPlan { state_backend: Some(restore.state_backend()), ..plan_of(&restore) };
        let report = Report::of(&catalog(&restore.old), &plan, restore.question());
        match report.asked() {
            Outcome::Undetermined => drop(undetermined.insert((restore.old.clone(), restore.new.clone()))),
            asked => assert_eq!(asked.name(), restore.outcome, "{}", restore.title()),
        }
    }
    undetermined
}

/// A serializer of the user's own decides by its own code, which no plan can tell.
const CUSTOM: [(&str, &str); 2] = [("v1", "custom-serializer"), ("custom-serializer", "custom-serializer")];

/// The new job's savepoint of a test run is the plan. It does not tell who set a max parallelism, so where the value
/// differs and may be derived, the answer is `undetermined`; everywhere else it is Flink's.
#[test]
fn a_test_savepoint_as_the_plan_gives_flinks_verdict() {
    let undetermined = judge(|restore| plan(&restore.new_fixture));
    let open = [("max4", "parallelism-4"), ("max4", "unchanged")];
    assert_eq!(undetermined, undetermined_pairs(&[open, CUSTOM].concat()));
}

/// A plan file made by `holdpoint plan`, with the one question that it leaves open answered, gives Flink's verdict
/// wherever it tells the states.
#[test]
fn a_plan_file_gives_flinks_verdict() {
    let undetermined = judge(|restore| {
        let mut file = PlanFile::of_plan(&plan(&restore.new_fixture));
        file.max_parallelism = Some(restore.max_parallelism());
        for operator in &mut file.operators {
            operator.max_parallelism = None;
        }
        plan_file("restore.yaml", &file.to_yaml("a test"))
    });
    // A finished operator shows no states, and `holdpoint plan` claims none for it.
    let open = [("v1", "finished")];
    assert_eq!(undetermined, undetermined_pairs(&[&open[..], &CUSTOM].concat()));
}

/// Without the state backend only what depends on it is left open.
#[test]
fn only_a_changed_user_key_depends_on_the_state_backend() {
    for restore in Restore::read_all() {
        let asked = |backend| {
            let mut plan = plan(&restore.new_fixture);
            plan.state_backend = backend;
            Report::of(&catalog(&restore.old), &plan, restore.question()).asked()
        };
        if restore.new == "map-key-evolved" {
            assert_eq!(asked(None), Outcome::Undetermined, "{}", restore.title());
        } else {
            assert_eq!(asked(None), asked(Some(restore.state_backend())), "{}", restore.title());
        }
    }
}

/// Each old and new fixture of the record exists, and each fixture of a variant is in the record.
#[test]
fn the_record_and_the_fixtures_agree() {
    let all: BTreeSet<_> = job_fixtures().into_iter().collect();
    let restores = Restore::read_all();
    let used: BTreeSet<_> =
        restores.iter().flat_map(|restore| [restore.old.clone(), restore.new_fixture.clone()]).collect();
    assert_eq!(used.difference(&all).collect::<Vec<_>>(), Vec::<&String>::new());
    // The others are read, and never restored: older lines, other jobs, checkpoints.
    let variants: BTreeSet<_> = restores.iter().map(|restore| restore.new.as_str()).collect();
    let is_of_variant = |name: &&String| {
        let variant = ["flink-1.20-", "flink-2.3-"].iter().find_map(|line| name.strip_prefix(line));
        variant.is_some_and(|variant| variants.contains(variant))
    };
    let unused: Vec<_> = all.difference(&used).filter(is_of_variant).collect();
    assert_eq!(unused, Vec::<&String>::new());
}

/// A savepoint against itself: nothing worse than information, but where nothing can be compared, and Flink accepts it.
/// Two things may be left open: a file from before Flink 1.16 may be in a format of its backend's own, and a changelog
/// without a snapshot names no key.
#[test]
fn a_savepoint_restores_into_its_own_job() {
    use holdpoint::rules::Severity;
    // Kryo's classes, the hash codes of keys, the stages of patterns, the files of other checkpoints: no plan tells
    // whether they changed, and each is warned of.
    const BEYOND_ANY_PLAN: [&str; 4] =
        ["kryo-serialized", "key-hash-code", "pattern-matches-open", "not-self-contained"];
    let mut accepted = 0;
    for fixture in job_fixtures().iter().filter(|name| !name.ends_with("-custom-serializer")) {
        let catalog = catalog(fixture);
        // Only the Flink that wrote in-flight data in 1.11 reads it.
        let target_flink = fixture.starts_with("flink-1.11").then(|| "1.11".parse().unwrap());
        let question = Question { target_flink, ..Question::default() };
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
