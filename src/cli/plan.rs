//! `holdpoint plan`.

use super::Output;
use super::node_uids::with_node_uids;
use super::savepoint::StoreArguments;
use holdpoint::Error;
use holdpoint::plan::{JobPlan, PlanError};
use holdpoint::report::ExitStatus;
use holdpoint::source::{Location, Observer};
use std::fmt::Write;

/// Write a plan file of a job, to edit and review; or compare a job with the plan file that was kept of it
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// What `check --plan` takes: a savepoint, a serialized job graph, a plan of Flink's in JSON …; later ones win, fact by
    /// fact
    #[arg(required_unless_present = "flink_conf")]
    sources: Vec<String>,
    /// Write nothing, and fail with status 1 when this plan file is no longer what the sources say
    #[arg(long, value_name = "PLAN")]
    check: Option<String>,
    /// Which node of the sources has which uid, where they do not tell: lines such as `totals: totals-uid`, with the name of
    /// a node or its number in the plan
    #[arg(long, value_name = "FILE")]
    uids: Vec<String>,
    #[command(flatten)]
    pub(super) store: StoreArguments,
}

pub fn run(arguments: &Arguments, observer: &Observer) -> Result<Output, Error> {
    let source = arguments.store.source(observer)?;
    let mut sources = arguments.sources.clone();
    if sources.is_empty() {
        sources.push(source.configured_savepoint()?.directory().to_string());
    }
    let plan = JobPlan::read_all(&source, sources.iter().map(String::as_str))?;
    let (plan, others) = with_node_uids(&source, plan.ok_or(PlanError::None)?, &arguments.uids)?;
    if let Some(other) = others.first() {
        let problem =
            "it does not say which node has which uid, in lines such as `totals: totals-uid`".to_owned();
        return Err(PlanError::Foreign { location: Location::parse(other), problem }.into());
    }
    let Some(kept) = &arguments.check else {
        return Ok(Output::passed(plan.to_file().to_yaml(&sources.join(", "))));
    };
    let differences = JobPlan::read_from(&source, kept)?.to_file().differences(&plan.to_file());
    if differences.is_empty() {
        return Ok(Output::passed(format!("{kept} is what the job says\n")));
    }
    let mut text = String::new();
    for difference in &differences {
        let _ = writeln!(text, "{difference}");
    }
    let (count, them) = match differences.len() {
        1 => ("1 difference".to_owned(), "it"),
        count => (format!("{count} differences"), "them"),
    };
    let _ = writeln!(
        text,
        "{kept} is not what the job says: {count}; review {them}, and write it again with `holdpoint plan`"
    );
    Ok(Output::new(text, ExitStatus::Failed))
}
