//! `holdpoint check`.

use super::Output;
use super::id::read_uids;
use super::node_uids::with_node_uids;
use super::policy::{today, uids};
use super::rendered::FormatArguments;
use super::savepoint::SavepointArguments;
use bytesize::ByteSize;
use holdpoint::Error;
use holdpoint::catalog::StateCatalog;
use holdpoint::files::SavepointFiles;
use holdpoint::flink::FlinkLine;
use holdpoint::ids::KnownUids;
use holdpoint::plan::{JobPlan, PlanError};
use holdpoint::report::{Checked, Gate, Report};
use holdpoint::rules::{ClaimMode, Context, Question, RestorePath, Severity};
use holdpoint::source::Observer;
use holdpoint::state::StateBackend;

/// Say whether the next version of a job will restore from a savepoint
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    pub(super) savepoint: SavepointArguments,
    /// The next version of the job: a plan file, a savepoint that a test run of it took, a serialized job graph, Flink's
    /// JSON plans in a file or from a JobManager (http://…/jobs/<id>), a compiled SQL plan. Given several times, later
    /// ones win, fact by fact
    #[arg(long, required = true)]
    plan: Vec<String>,
    /// Ask about a restore with --allowNonRestoredState, as `flink run -n` does
    #[arg(short = 'n', long = "allowNonRestoredState", alias = "allow-non-restored-state")]
    allow_non_restored_state: bool,
    /// The Flink that will restore, such as 1.20: its rules count. Without it, the one that the plan is of, else the
    /// newest
    #[arg(long, value_name = "X.Y")]
    target_flink: Option<FlinkLine>,
    /// What the job is restored from: a savepoint or checkpoint that it is submitted with, or the newest checkpoint in
    /// high-availability storage (the upgrade mode `last-state`) [default: savepoint]
    #[arg(long, value_enum)]
    restore: Option<RestorePath>,
    /// Whose the savepoint's files are after the restore, as `flink run --claimMode` says it [default: the Flink
    /// configuration's, else no-claim]
    #[arg(long, alias = "claimMode", value_enum, ignore_case = true)]
    claim_mode: Option<ClaimMode>,
    /// The state backend that will restore, where the plan does not say or says another
    #[arg(long, value_enum)]
    state_backend: Option<StateBackend>,
    /// Ask the store whether each file of the savepoint is there, and how long it is
    #[arg(long)]
    verify: bool,
    /// State of one subtask from which on the report says that it is much [default: 10GiB]
    #[arg(long, value_name = "SIZE")]
    large_state: Option<ByteSize>,
    /// The least severity that fails the check [default: error]
    #[arg(long, value_enum)]
    fail_on: Option<Severity>,
    /// Exit with 0 instead of 3 when something could not be judged
    #[arg(long)]
    accept_undetermined: bool,
    /// Where the job's uids are written: a file that says which node of the plan has which (lines such as `totals:
    /// totals-uid`), a source file, a directory of sources. They name the operators of savepoints that hold no uids, and
    /// findings point to the lines
    #[arg(long, value_name = "FILE|DIRECTORY")]
    uids: Vec<String>,
    #[command(flatten)]
    pub(super) format: FormatArguments,
}

pub fn run(arguments: &Arguments, observer: &Observer) -> Result<Output, Error> {
    let location = arguments.savepoint.find(observer)?;
    let mut savepoint = StateCatalog::open(&location)?;
    savepoint.require_sound(&location)?;
    let mut files = arguments.verify.then(|| SavepointFiles::read(&location)).transpose()?;
    if let Some(files) = &mut files {
        files.verify(&location)?;
    }
    let plans = arguments.plan.iter().map(String::as_str);
    // Clap has seen to it that there is one.
    let Some(plan) = JobPlan::read_all(location.source(), plans)? else {
        return Err(Error::Plan(PlanError::None));
    };
    let policy = arguments.savepoint.policy()?;
    let decided = policy.as_ref();
    let uids = uids(&arguments.uids, decided);
    let (mut plan, sources) = with_node_uids(location.source(), plan, &uids)?;
    let settings = decided.map(|policy| policy.settings.clone()).unwrap_or_default();
    plan.state_backend = arguments.state_backend.or(plan.state_backend).or(settings.state_backend);
    let configuration = location.source().settings();
    plan.take_configuration(configuration);
    let mut known = KnownUids::default();
    read_uids(sources, &mut known)?;
    savepoint.take_uids(&known);
    plan.take_uids(&known);
    let large_state = arguments.large_state.map(|size| size.as_u64());
    let large_state = large_state.or(decided.and_then(|policy| policy.large_state));
    let question = Question {
        allow_non_restored_state: arguments.allow_non_restored_state,
        restore: arguments.restore.or(settings.restore).unwrap_or_default(),
        claim_mode: arguments
            .claim_mode
            .or(settings.claim_mode)
            .or_else(|| ClaimMode::configured(configuration))
            .unwrap_or_default(),
        target_flink: arguments.target_flink.or(decided.and_then(|policy| policy.target_flink)),
        large_state: large_state.unwrap_or(Question::LARGE_STATE),
    };
    let context = Context::new(&savepoint, &plan, question).with_files(files.as_ref());
    let report = match decided {
        Some(policy) => Report::of_context(&context.under(&policy.policy(today()))),
        None => Report::of_context(&context),
    };
    let gate = Gate {
        fail_on: arguments.fail_on.or(settings.fail_on).unwrap_or(Severity::Error),
        accept_undetermined: arguments.accept_undetermined || settings.accept_undetermined,
    };
    let checked = Checked {
        title: &arguments.savepoint.title(&location),
        savepoint: &savepoint,
        plan: &plan,
        report: &report,
        gate,
        policy: decided,
        uids: &known,
    };
    Ok(arguments.format.output(&checked, report.exit_status(gate)))
}
