//! The upgrade matrix: for every scenario, the verdict on its restores equals Flink's own.

use crate::support::{path, plan_file, savepoint};
use holdpoint::catalog::StateCatalog;
use holdpoint::ids::OperatorId;
use holdpoint::plan::{JobPlan, MaxParallelismSetting, OperatorEntry, PlanFile};
use holdpoint::report::{Outcome, Report};
use holdpoint::rules::{ClaimMode, Findings, Question, RestorePath};
use holdpoint::source::{Settings, Source};
use holdpoint::state::StateBackend;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// What a plan does not tell, with the reason. It is judged as Flink's own checks judge it, or not at all, and the report
/// says what was not looked at.
const APART: &[(&str, &Reason)] = &[
    ("Pojos.fieldTransient", &DECLARED),
    ("Pojos.classGone", &GONE),
    ("Pojos.droppedAndRetyped", &GONE),
    ("Pojos.fieldRemovedWithItsClass", &GONE),
    ("Keys.fieldMovedBetween", &MOVED),
    ("Keys.subclassRegistered", &REGISTERED),
    ("Keys.subclassOfUserKeyRegistered", &REGISTERED),
    ("Keys.partRegistered", &REGISTERED),
    ("Compounds.droppedSubclassGone", &GONE),
    ("Enums.droppedAndShrunk", &GONE),
    ("NonKeyed.classGone", &GONE),
    ("NonKeyed.droppedAndRetyped", &GONE),
    ("Generics.classGone", &GONE),
    ("Generics.registeredClassGone", &GONE),
    ("Generics.otherSerializerGone", &GONE),
    ("Generics.serializerAdded", &SERIALIZER),
    ("Generics.serializerRemoved", &SERIALIZER),
    ("Generics.defaultSerializerAdded", &SERIALIZER),
    ("Generics.defaultSerializerOfSuperclassAdded", &SERIALIZER),
    ("Generics.serializerOfFieldAdded", &SERIALIZER),
    ("Generics.serializerOfFieldToNone", &SERIALIZER),
    ("Generics.otherSerializerAdded", &SERIALIZER),
    ("OwnOperators.namespacePartRegistered", &REGISTERED),
    ("OwnOperators.timersFieldAdded", &TIMERS),
    ("OwnOperators.timersFieldRemoved", &TIMERS),
    ("Subclasses.registeredGone", &GONE),
    ("Subclasses.unusedRegisteredGone", &GONE),
    ("Subclasses.unregisteredFieldAdded", &SUBCLASS),
    ("Subclasses.unregisteredGone", &SUBCLASS),
    ("Subclasses.unregisteredInListFieldAdded", &SUBCLASS),
    ("Subclasses.unregisteredInOperatorStateFieldAdded", &SUBCLASS),
    ("Subclasses.namedFieldRetyped", &SUBCLASS),
    ("Subclasses.namedGone", &GONE),
    ("Generics.fieldAdded", &KRYO),
    ("Generics.fieldRetyped", &KRYO),
    ("Generics.fieldAddedInMapKey", &KRYO),
    ("Generics.fieldAddedInOperatorState", &KRYO),
    ("Custom.unchanged", &OWN),
    ("Custom.builtInToCustom", &OWN),
    ("Custom.customToBuiltIn", &OWN),
    ("Custom.refused", &OWN),
    ("Custom.serializerRenamed", &OWN),
    ("Custom.snapshotGone", &GONE),
    ("Custom.dropped", &OWN),
    ("NonKeyed.keyedToOperator", &IDLE),
    ("Operators.uidHashKept", &HASH),
    ("Operators.uidHashInsteadOfOwn", &HASH),
    ("Operators.replacedByStateless", &IDLE),
    ("Formats.nativeOfReplaced", &IDLE),
    ("Avros.classGone", &GONE),
    ("Avros.classRenamed", &OTHER),
    ("Avros.classReplaced", &OTHER),
    ("Avros.turnedGeneric", &OTHER),
    ("Avros.turnedSpecific", &OTHER),
    ("Avros.genericFieldAdded", &PLACES),
    ("Scalas.tupleToJava", &ALIKE),
    ("Scalas.eitherToJava", &ALIKE),
    ("Scalas.listToJava", &ALIKE),
    ("Operators.parallelismChanged", &DERIVED),
    ("Operators.maxParallelismMixed", &DERIVED),
    ("Operators.maxParallelismMixedAbove", &DERIVED),
    ("InFlight.chainedBehind", &IN_FLIGHT),
    ("InFlight.operatorBetween", &IN_FLIGHT),
    ("InFlight.operatorBeside", &IN_FLIGHT),
    ("InFlight.receiverAdded", &IN_FLIGHT),
    ("InFlight.receiverGone", &IN_FLIGHT),
    ("InFlight.receiversReordered", &IN_FLIGHT),
    ("InFlight.senderRenamed", &IN_FLIGHT),
    ("InFlight.forwardNow", &IN_FLIGHT),
    ("InFlight.forwardRescaled", &IN_FLIGHT),
    ("InFlight.receiverRenamed", &IN_FLIGHT),
    ("Changelogs.kept", &CHANGELOG),
    ("Changelogs.ofHashMapKept", &CHANGELOG),
    ("Changelogs.ofRocksKept", &CHANGELOG),
    ("Changelogs.ofHashMapOff", &CHANGELOG),
    ("Changelogs.ofRocksOff", &CHANGELOG),
    ("Finished.chainedAdded", &GRAPH),
    ("Finished.unchainedAdded", &GRAPH),
    ("Finished.partlyChainedAdded", &GRAPH),
    ("Finished.runningBefore", &GRAPH),
    ("SqlJobs.planAdded", &OTHER_IDS),
    ("SqlJobs.uidsAdded", &OTHER_IDS),
    ("SqlPatterns.variableRenamed", &STAGES),
    ("Patterns.stageRemoved", &STAGES),
    ("Patterns.timesRemoved", &STAGES),
    ("Patterns.stageRenamed", &STAGES),
    ("Patterns.firstStageRenamed", &STAGES),
    ("Connectors.sourceReplaced", &CONNECTOR),
    ("Connectors.sinkReplaced", &CONNECTOR),
    ("Shop.custom-serializer", &OWN),
    ("Shop.custom-serializer-unchanged", &OWN),
    ("Shop.max4", &DERIVED),
    ("Shop.max4-parallelism-4", &DERIVED),
];

