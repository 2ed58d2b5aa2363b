//! Where input files come from: a folder or a commit, through the same door.
//!
//! Whatever is read from is hostile until it is read: links are not followed, sizes are bounded,
//! and what is refused is handed on with its reason instead of being skipped.

pub mod folder;
pub mod git;
pub mod watch;

use crate::diagnostic::Diagnostic;

/// The files and folders of a repository that are input.
pub const ROOTS: &[&str] =
    &["ordinance.yaml", "intents", "clusters", "templates/controls", "templates/frameworks"];

/// What a source holds below some roots.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The files, sorted by path.
    pub files: Vec<(String, Vec<u8>)>,
    /// What was not read, and why.
    pub refused: Vec<Refused>,
}

/// An entry that is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub path: String,
    pub because: String,
}

impl Refused {
    pub fn diagnostic(&self) -> Diagnostic {
        Diagnostic::error("refused-file", format!("`{}` is not read: {}", self.path, self.because))
            .help("put a plain file of moderate size in its place, or remove it")
    }
}
