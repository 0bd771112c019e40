//! The upgrade matrix: for every scenario, the verdict on its restores equals Flink's own.

use crate::support::{path, plan_file};
use holdpoint::catalog::StateCatalog;
use holdpoint::ids::OperatorId;
use holdpoint::plan::{JobPlan, MaxParallelismSetting, PlanFile};
use holdpoint::report::{Outcome, Report};
use holdpoint::rules::Question;
use holdpoint::source::{Settings, Source};
use holdpoint::state::StateBackend;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::{Arc, OnceLock};

/// What no plan can tell, with the reason. It is judged as Flink's own checks judge it, and the report says what was
/// not looked at.
const APART: &[(&str, &str)] = &[
    ("Pojos.fieldTransient", DECLARED),
    ("Pojos.classGone", GONE),
    ("Pojos.droppedAndRetyped", GONE),
    ("Enums.droppedAndShrunk", GONE),
    ("NonKeyed.classGone", GONE),
    ("NonKeyed.droppedAndRetyped", GONE),
    ("Generics.classGone", GONE),
    ("Generics.registeredClassGone", GONE),
    ("Subclasses.registeredGone", GONE),
    ("Subclasses.unusedRegisteredGone", GONE),
    ("Generics.fieldAdded", KRYO),
    ("Generics.fieldRetyped", KRYO),
    ("Generics.fieldAddedInMapKey", KRYO),
    ("Generics.fieldAddedInOperatorState", KRYO),
    ("Generics.uuid", KRYO_5),
    ("Generics.localDate", KRYO_5),
    ("Custom.unchanged", OWN),
    ("Custom.builtInToCustom", OWN),
    ("Custom.customToBuiltIn", OWN),
    ("Custom.refused", OWN),
    ("Custom.serializerRenamed", OWN),
    ("Custom.snapshotGone", GONE),
    ("Custom.dropped", OWN),
    ("NonKeyed.keyedToOperator", IDLE),
    ("Operators.uidHashKept", HASH),
    ("Operators.uidHashInsteadOfOwn", HASH),
    ("Operators.replacedByStateless", IDLE),
    ("Avros.classGone", GONE),
    ("Avros.classRenamed", OTHER),
    ("Avros.classReplaced", OTHER),
    ("Avros.turnedGeneric", OTHER),
    ("Avros.genericFieldAdded", PLACES),
    ("Scalas.tupleToJava", ALIKE),
    ("Scalas.eitherToJava", ALIKE),
    ("Scalas.listToJava", ALIKE),
];

/// What `setUidHash` was given, by scenario and operator.
const UID_HASHES: &[(&str, &str, &str)] = &[
    ("Operators.uidHashKept", "other", "e7a0c7e1408b9f14c918cbc8aab06ff3"),
    ("Operators.uidHashInsteadOfOwn", "other", "e7a0c7e1408b9f14c918cbc8aab06ff3"),
    ("Operators.uidHashTaken", "other", "e7a0c7e1408b9f14c918cbc8aab06ff3"),
    ("Operators.uidHashUnknown", "operator", "0123456789abcdef0123456789abcdef"),
];

/// Subclasses that Flink was not told of: the header of a savepoint from the HashMap backend is written before its
/// values, and does not name them, so that the report cannot either.
const UNNAMED: &[(&str, &str)] = &[(
    "Subclasses.unregisteredFieldAdded",
    "a subclass that nobody registered, which no header of the HashMap backend names; the report has no word of it",
)];

const ALIKE: &str =
    "Flink compares composites of two classes by what is nested in them, and takes some for alike";
const DECLARED: &str = "the class still declares the field";
const HASH: &str = "a `setUidHash`, which a savepoint does not show";
const IDLE: &str = "a test savepoint does not tell that an operator is keyed no more";
const GONE: &str = "a class that the new job asks for no more is gone, or changed";
const KRYO: &str = "fields of a class that Kryo serializes";
const KRYO_5: &str = "the class's serializer in Kryo 5 writes other bytes than in Kryo 2";
const OTHER: &str = "Avro reads the state into the old class, if that is there still";
const PLACES: &str =
    "Avro's generic records are migrated by the places of their fields, which a backend may refuse";