/// What a plan does not tell.
struct Reason {
    why: &'static str,
    /// The rules of which one says so.
    rules: &'static [&'static str],
}

const ALIKE: Reason = Reason {
    why: "Flink compares composites of two classes by what is nested in them, and takes some for alike",
    rules: &["state-type-changed"],
};
const DERIVED: Reason = Reason {
    why: "a savepoint does not tell who set a max parallelism, nor what is chained",
    rules: &["max-parallelism-changed", "max-parallelism-mixed"],
};
const CHANGELOG: Reason = Reason {
    why: "a changelog without a snapshot does not name the key",
    rules: &["state-unread", "plan-incomplete", "state-backend-changed"],
};
const GRAPH: Reason =
    Reason { why: "a savepoint does not tell how operators are connected", rules: &["operator-finished"] };
const IN_FLIGHT: Reason = Reason {
    why: "what becomes of records in flight depends on what is connected and chained, and where a sender or a receiver is \
          new, on the bytes",
    rules: &["in-flight-data"],
};
const DECLARED: Reason = Reason { why: "the class still declares the field", rules: &["state-type-changed"] };
const HASH: Reason =
    Reason { why: "a `setUidHash`, which a savepoint does not show", rules: &["uid-hash-takes-state"] };
const IDLE: Reason = Reason {
    why: "a test savepoint does not tell that an operator is keyed no more",
    rules: &["operator-replaced", "plan-incomplete", "state-removed"],
};
const GONE: Reason = Reason {
    why: "a class that the new job asks for no more is gone, or changed",
    rules: &["state-removed", "state-type-changed", "state-unread"],
};
const KRYO: Reason = Reason { why: "fields of a class that Kryo serializes", rules: &["kryo-serialized"] };
const SUBCLASS: Reason =
    Reason { why: "a subclass that nobody registered", rules: &["subclass-unregistered"] };
