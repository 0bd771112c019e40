//! `holdpoint schema`.

use super::Output;
use clap::ValueEnum;
use holdpoint::plan::PlanFile;
use holdpoint::policy::PolicySettings;
use holdpoint::report::json::CheckDocument;

/// Print the JSON Schema of a file that holdpoint reads or writes
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Of what
    #[arg(value_enum)]
    of: Document,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Document {
    /// The plan file
    Plan,
    /// What `check --format json` writes
    Check,
    /// The policy, holdpoint.toml
    Policy,
}

pub fn run(arguments: &Arguments) -> Output {
    let schema = match arguments.of {
        Document::Plan => schemars::schema_for!(PlanFile),
        Document::Policy => schemars::schema_for!(PolicySettings),
        Document::Check => schemars::schema_for!(CheckDocument<'_>),
    };
    Output::passed(format!("{:#}\n", schema.as_value()))
}
