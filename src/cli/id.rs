//! `holdpoint id`.

use super::Output;
use holdpoint::ids::OperatorId;

/// Print the operator ID that a uid gives an operator
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The uid, as in `.uid("…")`; several give a line each
    #[arg(required = true)]
    uid: Vec<String>,
}

pub fn run(arguments: &Arguments) -> Output {
    let line = |uid: &String| match arguments.uid.len() {
        1 => format!("{}\n", OperatorId::of_uid(uid)),
        _ => format!("{}  {uid}\n", OperatorId::of_uid(uid)),
    };
    Output::passed(arguments.uid.iter().map(line).collect())
}
