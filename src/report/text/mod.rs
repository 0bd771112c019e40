//! The report for people: aligned, with human sizes, and in colour where the output takes it.
//!
//! Everything is rendered with ANSI styles; who prints it strips them where there is no terminal, or where
//! `NO_COLOR` asks for none.

mod audit;
mod check;
mod diff;
mod explain;
mod files;
mod id;
mod inspect;
mod overview;

pub use audit::render_audit;
pub use check::render_report;
pub(super) use check::{next, rules};
pub use diff::render_diff;
pub use explain::{render_rule, render_rules};
pub use files::render_files;
pub use id::render_identities;
pub use inspect::render_catalog;
pub(super) use inspect::{bare_name, heading_rows, unread_words};
pub(super) use overview::overview_rows;

use crate::rules::Severity;
use anstyle::{AnsiColor, Style};
use bytesize::ByteSize;
use comfy_table::{Table, presets};
use std::borrow::Cow;

/// Columns that text is wrapped to.
const WIDTH: usize = 100;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// `text` in a style.
fn styled(style: Style, text: &str) -> String {
    format!("{style}{}{style:#}", plain(text))
}

/// Text out of a savepoint as a terminal may show it: names may hold any character, and an escape sequence in one
/// must not reach the terminal.
pub fn plain(text: &str) -> Cow<'_, str> {
    // Marks of direction make a terminal show text in another order than it stands.
    let acts = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !text.chars().any(acts) {
        return Cow::Borrowed(text);
    }
    let escaped = text.chars().map(|c| if acts(c) { c.escape_default().to_string() } else { c.to_string() });
    Cow::Owned(escaped.collect())
}

fn severity_style(severity: Severity) -> Style {
    let colour = match severity {
        Severity::Error => AnsiColor::Red,
        Severity::Warning => AnsiColor::Yellow,
        Severity::Info => AnsiColor::Cyan,
    };
    colour.on_default().bold()
}

/// A size for people: `27.3 KiB`.
pub(super) fn size(bytes: u64) -> String {
    ByteSize(bytes).display().iec().to_string()
}

/// Rows under a heading, without lines around them.
fn table(heading: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(heading);
    table.add_rows(
        rows.into_iter().map(|row| row.iter().map(|cell| plain(cell).into_owned()).collect::<Vec<_>>()),
    );
    let text = table.to_string();
    let lines: Vec<_> = text.lines().map(str::trim_end).collect();
    lines.join("\n")
}

/// Wraps a paragraph, each line after the first indented like it.
fn wrapped(indent: &str, text: &str) -> String {
    let options = textwrap::Options::new(WIDTH)
        .initial_indent(indent)
        .subsequent_indent(indent)
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::fill(&plain(text), options)
}