const MOVED: Reason =
    Reason { why: "which of two superclasses extends the other", rules: &["key-type-changed"] };
const REGISTERED: Reason = Reason {
    why: "whether keys hold objects of a class that is registered now",
    rules: &["key-type-changed", "namespace-type-changed", "state-type-changed", "kryo-upgraded"],
};
const SERIALIZER: Reason = Reason {
    why: "whether one serializer that Kryo was given reads what another wrote",
    rules: &["state-type-changed", "kryo-upgraded"],
};
const TIMERS: Reason = Reason {
    why: "whether timers are kept on the heap or in RocksDB, which reads the old bytes as the new type",
    rules: &["state-type-changed"],
};
const OTHER: Reason = Reason {
    why: "Avro reads the state into the old class, if that is there still",
    rules: &["state-type-changed"],
};
const PLACES: Reason = Reason {
    why: "Avro's generic records are migrated by the places of their fields, which a backend may refuse",
    rules: &["state-type-changed"],
};
const OWN: Reason = Reason {
    why: "a serializer of the user's own",
    rules: &["state-type-changed", "state-unread", "plan-incomplete"],
};

const CONNECTOR: Reason =
    Reason { why: "a connector's own format of what it keeps", rules: &["connector-replaced"] };
const OTHER_IDS: Reason = Reason {
    why: "no operator is in both jobs, and the report asks whether the plan is of the same one",
    rules: &["plan-incomplete"],
};
const STAGES: Reason = Reason {
    why: "the stages of a pattern that open matches wait for, which are in no header",
    rules: &["pattern-matches-open"],
};

/// What an author writes into a plan file.
type Edit = fn(&mut PlanFile);

/// What no savepoint shows, as the author of a plan file writes it.
const HIDDEN: &[(&str, Edit)] = &[
    ("Operators.uidHashKept", |file| set_uid_hash(file, "other", "e7a0c7e1408b9f14c918cbc8aab06ff3")),
    ("Operators.uidHashInsteadOfOwn", |file| {
        set_uid_hash(file, "other", "e7a0c7e1408b9f14c918cbc8aab06ff3");
    }),
    ("Operators.uidHashTaken", |file| set_uid_hash(file, "other", "e7a0c7e1408b9f14c918cbc8aab06ff3")),
    ("Operators.parallelismAboveMax", derive_max_parallelism),
    ("Operators.parallelismChanged", derive_max_parallelism),
    ("Operators.maxParallelismMixed", chain),
    ("Operators.maxParallelismMixedAbove", chain),
    ("Operators.uidDuplicated", |file| file.operators.extend(file.operators.last().cloned())),
    ("Operators.uidTooLong", |file| add(file, |it| it.uid = Some("u".repeat(65_536)))),
    ("Operators.nameTooLong", |file| {
        add(file, |it| (it.uid, it.name) = (Some("stateless".to_owned()), Some("n".repeat(65_536))));
    }),
    ("Changelogs.on", |file| file.changelog = Some(true)),
    ("Changelogs.onWithoutKeyedState", |file| file.changelog = Some(true)),
    ("Operators.uidHashUnknown", |file| set_uid_hash(file, "operator", "0123456789abcdef0123456789abcdef")),
    ("Shop.*", derive_max_parallelism),
    ("Shop.max-parallelism-128", |file| file.max_parallelism = Some(MaxParallelismSetting::Set(128))),
    ("Shop.max-parallelism-256", |file| file.max_parallelism = Some(MaxParallelismSetting::Set(256))),
];

/// `Class.*` stands for every scenario of a class.
fn covers(pattern: &str, scenario: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == scenario, |class| scenario.starts_with(class))
}

fn set_uid_hash(file: &mut PlanFile, uid: &str, hash: &str) {
    let id = OperatorId::of_uid(uid).to_string();
    let is_it = |it: &&mut OperatorEntry| it.uid.as_deref() == Some(uid) || it.id.as_ref() == Some(&id);
    file.operators.iter_mut().find(is_it).unwrap().uid_hash = Some(hash.to_owned());
}

