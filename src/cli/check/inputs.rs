//! The files that are named on the command line, and what folders among them hold.

use crate::diagnostic::Diagnostic;
use crate::failure::Failure;
use crate::report::Problem;
use crate::source::folder::{self, Folder, What};
use crate::text::{SourceId, Sources};
use std::io::Read;

/// What the names of files end in that a folder is searched for.
const ENDINGS: &[&str] = &[".yaml", ".yml", ".json"];

/// What asks for stdin.
pub const DASH: &str = "-";

/// What stdin is called.
const STDIN: &str = "<stdin>";

/// Adds their texts; what could not be read is a problem. `None` where a path does not exist,
/// which is said.
pub fn read(
    paths: &[String],
    sources: &mut Sources,
    problems: &mut Vec<Problem>,
) -> Result<Option<Vec<SourceId>>, Failure> {
    let mut ids = vec![];
    let mut missing = false;
    let mut add =
        |path: &str, bytes: Vec<u8>, problems: &mut Vec<Problem>| match String::from_utf8(bytes) {
            Ok(text) => ids.push(sources.add(path, text)),
            Err(_) => problems.push(unread(path, "it is not UTF-8")),
        };
    for path in paths {
        if path == DASH {
            let mut bytes = vec![];
            let read = std::io::stdin().lock().read_to_end(&mut bytes);
            read.map_err(|error| Failure::new("read stdin", error))?;
            add(STDIN, bytes, problems);
            continue;
        }
        match folder::what(path) {
            What::Nothing => {
                tell!("error: there is no file or folder `{path}`");
                missing = true;
            }
            What::File => match folder::file(path) {
                Ok(bytes) => add(path, bytes, problems),
                Err(because) => problems.push(unread(path, &because)),
            },
            What::Folder => {
                let found = Folder::new(path).everything(ENDINGS)?;
                let inside = |name: &str| match path.trim_end_matches('/') {
                    "." => name.to_owned(),
                    folder => format!("{folder}/{name}"),
                };
                for refused in &found.refused {
                    problems.push(unread(&inside(&refused.path), &refused.because));
                }
                for (name, bytes) in found.files {
                    add(&inside(&name), bytes, problems);
                }
            }
        }
    }
    Ok((!missing).then_some(ids))
}

fn unread(path: &str, because: &str) -> Problem {
    let message = format!("`{path}` is not read: {because}");
    let diagnostic = Diagnostic::error("refused-file", message);
    Problem { file: path.to_owned(), policy: None, diagnostic }
}
