//! Whose the files are that a savepoint refers to.

use super::Location;

/// Who may delete a file, which shows in where it is (`FsCheckpointStorageLocation`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// It is in the savepoint's own directory.
    Exclusive,
    /// It is in a job's directory `shared`: other checkpoints may refer to it.
    Shared,
    /// It is in a job's directory `taskowned`: the task that wrote it deletes it.
    TaskOwned,
    /// It is somewhere else: in another checkpoint's directory, or where a changelog is kept.
    Elsewhere,
}

impl Owner {
    /// The owner's name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exclusive => "exclusive",
            Self::Shared => "shared",
            Self::TaskOwned => "task-owned",
            Self::Elsewhere => "elsewhere",
        }
    }

    /// Whose a file is, for a savepoint in this directory. It depends on the directory of the file alone.
    pub(super) fn of(location: &Location, directory: &Location) -> Self {
        if location.below(directory).is_some() {
            return Self::Exclusive;
        }
        // File merging makes directories below these two.
        let is_below = |name: &str| {
            std::iter::successors(Some(location.parent()), |it| Some(it.parent()).filter(|up| up != it))
                .any(|it| it.name() == name)
        };
        match (is_below("shared"), is_below("taskowned")) {
            (_, true) => Self::TaskOwned,
            (true, false) => Self::Shared,
            (false, false) => Self::Elsewhere,
        }
    }
}
