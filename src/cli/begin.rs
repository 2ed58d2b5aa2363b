//! Writing what people begin with: a repository, a control.

#![expect(clippy::disallowed_methods, reason = "writing new files is what this is for")]

use crate::failure::Failure;
use crate::text::count;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// Whether there is anything of that name, a link that leads nowhere included.
pub fn is_taken(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Writes the files into the folder, which is made where it is missing.
pub fn write(folder: &Path, files: &[(&str, String)]) -> Result<(), Failure> {
    for (index, (path, text)) in files.iter().enumerate() {
        let path = folder.join(path);
        let written = path.parent().map_or(Ok(()), fs::create_dir_all);
        written.and_then(|()| fs::write(&path, text)).map_err(|error| {
            let to_do = match error.kind() {
                ErrorKind::PermissionDenied => "choose a folder that may be written to",
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "make room, and try again",
                _ => "choose another folder",
            };
            let state = match index {
                0 => "nothing was written".to_owned(),
                before => format!("{} of {} are written", before, count(files.len(), "file")),
            };
            Failure::new(format!("write {}", path.display()), error).to_do(to_do).state(state)
        })?;
    }
    Ok(())
}
