//! The `holdpoint` command: parses the arguments, runs the command, prints what it says.

mod cli;
mod progress;

use clap::Parser;
use cli::Body;
use holdpoint::report::{ExitStatus, text};
use progress::Progress;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    // A bad flag ends here with 2, as clap has it.
    let arguments = cli::Arguments::parse();
    let progress = Progress::default();
    let result = cli::run(&arguments, &progress.observer());
    progress.end(arguments.is_verbose());
    let status = match result {
        Ok(output) => {
            match write(output.body) {
                // A reader that went away does not change the verdict; what could not be written is no answer.
                Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                    let _ = writeln!(anstream::stderr(), "error: the output cannot be written: {error}");
                    ExitStatus::Unusable
                }
                _ => output.status,
            }
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

/// Writes to standard output, text with the styles that it takes.
fn write(body: Body) -> io::Result<()> {
    match body {
        Body::Text(text) => anstream::stdout().write_all(text.as_bytes()),
        Body::Document(write) => {
            let mut output = BufWriter::with_capacity(1 << 16, io::stdout().lock());
            write(&mut output)?;
            output.flush()
        }
    }
}