fn derive_max_parallelism(file: &mut PlanFile) {
    file.max_parallelism = Some(MaxParallelismSetting::Derived);
    for operator in &mut file.operators {
        operator.max_parallelism = None;
    }
}

/// The two operators of this job are chained, and it sets no max parallelism.
fn chain(file: &mut PlanFile) {
    derive_max_parallelism(file);
    let tail = OperatorId::of_uid("tail").to_string();
    let is_tail = |it: &OperatorEntry| it.uid.as_deref() == Some("tail") || it.id.as_ref() == Some(&tail);
    let keyed = file.operators.iter().position(|it| it.key.is_some()).unwrap();
    file.operators.swap(0, keyed);
    for (place, operator) in file.operators.iter_mut().enumerate() {
        operator.chain = (place == 0 || is_tail(operator)).then(|| "chain".to_owned());
    }
}

/// Adds an operator without state, where no test savepoint showed it.
fn add(file: &mut PlanFile, name: fn(&mut OperatorEntry)) {
    let mut entry = file.operators.first().unwrap().clone();
    (entry.uid, entry.id, entry.key, entry.states) = (None, None, None, Some(Vec::new()));
    name(&mut entry);
    if file.operators.iter().all(|it| {
        it.uid != entry.uid && it.id != entry.uid.as_deref().map(|uid| OperatorId::of_uid(uid).to_string())
    }) {
        file.operators.push(entry);
    }
}

/// The record (`fixtures/generator/upgrade`).
#[derive(Deserialize)]
pub struct Record {
    pub scenarios: Vec<Scenario>,
    restores: Vec<Restores>,
}

#[derive(Deserialize)]
pub struct Scenario {
    pub name: String,
    /// Below `fixtures/upgrades`, or anywhere.
    directory: String,
    pub what: String,
    /// What takes the place of that directory: of the old and the new version, the configuration whose fixture it is.
    #[serde(default)]
    fixtures: BTreeMap<String, String>,
}

/// Restores of one scenario from one line of Flink to one that ended alike.
#[derive(Deserialize)]
struct Restores {
    scenario: String,
    old: String,
    new: String,
    /// Each a state backend, and ` -n`, ` ha` or a claim mode behind it, as `restores` of the generator has them.
    ways: Vec<String>,
    outcome: String,
    /// What Flink said when it refused.
    error: Option<String>,
}

/// One restore.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Restore {
    pub scenario: String,
    pub old: String,
    pub new: String,
    way: String,
}

/// Where the plan of the new job comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PlanSource {
    TestSavepoint,
    PlanFile,
    /// Laid over a test savepoint: for scenarios of which a savepoint shows too little.
    JobGraph,
    /// Where the new job is one.
    CompiledPlan,
    /// The same, with a plan file of one line laid over it: the max parallelism.
    CompiledPlanAndLine,
}

const PLAN_SOURCES: [PlanSource; 5] = [
    PlanSource::TestSavepoint,
    PlanSource::PlanFile,
    PlanSource::JobGraph,
    PlanSource::CompiledPlan,
    PlanSource::CompiledPlanAndLine,
];

/// What this tool says of a restore.
pub struct Judged {
    pub restore: Restore,
    pub source: PlanSource,
    flink: String,
    pub flinks_error: Option<String>,
    pub holdpoint: Outcome,
    /// The same where nobody says on which state backend the new job runs.
    without_backend: Outcome,
    /// The rules that name something that was not looked at.
    pub unchecked: BTreeSet<&'static str>,
    /// Those of them without which no verdict can be given.
    pub undetermined: BTreeSet<&'static str>,
    /// What the report says, in lines.
    pub said: Vec<String>,
}

impl Record {
    fn read() -> Self {
        Self::read_from(&path("fixtures"))
    }

    /// The record in a directory.
    pub fn read_from(directory: &Path) -> Self {
        serde_json::from_str(&std::fs::read_to_string(directory.join("upgrades.json")).unwrap()).unwrap()
    }

