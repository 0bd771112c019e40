//! The search back: which of a savepoint's IDs Flink generated, and from what.
//!
//! A generated ID is a hash of three things: how many operators came before, how many of its outputs are chained, and the
//! IDs of its inputs. A savepoint since Flink 1.13 holds the IDs of all operators, so the inputs are known, and the rest
//! are small numbers. The last step of the hash, which mixes the inputs in, can be undone, so each combination of inputs
//! costs one look-up. What is found reproduces all 128 bits: it is certain but for a collision of hashes.

use super::{Generated, OperatorId};
use std::collections::{BTreeMap, HashMap};

/// How many combinations of inputs a search tries in all. It bounds the time (well under a second) and is a number, not a
/// time, so that the same savepoint always gives the same answer.
pub const SEARCH_BUDGET: u64 = 4_000_000;

/// Entries of the largest table that a search makes.
const TABLE: usize = 400_000;
/// Operators that may have come before all that the savepoint holds, and are not in it: chained sources.
const HIDDEN: usize = 16;
/// Chained outputs of one operator.
const CHAINED: usize = 32;
/// Inputs of one operator.
const INPUTS: usize = 8;

/// What a search knows beforehand.
#[derive(Debug, Clone, Default)]
pub struct SearchScope {
    /// The IDs of all operators in the savepoint.
    pub operators: Vec<OperatorId>,
    /// Those that are the hash of a known uid, and need no search.
    pub with_uid: Vec<OperatorId>,
    /// IDs of operators that may be in the job and are not in the savepoint.
    pub others: Vec<OperatorId>,
}

/// Finds the IDs that Flink generated. Each that is in the result is exactly the hash of what stands beside it; one that
/// is not may have a uid, or lie out of the search's reach.
pub fn search_generated(scope: &SearchScope) -> BTreeMap<OperatorId, Generated> {
    let mut operators = scope.operators.clone();
    operators.sort_unstable();
    operators.dedup();
    let positions = operators.len().saturating_add(HIDDEN);
    let chained = operators.len().saturating_add(1).min(CHAINED);
    let mut inputs: Vec<_> = operators.iter().chain(&scope.others).map(|id| bits(*id)).collect();
    // A source that is chained into an operator with several inputs is in no savepoint, and has an ID all the same.
    let hidden =
        (0..HIDDEN.min(positions)).flat_map(|position| (0..2).map(move |chained| (position, chained)));
    inputs.extend(hidden.map(|(position, chained)| bits(of_position(position, chained))));
    inputs.dedup();

    let mut found = BTreeMap::new();
    let mut open: Vec<_> = operators.into_iter().filter(|id| !scope.with_uid.contains(id)).collect();
    let bare = Table::bare(positions, chained);
    open.retain(|id| match bare.get(bits(*id)) {
        Some(entry) => found.insert(*id, entry.generated(*id, &inputs, &[])).is_some(),
        None => true,
    });
    let with_input = Table::with_input(&bare, &inputs);
    let (table, covered) = with_input.as_ref().map_or((&bare, 0), |table| (table, 1));
    let mut left = SEARCH_BUDGET;
    for count in 1..=INPUTS {
        // The table covers the first input; the others are gone through.
        let free = count.saturating_sub(covered);
        let combinations = u32::try_from(free).ok().and_then(|free| (inputs.len() as u64).checked_pow(free));
        let cost = combinations.and_then(|each| each.checked_mul(open.len() as u64));
        let Some(rest) = cost.and_then(|cost| left.checked_sub(cost)) else { break };
        left = rest;
        open.retain(|id| {
            let mut chosen = Vec::with_capacity(free);
            match undo(table, &inputs, bits(*id), free, &mut chosen) {
                Some(entry) => {
                    chosen.reverse(); // the last input is undone first
                    found.insert(*id, entry.generated(*id, &inputs, &chosen)).is_some()
                }
                None => true,
            }
        });
    }
    found
}

/// Undoes the last `free` inputs in every way, and looks the rest up.
fn undo(table: &Table, inputs: &[u128], id: u128, free: usize, chosen: &mut Vec<usize>) -> Option<Entry> {
    let Some(deeper) = free.checked_sub(1) else { return table.get(id) };
    for (place, input) in inputs.iter().enumerate() {
        chosen.push(place);
        if let Some(entry) = undo(table, inputs, without_input(id, *input), deeper, chosen) {
            return Some(entry);
        }
        chosen.pop();
    }
    None
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
    fn generated(self, id: OperatorId, inputs: &[u128], others: &[usize]) -> Generated {
        let first = self.first.and_then(|first| usize::try_from(first).ok());
        let places = first.into_iter().chain(others.iter().copied());
        let inputs = places.filter_map(|place| inputs.get(place)).map(|bits| OperatorId(bits.to_be_bytes()));
        let generated = Generated {
            position: self.position,
            chained_outputs: self.chained_outputs,
            inputs: inputs.collect(),
        };
        debug_assert_eq!(generated.id(), id);
        generated
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
