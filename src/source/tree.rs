//! Text files below a directory, for whoever looks for something in sources.

use super::{Location, SourceError};
use std::io;
use std::path::{Path, PathBuf};

/// Files of a tree that are read; a source tree with more of them is cut there, and [`TextTree::cut`] says so.
const FILES: usize = 50_000;
/// Larger files are generated, or no source.
const FILE_BYTES: u64 = 4 << 20;
/// Directories within each other.
const DEPTH: usize = 64;
/// Directories that hold what is built or fetched.
const SKIPPED: &[&str] = &["target", "build", "node_modules", "__pycache__"];

/// The files that [`read_tree`] found.
#[derive(Debug, Default)]
pub struct TextTree {
    /// Path and text of each, in the order of the paths.
    pub files: Vec<(String, String)>,
    /// There were more files, or deeper ones.
    pub cut: bool,
}

/// The text of a file, or of all files below a directory whose extension is wanted. Links are not followed, and hidden
/// directories and those of build tools are left out.
pub fn read_tree(path: &str, wanted: impl Fn(&str) -> bool) -> Result<TextTree, SourceError> {
    let mut tree = TextTree::default();
    let root = PathBuf::from(path);
    if !root.is_dir() {
        tree.files.push((path.to_owned(), read(&root)?));
        return Ok(tree);
    }
    let mut directories = vec![(root, 0_usize)];
    let mut found = Vec::new();
    while let Some((directory, depth)) = directories.pop() {
        let entries = directory.read_dir().map_err(|error| unreadable(&directory, error))?;
        for entry in entries {
            let entry = entry.map_err(|error| unreadable(&directory, error))?;
            let Ok(kind) = entry.file_type() else { continue };
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = entry.path();
            if kind.is_dir() && !name.starts_with('.') && !SKIPPED.contains(&name.as_str()) {
                if depth < DEPTH {
                    directories.push((path, depth.saturating_add(1)));
                } else {
                    tree.cut = true;
                }
            } else if kind.is_file()
                && path.extension().and_then(|it| it.to_str()).is_some_and(&wanted)
                && entry.metadata().is_ok_and(|it| it.len() <= FILE_BYTES)
            {
                found.push(path);
            }
        }
    }
    found.sort();
    tree.cut |= found.len() > FILES;
    for path in found.into_iter().take(FILES) {
        let text = read(&path)?;
        tree.files.push((path.display().to_string(), text));
    }
    Ok(tree)
}

/// The bytes as text; what is no UTF-8 cannot be part of a uid in them.
fn read(path: &Path) -> Result<String, SourceError> {
    let bytes = std::fs::read(path).map_err(|error| unreadable(path, error))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn unreadable(path: &Path, error: io::Error) -> SourceError {
    SourceError::io(&Location::Local(path.to_path_buf()), error)
}
