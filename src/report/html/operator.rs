//! One operator of the page: what the savepoint and the plan have of it, and what was found.

use super::{entries, plain, size};
use crate::catalog::{CatalogOperator, CatalogState};
use crate::ids::OperatorId;
use crate::plan::{PlannedOperator, PlannedState};
use crate::report::{Checked, Entry, Weight};
use crate::rules::{Context, Severity, Subject};
use crate::state::StateFamily;
use crate::types::DataType;
use maud::{Markup, html};
use std::collections::BTreeSet;

/// Of the width that there is, in percent; the rest is for the size.
const LONGEST_BAR: u64 = 60;

/// An operator of the savepoint, of the plan, or of both.
pub(super) struct Operator<'c> {
    /// What its part of the page is called.
    pub(super) anchor: String,
    pub(super) title: String,
    pub(super) id: Option<OperatorId>,
    pub(super) old: Option<&'c CatalogOperator>,
    pub(super) new: Option<&'c PlannedOperator>,
    pub(super) entries: Vec<Entry<'c>>,
}

/// Every operator: those of the plan in its order, then those that only the savepoint has.
pub(super) fn operators<'c>(checked: &Checked<'c>) -> Vec<Operator<'c>> {
    let context = Context::new(checked.savepoint, checked.plan, checked.report.question);
    let planned = checked.plan.operators.iter().map(|new| {
        let old = context.matched.iter().find(|it| std::ptr::eq(it.new, new)).map(|it| it.old.id);
        (old.and_then(|id| checked.savepoint.operator(id)), Some(new))
    });
    let gone: Vec<_> = context.removed.iter().map(|old| old.id).collect();
    let removed = gone.into_iter().map(|id| (checked.savepoint.operator(id), None));
    let all = checked.report.entries();
    let operator =
        |(index, (old, new)): (usize, (Option<&'c CatalogOperator>, Option<&'c PlannedOperator>))| {
            let subject = match (old, new) {
                (Some(old), new) => Subject::operator(old, new),
                (None, Some(new)) => Subject::planned(new),
                (None, None) => Subject::job(),
            };
            let id = subject.operator_id;
            let entries =
                all.iter().filter(|it| id.is_some() && it.subject.operator_id == id).copied().collect();
            Operator { anchor: format!("operator-{index}"), title: subject.title(), id, old, new, entries }
        };
    planned.chain(removed).enumerate().map(operator).collect()
}