const OWN: &str = "a serializer of the user's own";

/// The record (`fixtures/generator/upgrade`).
#[derive(Deserialize)]
struct Record {
    scenarios: Vec<Scenario>,
    restores: Vec<Restores>,
}

#[derive(Deserialize)]
struct Scenario {
    name: String,
    /// Below `fixtures/upgrades`.
    directory: String,
    what: String,
}

/// Restores of one scenario from one line of Flink to one that ended alike.
#[derive(Deserialize)]
struct Restores {
    scenario: String,
    old: String,
    new: String,
    /// Each a state backend, with `-n` or without.
    ways: Vec<String>,
    outcome: String,
}

/// One restore.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Restore {
    scenario: String,
    old: String,
    new: String,
    way: String,
}

/// Where the plan of the new job comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum PlanSource {
    TestSavepoint,
    PlanFile,
}

const PLAN_SOURCES: [PlanSource; 2] = [PlanSource::TestSavepoint, PlanSource::PlanFile];

/// What this tool says of a restore.
struct Judged {
    restore: Restore,
    source: PlanSource,
    flink: String,
    holdpoint: Outcome,
    /// Whether the report names something that was not looked at.
    has_unchecked: bool,
}

impl Record {
    fn read() -> Self {
        serde_json::from_str(&std::fs::read_to_string(path("fixtures/upgrades.json")).unwrap()).unwrap()
    }

    /// Every restore, judged with every plan, once for all tests.
    fn judged() -> &'static [Judged] {
        static JUDGED: OnceLock<Vec<Judged>> = OnceLock::new();
        JUDGED.get_or_init(|| Self::read().judge())
    }

    fn judge(&self) -> Vec<Judged> {
        let mut all = Vec::new();
        for rows in &self.restores {
            let scenario = self.scenarios.iter().find(|it| it.name == rows.scenario).unwrap();
            let old = scenario.savepoint(&rows.old, "old");
            let new = JobPlan::read(&scenario.savepoint(&rows.new, "new")).unwrap();
            let location = Source::new(Settings::default(), Arc::new(|_| {})).savepoint(&old).unwrap();
            let catalog = StateCatalog::open(&location).unwrap();
            for source in PLAN_SOURCES {
                let plan = source.plan(&new, &rows.scenario);
                for (name, state_backend) in
                    [("hashmap", StateBackend::HashMap), ("rocksdb", StateBackend::RocksDb)]
                {
                    let ways = [(name.to_owned(), false), (format!("{name} -n"), true)];
                    if !ways.iter().any(|(way, _)| rows.ways.contains(way)) {
                        continue;
                    }
                    let plan = JobPlan { state_backend: Some(state_backend), ..plan.clone() };
                    let report = Report::of(&catalog, &plan, Question::default());
                    for (way, allow) in ways.into_iter().filter(|(way, _)| rows.ways.contains(way)) {
                        all.push(Judged {
                            restore: Restore {
                                scenario: rows.scenario.clone(),
                                old: rows.old.clone(),
                                new: rows.new.clone(),
                                way,
                            },
                            source,
                            flink: rows.outcome.clone(),
                            holdpoint: if allow {
                                report.restore.allow_non_restored_state
                            } else {
                                report.restore.strict
                            },
                            has_unchecked: !report.findings.unchecked.is_empty(),
                        });
                    }
                }
            }
        }
        all
    }
}

impl Scenario {
    fn savepoint(&self, flink: &str, version: &str) -> String {
        let below = format!("fixtures/upgrades/{}/flink-{flink}-{version}", self.directory);
        path(&below).display().to_string()
    }
}

