//! The search back: which of a savepoint's IDs Flink generated, and from what.
//!
//! A generated ID is a hash of three things: how many operators came before, how many of its outputs are chained, and the
//! IDs of its inputs. A savepoint since Flink 1.13 holds the IDs of all operators, so the inputs are known, and the rest
//! are small numbers. The last step of the hash mixes the last input in, and can be undone, so each combination of inputs
//! costs one look-up. What is found reproduces all 128 bits, so it is no coincidence.
//!
//! That step is its own reverse: where an ID follows from its last input, the input follows from the ID by the very same
//! numbers. So what a look-up finds is a [`Relation`] between two operators, one of which is generated from the other.
//! Which one it is follows where one of them is settled: it is a source, or has a known uid, or is generated from something
//! else. Among operators none of which is settled, those nearer to the root of their tree are counted earlier, so all
//! directions are certain but that of the relation that comes first.

use super::{Generated, OperatorId};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

/// How many combinations of inputs a search tries in all, if nobody says otherwise. It bounds the time (well under a
/// second) and is a number, not a time, so that the same savepoint always gives the same answer.
pub const SEARCH_BUDGET: u64 = 2_000_000;

/// Entries of the largest table that a search makes.
const TABLE: usize = 400_000;
/// Operators that may have come before all that the savepoint holds, and are not in it: chained sources.
const HIDDEN: usize = 16;
/// Chained outputs of one operator.
const CHAINED: usize = 32;
/// Inputs of one operator.
const INPUTS: usize = 8;

/// What a search knows beforehand.
#[derive(Debug, Clone)]
pub struct SearchScope {
    /// The IDs of all operators in the savepoint.
    pub operators: Vec<OperatorId>,
    /// Those that are the hash of a known uid, and need no search.
    pub with_uid: Vec<OperatorId>,
    /// Those that are sources, so that they are generated from no input.
    pub sources: Vec<OperatorId>,
    /// IDs, made of uids, of operators that may be in the job and are not in the savepoint.
    pub others: Vec<OperatorId>,
    /// How many combinations of inputs are tried.
    pub budget: u64,
}

impl Default for SearchScope {
    fn default() -> Self {
        let none = Vec::new;
        Self { operators: none(), with_uid: none(), sources: none(), others: none(), budget: SEARCH_BUDGET }
    }
}

/// What a search found of an ID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Flink generated it, from exactly this: nobody set a uid.
    Generated(Generated),
    /// Flink generated it from this, or else generated the last of the inputs from it, with the same numbers. One of the
    /// two has no uid; nothing tells which.
    OneOfTwo(Generated),
}

/// Finds the IDs that Flink generated. One that is not in the result may have a uid, or lie out of the search's reach.
pub fn search_generated(scope: &SearchScope) -> BTreeMap<OperatorId, Found> {
    let mut search = Search::new(scope);
    let positions = search.operators.saturating_add(HIDDEN);
    let bare = Table::bare(positions, search.operators.saturating_add(1).min(CHAINED));
    search.find_sources(&bare);
    let mut left = search.round(&bare, 0, 1, scope.budget);
    // The second table covers the first input; the others are gone through.
    let with_input = Table::with_input(&bare, &search.inputs);
    let (table, covered) = with_input.as_ref().map_or((&bare, 0), |table| (table, 1));
    for count in 2..=INPUTS {
        left = left.and_then(|left| search.round(table, covered, count, left));
    }
    search.finish()
}

/// Two operators, one of which is generated with the other as its last input.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Relation {
    position: u32,
    chained_outputs: u32,
    /// Places of the inputs before the last.
    inputs: Vec<usize>,
    /// Places of the two, the smaller first.
    ends: (usize, usize),
}

/// What is settled of an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Settled {
    /// It has a uid, or no inputs.
    Root(Option<Generated>),
    Generated(Generated),
    OneOfTwo(Generated),
}

struct Search {
    /// The IDs that may be inputs: first the operators of the savepoint.
    inputs: Vec<u128>,
    /// How many of them those are.
    operators: usize,
    /// For each operator.
    settled: Vec<Option<Settled>>,
    is_source: Vec<bool>,
    relations: BTreeSet<Relation>,
}

impl Search {
    fn new(scope: &SearchScope) -> Self {
        let operators: BTreeSet<OperatorId> = scope.operators.iter().copied().collect();
        let listed = |list: &[OperatorId]| list.iter().copied().collect::<BTreeSet<_>>();
        let (with_uid, sources) = (listed(&scope.with_uid), listed(&scope.sources));
        // A source that is chained into an operator with several inputs is in no savepoint, and has an ID all the same.
        let hidden = (0..HIDDEN).flat_map(|position| [0, 1].map(|chained| of_position(position, chained)));
        let more: BTreeSet<_> = scope.others.iter().copied().chain(hidden).collect();
        Self {
            inputs: operators.iter().chain(more.difference(&operators)).map(|id| bits(*id)).collect(),
            operators: operators.len(),
            settled: operators
                .iter()
                .map(|id| with_uid.contains(id).then_some(Settled::Root(None)))
                .collect(),
            is_source: operators.iter().map(|id| sources.contains(id)).collect(),
            relations: BTreeSet::new(),
        }
    }

