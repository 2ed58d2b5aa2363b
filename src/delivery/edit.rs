//! Changing one file that people wrote: whole or not at all, and only if it is still as it was read.

#![expect(clippy::disallowed_methods, reason = "writing files is what this module is for")]

use crate::failure::Failure;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::Path;

/// Puts `after` in the place of the file, which is removed where there is none. Its permissions
/// stay.
pub fn replace(path: &Path, before: &str, after: Option<&str>) -> Result<(), Failure> {
    let failed = |error: io::Error| {
        let to_do = match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "make room, and run it again",
            _ => "check the permissions of its folder, and run it again",
        };
        Failure::new(format!("write {}", path.display()), error).to_do(to_do)
    };
    let now = fs::read(path).map_err(failed)?;
    if now != before.as_bytes() {
        return Err(Failure::new(format!("write {}", path.display()), "it has changed meanwhile")
            .to_do("run it again"));
    }
    match after {
        None => fs::remove_file(path).map_err(failed),
        Some(after) => {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let staged = path.with_file_name(format!(".{name}.ordinance-new"));
            let swapped = stage(path, &staged, after).and_then(|()| fs::rename(&staged, path));
            swapped.map_err(|error| {
                // What is left of a failed attempt is nobody's; the failure matters more.
                let _ = fs::remove_file(&staged);
                failed(error)
            })
        }
    }
}

fn stage(path: &Path, staged: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::File::create(staged)?;
    file.write_all(text.as_bytes())?;
    fs::set_permissions(staged, fs::metadata(path)?.permissions())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_swapped_or_removed_only_as_it_was_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.yaml");
        fs::write(&path, "one").unwrap();
        assert!(replace(&path, "other", None).unwrap_err().came_back.contains("changed"));
        replace(&path, "one", Some("two")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
        replace(&path, "two", None).unwrap();
        assert!(!path.exists());
    }
}
