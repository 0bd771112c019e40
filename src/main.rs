//! The `holdpoint` command: parses the arguments, runs the command, prints what it says.

mod cli;

use clap::Parser;
use holdpoint::report::{ExitStatus, text};
use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    // A bad flag ends here with 2, as clap has it.
    let arguments = cli::Arguments::parse();
    let status = match cli::run(&arguments) {
        Ok(output) => {
            // A reader that went away does not change the verdict.
            let _ = anstream::stdout().write_all(output.text.as_bytes());
            output.status
        }
        Err(error) => {
            let message = error.to_string();
            let lines: Vec<_> = message.lines().map(text::plain).collect();
            let _ = writeln!(anstream::stderr(), "error: {}", lines.join("\n"));
            ExitStatus::Unusable
        }
    };
    ExitCode::from(status as u8)
}
