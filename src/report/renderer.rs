//! The table of renderers: in which formats a check is written, and who reads each.
//!
//! To add a format: its renderer in a file of this directory, its row in [`RENDERERS`], its row in `docs/outputs.md`, and
//! its test in `tests/outputs/`, which reads it as its consumer does.

use super::{Gate, Report, github, gitlab, html, json, junit, markdown, sarif, text};
use crate::catalog::StateCatalog;
use crate::ids::KnownUids;
use crate::plan::JobPlan;
use crate::policy::PolicyFile;

/// A check that was made, and all that a renderer may show of it.
pub struct Checked<'c> {
    /// What the user calls the savepoint.
    pub title: &'c str,
    /// What is in it.
    pub savepoint: &'c StateCatalog,
    /// The next version of the job.
    pub plan: &'c JobPlan,
    /// The answer.
    pub report: &'c Report,
    /// What fails.
    pub gate: Gate,
    /// The file in which the team decided about it.
    pub policy: Option<&'c PolicyFile>,
    /// The uids that stand in the job's sources, to point there.
    pub uids: &'c KnownUids,
}

/// A format that a check is written in.
pub struct Renderer {
    /// Its name, after `--format`.
    pub name: &'static str,
    /// Who reads it.
    pub reader: &'static str,
    /// It is lines of a log, which others may stand before and behind; else it is a document.
    pub is_log: bool,
    /// Writes it.
    pub render: fn(&Checked<'_>) -> String,
}

/// Every format.
pub static RENDERERS: &[Renderer] = &[
    Renderer { name: "table", reader: "people, on a terminal", is_log: true, render: text::render_report },
    Renderer { name: "json", reader: "scripts", is_log: false, render: json::render_report },
    Renderer {
        name: "sarif",
        reader: "code scanning: SARIF 2.1.0, as GitHub takes it",
        is_log: false,
        render: sarif::render_report,
    },
    Renderer {
        name: "junit",
        reader: "test reports: JUnit XML, as Jenkins and GitLab take it",
        is_log: false,
        render: junit::render_report,
    },
    Renderer {
        name: "github",
        reader: "the log of a GitHub workflow, which shows annotations",
        is_log: true,
        render: github::render_report,
    },
    Renderer {
        name: "gitlab",
        reader: "GitLab's code quality report",
        is_log: false,
        render: gitlab::render_report,
    },
    Renderer {
        name: "markdown",
        reader: "a comment on a pull request, or a step's summary",
        is_log: true,
        render: markdown::render_report,
    },
    Renderer {
        name: "html",
        reader: "people, in a browser: a page that needs nothing else",
        is_log: false,
        render: html::render_report,
    },
];

impl Renderer {
    /// The format of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        RENDERERS.iter().find(|renderer| renderer.name == name)
    }
}
