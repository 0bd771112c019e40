//! What a plan can be read from, and what each source tells: the one table of it.

/// What a plan was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceKind {
    /// A savepoint or checkpoint that a test run of the job took.
    Savepoint,
    /// A plan file.
    PlanFile,
    /// A Java-serialized `JobGraph`.
    JobGraph,
    /// A Java-serialized `StreamGraph` of Flink 2.x.
    StreamGraph,
    /// `GET /jobs/:id/plan`, `GET /jobs/:id` or `/jars/:id/plan` of a JobManager.
    Rest,
    /// `StreamExecutionEnvironment.getExecutionPlan()`, `flink info`, `EXPLAIN JSON_EXECUTION_PLAN`.
    ExecutionPlan,
    /// `COMPILE PLAN` of SQL.
    CompiledPlan,
}

/// One fact that a plan may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fact {
    /// Every operator of the job.
    Operators,
    /// Their IDs.
    Ids,
    /// Their uids, and whether they have one.
    Uids,
    /// Their names.
    Names,
    /// Their parallelism.
    Parallelism,
    /// Their max parallelism, and whether the job sets it.
    MaxParallelism,
    /// Which operators are chained.
    Chains,
    /// The types of keys.
    Keys,
    /// Names, kinds and types of states.
    States,
    /// The state backend.
    StateBackend,
    /// Whether there is a state changelog.
    Changelog,
    /// The line of Flink.
    Flink,
}

/// How far a source tells a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tells {
    /// It does.
    Yes,
    /// It does in part; how far.
    Partly(&'static str),
    /// It does not.
    No,
}

/// A source and what it tells.
#[derive(Debug)]
pub struct SourceRow {
    /// The source.
    pub kind: SourceKind,
    /// What to call it in a report.
    pub name: &'static str,
    /// How to get it.
    pub made_by: &'static str,
    /// What it tells, in the order of [`Fact::ALL`].
    pub tells: [Tells; Fact::ALL.len()],
}

impl Fact {
    /// Every fact, in the order of the table.
    pub const ALL: [Self; 12] = [
        Self::Operators,
        Self::Ids,
        Self::Uids,
        Self::Names,
        Self::Parallelism,
        Self::MaxParallelism,
        Self::Chains,
        Self::Keys,
        Self::States,
        Self::StateBackend,
        Self::Changelog,
        Self::Flink,
    ];

    /// Whether a restore may be refused for it. The others only word a report better.
    pub fn decides(self) -> bool {
        !matches!(self, Self::Uids | Self::Names | Self::Chains | Self::Flink)
    }

    /// What to call it in a report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Operators => "every operator",
            Self::Ids => "operator IDs",
            Self::Uids => "uids",
            Self::Names => "names",
            Self::Parallelism => "parallelism",
            Self::MaxParallelism => "max parallelism",
            Self::Chains => "chains",
            Self::Keys => "key types",
            Self::States => "states",
            Self::StateBackend => "state backend",
            Self::Changelog => "state changelog",
            Self::Flink => "Flink's version",
        }
    }
}

use Tells::{No, Partly, Yes};

/// What a graph tells that Java serialized, beside IDs and uids.
const fn graph(ids: Tells, uids: Tells) -> [Tells; Fact::ALL.len()] {
    let states = Partly("those whose descriptor is a field");
    let backend = Partly("if the job sets it");
    [Yes, ids, uids, Yes, Yes, Yes, Yes, Yes, states, backend, backend, No]
}

/// Every source.
pub static SOURCES: &[SourceRow] = &[
    SourceRow {
        kind: SourceKind::JobGraph,
        name: "job graph",
        made_by: "three lines in the job or a test; `submittedJobGraph…` in high-availability storage",
        tells: graph(Yes, Partly("from Flink 2.0 on; before, whether there is one")),
    },
    SourceRow {
        kind: SourceKind::StreamGraph,
        name: "stream graph",
        made_by: "`submittedExecutionPlan…` in the high-availability storage of Flink 2.x",
        tells: graph(Partly("computed"), Yes),
    },
    SourceRow {
        kind: SourceKind::Savepoint,
        name: "savepoint",
        made_by: "a savepoint of a test run of the job",
        tells: [
            Partly("from Flink 1.13 on"),
            Yes,
            Partly("from Flink 2.0 on"),
            Partly("from Flink 2.0 on"),
            Yes,
            Partly("the value, not who set it"),
            No,
            Partly("where a key came by"),
            Partly("those that the run registered"),
            Partly("not from a canonical savepoint"),
            Partly("where a checkpoint has one"),
            Partly("the newest that writes this version"),
        ],
    },
    SourceRow {
        kind: SourceKind::Rest,
        name: "REST plan",
        made_by: "`--plan http://jobmanager:8081/jobs/<id>`, or the answer in a file",
        tells: [
            Yes,
            Partly("of the heads of chains"),
            No,
            Yes,
            Yes,
            Partly("of a running job the value, not who set it"),
            Yes,
            No,
            No,
            No,
            No,
            No,
        ],
    },
    SourceRow {
        kind: SourceKind::ExecutionPlan,
        name: "execution plan",
        made_by: "`env.getExecutionPlan()`, `flink info`, `EXPLAIN JSON_EXECUTION_PLAN`",
        tells: [Yes, Partly("computed"), No, Yes, Yes, No, No, No, No, No, No, No],
    },
    SourceRow {
        kind: SourceKind::CompiledPlan,
        name: "compiled plan",
        made_by: "`COMPILE PLAN 'plan.json' FOR INSERT INTO …`",
        tells: [
            Partly("not those that a connector adds"),
            Partly("by `table.exec.uid.format`"),
            Partly("by `table.exec.uid.format`"),
            No,
            No,
            No,
            No,
            Partly("of keyed operators"),
            Partly("with timers and the accumulators of Flink's functions, not those of connectors"),
            No,
            No,
            Yes,
        ],
    },
    SourceRow {
        kind: SourceKind::PlanFile,
        name: "plan file",
        made_by: "`holdpoint plan`, and an editor",
        tells: [Partly("as written"); Fact::ALL.len()],
    },
];

impl SourceKind {
    /// The row of the table.
    pub fn row(self) -> Option<&'static SourceRow> {
        SOURCES.iter().find(|row| row.kind == self)
    }

    /// What to call it in a report.
    pub fn name(self) -> &'static str {
        self.row().map_or("plan", |row| row.name)
    }

    /// How far it tells a fact.
    pub fn tells(self, fact: Fact) -> Tells {
        let told = self.row().into_iter().flat_map(|row| Fact::ALL.iter().zip(row.tells));
        told.filter(|(it, _)| **it == fact).map(|(_, tells)| tells).next().unwrap_or(No)
    }

    /// What it cannot tell at all, and a verdict may rest on.
    pub fn hides(self) -> impl Iterator<Item = Fact> {
        Fact::ALL.into_iter().filter(move |fact| fact.decides() && self.tells(*fact) == No)
    }
}
