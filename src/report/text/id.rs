//! What IDs are, for people: three lines each.

use super::{BOLD, plain, size, styled, wrapped};
use crate::catalog::{CatalogOperator, Origin};
use crate::ids::{Generated, OperatorId};
use crate::report::identity::{Change, Identities, Identity};
use std::fmt::Write;

/// Places that are named of each kind of edit.
const PLACES: usize = 3;

/// What the IDs that are asked about are; without any, all that there are.
pub fn render_identities(identities: &Identities<'_>, asked: &[OperatorId]) -> String {
    let mut out = String::new();
    for identity in identities.of(asked) {
        let origin = describe(identities, &identity);
        let _ = writeln!(out, "{}  {}", styled(BOLD, &identity.id.to_string()), plain(&origin));
        if let Some((name, _)) = identities.savepoint {
            let held = identity.saved.map_or("not in it".to_owned(), held);
            let _ = writeln!(out, "  in {}: {}", plain(name), plain(&held));
        }
        if let Some(plan) = identities.plan {
            let _ = writeln!(out, "  in {}: {}", plain(&plan.source), plain(&planned(&identity)));
        }
        // Who asks about one operator wants to know what it is; who asks about all, what threatens them.
        let threatened = identity.saved.is_none_or(|saved| saved.has_state);
        if asked.is_empty() && threatened && !identity.changes.is_empty() {
            out.push_str(&changes(&identity));
        }
    }
    if asked.is_empty() && identities.plan.is_some_and(|plan| plan.graph.is_none()) {
        out.push_str(
            "The plan holds no graph that its IDs follow from, so which edits would change them is not told: pass a job graph.\n",
        );
    }
    if identities.cut {
        out.push_str("There were more sources than are read: name a smaller directory with --uids.\n");
    }
    out
}

/// Where an ID comes from, in a sentence.
fn describe(identities: &Identities<'_>, identity: &Identity<'_>) -> String {
    match &identity.origin {
        Origin::Stored(uid) => format!("uid \"{uid}\", as the savepoint says"),
        Origin::Known(known) => {
            let part = known.part.map(|part| format!(", which Flink derives for a sink's {}", part.operator));
            format!("uid \"{}\"{} ({})", known.uid, part.unwrap_or_default(), known.place)
        }
        Origin::Generated(generated) => {
            format!("generated, no uid is set: {}", generated_from(identities, generated))
        }
        Origin::OneOfTwo(generated) => {
            let last = generated.inputs.last().map(|last| identities.title(*last)).unwrap_or_default();
            format!(
                "perhaps generated: {}; or else {last} is generated in the same place, and this one has a uid that is not known",
                generated_from(identities, generated)
            )
        }
        Origin::OfUid => "the hash of a uid that neither the plan nor anybody names (--uids src/)".to_owned(),
        Origin::Unset => {
            "no uid is set, as the savepoint says; what it is generated from was not found".to_owned()
        }
        Origin::Unknown => {
            let uids = match identities.known.len() {
                0 => "nobody named its uid (--uids src/)".to_owned(),
                uids => format!("it is not the hash of one of {uids} uids"),
            };
            let generated = if identities.savepoint.is_some() {
                "the search found nothing that it is generated from"
            } else {
                "without --savepoint the search knows no inputs"
            };
            format!("not known: {uids}, and {generated}")
        }
    }
}

/// `operator number 5, no output chained, behind parse`.
fn generated_from(identities: &Identities<'_>, generated: &Generated) -> String {
    let inputs: Vec<_> = generated.inputs.iter().map(|input| identities.title(*input)).collect();
    let chained = match generated.chained_outputs {
        0 => "no output chained".to_owned(),
        1 => "1 output chained".to_owned(),
        outputs => format!("{outputs} outputs chained"),
    };
    let place =
        if inputs.is_empty() { "a source".to_owned() } else { format!("behind {}", inputs.join(" and ")) };
    format!("operator number {}, {chained}, {place}", generated.position.saturating_add(1))
}

fn held(operator: &CatalogOperator) -> String {
    if !operator.has_state {
        return "no state".to_owned();
    }
    let mut names: Vec<_> = operator.states.iter().map(|state| state.name.as_str()).collect();
    // Timers tell the least.
    names.sort_by_key(|name| name.starts_with("_timer_state"));
    let mut text = size(operator.bytes);
    if let [first, rest @ ..] = names.as_slice() {
        let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
        let _ = write!(text, " in {first}{more}");
    }
    text
}

fn planned(identity: &Identity<'_>) -> String {
    let id = identity.id;
    match (identity.planned, identity.moved) {
        (Some(planned), _) => format!("there, as {}", planned.title()),
        (None, Some(moved)) => format!(
            "it seems to be {}, under another ID; add .setUidHash(\"{id}\") to it, and a .uid(\"…\") if it has none",
            moved.title()
        ),
        (None, None) if identity.saved.is_some_and(|saved| saved.has_state) => {
            format!("not there; put .setUidHash(\"{id}\") on the operator that takes its state over")
        }
        (None, None) => "not there".to_owned(),
    }
}

/// The edits that change an ID, and the repair.
fn changes(identity: &Identity<'_>) -> String {
    let mut out = String::new();
    for change in &identity.changes {
        if let Some(line) = change_line(change, identity.more_changes) {
            let _ = writeln!(out, "{}", wrapped("    ", &line));
        }
    }
    if identity.more_changes {
        let _ = writeln!(out, "    the graph is too large to try all edits: there are more that change it");
    }
    let repair = format!(
        "→ set .uid(\"…\") on it; to keep the state of a savepoint, add .setUidHash(\"{}\") for the first restore",
        identity.id
    );
    let _ = writeln!(out, "{}", wrapped("    ", &repair));
    out
}

fn change_line(change: &Change, are_more: bool) -> Option<String> {
    let places: Vec<_> = change.changing.iter().map(|(place, _)| place.as_str()).collect();
    let (named, rest) = places.split_at_checked(PLACES).unwrap_or((&places, &[]));
    match (named, change.harmless, change.changing.as_slice()) {
        ([], _, _) => None,
        ([""], _, [(_, Some(id))]) => Some(format!("changes when {}: to {id}", change.edit)),
        (_, 0, _) if places.len() > 1 && !are_more => Some(format!("changes when {}", change.anywhere)),
        (_, harmless, _) => {
            let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
            let not = match harmless {
                0 => String::new(),
                1 => "; not at 1 other".to_owned(),
                _ => format!("; not at {harmless} others"),
            };
            Some(format!("changes when {} {}{more}{not}", change.edit, named.join(", ")))
        }
    }
}