    /// The fixtures that restores were of, each by a line of Flink and a version.
    fn fixtures(&self, end: impl Fn(&Restores) -> (&str, &str)) -> BTreeSet<String> {
        let of_scenario = |restores: &Restores| {
            let scenario = self.scenarios.iter().find(|it| it.name == restores.scenario).unwrap();
            let (flink, version) = end(restores);
            scenario.fixture(flink, version)
        };
        self.restores.iter().filter_map(of_scenario).collect()
    }

    /// Every restore, judged with every plan, once for all tests.
    fn judged() -> &'static [Judged] {
        static JUDGED: OnceLock<Vec<Judged>> = OnceLock::new();
        JUDGED.get_or_init(|| Self::read().judge())
    }

    pub fn judge(&self) -> Vec<Judged> {
        const AT_ONCE: usize = 4;
        let size = self.restores.len().div_ceil(AT_ONCE);
        std::thread::scope(|scope| {
            let parts: Vec<_> =
                self.restores.chunks(size).map(|part| scope.spawn(move || self.judge_some(part))).collect();
            parts.into_iter().flat_map(|part| part.join().unwrap()).collect()
        })
    }

    fn judge_some(&self, restores: &[Restores]) -> Vec<Judged> {
        let mut all = Vec::new();
        for rows in restores {
            let scenario = self.scenarios.iter().find(|it| it.name == rows.scenario).unwrap();
            let old = scenario.savepoint(&rows.old, "old");
            let new = Planned::read(scenario, &rows.new, &old);
            let location = Source::new(Settings::default(), Arc::new(|_| {})).savepoint(&old).unwrap();
            let catalog = StateCatalog::open(&location).unwrap();
            for source in PLAN_SOURCES {
                let Some(plan) = source.plan(&new, &rows.scenario) else { continue };
                let mut reports = BTreeMap::new();
                let mut outcome_of = |backend, how| {
                    // One report answers with and without `-n`.
                    let asked = str::trim_start_matches(how, "-n");
                    let report = reports.entry((backend, asked)).or_insert_with(|| {
                        let backends = [StateBackend::HashMap, StateBackend::RocksDb, StateBackend::ForSt];
                        let state_backend = backends.into_iter().find(|it| it.name() == backend);
                        let plan = JobPlan { state_backend, ..plan.clone() };
                        // A compiled plan may be of an older Flink than the one that loads it.
                        let target_flink = rows.new.parse().ok().filter(|_| source.is_compiled());
                        Report::of(&catalog, &plan, Question { target_flink, ..question(asked) })
                    });
                    let outcome = match how {
                        "-n" => report.restore.allow_non_restored_state,
                        _ => report.restore.strict,
                    };
                    (outcome, report.findings.clone())
                };
                for way in &rows.ways {
                    let (backend, how) = way.split_once(' ').unwrap_or((way, ""));
                    let (holdpoint, findings) = outcome_of(backend, how);
                    let undetermined = findings.unchecked.iter().filter(|it| it.undetermined);
                    all.push(Judged {
                        restore: Restore {
                            scenario: rows.scenario.clone(),
                            old: rows.old.clone(),
                            new: rows.new.clone(),
                            way: way.clone(),
                        },
                        source,
                        flink: rows.outcome.clone(),
                        flinks_error: rows.error.clone(),
                        holdpoint,
                        without_backend: outcome_of("", how).0,
                        unchecked: findings.unchecked.iter().map(|it| it.rule).collect(),
                        undetermined: undetermined.map(|it| it.rule).collect(),
                        said: said(&findings),
                    });
                }
            }
        }
        all
    }
}

/// What was found and what was not, in lines.
fn said(findings: &Findings) -> Vec<String> {
    let found = findings.found.iter().map(|it| format!("{}: {}: {}", it.rule, it.subject, it.message));
    let unchecked = findings.unchecked.iter().map(|it| {
        let weight = if it.undetermined { "undetermined" } else { "unchecked" };
        format!("{weight} {}: {}: {}", it.rule, it.subject, it.why)
    });
    found.chain(unchecked).collect()
}

