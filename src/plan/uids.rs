//! A file that says which node of a plan has which uid, for plans that do not hold uids.

use super::overlay::Layers;
use super::{JobPlan, PlanError, PlannedOperator, Uid};
use crate::ids::OperatorId;
use crate::source::Location;
use std::collections::{BTreeMap, BTreeSet};

/// Names of operators that a message has at most.
const NAMED: usize = 5;

/// What such a file says: YAML or JSON, with the name of a node, or its number in the plan, and its uid, or nothing for one
/// that has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeUids(BTreeMap<String, Option<String>>);

impl NodeUids {
    /// Reads a file; `None` for one that is of anything else.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let uids: BTreeMap<String, Option<String>> =
            serde_saphyr::from_str(str::from_utf8(bytes).ok()?).ok()?;
        (!uids.is_empty()).then_some(Self(uids))
    }
}

impl JobPlan {
    /// The plan with the uids that the file at `location` tells of its nodes.
    pub fn with_uids(mut self, location: &Location, uids: NodeUids) -> Result<Self, PlanError> {
        let invalid = |place: &str, problem| PlanError::Invalid {
            location: location.clone(),
            place: place.to_owned(),
            problem,
        };
        let mut layers = Layers::new(self.source.clone(), location.to_string());
        let mut told = BTreeSet::new();
        for (node, uid) in uids.0 {
            let place = self.place_of_node(&node).map_err(|problem| invalid(&node, problem))?;
            let later = match uid.filter(|uid| !uid.is_empty()) {
                Some(uid) => {
                    let id = OperatorId::of_uid(&uid);
                    if !told.insert(id) {
                        let problem = "another operator has the same uid; Flink refuses such a job";
                        return Err(invalid(&node, problem.to_owned()));
                    }
                    PlannedOperator { uid: Uid::Set(uid), ..PlannedOperator::of_id(Some(id)) }
                }
                None => PlannedOperator { uid: Uid::Unset, ..PlannedOperator::of_id(None) },
            };
            if let Some(operator) = self.operators.get_mut(place) {
                layers.operator(operator, later);
            }
        }
        self.contradictions.append(&mut layers.found);
        self.source = format!("{}, {location}", self.source);
        self.hash_again();
        Ok(self)
    }

    /// The place of the operator that is called so, or is the node of this number.
    fn place_of_node(&self, node: &str) -> Result<usize, String> {
        let is_named = |operator: &PlannedOperator| operator.name.as_deref() == Some(node);
        let number = node.parse::<i32>().ok();
        let is_numbered = |operator: &PlannedOperator| number.is_some() && operator.node == number;
        let places = |is: &dyn Fn(&PlannedOperator) -> bool| -> Vec<usize> {
            self.operators.iter().enumerate().filter(|(_, it)| is(it)).map(|(place, _)| place).collect()
        };
        let named = places(&is_named);
        let found = if named.is_empty() { places(&is_numbered) } else { named };
        match found.as_slice() {
            [place] => Ok(*place),
            [] => {
                let called: Vec<_> = self.operators.iter().filter_map(|it| it.name.as_deref()).collect();
                let (first, rest) = called.split_at_checked(NAMED).unwrap_or((&called, &[]));
                let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
                Err(format!("no operator of the plan is called so; there are {}{more}", first.join(", ")))
            }
            several => {
                let numbers = several.iter().filter_map(|place| self.operators.get(*place)?.node);
                let numbers: Vec<_> = numbers.map(|number| number.to_string()).collect();
                Err(if numbers.is_empty() {
                    format!("{} operators are called so: give them names of their own", several.len())
                } else {
                    format!(
                        "{} operators are called so: write the number of the node, which is one of {}",
                        several.len(),
                        numbers.join(", ")
                    )
                })
            }
        }
    }
}
