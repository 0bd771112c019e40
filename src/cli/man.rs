//! `holdpoint man`.

use super::{Arguments as Root, EXIT_STATUSES, Output};
use clap::{Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};
use std::path::PathBuf;

/// Print the manual page, or write a page for each command into a directory
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// An existing directory, such as ~/.local/share/man/man1
    directory: Option<PathBuf>,
}

pub fn run(arguments: &Arguments) -> Output {
    let mut root = Root::command().disable_help_subcommand(true);
    root.build();
    let Some(directory) = &arguments.directory else {
        return Output::passed(page(&root));
    };
    let commands = std::iter::once(&root).chain(root.get_subcommands());
    let files = commands.map(|command| (directory.join(file_name(command)), page(command))).collect();
    Output { files, ..Output::passed(String::new()) }
}

/// Such as `holdpoint-check.1`.
fn file_name(command: &Command) -> String {
    Man::new(command.clone()).get_filename()
}

fn page(command: &Command) -> String {
    let man =
        Man::new(command.clone()).source(concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")));
    let mut page = Vec::new();
    let written = man
        .render_title(&mut page)
        .and_then(|()| man.render_name_section(&mut page))
        .and_then(|()| man.render_synopsis_section(&mut page))
        .and_then(|()| man.render_description_section(&mut page))
        .and_then(|()| man.render_options_section(&mut page))
        .and_then(
            |()| if command.has_subcommands() { man.render_subcommands_section(&mut page) } else { Ok(()) },
        )
        .and_then(|()| exit_status_section().to_writer(&mut page));
    debug_assert!(written.is_ok(), "memory takes what is written");
    String::from_utf8_lossy(&page).into_owned()
}

fn exit_status_section() -> Roff {
    let mut section = Roff::new();
    section.control("SH", ["EXIT STATUS"]);
    for (status, meaning) in EXIT_STATUSES {
        section.control("TP", []);
        section.text([bold((status as u8).to_string())]);
        section.text([roman(meaning)]);
    }
    section
}
