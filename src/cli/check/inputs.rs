//! The files that are named on the command line, and what folders among them hold.

use crate::cli::named::Named;
use crate::diagnostic::Diagnostic;
use crate::failure::Failure;
use crate::limits;
use crate::report::Problem;
use crate::text::{SourceId, Sources};

/// What the names of files end in that a folder is searched for.
const ENDINGS: &[&str] = &[".yaml", ".yml", ".json"];

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
    let most = limits::FILE_BYTES;
    let all = Named { paths, stdin: STDIN, endings: ENDINGS, most }.each(|path, read| {
        let text = read
            .and_then(|bytes| String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned()));
        match text {
            Ok(text) => ids.push(sources.add(path, text)),
            Err(because) => problems.push(unread(path, &because)),
        }
    })?;
    Ok(all.then_some(ids))
}

fn unread(path: &str, because: &str) -> Problem {
    let message = format!("`{path}` is not read: {because}");
    let diagnostic = Diagnostic::error("refused-file", message);
    Problem { file: path.to_owned(), policy: None, diagnostic }
}