/// What is asked of a restore in one of the generator's ways.
fn question(how: &str) -> Question {
    let (restore, claim_mode) = match how {
        "ha" => (RestorePath::Ha, ClaimMode::NoClaim),
        "claim" => (RestorePath::Savepoint, ClaimMode::Claim),
        "legacy" => (RestorePath::Savepoint, ClaimMode::Legacy),
        _ => (RestorePath::Savepoint, ClaimMode::NoClaim),
    };
    Question { restore, claim_mode, ..Question::default() }
}

impl Scenario {
    fn savepoint(&self, flink: &str, version: &str) -> String {
        match self.fixture(flink, version) {
            Some(name) => savepoint(&name),
            None => path("fixtures/upgrades")
                .join(&self.directory)
                .join(format!("flink-{flink}-{version}"))
                .display()
                .to_string(),
        }
    }

    fn fixture(&self, flink: &str, version: &str) -> Option<String> {
        Some(format!("flink-{flink}-{}", self.fixtures.get(version)?))
    }
}

/// What there is of a new job.
struct Planned {
    /// `None` where it can leave none.
    savepoint: Option<JobPlan>,
    graph: Option<JobPlan>,
    compiled: Option<JobPlan>,
    /// The old job's.
    old: JobPlan,
    flink: String,
}

impl Planned {
    fn read(scenario: &Scenario, flink: &str, old: &str) -> Self {
        let directory = scenario.savepoint(flink, "new");
        let read = |file: &str| {
            let path = format!("{directory}/{file}");
            Path::new(&path).exists().then(|| JobPlan::read(&path).unwrap())
        };
        Self {
            savepoint: read("_metadata"),
            graph: read("job.graph"),
            compiled: read("plan.json"),
            old: JobPlan::read(old).unwrap(),
            flink: flink.to_owned(),
        }
    }
}

impl PlanSource {
    pub fn name(self) -> &'static str {
        match self {
            Self::TestSavepoint => "a test savepoint",
            Self::PlanFile => "a plan file",
            Self::JobGraph => "a test savepoint with the job graph",
            Self::CompiledPlan => "a compiled plan",
            Self::CompiledPlanAndLine => "a compiled plan with one line",
        }
    }

    fn is_compiled(self) -> bool {
        matches!(self, Self::CompiledPlan | Self::CompiledPlanAndLine)
    }

    /// The plan of a new job, where there is one of this kind.
    fn plan(self, new: &Planned, scenario: &str) -> Option<JobPlan> {
        match self {
            Self::TestSavepoint => new.savepoint.clone(),
            Self::PlanFile => Some(plan_file_of(new, scenario)),
            Self::CompiledPlan => new.compiled.clone(),
            // As `Upgrade.run` sets it.
            Self::CompiledPlanAndLine => {
                let name = format!("line-{:?}.yaml", std::thread::current().id());
                Some(new.compiled.clone()?.overlaid(plan_file(&name, "max_parallelism: 4\n")))
            }
            Self::JobGraph => {
                let graph = new.graph.clone()?;
                Some(match &new.savepoint {
                    Some(savepoint) => savepoint.clone().overlaid(graph),
                    None => graph,
                })
            }
        }
    }
}

/// The plan file that `holdpoint plan` makes, with what its author adds.
fn plan_file_of(new: &Planned, scenario: &str) -> JobPlan {
    let mut file = PlanFile::of_plan(new.savepoint.as_ref().unwrap_or(&new.old));
    file.flink = Some(new.flink.clone());
    // The one question that `holdpoint plan` leaves open: nearly every scenario that somebody wrote sets it.
    let set = |setting: &mut Option<MaxParallelismSetting>| {
        if let Some(MaxParallelismSetting::SetOrDerived(value)) = *setting
            && !scenario.starts_with("Randoms.")
        {
            *setting = Some(MaxParallelismSetting::Set(value));
        }
    };
    set(&mut file.max_parallelism);
    for operator in &mut file.operators {
        set(&mut operator.max_parallelism);
    }
    for (_, edit) in HIDDEN.iter().filter(|(pattern, _)| covers(pattern, scenario)) {
        edit(&mut file);
    }
    let name = format!("upgrade-{:?}.yaml", std::thread::current().id());
    plan_file(&name, &file.to_yaml("a test"))
}