impl PlanSource {
    fn name(self) -> &'static str {
        match self {
            Self::TestSavepoint => "a test savepoint",
            Self::PlanFile => "a plan file",
        }
    }

    fn plan(self, savepoint: &JobPlan, scenario: &str) -> JobPlan {
        match self {
            Self::TestSavepoint => savepoint.clone(),
            Self::PlanFile => {
                let mut file = PlanFile::of_plan(savepoint);
                // The one question that `holdpoint plan` leaves open: every scenario sets it.
                let set = |setting: &mut Option<MaxParallelismSetting>| {
                    if let Some(MaxParallelismSetting::SetOrDerived(value)) = *setting {
                        *setting = Some(MaxParallelismSetting::Set(value));
                    }
                };
                set(&mut file.max_parallelism);
                for operator in &mut file.operators {
                    set(&mut operator.max_parallelism);
                    // And what no savepoint shows.
                    let hash = UID_HASHES.iter().find(|(name, uid, _)| {
                        let id = OperatorId::of_uid(uid).to_string();
                        *name == scenario && (operator.uid.as_deref() == Some(uid) || operator.id == Some(id))
                    });
                    operator.uid_hash = hash.map(|(_, _, hash)| (*hash).to_owned());
                }
                plan_file("upgrade.yaml", &file.to_yaml("a test"))
            }
        }
    }
}

/// Why a scenario stands apart, if it does.
fn reason(scenario: &str) -> Option<&'static str> {
    let mut apart = APART.iter().chain(UNNAMED);
    apart.find(|(name, _)| *name == scenario).map(|(_, why)| *why)
}

impl Restore {
    fn is_apart(&self) -> bool {
        reason(&self.scenario).is_some()
    }
}

impl Judged {
    fn is_wrong(&self) -> bool {
        self.holdpoint != Outcome::Undetermined && self.holdpoint.name() != self.flink
    }

    fn title(&self) -> String {
        let Restore { scenario, old, new, way } = &self.restore;
        let (source, flink, holdpoint) = (self.source.name(), &self.flink, self.holdpoint.name());
        format!("{scenario}, {old} → {new}, {way}: {flink}, by {source} {holdpoint}")
    }
}

/// What Flink accepts is accepted or undetermined, and what it rejects is rejected or undetermined; a test savepoint
/// of the same line of Flink leaves nothing open.
#[test]
fn every_verdict_is_flinks() {
    let judged = Record::judged();
    let wrong: Vec<_> =
        judged.iter().filter(|it| it.is_wrong() && !it.restore.is_apart()).map(Judged::title).collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    let open = |it: &&Judged| it.holdpoint == Outcome::Undetermined && !it.restore.is_apart();
    for source in PLAN_SOURCES {
        let all = judged.iter().filter(|it| it.source == source && !it.restore.is_apart());
        println!(
            "by {}: {} of {} undetermined",
            source.name(),
            all.clone().filter(open).count(),
            all.count()
        );
    }
    let needless: Vec<_> = judged
        .iter()
        .filter(open)
        .filter(|it| it.source == PlanSource::TestSavepoint && it.restore.old == it.restore.new)
        .map(Judged::title)
        .collect();
    assert!(needless.is_empty(), "{} undetermined:\n{}", needless.len(), needless.join("\n"));
}

/// What is listed apart is what cannot be told, and the report says that it was not looked at.
#[test]
fn what_no_plan_can_tell_is_named() {
    let judged = Record::judged();
    for (scenario, reason) in APART {
        let restores = || judged.iter().filter(|it| it.restore.scenario == *scenario);
        let differs = |it: &Judged| it.is_wrong() || it.holdpoint == Outcome::Undetermined;
        assert!(restores().any(differs), "{scenario} need not stand apart ({reason})");
        for judged in restores().filter(|it| differs(it)) {
            assert!(judged.has_unchecked, "{} ({reason})", judged.title());
        }
    }
}

/// Verdicts as a cell: one word if all ways end alike.
fn cell(outcomes: &BTreeMap<&str, &str>) -> String {
    let alike: BTreeSet<_> = outcomes.values().collect();
    match alike.iter().next() {
        None => "–".to_owned(),
        Some(only) if alike.len() == 1 => (**only).to_owned(),
        Some(_) => {
            outcomes.iter().map(|(way, outcome)| format!("{way}: {outcome}")).collect::<Vec<_>>().join("; ")
        }
    }
}

