//! Times this tool's reading of large checkpoints, in this process, in CPU time of its one thread.
//!
//! `cargo bench` prints every operation over every input. `benches/run` does the same beside Flink's own loader, and
//! talks to this program for it: with an operation and a directory it does one for each line on its standard input,
//! answers with the milliseconds, and ends with the memory that is its own.

#![allow(clippy::print_stdout, clippy::print_stderr, clippy::expect_used, clippy::arithmetic_side_effects)]

use cpu_time::ThreadTime;
use holdpoint::Error;
use holdpoint::catalog::{Origins, StateCatalog};
use holdpoint::metadata::CheckpointMetadata;
use holdpoint::metadata::handle::KeyedStateHandle;
use holdpoint::plan::JobPlan;
use holdpoint::report::{Report, json};
use holdpoint::rules::Question;
use holdpoint::source::SavepointLocation;
use std::hint::black_box;
use std::io::{BufRead, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What is timed. Each starts with a file that is not open, and ends when it is closed again.
const OPERATIONS: [(&str, Operation); 5] = [
    ("limit", limit),
    ("summary", summary),
    ("catalogue", catalogue),
    ("listing", listing),
    ("check", check),
];

type Operation = fn(&Subject) -> Result<u64, Error>;

/// The checkpoint in the directory of an input, as `benches/run` makes it.
const CHECKPOINT: &str = "5eed0000000000000000000020260101/chk-42";

struct Subject {
    location: SavepointLocation,
    plan: Option<JobPlan>,
}

/// Maps the file and sums its bytes: nothing that reads all of it can be faster.
fn limit(subject: &Subject) -> Result<u64, Error> {
    let file = subject.location.open_metadata()?;
    let (words, rest) = file.as_chunks::<8>();
    let words = words.iter().map(|word| u64::from_ne_bytes(*word)).fold(0, u64::wrapping_add);
    Ok(rest.iter().fold(words, |sum, byte| sum.wrapping_add(u64::from(*byte))))
}

/// Bytes of each operator, from the `_metadata` file alone.
fn summary(subject: &Subject) -> Result<u64, Error> {
    let file = subject.location.open_metadata()?;
    let metadata = decode(subject, &file)?;
    StateCatalog::summary(&metadata, &subject.location).map(|catalog| catalog.total_bytes())
}

/// Every operator and state, with the headers of all state files.
fn catalogue(subject: &Subject) -> Result<u64, Error> {
    StateCatalog::open(&subject.location).map(|catalog| catalog.total_bytes())
}

/// The JSON document of `inspect`, with every handle.
fn listing(subject: &Subject) -> Result<u64, Error> {
    let file = subject.location.open_metadata()?;
    let metadata = decode(subject, &file)?;
    let catalog = StateCatalog::read(&metadata, &subject.location)?;
    let origins = Origins::default();
    let document = json::render_savepoint(&metadata, &catalog, &origins, &subject.location)?;
    let mut output = BufWriter::with_capacity(1 << 16, Sink(0));
    serde_json::to_writer_pretty(&mut output, &document).expect("a sink takes everything");
    Ok(output.get_ref().0)
}

/// Counts what is written to it.
struct Sink(u64);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The savepoint against a plan that was made from it.
fn check(subject: &Subject) -> Result<u64, Error> {
    let catalog = StateCatalog::open(&subject.location)?;
    let plan = subject.plan.as_ref().expect("a plan is read before a check");
    Ok(Report::of(&catalog, plan, Question::default()).findings.found.len() as u64)
}

fn decode<'a>(subject: &Subject, file: &'a [u8]) -> Result<CheckpointMetadata<'a>, Error> {
    CheckpointMetadata::decode(file)
        .map_err(|error| Error::Decode { location: subject.location.metadata().clone(), error })
}

fn walk<'a>(
    subject: &Subject,
    file: &'a [u8],
    mut each: impl FnMut(&holdpoint::metadata::OperatorState<'a>),
) -> Result<(), Error> {
    let place = |error| Error::Decode { location: subject.location.metadata().clone(), error };
    let mut operators = decode(subject, file)?.operators();
    for operator in operators.by_ref() {
        each(&operator.map_err(place)?);
    }
    operators.properties().map_err(place)?;
    Ok(())
}

