//! From the text of a policy to what it means; what is wrong with it is said with its line.

use super::{PolicyError, PolicyFile, PolicySettings, WaiverEntry};
use crate::flink::FlinkLine;
use crate::rules::{Fingerprint, RULES, Rule, Severity, Waiver};
use crate::suggestion::suggestion;
use bytesize::ByteSize;
use chrono::NaiveDate;
use schemars::generate::SchemaSettings;
use serde_json::Value;
use std::collections::BTreeMap;
use std::ops::Range;
use toml_edit::{Datetime, Document, Item, Table, TableLike};

/// Reads the policy at `path`, which holds `text`.
pub(super) fn read(path: &str, text: &str) -> Result<PolicyFile, PolicyError> {
    let reader = Reader { path, text };
    let document = Document::parse(text).map_err(|error| reader.at(error.span(), error.message().trim()))?;
    reader.keys(document.as_table(), &known_keys())?;
    let settings: PolicySettings =
        toml_edit::de::from_str(text).map_err(|error| reader.at(error.span(), error.message().trim()))?;
    let table = document.as_table();
    let value = |key: &str| table.get(key).and_then(Item::span);
    let target_flink = settings.target_flink.as_deref().map(str::parse::<FlinkLine>).transpose();
    let target_flink = target_flink.map_err(|problem| reader.at(value("target-flink"), &problem))?;
    let large_state = settings.large_state.as_deref().map(str::parse::<ByteSize>).transpose();
    let large_state =
        large_state.map_err(|_| reader.at(value("large-state"), "write a size such as \"10GiB\""))?;
    let large_state = large_state.map(|size| size.as_u64());
    if let Some(relocation) = settings.stores.relocate.iter().find(|it| !it.contains('=')) {
        let problem = format!(
            "\"{relocation}\" is no relocation: write \"FROM=TO\", with what the savepoint says first"
        );
        return Err(
            reader.at(table.get("stores").and_then(|it| it.get("relocate")).and_then(Item::span), &problem)
        );
    }
    let severities = reader.severities(&settings.severities, table)?;
    let entries = table.get("waivers").and_then(Item::as_array_of_tables);
    let mut waivers = Vec::new();
    for (place, entry) in settings.waivers.iter().enumerate() {
        let written = entries.and_then(|entries| entries.get(place));
        waivers.push(reader.waiver(entry, written)?);
    }
    Ok(PolicyFile { path: path.to_owned(), settings, target_flink, large_state, severities, waivers })
}

/// The keys that a policy may have, from its schema.
fn known_keys() -> Value {
    let mut generator = SchemaSettings::default().with(|it| it.inline_subschemas = true).into_generator();
    generator.root_schema_for::<PolicySettings>().to_value()
}

struct Reader<'r> {
    path: &'r str,
    text: &'r str,
}

impl Reader<'_> {
    /// A problem with what stands in these bytes.
    fn at(&self, span: Option<Range<usize>>, problem: &str) -> PolicyError {
        PolicyError::At { path: self.path.to_owned(), line: self.line(span), problem: problem.to_owned() }
    }

    fn line(&self, span: Option<Range<usize>>) -> u64 {
        let before = self.text.get(..span.map_or(0, |span| span.start)).unwrap_or_default();
        (before.matches('\n').count() as u64).saturating_add(1)
    }

    /// Refuses keys that the schema does not have, with the one that was likely meant.
    fn keys(&self, table: &dyn TableLike, schema: &Value) -> Result<(), PolicyError> {
        let Some(known) = schema.get("properties").and_then(Value::as_object) else { return Ok(()) };
        for (name, item) in table.iter() {
            let Some(schema) = known.get(name) else {
                let problem = format!(
                    "there is no key \"{name}\"{}",
                    suggestion(name, known.keys().map(String::as_str))
                );
                let key = table.get_key_value(name).and_then(|(key, _)| key.span());
                return Err(self.at(key, &problem));
            };
            if let Some(inner) = item.as_table_like() {
                self.keys(inner, schema)?;
            }
            let entries = schema.get("items").unwrap_or(&Value::Null);
            for inner in item.as_array_of_tables().into_iter().flatten() {
                self.keys(inner, entries)?;
            }
        }
        Ok(())
    }

    fn severities(
        &self,
        written: &BTreeMap<String, Severity>,
        table: &Table,
    ) -> Result<BTreeMap<&'static str, Severity>, PolicyError> {
        let section = table.get("severities").and_then(Item::as_table_like);
        let rule = |(name, severity): (&String, &Severity)| {
            let key = section.and_then(|section| section.get_key_value(name)).and_then(|(key, _)| key.span());
            Ok((self.rule(name, key)?, *severity))
        };
        written.iter().map(rule).collect()
    }

    fn rule(&self, name: &str, span: Option<Range<usize>>) -> Result<&'static str, PolicyError> {
        let rule = Rule::named(name).map(|rule| rule.id);
        rule.ok_or_else(|| {
            let suggestion = suggestion(name, RULES.iter().map(|rule| rule.id));
            self.at(span, &format!("there is no rule \"{name}\"{suggestion}"))
        })
    }

    fn waiver(&self, entry: &WaiverEntry, written: Option<&Table>) -> Result<Waiver, PolicyError> {
        let start = written.and_then(Table::span);
        let value = |key: &str| written.and_then(|it| it.get(key)).and_then(Item::span).or(start.clone());
        let rule = entry.rule.as_deref().map(|name| self.rule(name, value("rule"))).transpose()?;
        let fingerprint = entry.fingerprint.as_deref().map(str::parse::<Fingerprint>).transpose();
        let fingerprint = fingerprint.map_err(|problem| self.at(value("fingerprint"), &problem))?;
        let names_place = entry.operator.is_some() || entry.state.is_some();
        if fingerprint.is_none() && !(rule.is_some() && names_place) {
            return Err(self.at(start, "a waiver names a fingerprint, or a rule together with an operator or a state ([severities] is for a whole rule)"));
        }
        if rule.is_some_and(|rule| rule.starts_with("waiver-")) {
            return Err(self.at(value("rule"), "a waiver is not waived: change it, or remove it"));
        }
        if entry.reason.trim().is_empty() {
            return Err(self.at(value("reason"), "the reason is empty: say why this does not count"));
        }
        let expires = entry.expires.as_ref().map(day).transpose();
        Ok(Waiver {
            fingerprint,
            rule,
            operator: entry.operator.clone(),
            state: entry.state.clone(),
            reason: entry.reason.trim().to_owned(),
            expires: expires.map_err(|problem| self.at(value("expires"), &problem))?,
            file: self.path.to_owned(),
            line: self.line(start),
        })
    }
}

/// A day alone, without a time.
fn day(written: &Datetime) -> Result<NaiveDate, String> {
    let date = written.date.filter(|_| written.time.is_none());
    let day = date.and_then(|it| NaiveDate::from_ymd_opt(i32::from(it.year), it.month.into(), it.day.into()));
    day.ok_or_else(|| format!("{written} is no day: write a date such as 2027-03-31"))
}
