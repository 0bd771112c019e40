//! `holdpoint diff`.

use super::savepoint::StoreArguments;
use super::{Format, Output, pretty};
use holdpoint::Error;
use holdpoint::diff::SavepointDiff;
use holdpoint::report::{json, text};
use holdpoint::source::Observer;

/// Compare two savepoints or checkpoints: operators, states, types, sizes, the files that they share
///
/// Nothing is judged, so the exit status is 0 whatever is different, and 2 when one of them cannot be read. `holdpoint check`
/// says whether a restore is accepted.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The older savepoint or checkpoint, as `holdpoint inspect` takes it
    old: String,
    /// The newer one
    new: String,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    pub(super) store: StoreArguments,
}

pub fn run(arguments: &Arguments, observer: &Observer) -> Result<Output, Error> {
    let source = arguments.store.source(observer)?;
    let diff = SavepointDiff::read(&source.savepoint(&arguments.old)?, &source.savepoint(&arguments.new)?)?;
    Ok(Output::passed(match arguments.format {
        Format::Table => text::render_diff(&arguments.old, &arguments.new, &diff),
        Format::Json => pretty(&json::render_diff(&diff)),
    }))
}
