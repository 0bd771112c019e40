//! Uids that an operator may have, and where they are written.

use super::OperatorId;
use super::literals::{compiled_plan_uids, is_compiled_plan, string_literals};
use super::sub_uid::{SUB_UIDS, SubUid};
use std::collections::BTreeMap;

/// Uids by the IDs that they give.
#[derive(Debug, Clone, Default)]
pub struct KnownUids {
    by_id: BTreeMap<OperatorId, KnownUid>,
}

/// A uid that somebody wrote down, or that Flink derives from one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownUid {
    /// The uid.
    pub uid: String,
    /// The part of a sink that has it, when Flink derives it from the sink's.
    pub part: Option<&'static SubUid>,
    /// Where it is written: a file, with the line where there is one.
    pub place: String,
    /// The line speaks of a uid.
    is_called_uid: bool,
}

impl KnownUids {
    /// The uid that gives this ID.
    pub fn get(&self, id: OperatorId) -> Option<&KnownUid> {
        self.by_id.get(&id)
    }

    /// The uid that somebody wrote down and that gives this ID, so that an operator with this ID has it. What Flink
    /// derives from a sink's uid is none that the user set.
    pub fn written(&self, id: OperatorId) -> Option<&str> {
        self.get(id).filter(|known| known.part.is_none()).map(|known| known.uid.as_str())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// How many IDs they give.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// The IDs that they give.
    pub fn ids(&self) -> impl Iterator<Item = OperatorId> {
        self.by_id.keys().copied()
    }

    /// Adds a uid, and those that Flink derives from it when it is a sink's. The first place that names it stays, unless another one
    /// calls it a uid.
    pub fn add(&mut self, uid: &str, place: &str) {
        self.add_from(uid, place, true);
    }

    fn add_from(&mut self, uid: &str, place: &str, is_called_uid: bool) {
        let mut add = |uid: String, part| {
            let known = || KnownUid { uid: uid.clone(), part, place: place.to_owned(), is_called_uid };
            let entry = self.by_id.entry(OperatorId::of_uid(&uid)).or_insert_with(known);
            // What somebody wrote says more than what follows from something else, and `uid("…")` more than a name.
            let says = (part.is_none(), is_called_uid);
            if says > (entry.part.is_none(), entry.is_called_uid) {
                *entry = known();
            }
        };
        add(uid.to_owned(), None);
        for part in SUB_UIDS {
            add(part.of(uid), Some(part));
        }
    }

    /// Adds what a file names. Of a source file that is every text in quotes, wherever it stands: a constant, a
    /// configuration, a call of `uid("…")`. One that is no uid gives an ID that no operator has. Of a compiled plan it is
    /// the uids of its nodes, and of any other file each line.
    pub fn add_file(&mut self, name: &str, text: &str) {
        if is_compiled_plan(text) {
            for uid in compiled_plan_uids(text) {
                self.add(&uid, name);
            }
            return;
        }
        let is_list = !name.rsplit_once('.').is_some_and(|(_, extension)| is_source(extension));
        for (line, text) in (1_usize..).zip(text.lines()) {
            let place = format!("{name}:{line}");
            if is_list && !text.trim().is_empty() {
                self.add(text.trim(), &place);
            }
            let is_called_uid = text.contains("uid") || text.contains("Uid") || text.contains("UID");
            for literal in string_literals(text) {
                self.add_from(&literal, &place, is_called_uid);
            }
        }
    }
}

/// Whether files with this extension hold their uids in quotes.
pub fn is_source(extension: &str) -> bool {
    ["java", "scala", "kt", "kts", "groovy", "py", "sql", "json", "yaml", "yml", "xml", "conf", "properties"]
        .contains(&extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uids_of(name: &str, text: &str) -> Vec<(String, String)> {
        let mut known = KnownUids::default();
        known.add_file(name, text);
        known.by_id.into_values().filter(|it| it.part.is_none()).map(|it| (it.uid, it.place)).collect()
    }

    #[test]
    fn what_is_in_quotes_is_a_candidate() {
        let java = "class Job {\n  static final String A = \"a\"; // don't\n  { x.uid(\"größe \\u00e9\\t\\\"q\\\"\"); }\n}";
        let found = uids_of("Job.java", java);
        assert!(found.contains(&("a".to_owned(), "Job.java:2".to_owned())), "{found:?}");
        assert!(found.contains(&("größe é\t\"q\"".to_owned(), "Job.java:3".to_owned())), "{found:?}");
        let found = uids_of("job.py", "stream.uid('counts')\n");
        assert!(found.contains(&("counts".to_owned(), "job.py:1".to_owned())), "{found:?}");
    }

    #[test]
    fn a_list_has_a_uid_on_each_line() {
        assert!(
            uids_of("uids.txt", "one\n\n two words \n")
                .contains(&("two words".to_owned(), "uids.txt:3".to_owned()))
        );
    }

    #[test]
    fn a_written_uid_goes_before_a_derived_one() {
        let mut known = KnownUids::default();
        known.add("out", "Job.java:1");
        known.add("Sink Committer: out", "Job.java:2");
        let id = OperatorId::of_uid("Sink Committer: out");
        assert_eq!(known.get(id).map(|it| (it.part, it.place.as_str())), Some((None, "Job.java:2")));
        let global = known.get(OperatorId::of_uid("Sink out Global Committer")).unwrap();
        assert_eq!(global.part.map(|part| part.operator), Some("global committer"));
    }

    /// The uids that a loaded plan of this shape has in Flink 2.3, and the default of 1.15.
    #[test]
    fn a_compiled_plan_names_the_uids_of_its_nodes() {
        let plan = r#"{"flinkVersion":"2.3","nodes":[{"id":4,"type":"stream-exec-group-aggregate_1"},
            {"id":5,"type":"stream-exec-sink_2"}],"edges":[]}"#;
        let found = uids_of("plan.json", plan);
        for uid in ["4_group-aggregate", "5_sink", "4_stream-exec-group-aggregate_1_group-aggregate"] {
            assert!(found.iter().any(|(found, _)| found == uid), "{uid}");
        }
    }
}