    /// Operators that are generated from no input.
    fn find_sources(&mut self, bare: &Table) {
        for ((id, settled), is_source) in self.inputs.iter().zip(&mut self.settled).zip(&self.is_source) {
            if settled.is_some() {
                continue;
            }
            let entry = bare.get(*id);
            let source = entry.map(|entry| Some(entry.generated(&[]))).or(is_source.then_some(None));
            *settled = source.map(Settled::Root);
        }
    }

    /// Looks for operators with so many inputs; the table covers the first ones. What is left of the budget, or nothing
    /// if it is not enough.
    fn round(&mut self, table: &Table, covered: usize, count: usize, budget: u64) -> Option<u64> {
        let free = count.saturating_sub(covered);
        let open: Vec<_> = (0..self.operators).filter(|place| self.is_open(*place)).collect();
        let each = u32::try_from(free).ok().and_then(|free| (self.inputs.len() as u64).checked_pow(free));
        let left = each
            .and_then(|each| each.checked_mul(open.len() as u64))
            .and_then(|cost| budget.checked_sub(cost))?;
        for place in open {
            let Some(id) = self.inputs.get(place) else { continue };
            let mut hits = Vec::new();
            undo(table, &self.inputs, *id, free, &mut Vec::with_capacity(free), &mut hits);
            for (entry, chosen) in hits {
                let first = entry.first.and_then(|first| usize::try_from(first).ok());
                // The last input was undone first.
                let mut inputs: Vec<_> = first.into_iter().chain(chosen.into_iter().rev()).collect();
                let Some(last) = inputs.pop().filter(|last| *last != place) else { continue };
                let ends = (place.min(last), place.max(last));
                let Entry { position, chained_outputs, .. } = entry;
                self.relations.insert(Relation { position, chained_outputs, inputs, ends });
            }
        }
        self.settle();
        Some(left)
    }

    fn is_open(&self, place: usize) -> bool {
        self.settled.get(place).is_some_and(Option::is_none)
    }

    /// Follows the relations away from what is settled.
    fn settle(&mut self) {
        let relations: Vec<_> = self.relations.iter().cloned().collect();
        let mut at: Vec<Vec<usize>> = vec![Vec::new(); self.inputs.len()];
        for (number, relation) in relations.iter().enumerate() {
            for end in [relation.ends.0, relation.ends.1] {
                if let Some(at) = at.get_mut(end) {
                    at.push(number);
                }
            }
        }
        // What is not in the savepoint is in the list because it is the hash of something else.
        let mut queue: VecDeque<usize> =
            (0..self.inputs.len()).filter(|place| !self.is_open(*place)).collect();
        while let Some(from) = queue.pop_front() {
            for relation in at.get(from).into_iter().flatten().filter_map(|number| relations.get(*number)) {
                let to = relation.other(from);
                if self.is_open(to) {
                    let generated = relation.generated(&self.inputs, from);
                    self.set(to, Settled::Generated(generated));
                    queue.push_back(to);
                }
            }
        }
    }

    fn set(&mut self, place: usize, to: Settled) {
        if let Some(settled) = self.settled.get_mut(place) {
            *settled = Some(to);
        }
    }

    fn finish(mut self) -> BTreeMap<OperatorId, Found> {
        // Relations are in the order of their positions, so the first one of each tree that has no settled operator is
        // the one at its root. Its two ends are either way; everything behind them is not.
        for relation in self.relations.clone() {
            let (one, other) = relation.ends;
            if self.is_open(one) && self.is_open(other) {
                let generated = [other, one].map(|from| relation.generated(&self.inputs, from));
                for (place, generated) in [one, other].into_iter().zip(generated) {
                    self.set(place, Settled::OneOfTwo(generated));
                }
                self.settle();
            }
        }
        let ids = self.inputs.iter().map(|bits| OperatorId(bits.to_be_bytes()));
        let found = |settled| match settled {
            Settled::Root(generated) => generated.map(Found::Generated),
            Settled::Generated(generated) => Some(Found::Generated(generated)),
            Settled::OneOfTwo(generated) => Some(Found::OneOfTwo(generated)),
        };
        ids.zip(self.settled).filter_map(|(id, settled)| Some((id, found(settled?)?))).collect()
    }
}

impl Relation {
    fn other(&self, end: usize) -> usize {
        if self.ends.0 == end { self.ends.1 } else { self.ends.0 }
    }