/// Streams that the file refers to, as Flink's own objects count them in `java/Load.java`.
fn count_handles(subject: &Subject) -> Result<usize, Error> {
    let file = subject.location.open_metadata()?;
    let mut handles = 0;
    walk(subject, &file, |operator| {
        handles += usize::from(operator.coordinator_state.is_some());
        for subtask in operator.subtasks() {
            handles += usize::from(subtask.managed_operator().next().is_some());
            handles += usize::from(subtask.raw_operator().next().is_some());
            for handle in [&subtask.managed_keyed, &subtask.raw_keyed].into_iter().flatten() {
                handles += 1;
                if let KeyedStateHandle::Incremental(files) = handle {
                    handles += files.shared().count() + files.private().count();
                }
            }
        }
    })?;
    Ok(handles)
}

fn timed(operation: Operation, subject: &Subject) -> Result<Duration, Error> {
    let start = ThreadTime::now();
    black_box(operation(subject)?);
    Ok(start.elapsed())
}

fn subject(directory: &Path, operation: &str) -> Result<Subject, Error> {
    let location = SavepointLocation::resolve(&directory.display().to_string())?;
    let plan = (operation == "check").then(|| JobPlan::read(&directory.display().to_string())).transpose()?;
    Ok(Subject { location, plan })
}

/// One operation for each line of the standard input.
fn serve(name: &str, directory: &Path) -> Result<(), Error> {
    let (_, operation) = OPERATIONS.iter().find(|(known, _)| *known == name).expect("a known operation");
    let subject = subject(directory, name)?;
    for _ in std::io::stdin().lock().lines() {
        println!("thread_ms {:.4}", timed(*operation, &subject)?.as_secs_f64() * 1000.0);
        let _ = std::io::stdout().flush();
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let private = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap_or("?");
    println!("private {}", private.trim());
    println!("totals {} handles, {} bytes", count_handles(&subject)?, summary(&subject)?);
    Ok(())
}

/// The median of some runs of each operation over each input.
fn survey(inputs: &[PathBuf]) -> Result<(), Error> {
    const RUNS: usize = 7;
    println!("{:14} {:10} {:>10} {:>8} {:>10}", "input", "operation", "ms", "GB/s", "ns/handle");
    for directory in inputs {
        for (name, operation) in OPERATIONS {
            let subject = subject(directory, name)?;
            let bytes = subject.location.open_metadata()?.len();
            let mut times = (0..RUNS).map(|_| timed(operation, &subject)).collect::<Result<Vec<_>, _>>()?;
            times.sort();
            let median = times.get(RUNS / 2).copied().unwrap_or_default().as_secs_f64();
            #[allow(clippy::cast_precision_loss)]
            let (gigabytes, handles) = (bytes as f64 / 1e9, count_handles(&subject)? as f64);
            let shape = directory.ancestors().nth(2).and_then(Path::file_name).unwrap_or_default();
            println!(
                "{:14} {name:10} {:>10.3} {:>8.2} {:>10.1}",
                shape.display(),
                median * 1e3,
                gigabytes / median,
                median * 1e9 / handles
            );
        }
    }
    Ok(())
}

fn inputs() -> Vec<PathBuf> {
    let cache = std::env::var_os("HOLDPOINT_FLINK_CACHE").map_or("/srv/flink".into(), PathBuf::from);
    let complete = |shape: PathBuf| shape.join(".complete").is_file().then(|| shape.join(CHECKPOINT));
    let shapes = std::fs::read_dir(cache.join("bench")).into_iter().flatten().flatten();
    let mut inputs: Vec<_> = shapes.filter_map(|shape| complete(shape.path())).collect();
    inputs.sort();
    inputs
}

fn main() -> Result<(), Error> {
    let arguments: Vec<_> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match (arguments.as_slice(), inputs().as_slice()) {
        ([operation, directory], _) => serve(operation, Path::new(directory)),
        (_, []) => {
            eprintln!(
                "there is nothing to read yet: `benches/run --generate` makes it, with Flink's own classes"
            );
            Ok(())
        }
        (_, inputs) => survey(inputs),
    }
}
