//! Where snapshots are looked for, and what is read of each: what it is, and, where that is new,
//! its objects.

use crate::blast::Judged;
use crate::cli::snapshots;
use crate::date::Date;
use crate::diagnostic::Diagnostic;
use crate::failure::Failure;
use crate::limits;
use crate::snapshot::{ROOT, Seen, Snapshot, TAKEN, Taken, skim};
use crate::source::folder::Folder;
use crate::source::git::Commit;
use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// A cluster's snapshot, as far as it is known without its objects.
pub struct Held {
    pub digest: [u8; 32],
    pub taken: Option<Taken>,
    /// What is wrong with the file that says when.
    pub problems: Vec<Diagnostic>,
}

/// Judges a cluster's objects, so many files apart that could not be read; `None` where one of the
/// objects cannot be read that was only skimmed.
pub type Judging<'a> = &'a dyn Fn(&str, &[Seen<'_>], usize) -> Option<Judged>;

/// Where snapshots are looked for.
pub enum Looking<'a> {
    Folder(Folder),
    Commit(&'a Commit),
    /// What was named, for all clusters.
    Everywhere(Snapshot),
}

impl Looking<'_> {
    /// Reads a cluster's own files, of which nothing is kept but what they are; `None` where there is
    /// none.
    pub fn held(&self, cluster: &str, today: Date) -> Result<Option<Held>, Failure> {
        if let Looking::Everywhere(snapshot) = self {
            let (digest, taken) = ([0; 32], snapshot.taken);
            return Ok(Some(Held { digest, taken, problems: vec![] }));
        }
        let (mut digest, mut files) = (Sha256::new(), 0);
        let mut dated = Snapshot::new(cluster);
        let root = format!("{ROOT}/{cluster}");
        self.each(&root, |path, read| match path.rsplit('/').next() {
            Some(TAKEN) => dated.take(path, read),
            _ => {
                files += 1;
                add(&mut digest, path.strip_prefix(&root).unwrap_or(path), &read);
            }
        })?;
        let problems = dated.problems(today);
        let held = Held { digest: digest.finalize().into(), taken: dated.taken, problems };
        Ok((files > 0).then_some(held))
    }

    /// Has a cluster's objects judged, and tells what could not be read of them.
    pub fn judge(
        &self,
        cluster: &str,
        judge: Judging<'_>,
    ) -> Result<(Option<Judged>, Vec<Diagnostic>), Failure> {
        let in_full = |snapshot: &Snapshot| {
            let seen = snapshot.objects.iter().map(|one| Seen::Read(Cow::Borrowed(&one.object)));
            let judged = judge(cluster, &seen.collect::<Vec<_>>(), snapshot.problems.len());
            (judged, snapshot.problems.clone())
        };
        if let Looking::Everywhere(snapshot) = self {
            return Ok(in_full(snapshot));
        }
        let mut files: Vec<(String, Result<Vec<u8>, String>)> = vec![];
        self.each(&format!("{ROOT}/{cluster}"), |path, read| {
            if path.rsplit('/').next() != Some(TAKEN) {
                files.push((path.to_owned(), read));
            }
        })?;
        let skimmed = files.iter().map(|(path, read)| skim(path, read.as_ref().ok()?));
        let skimmed: Option<Vec<Vec<Seen<'_>>>> = skimmed.collect();
        if let Some(judged) = skimmed
            .and_then(|seen| judge(cluster, &seen.into_iter().flatten().collect::<Vec<_>>(), 0))
        {
            return Ok((Some(judged), vec![]));
        }
        let mut snapshot = Snapshot::new(cluster);
        files.into_iter().for_each(|(path, read)| snapshot.take(&path, read));
        Ok(in_full(&snapshot))
    }

    fn each(
        &self,
        root: &str,
        take: impl FnMut(&str, Result<Vec<u8>, String>),
    ) -> Result<(), Failure> {
        let most = limits::SNAPSHOT_BYTES;
        match self {
            Looking::Folder(folder) => folder.each(root, &snapshots::endings(), most, take),
            Looking::Commit(commit) => commit.each(root, most, take),
            Looking::Everywhere(_) => Ok(()),
        }
    }
}

fn add(digest: &mut Sha256, path: &str, read: &Result<Vec<u8>, String>) {
    let (word, bytes) = match read {
        Ok(bytes) => ("read", bytes.as_slice()),
        Err(because) => ("not", because.as_bytes()),
    };
    digest.update(format!("{path}\0{word}\0{}\0", bytes.len()));
    digest.update(bytes);
}