    /// What the other end is generated from, if this one is its last input.
    fn generated(&self, inputs: &[u128], last: usize) -> Generated {
        let places = self.inputs.iter().chain(std::iter::once(&last));
        let ids = places.filter_map(|place| inputs.get(*place)).map(|bits| OperatorId(bits.to_be_bytes()));
        Generated { position: self.position, chained_outputs: self.chained_outputs, inputs: ids.collect() }
    }
}

/// Undoes the last `free` inputs in every way, and looks the rest up.
fn undo(
    table: &Table,
    inputs: &[u128],
    id: u128,
    free: usize,
    chosen: &mut Vec<usize>,
    hits: &mut Vec<(Entry, Vec<usize>)>,
) {
    let Some(deeper) = free.checked_sub(1) else {
        hits.extend(table.get(id).map(|entry| (entry, chosen.clone())));
        return;
    };
    for (place, input) in inputs.iter().enumerate() {
        chosen.push(place);
        undo(table, inputs, without_input(id, *input), deeper, chosen, hits);
        chosen.pop();
    }
}

/// What a look-up finds.
#[derive(Clone, Copy)]
struct Entry {
    position: u32,
    chained_outputs: u32,
    /// The place of the first input, in tables that have it.
    first: Option<u32>,
}

impl Entry {
    fn generated(self, inputs: &[OperatorId]) -> Generated {
        let Self { position, chained_outputs, .. } = self;
        Generated { position, chained_outputs, inputs: inputs.to_vec() }
    }
}

/// Hashes by what they were made of.
struct Table {
    entries: HashMap<u128, Entry>,
    /// A bit for the low bits of each hash: most look-ups end here.
    filter: Vec<u64>,
}

const FILTER_BITS: u32 = 20;

impl Table {
    fn new(size: usize) -> Self {
        Self { entries: HashMap::with_capacity(size), filter: vec![0; 1 << (FILTER_BITS - 6)] }
    }

    /// Operators without inputs.
    fn bare(positions: usize, chained: usize) -> Self {
        let chained = chained.min(TABLE.checked_div(positions).unwrap_or(0).max(1));
        let mut table = Self::new(positions.min(TABLE).saturating_mul(chained));
        for position in 0..positions.min(TABLE) {
            for chained in 0..chained {
                let (Ok(place), Ok(outputs)) = (u32::try_from(position), u32::try_from(chained)) else {
                    continue;
                };
                let entry = Entry { position: place, chained_outputs: outputs, first: None };
                table.insert(bits(of_position(position, chained)), entry);
            }
        }
        table
    }

    /// Operators with one input; `None` when there would be too many.
    fn with_input(bare: &Self, inputs: &[u128]) -> Option<Self> {
        let size = bare.entries.len().checked_mul(inputs.len()).filter(|size| *size <= TABLE)?;
        let mut bases: Vec<_> = bare.entries.iter().map(|(hash, entry)| (*hash, *entry)).collect();
        bases.sort_unstable_by_key(|(_, entry)| (entry.position, entry.chained_outputs));
        let mut table = Self::new(size);
        for (hash, entry) in bases {
            for (place, input) in (0_u32..).zip(inputs) {
                table.insert(with_input(hash, *input), Entry { first: Some(place), ..entry });
            }
        }
        Some(table)
    }

    fn insert(&mut self, hash: u128, entry: Entry) {
        let (word, bit) = Self::place(hash);
        if let Some(word) = self.filter.get_mut(word) {
            *word |= bit;
        }
        self.entries.entry(hash).or_insert(entry);
    }

    fn get(&self, hash: u128) -> Option<Entry> {
        let (word, bit) = Self::place(hash);
        self.filter.get(word).filter(|word| **word & bit != 0)?;
        self.entries.get(&hash).copied()
    }

    fn place(hash: u128) -> (usize, u64) {
        let low = (hash & ((1 << FILTER_BITS) - 1)) as usize;
        (low >> 6, 1 << (low & 63))
    }
}

fn of_position(position: usize, chained: usize) -> OperatorId {
    let number = |it| u32::try_from(it).unwrap_or(u32::MAX);
    OperatorId::of_position(number(position), number(chained))
}

fn bits(id: OperatorId) -> u128 {
    u128::from_be_bytes(id.0)
}

/// Every other byte.
const BYTES: u128 = 0x00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff;

/// Multiplies each byte, as Java's bytes are: 16 at once, because this is what a search spends its time on.
fn times(bytes: u128, factor: u128) -> u128 {
    let even = (bytes & BYTES).wrapping_mul(factor) & BYTES;
    let odd = ((bytes >> 8) & BYTES).wrapping_mul(factor) & BYTES;
    even | (odd << 8)
}

/// [`OperatorId::with_input`].
fn with_input(id: u128, input: u128) -> u128 {
    times(id, 37) ^ input
}

/// What `with_input` made `id` of. 173 undoes 37: their product is 1 modulo 256.
fn without_input(id: u128, input: u128) -> u128 {
    times(id ^ input, 173)
}
