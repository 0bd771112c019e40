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
    // Rows are still to be found out.
    let goes_on = matches!(&result, Ok(Output { body: Body::Rows(_), .. }));
    if !goes_on {
        progress.end(arguments.is_verbose());
    }
    let status = match result {
        Ok(output) => {
            let written = write(output);
            if goes_on {
                progress.end(arguments.is_verbose());
            }
            written.unwrap_or_else(|problem| {
                let _ = writeln!(anstream::stderr(), "error: {}", text::plain(&problem));
                ExitStatus::Unusable
            })
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

/// Writes the files, and then to standard output, and says how it ended. What could not be written is no answer.
fn write(output: Output) -> Result<ExitStatus, String> {
    for (path, text) in &output.files {
        fs::write(path, adapter::strip_str(text).to_string())
            .map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
    }
    match print(output.body) {
        // A reader that went away does not change the verdict.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(format!("the output cannot be written: {error}"))
        }
        Ok(Some(status)) => Ok(status),
        _ => Ok(output.status),
    }
}

/// Writes to standard output, text with the styles that it takes. The status is that of rows.
fn print(body: Body) -> io::Result<Option<ExitStatus>> {
    let buffered = || BufWriter::with_capacity(1 << 16, io::stdout().lock());
    match body {
        Body::Text(text) => anstream::stdout().write_all(text.as_bytes())?,
        Body::Document(write) => {
            let mut output = buffered();
            write(&mut output)?;
            output.flush()?;
        }
        Body::Rows(write) => {
            let mut output = buffered();
            let status = write(&mut output)?;
            output.flush()?;
            return Ok(Some(status));
        }
    }
    Ok(None)
}
