//! What differs between a job and the plan file that was kept of it.

use super::PlanFile;
use crate::plan::JobPlan;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// One fact that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The way to it: `operators › totals › parallelism`.
    pub place: String,
    /// What the kept file says; `None` when it does not have it.
    pub kept: Option<String>,
    /// What the job says now; `None` when it does not have it.
    pub now: Option<String>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.kept, &self.now) {
            (Some(kept), Some(now)) => write!(f, "{}: {kept} → {now}", self.place),
            (Some(kept), None) => write!(f, "{}: {kept} is gone", self.place),
            (None, now) => write!(f, "{}: {} is new", self.place, now.as_deref().unwrap_or_default()),
        }
    }
}

impl PlanFile {
    /// What differs in a job, `now`, from this file that was kept of it, in the order of the places.
    pub fn differences(&self, now: &Self) -> Vec<Difference> {
        let (kept, now) = (self.facts(), now.facts());
        let mut places: Vec<_> =
            kept.keys().chain(now.keys().filter(|place| !kept.contains_key(*place))).collect();
        places.sort();
        let differs = |place: &&&String| kept.get(**place) != now.get(**place);
        let difference = |place: &String| Difference {
            place: place.clone(),
            kept: kept.get(place).cloned(),
            now: now.get(place).cloned(),
        };
        places.iter().filter(differs).map(|place| difference(place)).collect()
    }

    /// Every fact by its place. Operators and states are found by what they are called and not by their order, which
    /// means nothing.
    fn facts(&self) -> BTreeMap<String, String> {
        let mut facts = BTreeMap::new();
        // What the file is made of can always be written as JSON.
        collect(&serde_json::to_value(self).unwrap_or_default(), "", &mut facts);
        facts
    }
}

impl JobPlan {
    /// The plan file of this plan, as it reads after it was written: what a kept one is compared with.
    pub fn to_file(&self) -> PlanFile {
        let file = PlanFile::of_plan(self);
        let reread = file.clone().into_plan(&self.source);
        reread.as_ref().map_or(file, PlanFile::of_plan)
    }
}

fn collect(value: &Value, place: &str, facts: &mut BTreeMap<String, String>) {
    let below = |key: &str| if place.is_empty() { key.to_owned() } else { format!("{place} › {key}") };
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                collect(value, &below(key), facts);
            }
        }
        Value::Array(entries) if entries.iter().any(Value::is_object) => {
            for entry in entries {
                let mut name = below(title(entry));
                while facts.contains_key(&name) {
                    name.push('\'');
                }
                facts.insert(name.clone(), "it".to_owned());
                collect(entry, &name, facts);
            }
        }
        Value::String(text) => {
            facts.insert(place.to_owned(), text.clone());
        }
        other => {
            facts.insert(place.to_owned(), other.to_string());
        }
    }
}

/// What an operator or a state is called.
fn title(entry: &Value) -> &str {
    ["uid", "name", "generated_id", "id"]
        .iter()
        .find_map(|key| entry.get(*key)?.as_str())
        .unwrap_or("unnamed")
}
