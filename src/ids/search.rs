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
use std::hash::{BuildHasherDefault, Hasher};

/// How many combinations of inputs a search tries in all, if nobody says otherwise. It bounds the time (well under a
/// second) and is a number, not a time, so that the same savepoint always gives the same answer.
pub const SEARCH_BUDGET: u64 = 2_000_000;

/// How many of them it tries for one operator with so many inputs.
const SEARCH_EACH: u64 = 1 << 15;

/// Entries of the largest table that a search makes.
const TABLE: usize = 400_000;
/// Operators that may have come before all that the savepoint holds, and are not in it: chained sources.
const HIDDEN: usize = 16;
/// So many inputs may be such sources; of an operator with more, all inputs are in the savepoint.
const INPUTS_WITH_HIDDEN: usize = 3;
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
    let mut left = search.round(&bare, 1, scope.budget);
    // The second table covers the first input; the others are gone through.
    let table = bare.with_input(&search.inputs);
    for count in 2..=INPUTS {
        left = left.and_then(|left| search.round(&table, count, left));
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
    /// The IDs that may be inputs: first the operators of the savepoint, and last those that are in none.
    inputs: Vec<u128>,
    /// How many of them are operators of the savepoint.
    operators: usize,
    /// How many of them somebody named, the operators among them.
    named: usize,
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
        let others: BTreeSet<_> = listed(&scope.others).difference(&operators).copied().collect();
        let hidden: BTreeSet<_> =
            hidden.filter(|id| !operators.contains(id) && !others.contains(id)).collect();
        Self {
            inputs: operators.iter().chain(&others).chain(&hidden).map(|id| bits(*id)).collect(),
            operators: operators.len(),
            named: operators.len().saturating_add(others.len()),
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
            let source = bare.bases.get(id).map(|base| Some(base.generated()));
            *settled = source.or(is_source.then_some(None)).map(Settled::Root);
        }
    }

    /// Looks for operators with so many inputs. What is left of the budget, or nothing if it is not enough.
    fn round(&mut self, table: &Table, count: usize, budget: u64) -> Option<u64> {
        let free = count.saturating_sub(table.covered);
        let open: Vec<_> = (0..self.operators).filter(|place| self.is_open(*place)).collect();
        let among = if count > INPUTS_WITH_HIDDEN { self.named } else { self.inputs.len() };
        let among = self.inputs.get(..among)?;
        let each = u32::try_from(free).ok().and_then(|free| (among.len() as u64).checked_pow(free));
        let left = each
            .filter(|each| *each <= SEARCH_EACH)
            .and_then(|each| each.checked_mul(open.len() as u64))
            .and_then(|cost| budget.checked_sub(cost))?;
        for place in open {
            let Some(id) = self.inputs.get(place) else { continue };
            let mut hits = Vec::new();
            table.undo(among, *id, count, &mut Vec::with_capacity(count), &mut hits);
            for (base, undone) in hits {
                let mut inputs: Vec<_> = undone.into_iter().rev().collect();
                let Some(last) = inputs.pop().filter(|last| *last != place) else { continue };
                let ends = (place.min(last), place.max(last));
                let Base { position, chained_outputs } = base;
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

/// What a hash begins with, before any input is mixed in.
#[derive(Clone, Copy)]
struct Base {
    position: u32,
    chained_outputs: u32,
}

impl Base {
    /// An operator without inputs.
    fn generated(self) -> Generated {
        let Self { position, chained_outputs } = self;
        Generated { position, chained_outputs, inputs: Vec::new() }
    }
}

/// The hashes of all bases, or of all bases with one input. Those are too many to be worth keeping: a filter knows
/// nearly all that are none of them, and the rest have their first input undone, too.
struct Table {
    bases: HashMap<u128, Base, BuildHasherDefault<Itself>>,
    filter: Filter,
    /// How many inputs are in the hashes of the filter.
    covered: usize,
}

impl Table {
    /// Operators without inputs.
    fn bare(positions: usize, chained: usize) -> Self {
        let chained = chained.min(TABLE.checked_div(positions).unwrap_or(0).max(1));
        let positions = positions.min(TABLE);
        let size = positions.saturating_mul(chained);
        let mut bases = HashMap::with_capacity_and_hasher(size, BuildHasherDefault::default());
        for position in 0..positions {
            for chained in 0..chained {
                let (Ok(place), Ok(outputs)) = (u32::try_from(position), u32::try_from(chained)) else {
                    continue;
                };
                let base = Base { position: place, chained_outputs: outputs };
                bases.entry(bits(of_position(position, chained))).or_insert(base);
            }
        }
        let filter = Filter::of(bases.len(), bases.keys().copied());
        Self { bases, filter, covered: 0 }
    }

    /// Operators with one input; still those without when there would be too many.
    fn with_input(self, inputs: &[u128]) -> Self {
        match self.bases.len().checked_mul(inputs.len()).filter(|size| *size <= TABLE) {
            Some(size) => {
                let of =
                    |base: &u128| inputs.iter().map(|input| with_input(*base, *input)).collect::<Vec<_>>();
                let filter = Filter::of(size, self.bases.keys().flat_map(of));
                Self { filter, covered: 1, ..self }
            }
            None => self,
        }
    }

    /// Undoes so many inputs in every way, the last one first, and looks the rest up.
    fn undo(
        &self,
        inputs: &[u128],
        id: u128,
        count: usize,
        undone: &mut Vec<usize>,
        hits: &mut Vec<(Base, Vec<usize>)>,
    ) {
        let Some(left) = count.checked_sub(1) else {
            hits.extend(self.bases.get(&id).map(|base| (*base, undone.clone())));
            return;
        };
        for (place, input) in inputs.iter().enumerate() {
            // Nearly all end here.
            if left == self.covered && !self.filter.may_have(times(low(id ^ input), REVERSE)) {
                continue;
            }
            undone.push(place);
            self.undo(inputs, without_input(id, *input), left, undone, hits);
            undone.pop();
        }
    }
}

/// A bit for the low half of each hash.
struct Filter {
    words: Vec<u64>,
}

impl Filter {
    /// How many bits there are for each hash: one in so many of the others looks as if it were one of these.
    const SPARSE: usize = 64;
    /// No more than a processor keeps close.
    const MOST: usize = 1 << 22;

    fn of(size: usize, hashes: impl Iterator<Item = u128>) -> Self {
        let bits = size.saturating_mul(Self::SPARSE).min(Self::MOST).next_power_of_two().max(64);
        let mut filter = Self { words: vec![0; bits >> 6] };
        for hash in hashes {
            let (word, bit) = filter.place(low(hash));
            if let Some(word) = filter.words.get_mut(word) {
                *word |= bit;
            }
        }
        filter
    }

    fn may_have(&self, hash: u64) -> bool {
        let (word, bit) = self.place(hash);
        self.words.get(word).is_some_and(|word| *word & bit != 0)
    }

    fn place(&self, hash: u64) -> (usize, u64) {
        let word = usize::try_from(hash >> 6).unwrap_or(usize::MAX) & self.words.len().wrapping_sub(1);
        (word, 1 << (hash & 63))
    }
}

/// The keys are hashes, and none of them is chosen by who wrote the savepoint.
#[derive(Default)]
struct Itself(u64);

impl Hasher for Itself {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 << 8) | u64::from(*byte);
        }
    }

    fn write_u128(&mut self, hash: u128) {
        self.0 = low(hash);
    }
}

