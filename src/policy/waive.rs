//! A waiver added to a policy that people write: what stands there stays as it stands.

use super::{PolicyError, PolicyFile};
use crate::rules::Fingerprint;
use chrono::{Datelike, NaiveDate};
use toml_edit::{ArrayOfTables, Date, Datetime, DocumentMut, Item, Table, value};

impl PolicyFile {
    /// The text of this policy with one more waiver, of the finding of this fingerprint.
    pub fn waive(
        path: &str,
        text: &str,
        fingerprint: Fingerprint,
        reason: &str,
        expires: Option<NaiveDate>,
    ) -> Result<String, PolicyError> {
        let policy = Self::of_text(path, text)?;
        if let Some(waiver) = policy.waivers.iter().find(|it| it.fingerprint == Some(fingerprint)) {
            return Err(PolicyError::At {
                path: path.to_owned(),
                line: waiver.line,
                problem: format!("there is a waiver of {fingerprint} already; edit it there"),
            });
        }
        let mut waiver = Table::new();
        waiver.insert("fingerprint", value(fingerprint.to_string()));
        waiver.insert("reason", value(reason));
        if let Some(day) = expires {
            waiver.insert("expires", value(datetime(day)));
        }
        let unreadable = |problem: String| PolicyError::At { path: path.to_owned(), line: 1, problem };
        let mut document: DocumentMut =
            text.parse().map_err(|error: toml_edit::TomlError| unreadable(error.message().to_owned()))?;
        let waivers = document.entry("waivers").or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
        let Some(waivers) = waivers.as_array_of_tables_mut() else {
            return Err(unreadable("write each waiver as a table of its own, [[waivers]]".to_owned()));
        };
        if !text.is_empty() {
            waiver.decor_mut().set_prefix("\n");
        }
        waivers.push(waiver);
        let text = document.to_string();
        // What is written must be read again.
        Self::of_text(path, &text)?;
        Ok(text)
    }
}

fn datetime(day: NaiveDate) -> Datetime {
    let [month, day_of_month] = [day.month(), day.day()].map(|it| u8::try_from(it).unwrap_or_default());
    let date = Date { year: u16::try_from(day.year()).unwrap_or_default(), month, day: day_of_month };
    Datetime { date: Some(date), time: None, offset: None }
}
