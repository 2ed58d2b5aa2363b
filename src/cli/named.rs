//! What is named on the command line: files, what folders among them hold, and stdin.
//!
//! One file is in memory at a time. What cannot be read is handed over with its reason, so that it
//! takes nothing else with it; a path that does not exist is said here.

use crate::failure::Failure;
use crate::limits;
use crate::source::folder::{self, Folder, What};
use std::io::Read;
use std::path::Path;

/// What asks for stdin.
pub const DASH: &str = "-";

/// What is to be read, and how.
pub struct Named<'a> {
    pub paths: &'a [String],
    /// What stdin is called.
    pub stdin: &'a str,
    /// What the names of files end in that a folder is searched for.
    pub endings: &'a [&'a str],
    /// The largest file that is taken, in bytes; stdin may have as many as a snapshot.
    pub most: usize,
}

impl Named<'_> {
    /// Hands over each file by the path that people know it by: its bytes, or why it is not read.
    /// Whether all paths exist.
    pub fn each(
        &self,
        mut take: impl FnMut(&str, Result<Vec<u8>, String>),
    ) -> Result<bool, Failure> {
        let mut all = true;
        for path in self.paths {
            if path == DASH {
                take(self.stdin, stdin(limits::SNAPSHOT_BYTES)?);
                continue;
            }
            match folder::what(path) {
                What::Nothing => {
                    tell!("error: there is no file or folder `{path}`");
                    tell!("hint: name a file or a folder that is there, or `-` for stdin");
                    all = false;
                }
                What::File => take(path, folder::file_of(Path::new(path), self.most)),
                What::Folder => {
                    let inside = |name: &str| match path.trim_end_matches('/') {
                        "." => name.to_owned(),
                        folder => format!("{folder}/{name}"),
                    };
                    let found = Folder::new(path);
                    found.each("", self.endings, self.most, |name, read| {
                        take(&inside(name), read)
                    })?;
                }
            }
        }
        Ok(all)
    }
}

/// The paths, in words.
pub fn listed(paths: &[String]) -> String {
    let called = |path: &String| if path == DASH { "stdin" } else { path }.to_owned();
    paths.iter().map(called).collect::<Vec<_>>().join(", ")
}

/// Says that nothing of what was named is an object.
pub fn no_object(paths: &[String]) {
    tell!("error: there is no object in {}", listed(paths));
    tell!("hint: files that end in .yaml, .yml or .json are read");
}

/// All of it, or that it is too much.
pub fn stdin(most: usize) -> Result<Result<Vec<u8>, String>, Failure> {
    let mut bytes = vec![];
    let read = std::io::stdin().lock().take(most as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|error| Failure::new("read stdin", error))?;
    Ok(if bytes.len() > most {
        Err(format!("it is larger than {} MiB", most >> 20))
    } else {
        Ok(bytes)
    })
}
