//! `holdpoint completions`.

use super::{Arguments as Root, Output};
use clap::CommandFactory;
use clap_complete::Shell;

/// Print a script that completes holdpoint's commands and options in a shell
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Which shell
    #[arg(value_enum)]
    shell: Shell,
}

pub fn run(arguments: &Arguments) -> Output {
    let mut command = Root::command();
    let name = command.get_name().to_owned();
    // Into memory, for the generator panics when it cannot write.
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, name, &mut script);
    Output::document(move |output| output.write_all(&script))
}
