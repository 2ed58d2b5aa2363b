//! `ordinance init [DIR]`: a small policy repository that validates and renders at once.

use super::options::Init;
use super::{Exit, begin};
use crate::catalogue;
use crate::failure::Failure;
use crate::text::count;
use std::path::Path;

pub fn run(options: &Init) -> Result<Exit, Failure> {
    let folder = &options.folder;
    let files = catalogue::embedded_below("scaffold/init");
    let files: Vec<(&str, String)> = files.map(|(path, text)| (path, text.to_owned())).collect();
    let taken: Vec<&str> = files
        .iter()
        .map(|(path, _)| *path)
        .filter(|path| begin::is_taken(&folder.join(path)))
        .collect();
    if !taken.is_empty() {
        tell!("error: {} already holds {}", folder.display(), taken.join(", "));
        tell!("hint: name an empty folder; nothing was written");
        return Ok(Exit::Input);
    }
    begin::write(folder, &files)?;
    say!("Wrote {} into {}:", count(files.len(), "file"), folder.display());
    for (path, _) in &files {
        say!("  {path}");
    }
    say!("Next:");
    if folder != Path::new(".") {
        say!("  cd {}", folder.display());
    }
    // Before anything is rendered: what a sync tool is given are paths from the repository's root. The
    // fleet's document and its workflow name this branch.
    say!("  git init --initial-branch main");
    say!("  ordinance render");
    say!("  git add --all && git commit --message 'Begin'");
    Ok(Exit::Fine)
}