/// Why a scenario stands apart, if it does.
fn reason(scenario: &str) -> Option<&'static str> {
    APART.iter().find(|(name, _)| *name == scenario).map(|(_, reason)| reason.why)
}

impl Restore {
    fn is_apart(&self) -> bool {
        reason(&self.scenario).is_some()
    }
}

impl Judged {
    pub fn is_wrong(&self) -> bool {
        self.holdpoint != Outcome::Undetermined && self.holdpoint.name() != self.flink
    }

    pub fn title(&self) -> String {
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
    let differs = |it: &Judged| it.is_wrong() || it.holdpoint == Outcome::Undetermined;
    let mut needless = APART.iter().map(|(scenario, _)| *scenario).collect::<Vec<_>>();
    needless.retain(|scenario| !judged.iter().any(|it| it.restore.scenario == *scenario && differs(it)));
    assert!(needless.is_empty(), "need not stand apart: {needless:?}");
    for (scenario, reason) in APART {
        let restores = || judged.iter().filter(|it| it.restore.scenario == *scenario);
        for judged in restores().filter(|it| differs(it)) {
            let is_named = reason.rules.iter().any(|rule| judged.unchecked.contains(rule));
            assert!(is_named, "{} ({}): {:?}", judged.title(), reason.why, judged.unchecked);
        }
    }
}

/// Without the state backend the verdict is that of both, and open where it depends on which one it is.
#[test]
fn without_a_state_backend_only_what_depends_on_it_is_open() {
    let mut by_backend: BTreeMap<_, Vec<&Judged>> = BTreeMap::new();
    for it in Record::judged() {
        let Restore { scenario, old, new, way } = &it.restore;
        let how = way.split_once(' ').map(|(_, how)| how);
        by_backend.entry((it.source, scenario, old, new, how)).or_default().push(it);
    }
    let mut wrong = Vec::new();
    for both in by_backend.values().filter(|all| all.len() == 2) {
        let depends = both[0].holdpoint != both[1].holdpoint;
        let expected = if depends { Outcome::Undetermined } else { both[0].holdpoint };
        if both[0].without_backend != expected {
            wrong.push(format!("{}, without a backend {}", both[0].title(), both[0].without_backend.name()));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// What a test savepoint hides of a `setUidHash` is told by the plan file that the report asks for.
#[test]
fn the_plan_file_that_the_report_asks_for_tells_a_uid_hash() {
    let record = Record::read();
    let scenario = record.scenarios.iter().find(|it| it.name == "Operators.uidHashKept").unwrap();
    for flink in ["1.20", "2.3"] {
        let catalog = StateCatalog::open(
            &Source::new(Settings::default(), Arc::new(|_| {}))
                .savepoint(&scenario.savepoint(flink, "old"))
                .unwrap(),
        )
        .unwrap();
        let plan = JobPlan::read(&scenario.savepoint(flink, "new")).unwrap();
        let report = Report::of(&catalog, &plan, Question::default());
        assert_eq!(report.restore.strict, Outcome::Rejected);
        let asked = report.findings.unchecked.iter().find(|it| it.rule == "uid-hash-takes-state").unwrap();
        let (_, file) = asked.help.split_once("a plan file: ").unwrap();
        let report = Report::of(&catalog, &plan.overlaid(plan_file("hash.yaml", file)), Question::default());
        assert_eq!(report.restore.strict, Outcome::Accepted, "{:?}", report.findings.found);
        assert!(report.findings.found.iter().all(|it| it.rule != "plans-contradict"));
    }
}

/// A plan file that was made of what does not show a `setUidHash` does not pass for one that says there is none.
#[test]
fn a_plan_file_of_a_savepoint_says_that_it_shows_no_uid_hash() {
    let record = Record::read();
    let scenario = record.scenarios.iter().find(|it| it.name == "Operators.uidHashTaken").unwrap();
    let source = Source::new(Settings::default(), Arc::new(|_| {}));
    let catalog = StateCatalog::open(&source.savepoint(&scenario.savepoint("2.3", "old")).unwrap()).unwrap();
    let savepoint = JobPlan::read(&scenario.savepoint("2.3", "new")).unwrap();
    let graph = JobPlan::read(&format!("{}/job.graph", scenario.savepoint("2.3", "new"))).unwrap();
    let line = plan_file("hash-line.yaml", "max_parallelism: 4\n");
    for (plan, is_named) in [
        (savepoint.clone(), true),
        (savepoint.clone().overlaid(line), true),
        (savepoint.clone().overlaid(graph), false),
    ] {
        let file = plan_file("hash.yaml", &PlanFile::of_plan(&plan).to_yaml("a test"));
        for plan in [plan, file] {
            let report = Report::of(&catalog, &plan, Question::default());
            let names = report.findings.unchecked.iter().filter(|it| !it.undetermined);
            let names_hash = names.filter(|it| it.rule == "uid-hash-takes-state").count();
            assert_eq!(names_hash, usize::from(is_named), "{:?}", said(&report.findings));
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
    let steps_of = |group: &str| -> BTreeSet<_> {
        let of_group = restores.iter().filter(|it| it.scenario.starts_with(&format!("{group}.")));
        of_group.map(|it| (it.old.as_str(), it.new.as_str())).collect()
    };
    let mut page = format!(
        "# The upgrade matrix\n\n<!-- Made from fixtures/upgrades.json by `SNAPSHOTS=overwrite cargo test`; do not \
edit. -->\n\n{} scenarios, {} restores. In each an old job ran on a real Flink and took a savepoint, and a new job \
restored it, on the HashMap and the RocksDB state backend, with and without `--allowNonRestoredState` (`-n`), each \
state touched; *ha* is a restore from high-availability storage, *claim* and *legacy* are in those claim modes. A word alone holds for all of these. From 1.18 only \
RocksDB without `-n` was run. All jobs are small but the last, *shop*, which has ten operators and every kind of state.\n\nThe last column says what `holdpoint check` makes of the same restores: *the same* \
is Flink's verdict everywhere, with a test savepoint of the new job as the plan, with the plan file that `holdpoint \
plan` makes of it, and, for the scenarios that have one, with the job graph laid over the test savepoint, or with \
the compiled plan of SQL, alone and with its max parallelism in a plan file of one line. The test \
`upgrades::every_verdict_is_flinks` fails if one is wrong, but for those that stand *apart*: there a plan does not \
tell what Flink's verdict rests on, and the report names it as unchecked.\n",
        record.scenarios.len(),
        restores.len(),
    );
    let mut steps = BTreeSet::new();
    let mut groups: Vec<&str> = Vec::new();
    for scenario in &record.scenarios {
        let group = scenario.directory.split('/').next().unwrap();
        if groups.last() != Some(&group) {
            groups.push(group);
            steps = steps_of(scenario.name.split('.').next().unwrap());
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

/// Every savepoint belongs to a scenario of the record, and every fixture of a scenario was restored.
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
    let configurations: BTreeSet<_> = record.scenarios.iter().flat_map(|it| it.fixtures.values()).collect();
    let lines: BTreeSet<_> = record.restores.iter().map(|it| it.new.as_str()).collect();
    let made: BTreeSet<_> = lines
        .iter()
        .flat_map(|line| configurations.iter().map(move |it| format!("flink-{line}-{it}")))
        .collect();
    let old = record.fixtures(|restores| (&restores.old, "old"));
    let restored = old.union(&new_fixtures()).cloned().collect::<BTreeSet<_>>();
    assert_eq!(made.difference(&restored).collect::<Vec<_>>(), Vec::<&String>::new());
}

/// The fixtures whose jobs were restored into.
pub fn new_fixtures() -> BTreeSet<String> {
    Record::read().fixtures(|restores| (&restores.new, "new"))
}
