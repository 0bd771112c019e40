//! `--format`: in which formats a check is written, and where each goes.

use super::Output;
use holdpoint::report::{Checked, ExitStatus, RENDERERS, Renderer};
use std::path::PathBuf;

/// A format, and the file that it goes to; without one, standard output.
#[derive(Clone)]
pub struct FormatArgument {
    renderer: &'static Renderer,
    file: Option<PathBuf>,
}

/// The formats that one run writes.
#[derive(Debug, clap::Args)]
pub struct FormatArguments {
    /// How to write it, and to which file, else to standard output. Several times for several formats
    #[arg(long, value_name = "FORMAT[=FILE]", default_value = "table", value_parser = parse, long_help = long_help())]
    format: Vec<FormatArgument>,
}

impl FormatArguments {
    /// Refuses formats that cannot be written together.
    pub fn validate(&self) -> Result<(), String> {
        let on_output: Vec<_> = self.format.iter().filter(|it| it.file.is_none()).collect();
        if let Some(document) = on_output.iter().find(|it| !it.renderer.is_log)
            && on_output.len() > 1
        {
            let name = document.renderer.name;
            return Err(format!(
                "--format {name} is a document, and cannot share standard output; name a file, --format {name}=FILE"
            ));
        }
        for (place, one) in self.format.iter().enumerate() {
            let others = self.format.iter().take(place);
            if let Some(file) = &one.file
                && others.clone().any(|other| other.file.as_ref() == Some(file))
            {
                return Err(format!("two formats are to be written to {}", file.display()));
            }
        }
        Ok(())
    }

    /// The check in all of them.
    pub fn output(&self, checked: &Checked<'_>, status: ExitStatus) -> Output {
        let mut text = String::new();
        let mut files = Vec::new();
        for FormatArgument { renderer, file } in &self.format {
            let rendered = (renderer.render)(checked);
            match file {
                Some(file) => files.push((file.clone(), rendered)),
                None => text.push_str(&rendered),
            }
        }
        Output { files, ..Output::new(text, status) }
    }
}

impl std::fmt::Debug for FormatArgument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}={:?}", self.renderer.name, self.file)
    }
}

fn parse(text: &str) -> Result<FormatArgument, String> {
    let (name, file) = match text.split_once('=') {
        Some((_, "")) => return Err("the name of the file is missing".to_owned()),
        Some((name, file)) => (name, Some(PathBuf::from(file))),
        None => (text, None),
    };
    let Some(renderer) = Renderer::named(name) else {
        let names: Vec<_> = RENDERERS.iter().map(|renderer| renderer.name).collect();
        return Err(format!("the formats are {}", names.join(", ")));
    };
    Ok(FormatArgument { renderer, file })
}

fn long_help() -> String {
    let formats: Vec<_> =
        RENDERERS.iter().map(|renderer| format!("- {}: {}", renderer.name, renderer.reader)).collect();
    format!(
        "How to write it, and to which file, else to standard output. Several times for several formats\n\n{}",
        formats.join("\n")
    )
}
