//! Data of public projects that tests may read and that is not part of this one.

use super::files::root;
use std::path::PathBuf;

/// A corpus beside the checkout, or where `ORDINANCE_CORPORA` says; `None`, said aloud, where it
/// is not there, which in CI is an error.
pub fn corpus(name: &str) -> Option<PathBuf> {
    let named = std::env::var_os("ORDINANCE_CORPORA").map(PathBuf::from);
    let folder = named.unwrap_or_else(|| root().join("../shared/corpora")).join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    let absent = format!("the corpus {name} is not at {}", folder.display());
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{absent}");
    eprintln!("skipped: {absent}; ORDINANCE_CORPORA names the folder of corpora");
    None
}
