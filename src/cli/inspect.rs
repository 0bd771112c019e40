//! `holdpoint inspect`.

use super::id::read_uids;
use super::policy::uids;
use super::savepoint::SavepointArguments;
use super::{Output, pretty, write_pretty};
use clap::ValueEnum;
use holdpoint::Error;
use holdpoint::catalog::{Origins, StateCatalog};
use holdpoint::ids::KnownUids;
use holdpoint::metadata::CheckpointMetadata;
use holdpoint::report::{html, json, text};
use holdpoint::source::Observer;
use std::io;

/// Show what a savepoint or checkpoint holds
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    pub(super) savepoint: SavepointArguments,
    /// Only what the _metadata file says: the operators and their sizes. No state file is opened, so no states are shown
    #[arg(long)]
    summary: bool,
    /// Where uids are written, for savepoints that do not hold them: a list with one a line, a source file, a directory of
    /// sources, a compiled SQL plan
    #[arg(long, value_name = "FILE|DIRECTORY")]
    uids: Vec<String>,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// How a savepoint is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Table,
    /// For scripts.
    Json,
    /// For people, in a browser: a page that needs nothing else.
    Html,
}

pub fn run(arguments: &Arguments, observer: &Observer) -> Result<Output, Error> {
    let location = arguments.savepoint.find(observer)?;
    let file = location.open_metadata()?;
    let metadata = CheckpointMetadata::decode(&file)
        .map_err(|error| Error::Decode { location: location.metadata().clone(), error })?;
    let mut catalog = if arguments.summary {
        StateCatalog::summary(&metadata, &location)?
    } else {
        StateCatalog::read(&metadata, &location)?
    };
    let policy = arguments.savepoint.policy()?;
    let mut known = KnownUids::default();
    read_uids(uids(&arguments.uids, policy.as_ref()).iter().map(String::as_str), &mut known)?;
    let origins = Origins::of(&catalog, &known);
    match (arguments.format, arguments.summary) {
        (Format::Table, _) => Ok(Output::passed(text::render_catalog(
            &arguments.savepoint.title(&location),
            &catalog,
            &origins,
        ))),
        (Format::Html, _) => {
            catalog.take_uids(&known);
            Ok(Output::passed(html::render_catalog(&arguments.savepoint.title(&location), &catalog)))
        }
        (Format::Json, true) => Ok(Output::passed(pretty(&json::render_summary(&catalog, &origins)))),
        (Format::Json, false) => Ok(Output::document(move |output| {
            let metadata = CheckpointMetadata::decode(&file).map_err(io::Error::other)?;
            let document =
                json::render_savepoint(&metadata, &catalog, &origins, &location).map_err(io::Error::other)?;
            write_pretty(output, &document)
        })),
    }
}