impl Operator<'_> {
    /// Bytes of state in the savepoint.
    pub(super) fn bytes(&self) -> u64 {
        self.old.map_or(0, |old| old.bytes)
    }

    /// The uid, where there is one, and else what is in its place.
    pub(super) fn uid(&self) -> String {
        let planned = self.new.and_then(|new| Subject::planned(new).uid);
        let uid = self.old.and_then(|old| old.uid.clone()).or(planned);
        uid.unwrap_or_else(|| self.id.map_or_else(|| "no ID known".to_owned(), |id| id.to_string()))
    }

    /// Its name, where that is not its uid.
    pub(super) fn name(&self) -> String {
        let name =
            self.new.and_then(|new| new.name.clone()).or_else(|| self.old.and_then(|old| old.name.clone()));
        name.unwrap_or_else(|| self.title.clone())
    }

    /// Where it is: the words for it, which the drawing does not leave to a colour.
    pub(super) fn place(&self) -> &'static str {
        match (self.old, self.new) {
            (Some(_), Some(_)) => "in both",
            (None, _) => "new",
            (_, None) => "only in the savepoint",
        }
    }

    /// The worst of what was found.
    pub(super) fn worst(&self) -> &'static str {
        let rank = |entry: &Entry<'_>| match entry.weight {
            _ if entry.waiver.is_some() => (0, "kept"),
            Weight::Found(Severity::Error, _) => (4, "error"),
            Weight::Undetermined => (3, "undetermined"),
            Weight::Found(Severity::Warning, _) => (2, "warning"),
            Weight::Found(Severity::Info, _) | Weight::Unchecked => (1, "info"),
        };
        self.entries.iter().map(rank).max().map_or("kept", |worst| worst.1)
    }

    pub(super) fn render(&self) -> Markup {
        html! {
            section.operator.(self.worst()) id=(self.anchor) aria-labelledby={ (self.anchor) "-title" } {
                h3 id={ (self.anchor) "-title" } { (plain(&self.title)) }
                p.quiet {
                    (self.place()) ", " (size(self.bytes())) " of state, findings: " (self.entries.len())
                    @if let Some(id) = self.id { ", ID " code { (id.to_string()) } }
                }
                (self.skew())
                @if !self.entries.is_empty() { (entries(&self.entries, &[])) }
                (self.states())
            }
        }
    }

    /// How the state is spread over the subtasks: the largest beside the mean.
    fn skew(&self) -> Markup {
        let Some((old, (subtask, largest))) = self.old.and_then(|old| Some((old, old.largest_subtask?)))
        else {
            return html! {};
        };
        let all = old.bytes.saturating_sub(old.coordinator_state_bytes);
        let subtasks = u64::try_from(old.parallelism).unwrap_or(1).max(1);
        let mean = all.checked_div(subtasks).unwrap_or(0);
        let part =
            mean.saturating_mul(LONGEST_BAR).checked_div(largest).unwrap_or(LONGEST_BAR).min(LONGEST_BAR);
        html! {
            @if subtasks > 1 {
                dl.skew {
                    dt { "Largest of " (subtasks) " subtasks: " (subtask) }
                    dd { span.bar style={ "width: " (LONGEST_BAR) "%" } { } (size(largest)) }
                    dt { "Mean" }
                    dd { span.bar style={ "width: " (part) "%" } { } (size(mean)) }
                }
            }
        }
    }

    /// The states, as they were and as they will be.
    fn states(&self) -> Markup {
        let old: &[CatalogState] = self.old.map_or(&[], |old| &old.states);
        let planned = self.new.and_then(|new| new.states.as_ref());
        let new: &[PlannedState] = planned.map_or(&[], |planned| &planned.states);
        let names = old.iter().map(|it| (it.name.as_str(), it.kind.family()));
        let names: BTreeSet<_> =
            names.chain(new.iter().map(|it| (it.name.as_str(), it.kind.family()))).collect();
        let was = |name: &str, family: StateFamily| {
            let found = old.iter().filter(|it| it.name == name && it.kind.family() == family);
            found
                .map(|it| (it.kind.name(), it.data_type("VALUE_SERIALIZER")))
                .map(described)
                .collect::<Vec<_>>()
        };
        let is = |name: &str, family: StateFamily| {
            let found = new.iter().filter(|it| it.name == name && it.kind.family() == family);
            found.map(|it| (it.kind.name(), it.value.clone())).map(described).collect::<Vec<_>>()
        };
        let absent = if planned.is_some() { "–" } else { "not told by the plan" };
        html! {
            @if !names.is_empty() {
                div.scroll role="region" tabindex="0" aria-label={ "States of " (plain(&self.title)) } {
                    table {
                        thead { tr { th scope="col" { "State" } th scope="col" { "In the savepoint" }
                            th scope="col" { "In the new job" } } }
                        tbody {
                            @for (name, family) in &names {
                                @let (was, is) = (was(name, *family), is(name, *family));
                                tr.changed[!was.is_empty() && !is.is_empty() && was != is] {
                                    th scope="row" { (plain(name)) }
                                    td { @if was.is_empty() { "–" } @for text in &was { code { (plain(text)) } " " } }
                                    td { @if is.is_empty() { (absent) } @for text in &is { code { (plain(text)) } " " } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The kind of a state and the type of its value.
fn described((kind, value): (&'static str, Option<DataType>)) -> String {
    let value = value.map_or_else(|| "?".to_owned(), |value| value.to_string());
    format!("{kind} {value}")
}
