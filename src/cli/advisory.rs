//! `ordinance advisory import` and `ordinance advisory affected`.

mod affected;

pub use affected::notes;

use super::named::{self, DASH};
use super::options::{Advisory, AdvisoryOf, ImportAdvisory};
use super::{Exit, begin, repository};
use crate::advisory::{self, Refused};
use crate::failure::Failure;
use crate::limits;
use crate::source::folder::{self, What};

pub fn run(options: &Advisory) -> Result<Exit, Failure> {
    match &options.what {
        AdvisoryOf::Import(options) => import(options),
        AdvisoryOf::Affected(options) => affected::run(options),
    }
}

fn import(options: &ImportAdvisory) -> Result<Exit, Failure> {
    let common = &options.common;
    let Some(bytes) = read(&options.file)? else { return Ok(Exit::Input) };
    let draft = match advisory::import(&bytes, repository::today(common)) {
        Ok(draft) => draft,
        Err(Refused::Unreadable(why)) => {
            tell!("error: `{}` is not read: {why}", options.file);
            tell!("hint: name an OSV record (1.x) or a CVE record (5.x), as it was published");
            return Ok(Exit::Input);
        }
        Err(Refused::Withdrawn(why)) => {
            tell!("error: there is nothing to draft: {why}");
            return Ok(Exit::No);
        }
        Err(Refused::Inexpressible { id, told }) => {
            tell!("error: nothing that {id} affects can be said in an advisory");
            told.iter().for_each(|one| tell!("  {one}"));
            tell!("hint: if some image, runtime or kubelet has it, write the document by hand");
            return Ok(Exit::No);
        }
    };
    let path = format!("intents/advisories/{}.yaml", draft.name);
    if options.write {
        repository::is_there(&common.place)?;
        let folder = &common.place.repository;
        for part in ["intents", "intents/advisories"] {
            if folder::is_symlink(&folder.join(part)) {
                tell!("error: `{part}` is a symbolic link, through which nothing is written");
                return Ok(Exit::Input);
            }
        }
        if begin::is_taken(&folder.join(&path)) {
            tell!("error: there is {path} already, and nothing was written");
            tell!(
                "hint: rename or remove it, or take what is new from the draft without `--write`"
            );
            return Ok(Exit::Input);
        }
        begin::write(folder, &[(&path, draft.text)])?;
        say!("Wrote {path}. Next: ordinance validate");
    } else {
        super::talk::print(&draft.text);
    }
    if !draft.told.is_empty() {
        tell!("note: the draft does not say all of the record; as comments it holds:");
        draft.told.iter().for_each(|one| tell!("  {one}"));
    }
    Ok(Exit::Fine)
}

/// The bytes of the record; `None` where there is nothing to read, which is said.
fn read(path: &str) -> Result<Option<Vec<u8>>, Failure> {
    let read = match (path, folder::what(path)) {
        (DASH, _) => named::stdin(limits::FILE_BYTES)?,
        (_, What::File) => folder::file(path),
        _ => {
            tell!("error: there is no file `{path}`");
            return Ok(None);
        }
    };
    if let Err(why) = &read {
        tell!("error: `{path}` is not read: {why}");
    }
    Ok(read.ok())
}
