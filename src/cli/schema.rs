//! `holdpoint schema`.

use super::Output;
use clap::ValueEnum;
use holdpoint::plan::PlanFile;

/// Print the JSON Schema of a file that holdpoint reads
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
}

pub fn run(arguments: &Arguments) -> Output {
    match arguments.of {
        Document::Plan => {
            let schema = schemars::schema_for!(PlanFile);
            Output::passed(format!("{:#}\n", schema.as_value()))
        }
    }
}
