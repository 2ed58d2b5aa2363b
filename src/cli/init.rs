//! `ordinance init [DIR]`: a small policy repository that validates and renders at once.

#![expect(clippy::disallowed_methods, reason = "writing a new repository is what this is for")]

use super::Exit;
use super::options::Init;
use crate::catalogue;
use crate::failure::Failure;
use crate::text::count;
use std::fs;
use std::path::Path;

pub fn run(options: &Init) -> Result<Exit, Failure> {
    let folder = &options.folder;
    let files: Vec<(&str, &str)> = catalogue::embedded_below("scaffold/init").collect();
    let taken: Vec<&str> = files
        .iter()
        .map(|(path, _)| *path)
        .filter(|path| fs::symlink_metadata(folder.join(path)).is_ok())
        .collect();
    if !taken.is_empty() {
        tell!("error: {} already holds {}", folder.display(), taken.join(", "));
        tell!("hint: name an empty folder; nothing was written");
        return Ok(Exit::Input);
    }
    for (path, text) in &files {
        write(&folder.join(path), text)?;
    }
    say!("Wrote {} into {}:", count(files.len(), "file"), folder.display());
    for (path, _) in &files {
        say!("  {path}");
    }
    say!("Next: ordinance render --repository {}", folder.display());
    Ok(Exit::Fine)
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        Failure::new(format!("write {}", path.display()), error)
            .to_do("check the free space and the permissions")
            .state("the files before it are written")
    };
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    fs::write(path, text).map_err(failed)
}
