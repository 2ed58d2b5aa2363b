//! A remote that is a folder of this machine, through libgit2.

use std::io::Write;
use std::path::PathBuf;

use git2::{ErrorCode, Oid, Repository};

use super::remote::{Change, Channel, References, missing, moved};
use crate::failure::Failure;

/// A repository reached by its path.
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    fn open(&self, tried: &str) -> Result<Repository, Failure> {
        Repository::open(&self.path).map_err(|error| self.failure(tried, &error))
    }

    fn failure(&self, tried: &str, error: &git2::Error) -> Failure {
        Failure::new(format!("{tried} {}", self.path.display()), error.message())
            .to_do("see whether the folder is a repository this user may write to")
    }
}

impl Channel for Folder {
    fn references(&self) -> Result<References, Failure> {
        let tried = "read the branches of";
        let remote = self.open(tried)?;
        let read = || {
            let mut found = References::new();
            for reference in remote.references()? {
                let reference = reference?;
                if let (Ok(name), Some(target)) = (reference.name(), reference.target()) {
                    found.insert(name.to_owned(), target);
                }
            }
            Ok(found)
        };
        read().map_err(|error| self.failure(tried, &error))
    }

    fn fetch(&self, local: &Repository, tips: &[(String, Oid)]) -> Result<(), Failure> {
        let tried = "fetch from";
        let remote = self.open(tried)?;
        let tips: Vec<Oid> = tips.iter().map(|(_, tip)| *tip).collect();
        let fetch = || -> Result<(), git2::Error> {
            let known: Vec<Oid> =
                local.references()?.filter_map(|reference| reference.ok()?.target()).collect();
            transfer(&missing(&remote, &tips, &known)?, local)
        };
        fetch().map_err(|error| self.failure(tried, &error))
    }

    fn push(&self, local: &Repository, change: &Change<'_>) -> Result<(), Failure> {
        let tried = "push to";
        let remote = self.open(tried)?;
        let checked_out = !remote.is_bare()
            && remote.head().is_ok_and(|head| head.name().is_ok_and(|it| it == change.reference));
        if checked_out {
            let tried = format!("push `{}` to {}", change.reference, self.path.display());
            return Err(Failure::new(tried, "the branch is checked out there")
                .to_do("switch to another branch there, or push to a bare repository"));
        }
        let push = || -> Result<(), git2::Error> {
            if remote.path() != local.path() {
                transfer(&missing(local, &[change.new], change.known)?, &remote)?;
            }
            let said = "push";
            match change.old {
                Some(old) => {
                    remote.reference_matching(change.reference, change.new, true, old, said)?
                }
                None => remote.reference(change.reference, change.new, false, said)?,
            };
            Ok(())
        };
        push().map_err(|error| match error.code() {
            ErrorCode::Modified | ErrorCode::Exists => {
                moved(change.reference, &self.path.display().to_string())
            }
            _ => self.failure(tried, &error),
        })
    }
}

fn transfer(pack: &[u8], to: &Repository) -> Result<(), git2::Error> {
    let odb = to.odb()?;
    let mut writer = odb.packwriter()?;
    writer.write_all(pack).map_err(|error| git2::Error::from_str(&error.to_string()))?;
    writer.commit()?;
    Ok(())
}