fn of_position(position: usize, chained: usize) -> OperatorId {
    let number = |it| u32::try_from(it).unwrap_or(u32::MAX);
    OperatorId::of_position(number(position), number(chained))
}

fn low(hash: u128) -> u64 {
    u64::try_from(hash & u128::from(u64::MAX)).unwrap_or_default()
}

fn bits(id: OperatorId) -> u128 {
    u128::from_be_bytes(id.0)
}

/// Every other byte.
const BYTES: u64 = 0x00ff_00ff_00ff_00ff;
/// What an ID is multiplied with before an input is mixed in, and what undoes that: their product is 1 modulo 256.
const FACTOR: u64 = 37;
const REVERSE: u64 = 173;

/// Multiplies each byte, as Java's bytes are: 8 at once, because this is what a search spends its time on.
fn times(bytes: u64, factor: u64) -> u64 {
    let even = (bytes & BYTES).wrapping_mul(factor) & BYTES;
    let odd = ((bytes >> 8) & BYTES).wrapping_mul(factor) & BYTES;
    even | (odd << 8)
}

fn both_times(bytes: u128, factor: u64) -> u128 {
    u128::from(times(low(bytes >> 64), factor)) << 64 | u128::from(times(low(bytes), factor))
}

/// [`OperatorId::with_input`].
fn with_input(id: u128, input: u128) -> u128 {
    both_times(id, FACTOR) ^ input
}

/// What `with_input` made `id` of.
fn without_input(id: u128, input: u128) -> u128 {
    both_times(id ^ input, REVERSE)
}
