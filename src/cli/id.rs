//! `holdpoint id`.

use super::policy::uids;
use super::savepoint::StoreArguments;
use super::{Format, Output, pretty};
use holdpoint::Error;
use holdpoint::catalog::{Origins, StateCatalog};
use holdpoint::ids::{KnownUids, OperatorId, is_source};
use holdpoint::plan::{JobPlan, Uid};
use holdpoint::report::{Identities, json, text};
use holdpoint::source::{Event, Observer, read_tree};

/// Print the operator ID that a uid gives an operator, or say what an ID is
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The uid, as in `.uid("…")`; several give a line each
    #[arg(required_unless_present_any = ["find", "savepoint", "plan"])]
    uid: Vec<String>,
    /// Say what these IDs are (32 hex digits): the hash of which uid, or generated from what. The message of Flink that names
    /// one does, too
    #[arg(long, value_name = "HEX", num_args = 1.., conflicts_with = "uid", value_parser = id_in)]
    find: Vec<OperatorId>,
    /// A savepoint that holds the IDs: what is in it, and what its generated IDs were generated from. Without --find, all
    /// its operators
    #[arg(long, conflicts_with = "uid")]
    savepoint: Option<String>,
    /// Where uids are written: a list with one a line, a source file, a directory of sources, a compiled SQL plan
    #[arg(long, value_name = "FILE|DIRECTORY", num_args = 1..)]
    uids: Vec<String>,
    /// The next version of the job, as `holdpoint check` takes it, several times, too. Without --find, all its operators, and the edits that
    /// change the IDs of those without a uid
    #[arg(long, conflicts_with = "uid")]
    plan: Vec<String>,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    pub(super) store: StoreArguments,
}

pub fn run(arguments: &Arguments, observer: &Observer) -> Result<Output, Error> {
    if !arguments.uid.is_empty() {
        for id in arguments.uid.iter().filter_map(|uid| OperatorId::named_in(uid)) {
            observer(Event::TakenAsUid(&id.to_string()));
        }
        return Ok(Output::passed(hashes(&arguments.uid)));
    }
    let source = arguments.store.source(observer)?;
    let savepoint = match &arguments.savepoint {
        Some(savepoint) => Some(StateCatalog::open(&source.savepoint(savepoint)?)?),
        None => None,
    };
    let plan = JobPlan::read_all(&source, arguments.plan.iter().map(String::as_str))?;
    let policy = arguments.store.policy()?;
    let mut known = KnownUids::default();
    for operator in plan.iter().flat_map(|plan| &plan.operators) {
        if let Uid::Set(uid) = &operator.uid {
            known.add(uid, "the plan");
        }
    }
    let cut = read_uids(uids(&arguments.uids, policy.as_ref()).iter().map(String::as_str), &mut known)?;
    let origins = if let Some(savepoint) = &savepoint {
        Origins::of(savepoint, &known)
    } else {
        let planned = plan.iter().flat_map(|plan| &plan.operators).filter_map(|operator| operator.id);
        Origins::of_ids(arguments.find.iter().copied().chain(planned), &known)
    };
    let identities = Identities {
        savepoint: arguments.savepoint.as_deref().zip(savepoint.as_ref()),
        plan: plan.as_ref(),
        origins: &origins,
        known: &known,
        cut,
    };
    let text = match arguments.format {
        Format::Table => text::render_identities(&identities, &arguments.find),
        Format::Json => pretty(&json::render_identities(&identities, &arguments.find)),
    };
    Ok(Output::passed(text))
}

/// Adds the uids of these files and trees; whether a tree was too large to be read whole.
pub(super) fn read_uids<'p>(
    paths: impl IntoIterator<Item = &'p str>,
    known: &mut KnownUids,
) -> Result<bool, Error> {
    let mut cut = false;
    for path in paths {
        let tree = read_tree(path, is_source)?;
        cut |= tree.cut;
        for (name, text) in &tree.files {
            known.add_file(name, text);
        }
    }
    Ok(cut)
}

/// The ID that an argument is, or that stands in it.
fn id_in(text: &str) -> Result<OperatorId, String> {
    OperatorId::named_in(text).map_or_else(|| text.parse(), Ok)
}

fn hashes(uids: &[String]) -> String {
    let line = |uid: &String| match uids.len() {
        1 => format!("{}\n", OperatorId::of_uid(uid)),
        _ => format!("{}  {uid}\n", OperatorId::of_uid(uid)),
    };
    uids.iter().map(line).collect()
}
