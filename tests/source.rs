//! Reading from a store that is not the local file system: the same answers, for few requests and few bytes.

use crate::support::data_output::{
    DataOutput, file, keyed_handle, keyed_header, keyed_subtask, metadata, operator, string_snapshot,
    value_state,
};
use crate::support::{fixtures, savepoint, savepoint_files};
use holdpoint::catalog::{Origins, StateCatalog};
use holdpoint::files::SavepointFiles;
use holdpoint::metadata::CheckpointMetadata;
use holdpoint::report::json;
use holdpoint::source::{
    Bytes, Entry, Fetched, FileRange, Location, Owner, SavepointLocation, Settings, Source, SourceError,
    Store, Uri,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

/// A store in memory, which remembers what it was asked for.
#[derive(Debug, Default)]
struct Memory {
    files: BTreeMap<String, Bytes>,
    asked: Mutex<Vec<FileRange>>,
    /// Gives one byte less than it should.
    cuts: bool,
}

impl Memory {
    fn of(files: impl IntoIterator<Item = (&'static str, Vec<u8>)>) -> Self {
        let files = files.into_iter().map(|(name, bytes)| (name.to_owned(), bytes.into()));
        Self { files: files.collect(), ..Self::default() }
    }

    /// The files of a fixture's savepoint.
    fn of_fixture(fixture: &str) -> Self {
        let files =
            savepoint_files(fixture).into_iter().map(|(name, bytes)| (format!("/{name}"), bytes.into()));
        Self { files: files.collect(), ..Self::default() }
    }
}

impl Store for Memory {
    fn read(&self, ranges: &[FileRange]) -> Vec<Result<Fetched, SourceError>> {
        self.asked.lock().unwrap().extend_from_slice(ranges);
        let read = |range: &FileRange| {
            let bytes = self
                .files
                .get(&range.file.path)
                .ok_or_else(|| SourceError::NotFound { location: Location::Remote(range.file.clone()) })?;
            let at = |place: u64| usize::try_from(place).unwrap().min(bytes.len());
            let end = at(range.range.end) - usize::from(self.cuts);
            Ok(Fetched { bytes: bytes.slice(at(range.range.start)..end), file_length: bytes.len() as u64 })
        };
        ranges.iter().map(read).collect()
    }

    fn lengths(&self, files: &[Uri]) -> Vec<Result<u64, SourceError>> {
        let length = |file: &Uri| {
            let missing = || SourceError::NotFound { location: Location::Remote(file.clone()) };
            self.files.get(&file.path).map(|bytes| bytes.len() as u64).ok_or_else(missing)
        };
        files.iter().map(length).collect()
    }

    fn list(&self, directory: &Uri) -> Result<Vec<Entry>, SourceError> {
        let directory = format!("{}/", directory.path.trim_end_matches('/'));
        let below =
            self.files.iter().filter_map(|(path, bytes)| Some((path.strip_prefix(&directory)?, bytes)));
        let entry = |(path, bytes): (&str, &Bytes)| match path.split_once('/') {
            Some((name, _)) => Entry::directory(name),
            None => Entry::file(path, bytes.len() as u64, None),
        };
        Ok(below.map(entry).collect::<BTreeSet<_>>().into_iter().collect())
    }
}

/// The document of `holdpoint inspect`.
fn document(location: &SavepointLocation) -> String {
    let file = location.open_metadata().unwrap();
    let metadata = CheckpointMetadata::decode(&file).unwrap();
    let catalog = StateCatalog::read(&metadata, location).unwrap();
    serde_json::to_string(
        &json::render_savepoint(&metadata, &catalog, &Origins::default(), location).unwrap(),
    )
    .unwrap()
}

/// A savepoint of operators with one subtask each, whose keyed state is in these files of the store.
fn savepoint_of(files: &[&str]) -> Vec<u8> {
    metadata_naming(files.iter().map(|path| format!("memory:{path}")))
}

fn metadata_naming(files: impl Iterator<Item = String>) -> Vec<u8> {
    let operators =
        files.zip(1_u8..).map(|(path, id)| operator(id, &[keyed_subtask(keyed_handle(file(&path)))]));
    metadata(&operators.collect::<Vec<_>>())
}

/// A header that is longer than any first window.
fn long_header(states: usize) -> Vec<u8> {
    let state = |it: usize| value_state(&format!("state-{it}-{}", "x".repeat(500)), &string_snapshot());
    keyed_header(&string_snapshot(), &(0..states).map(state).collect::<Vec<_>>()).into_bytes()
}

fn open(store: &Arc<Memory>) -> (Source, SavepointLocation) {
    let source = Source::default().with_store("memory", Arc::<Memory>::clone(store));
    let location = source.savepoint("memory:///").unwrap();
    (source, location)
}

#[test]
fn every_fixture_reads_the_same_from_another_store() {
    for fixture in fixtures() {
        let here = SavepointLocation::resolve(&savepoint(&fixture)).unwrap();
        let store = Arc::new(Memory::of_fixture(&fixture));
        assert_eq!(document(&open(&store).1), document(&here), "{fixture}");
    }
}

/// The state behind a header, 100 MB in all, stays where it is.
#[test]
fn a_header_costs_a_window_however_long_its_file_is() {
    let names: Vec<_> = (0..100).map(|it| format!("/state-{it}")).collect();
    let mut state = long_header(1);
    state.resize(1_000_000, 0);
    let mut store =
        Memory::of([("/_metadata", savepoint_of(&names.iter().map(String::as_str).collect::<Vec<_>>()))]);
    store.files.extend(names.iter().map(|name| (name.clone(), state.clone().into())));
    let (source, location) = open(&Arc::new(store));
    assert_eq!(StateCatalog::open(&location).unwrap().operators.len(), 100);
    assert_eq!(
        source.traffic().requests,
        2 + 100,
        "whether the metadata is there, the metadata, and the headers"
    );
    let metadata = location.open_metadata().unwrap().len() as u64;
    assert_eq!(source.traffic().bytes, 2 * metadata + 100 * (16 << 10));
}

/// Pages that this thread touched for the first time.
#[cfg(target_os = "linux")]
fn pages_touched() -> u64 {
    let status = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
    let fields: Vec<_> = status.rsplit_once(')').unwrap().1.split_whitespace().collect();
    fields[7].parse::<u64>().unwrap() + fields[9].parse::<u64>().unwrap()
}

/// A local file is mapped, and what is not touched is not read: of each of these the system brings in one or two pages
/// of a quarter of a million.
#[cfg(target_os = "linux")]
#[test]
fn a_local_state_file_is_never_read_whole() {
    use crate::support::{allocations::peak_of, write_savepoint};
    use std::io::Write;
    const FILES: u64 = 20;
    let names = || (0..FILES).map(|it| format!("state-{it}"));
    let directory = write_savepoint("long-files", &metadata_naming(names()));
    for name in names() {
        let mut file = std::fs::File::create(std::path::Path::new(&directory).join(name)).unwrap();
        file.write_all(&long_header(1)).unwrap();
        file.set_len(1 << 30).unwrap();
    }
    let location = SavepointLocation::resolve(&directory).unwrap();
    let mut pages = 0;
    let held = peak_of(|| {
        let before = pages_touched();
        assert_eq!(StateCatalog::open(&location).unwrap().operators.len(), 20);
        pages = pages_touched() - before;
    });
    println!("{} pages for each file of 262,144, and {held} bytes held in all", pages / FILES);
    assert!(pages / FILES < 16, "{pages} pages");
    assert!(held < 1 << 20, "{held} bytes held");
}

#[test]
fn a_long_header_is_read_to_its_end_and_no_byte_of_it_twice() {
    let mut state = long_header(600);
    let header = state.len() as u64;
    state.resize(9 << 20, 0);
    let store = Memory::of([("/_metadata", savepoint_of(&["/state"])), ("/state", state)]);
    let store = Arc::new(store);
    let (_, location) = open(&store);
    let catalog = StateCatalog::open(&location).unwrap();
    assert_eq!(catalog.operators[0].states.len(), 600);
    let asked = store.asked.lock().unwrap();
    let ranges: Vec<_> =
        asked.iter().filter(|it| it.file.path == "/state").map(|it| it.range.clone()).collect();
    assert_eq!(ranges, [0..16 << 10, 16 << 10..128 << 10, 128 << 10..1 << 20]);
    assert!((128 << 10..1 << 20).contains(&header), "{header}");
}

#[test]
fn a_place_that_two_handles_name_is_fetched_once() {
    let store =
        Memory::of([("/_metadata", savepoint_of(&["/state", "/state"])), ("/state", long_header(40))]);
    let store = Arc::new(store);
    let catalog = StateCatalog::open(&open(&store).1).unwrap();
    assert_eq!(catalog.operators.iter().map(|operator| operator.states.len()).collect::<Vec<_>>(), [40, 40]);
    let asked = store.asked.lock().unwrap();
    assert_eq!(asked.iter().filter(|it| it.file.path == "/state").count(), 2, "two windows, not four");
}

#[test]
fn a_header_without_an_end_is_given_up() {
    let state = |it: usize| DataOutput::new().write_utf(&format!("{it:060000}")).write(&[0; 12]);
    let header = keyed_header(&string_snapshot(), &(0..1200).map(state).collect::<Vec<_>>()).into_bytes();
    let store = Memory::of([("/_metadata", savepoint_of(&["/state"])), ("/state", header)]);
    let catalog = StateCatalog::open(&open(&Arc::new(store)).1).unwrap();
    let unread = format!("{:?}", catalog.operators[0].unread);
    assert!(
        unread.contains("memory:///state cannot be read: its header has more than 67108864 bytes"),
        "{unread}"
    );
}

#[test]
fn a_file_that_ends_inside_its_header_is_not_asked_for_more() {
    let mut state = long_header(60);
    state.truncate(20_000);
    let store = Arc::new(Memory::of([("/_metadata", savepoint_of(&["/state"])), ("/state", state)]));
    let error = StateCatalog::open(&open(&store).1).unwrap_err().to_string();
    assert!(error.starts_with("memory:///state: operator 0101"), "{error}");
    assert!(error.contains("the file ends inside a value: 511 bytes are needed, 109 are left"), "{error}");
    assert_eq!(store.asked.lock().unwrap().len(), 3, "the metadata and two windows");
}

/// The newest completed checkpoint is the one of the highest number that has a `_metadata` file.
#[test]
fn of_a_jobs_checkpoints_the_newest_completed_one_is_read() {
    let store = || {
        let metadata = || savepoint_of(&[]);
        Arc::new(Memory::of([
            ("/job/chk-9/_metadata", metadata()),
            ("/job/chk-10/_metadata", metadata()),
            ("/job/chk-11/state", Vec::new()),
            ("/job/shared/state", Vec::new()),
            ("/savepoints/savepoint-1/_metadata", metadata()),
            ("/savepoints/savepoint-2/_metadata", metadata()),
            ("/plan.yaml", Vec::new()),
        ]))
    };
    let source = Source::default().with_store("memory", store());
    let found = |name: &str| source.savepoint(name).map(|found| found.metadata().to_string());
    assert_eq!(found("memory:/job").unwrap(), "memory:///job/chk-10/_metadata");
    assert_eq!(found("memory:/job/chk-9/").unwrap(), "memory:///job/chk-9/_metadata");
    assert_eq!(found("memory:/job/chk-9/_metadata").unwrap(), "memory:///job/chk-9/_metadata");
    assert_eq!(found("memory:/plan.yaml").unwrap(), "memory:///plan.yaml");
    let several = found("memory:/savepoints").unwrap_err().to_string();
    assert!(several.ends_with("name one of the savepoints below it: memory:///savepoints/savepoint-1, memory:///savepoints/savepoint-2"), "{several}");
    let nothing = found("memory:/nowhere").unwrap_err().to_string();
    assert!(
        nothing.starts_with("memory:///nowhere does not exist; name a savepoint's directory"),
        "{nothing}"
    );
}

/// What the Flink configuration says is where a name is looked for, and where files of a moved savepoint are.
#[test]
fn settings_lead_to_savepoints_and_their_files() {
    let store = Memory::of([
        ("/savepoints/savepoint-1/_metadata", savepoint_of(&["//old/state"])),
        ("/new/state", long_header(1)),
    ]);
    let mut settings = Settings::default();
    settings.flink.insert("state.savepoints.dir".to_owned(), "memory:/_entropy_/savepoints".to_owned());
    settings.flink.insert("s3.entropy.key".to_owned(), "_entropy_".to_owned());
    settings.relocate("memory://old=memory:/new").unwrap();
    let source = Source::new(settings, Arc::new(|_| {})).with_store("memory", Arc::new(store));
    let location = source.savepoint("savepoint-1").unwrap();
    assert_eq!(location.directory().to_string(), "memory:///savepoints/savepoint-1");
    assert_eq!(StateCatalog::open(&location).unwrap().operators[0].states.len(), 1);
    let several = source.configured_savepoint().unwrap_err().to_string();
    assert!(
        several.ends_with("one of the savepoints below it: memory:///savepoints/savepoint-1"),
        "{several}"
    );
}

/// The directory that all jobs keep their checkpoints in holds none itself.
#[test]
fn of_a_directory_of_jobs_the_newest_checkpoints_are_named() {
    let job = "/checkpoints/af0b619bac69205297f38b9b45485c77";
    let metadata = || savepoint_of(&[]);
    let names = [format!("{job}/chk-9/_metadata"), format!("{job}/chk-10/_metadata")];
    let mut store = Memory::of([("/checkpoints/other/chk-1/_metadata", metadata())]);
    store.files.extend(names.map(|name| (name, metadata().into())));
    let source = Source::default().with_store("memory", Arc::new(store));
    let said = source.savepoint("memory:/checkpoints").unwrap_err().to_string();
    assert!(said.ends_with(&format!("name one of the savepoints below it: memory://{job}/chk-10")), "{said}");
}

/// Flink names a checkpoint's files by where they are, by whichever of a store's schemes it was configured with; the user may
/// have come by another.
#[test]
fn a_directory_has_its_files_whatever_it_is_called() {
    let state = "s3a://bucket/job/chk-1/state";
    let store = Memory::of([
        ("/job/chk-1/_metadata", metadata_naming([state.to_owned()].into_iter())),
        ("/job/chk-1/state", long_header(1)),
        ("/job/chk-1/left", Vec::new()),
    ]);
    let source = Source::default().with_store("s3", Arc::new(store));
    let location = source.savepoint("s3://bucket/job").unwrap();
    let files = SavepointFiles::read(&location).unwrap();
    assert_eq!((files.files[0].owner, files.files[0].path.as_str()), (Owner::Exclusive, state));
    let unreferred: Vec<_> = files.unreferred.unwrap().iter().map(|file| file.location.to_string()).collect();
    assert_eq!(unreferred, ["s3://bucket/job/chk-1/left"]);
    assert_eq!(StateCatalog::open(&location).unwrap().operators[0].states.len(), 1);
}

#[test]
fn a_moved_savepoint_is_found_by_any_scheme_of_its_store() {
    let state = "s3a://old/job/chk-1/state";
    let store = Memory::of([
        ("/copy/_metadata", metadata_naming([state.to_owned()].into_iter())),
        ("/copy/state", long_header(1)),
    ]);
    let mut settings = Settings::default();
    settings.relocate("s3://old/job/chk-1/=memory:/copy/").unwrap();
    let source = Source::new(settings, Arc::new(|_| {})).with_store("memory", Arc::new(store));
    let location = source.savepoint("memory:/copy").unwrap();
    assert_eq!(location.resolve_state_file(state).to_string(), "memory:///copy/state");
    assert!(SavepointFiles::read(&location).unwrap().is_self_contained());
}

#[test]
fn a_store_that_gives_less_than_it_has_is_not_believed() {
    let store = Memory { cuts: true, ..Memory::of([("/_metadata", savepoint_of(&[]))]) };
    let error = open(&Arc::new(store)).1.open_metadata().unwrap_err();
    assert!(matches!(error, SourceError::CutShort { expected: 24, found: 23, .. }), "{error}");
}

#[test]
fn a_scheme_without_a_store_is_refused_by_its_name() {
    let error = Source::default().savepoint("memory:///a").unwrap_err();
    assert!(matches!(error, SourceError::Scheme { .. }), "{error}");
}
