//! Whether files are as they were: their sizes and times, which are looked at again and again.
//!
//! Nothing is read but names and what a file system says of them. What it means that something
//! differs is left to others; so is when to look. As much is looked at as would be read, no more.

#![expect(clippy::disallowed_methods, reason = "asking for sizes and times is what this is for")]

use crate::limits;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::SystemTime;

/// How deeply folders are looked into.
const DEPTH: usize = 64;

/// Files below some roots, by their paths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen(BTreeMap<String, (u64, Option<SystemTime>)>);

/// Looks at everything below these roots of a folder; each may be a file, or be absent. Links are
/// not followed, since nothing reads what they lead to. `""` is the folder itself, without what
/// is hidden in it.
pub fn look(folder: &Path, roots: &[&str]) -> Seen {
    let mut seen = Seen::default();
    for root in roots {
        visit(&mut seen, folder, root, 0);
    }
    seen
}

fn visit(seen: &mut Seen, folder: &Path, path: &str, depth: usize) {
    let full = folder.join(path);
    let Ok(found) = fs::symlink_metadata(&full) else { return };
    if seen.0.len() >= limits::FILES || depth > DEPTH {
        return;
    }
    if !found.is_dir() {
        seen.0.insert(path.to_owned(), (found.len(), found.modified().ok()));
        return;
    }
    // What cannot be listed is complained about by whoever reads it.
    let Ok(entries) = fs::read_dir(&full) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        match path.is_empty() {
            true if name.starts_with('.') => {}
            true => visit(seen, folder, name, depth + 1),
            false => visit(seen, folder, &format!("{path}/{name}"), depth + 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_written_added_or_removed_differs() {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &str| folder.path().join(path);
        let looked = || look(folder.path(), &["ordinance.yaml", "intents"]);
        fs::create_dir_all(at("intents/deep")).unwrap();
        fs::create_dir_all(at("rendered")).unwrap();
        fs::write(at("ordinance.yaml"), "a").unwrap();
        let mut last = looked();
        assert_eq!(last, looked());
        fs::write(at("rendered/x.yaml"), "a").unwrap();
        assert_eq!(last, looked(), "what is not asked about");
        let mut differs = |why: &str| {
            let now = looked();
            assert_ne!(last, now, "{why}");
            last = now;
        };
        fs::write(at("intents/deep/a.yaml"), "deny").unwrap();
        differs("added");
        fs::write(at("intents/deep/a.yaml"), "warned").unwrap();
        differs("written");
        let later = SystemTime::now() + std::time::Duration::from_secs(5);
        fs::File::open(at("ordinance.yaml")).unwrap().set_modified(later).unwrap();
        differs("as long as before");
        fs::rename(at("intents/deep/a.yaml"), at("intents/deep/b.yaml")).unwrap();
        differs("renamed");
        fs::remove_dir_all(at("intents")).unwrap();
        differs("removed");
    }

    #[test]
    fn a_whole_folder_is_without_what_is_hidden() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join(".git")).unwrap();
        fs::write(folder.path().join(".git/index"), "a").unwrap();
        assert_eq!(look(folder.path(), &[""]), Seen::default());
        fs::write(folder.path().join("a"), "a").unwrap();
        assert_ne!(look(folder.path(), &[""]), Seen::default());
    }
}