fn render(record: &Record) -> String {
    let judged = Record::judged();
    let restores: BTreeSet<_> = judged.iter().map(|it| &it.restore).collect();
    let steps: BTreeSet<_> = restores.iter().map(|it| (it.old.as_str(), it.new.as_str())).collect();
    let mut page = format!(
        "# The upgrade matrix\n\n<!-- Made from fixtures/upgrades.json by `SNAPSHOTS=overwrite cargo test`; do not \
edit. -->\n\n{} scenarios, {} restores. In each an old job ran on a real Flink and took a savepoint, and a new job \
restored it, on the HashMap and the RocksDB state backend, with and without `--allowNonRestoredState` (`-n`), each \
state touched. A word alone holds for all of these. From 1.18 only RocksDB without `-n` was run.\n\nThe last column \
says what `holdpoint check` makes of the same restores: *the same* is Flink's verdict everywhere, with a test \
savepoint of the new job as the plan and with the plan file that `holdpoint plan` makes of it. The test \
`upgrades::every_verdict_is_flinks` fails if one is wrong, but for those that stand *apart*: there no plan tells what \
Flink's verdict rests on, and Flink may refuse what `holdpoint` accepts.\n",
        record.scenarios.len(),
        restores.len(),
    );
    let mut groups: Vec<&str> = Vec::new();
    for scenario in &record.scenarios {
        let group = scenario.directory.split('/').next().unwrap();
        if groups.last() != Some(&group) {
            groups.push(group);
            write!(page, "\n## {group}\n\n| what changes |").unwrap();
            for (old, new) in &steps {
                write!(page, " {old} → {new} |").unwrap();
            }
            writeln!(page, " holdpoint |\n|---|{}---|", "---|".repeat(steps.len())).unwrap();
        }
        let of_scenario = || judged.iter().filter(|it| it.restore.scenario == scenario.name);
        let mark = reason(&scenario.name).map_or_else(String::new, |why| format!(" (*apart*: {why})"));
        write!(page, "| {}{mark} |", scenario.what).unwrap();
        for (old, new) in &steps {
            let of_step =
                of_scenario().filter(|it| (it.restore.old.as_str(), it.restore.new.as_str()) == (*old, *new));
            let outcomes = of_step.map(|it| (it.restore.way.as_str(), it.flink.as_str())).collect();
            write!(page, " {} |", cell(&outcomes)).unwrap();
        }
        let mut notes = Vec::new();
        for source in PLAN_SOURCES {
            let mut by_outcome: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
            for it in of_scenario().filter(|it| it.source == source && it.holdpoint.name() != it.flink) {
                let step = format!("{} → {}", it.restore.old, it.restore.new);
                by_outcome.entry(it.holdpoint.name()).or_default().insert(step);
            }
            for (outcome, steps) in by_outcome {
                let steps = steps.into_iter().collect::<Vec<_>>().join(", ");
                notes.push(format!("by {} {outcome}: {steps}", source.name()));
            }
        }
        let notes = if notes.is_empty() { "the same".to_owned() } else { notes.join("; ") };
        writeln!(page, " {notes} |").unwrap();
    }
    page
}

#[test]
fn the_page_is_current() {
    let page = render(&Record::read());
    let target = path("docs/upgrade-matrix.md");
    if std::env::var("SNAPSHOTS").is_ok_and(|mode| mode == "overwrite") {
        std::fs::write(&target, &page).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&target).unwrap_or_default(), page, "{}", target.display());
}

/// Every savepoint belongs to a scenario of the record.
#[test]
fn no_savepoint_is_left_over() {
    let record = Record::read();
    let known: BTreeSet<_> = record.scenarios.iter().map(|it| it.directory.clone()).collect();
    for group in path("fixtures/upgrades").read_dir().unwrap() {
        for scenario in group.unwrap().path().read_dir().unwrap() {
            let scenario = scenario.unwrap().path();
            let below = scenario.strip_prefix(path("fixtures/upgrades")).unwrap();
            assert!(known.contains(&below.display().to_string()), "{}", below.display());
        }
    }
}
