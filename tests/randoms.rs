//! Random jobs after random edits, restored just now by `fixtures/generator/upgrade --random`: the verdict on each
//! restore equals Flink's own.

use crate::upgrades::{Judged, PlanSource, Record};
use holdpoint::report::Outcome;
use std::collections::BTreeMap;
use std::path::Path;

/// What a plan does not tell of a job.
struct Hidden {
    /// In the description of the job.
    word: &'static str,
    is_told_by_the_graph: bool,
    /// The rules of which one names it.
    named_by: &'static [&'static str],
}

const HIDDEN: &[Hidden] = &[
    // Nothing names it where no operator comes or goes.
    Hidden { word: "gets the uid hash", is_told_by_the_graph: true, named_by: &[] },
    // A class that changed as Flink forbids, and the new job asks for its state no more.
    Hidden {
        word: "broken ",
        is_told_by_the_graph: false,
        named_by: &["state-removed", "state-type-changed"],
    },
];

impl Hidden {
    fn is_hidden_from(&self, judged: &Judged) -> bool {
        let is_named =
            self.named_by.is_empty() || self.named_by.iter().any(|rule| judged.unchecked.contains(rule));
        is_named && !(self.is_told_by_the_graph && judged.source == PlanSource::JobGraph)
    }
}

#[test]
#[ignore = "fixtures/generator/upgrade --random makes the savepoints and runs this"]
fn random_upgrades_are_judged_as_flink_judges_them() {
    let directory =
        std::env::var("HOLDPOINT_RANDOMS").expect("fixtures/generator/upgrade sets HOLDPOINT_RANDOMS");
    let directory = Path::new(&directory);
    let record = Record::read_from(directory);
    let what: BTreeMap<_, _> = record.scenarios.iter().map(|it| (it.name.as_str(), &it.what)).collect();
    let judged = record.judge();
    assert!(!judged.is_empty());
    let mut counts: BTreeMap<_, BTreeMap<String, usize>> = BTreeMap::new();
    let mut wrong: BTreeMap<&str, Vec<&Judged>> = BTreeMap::new();
    for it in &judged {
        let mut hidden =
            HIDDEN.iter().filter(|hidden| what[it.restore.scenario.as_str()].contains(hidden.word));
        let is_hidden = hidden.any(|hidden| hidden.is_hidden_from(it));
        let counts = counts.entry((&it.restore.old, &it.restore.new, it.source)).or_default();
        let outcome = match it.holdpoint {
            _ if it.is_wrong() && is_hidden => "hidden".to_owned(),
            _ if it.is_wrong() => "wrong".to_owned(),
            Outcome::Undetermined => {
                *counts.entry("undetermined".to_owned()).or_default() += 1;
                format!(
                    "undetermined by {}",
                    it.undetermined.iter().copied().collect::<Vec<_>>().join(" and ")
                )
            }
            outcome => format!("rightly {}", outcome.name()),
        };
        if outcome == "wrong" {
            wrong.entry(&it.restore.scenario).or_default().push(it);
        }
        *counts.entry(outcome).or_default() += 1;
    }
    for ((old, new, source), counts) in counts {
        println!("{old} → {new}, by {}: {counts:?}", source.name());
    }
    for (scenario, restores) in &wrong {
        println!("\n{scenario}\n{}", what[scenario]);
        for it in restores {
            println!("  {}: {}", it.title(), it.flinks_error.as_deref().unwrap_or_default());
        }
        println!("  holdpoint: {:#?}", restores[0].said);
    }
    assert!(wrong.is_empty(), "{} of {} jobs are judged as Flink does not", wrong.len(), what.len());
}
