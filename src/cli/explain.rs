//! `holdpoint explain`.

use super::Output;
use holdpoint::report::text;
use holdpoint::rules::{RULES, Rule};

/// Explain a rule, or list them all
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The rule, as findings name it
    #[arg(value_parser = clap::builder::PossibleValuesParser::new(RULES.iter().map(|rule| rule.id)), hide_possible_values = true)]
    rule: Option<String>,
}

pub fn run(arguments: &Arguments) -> Output {
    let rule = arguments.rule.as_deref().and_then(Rule::named);
    Output::passed(rule.map_or_else(text::render_rules, text::render_rule))
}
