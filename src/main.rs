//! The `holdpoint` command: parses the arguments, runs the command, prints what it says.

mod cli;
mod progress;

use anstream::adapter;
use cli::Body;
use cli::Output;
use holdpoint::report::{ExitStatus, text};
use progress::Progress;
use std::fs;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = cli::Arguments::read();
    let progress = Progress::default();
    let result = cli::run(&arguments, &progress.observer());
    progress.end(arguments.is_verbose());
    let status = match result {
        Ok(output) => {
            let status = output.status;
            match write(output) {
                Ok(()) => status,
                Err(problem) => {
                    let _ = writeln!(anstream::stderr(), "error: {}", text::plain(&problem));
                    ExitStatus::Unusable
                }
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

/// Writes the files, and then to standard output. What could not be written is no answer.
fn write(output: Output) -> Result<(), String> {
    for (path, text) in &output.files {
        fs::write(path, adapter::strip_str(text).to_string())
            .map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
    }
    match print(output.body) {
        // A reader that went away does not change the verdict.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(format!("the output cannot be written: {error}"))
        }
        _ => Ok(()),
    }
}

/// Writes to standard output, text with the styles that it takes.
fn print(body: Body) -> io::Result<()> {
    match body {
        Body::Text(text) => anstream::stdout().write_all(text.as_bytes()),
        Body::Document(write) => {
            let mut output = BufWriter::with_capacity(1 << 16, io::stdout().lock());
            write(&mut output)?;
            output.flush()
        }
    }
}
