//! One operator of the page: what the savepoint and the plan have of it, and what was found.

use super::{entries, plain, size, skew, types};
use crate::catalog::{CatalogOperator, StateCatalog};
use crate::flink::FlinkLine;
use crate::ids::OperatorId;
use crate::plan::PlannedOperator;
use crate::report::text::unread_words;
use crate::report::{Checked, Entry, Weight};
use crate::rules::{Context, Severity, Subject};
use maud::{Markup, html};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// An operator of the savepoint, of the plan, or of both.
pub(super) struct Operator<'c> {
    /// What its part of the page is called.
    pub(super) anchor: String,
    pub(super) title: String,
    pub(super) id: Option<OperatorId>,
    pub(super) old: Option<&'c CatalogOperator>,
    pub(super) new: Option<&'c PlannedOperator>,
    pub(super) entries: Vec<Entry<'c>>,
    is_compared: bool,
}

/// Every operator: those of the plan in its order, then those that only the savepoint has.
pub(super) fn operators<'c>(checked: &Checked<'c>) -> Vec<Operator<'c>> {
    let context = Context::new(checked.savepoint, checked.plan, checked.report.question);
    // State that several ask for is shown with the first of them.
    let contested = context.contested.iter().filter_map(|it| Some((it.old.id, *it.new.first()?)));
    let matched = context.matched.iter().map(|it| (it.old.id, it.new)).chain(contested);
    let matched: BTreeMap<_, _> = matched.map(|(old, new)| (std::ptr::from_ref(new), old)).collect();
    let planned = checked.plan.operators.iter().map(|new| {
        let old = matched.get(&std::ptr::from_ref(new));
        (old.and_then(|id| checked.savepoint.operator(*id)), Some(new))
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
            let anchor = format!("operator-{index}");
            Operator { anchor, title: subject.title(), id, old, new, entries, is_compared: true }
        };
    planned.chain(removed).enumerate().map(operator).collect()
}

/// Every operator of a savepoint, those with most state first.
pub(super) fn operators_of(catalog: &StateCatalog) -> Vec<Operator<'_>> {
    let mut operators: Vec<_> = catalog.operators.iter().collect();
    operators.sort_by_key(|operator| (Reverse(operator.bytes), operator.id));
    let numbered = operators.into_iter().enumerate();
    let operator = numbered.map(|(index, old)| Operator {
        anchor: format!("operator-{index}"),
        title: old.title(),
        id: Some(old.id),
        old: Some(old),
        new: None,
        entries: Vec::new(),
        is_compared: false,
    });
    operator.collect()
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

    /// The class for it, which the choice of what to show goes by.
    fn place_class(&self) -> &'static str {
        match (self.old, self.new) {
            (Some(_), Some(_)) => "both",
            (None, _) => "new",
            (_, None) => "gone",
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

    /// Whether something was found of it that somebody has to look at.
    pub(super) fn is_loud(&self) -> bool {
        !matches!(self.worst(), "kept" | "info")
    }

    /// The chain that the plan says it is in.
    pub(super) fn chain(&self) -> Option<&str> {
        self.new?.chain.as_deref()
    }

    /// Whether it is in the savepoint alone, of a savepoint and a plan.
    pub(super) fn is_gone(&self) -> bool {
        self.new.is_none() && self.is_compared
    }

    /// Whether there is a plan that its states are put beside.
    pub(super) fn is_compared(&self) -> bool {
        self.is_compared
    }

    /// Its part of the page, open or folded.
    pub(super) fn render(&self, is_open: bool, target: Option<FlinkLine>) -> Markup {
        html! {
            section.operator.(self.worst()).(self.place_class()) id=(self.anchor) {
                details open=[is_open.then_some("")] {
                    summary { h3 { (plain(&self.title)) } " " span.quiet { (self.facts()) } }
                    @if let Some(id) = self.id { p.quiet { "ID " code { (id.to_string()) } } }
                    @if let Some(old) = self.old.filter(|it| it.parallelism > 1 && it.largest_subtask().is_some()) {
                        p.quiet { (skew::summary(old)) }
                    }
                    @if !self.entries.is_empty() { (entries(&self.entries, &[])) }
                    (types::draw(self, target))
                    @for unread in self.old.iter().flat_map(|old| &old.unread) { p { (plain(&unread_words(unread))) } }
                }
            }
        }
    }

    /// Where it is, how much state it has, and how much was found.
    fn facts(&self) -> String {
        let mut facts = Vec::new();
        if self.is_compared {
            facts.push(self.place().to_owned());
        }
        facts.push(format!("{} of state", size(self.bytes())));
        match self.entries.len() {
            0 => {}
            1 => facts.push("1 finding".to_owned()),
            many => facts.push(format!("{many} findings")),
        }
        facts.join(", ")
    }
}
