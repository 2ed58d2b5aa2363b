//! A folder as a source of input files, and as the base where there is no git.

#![expect(clippy::disallowed_methods, reason = "reading files is what this module is for")]

use super::{Found, Refused};
use crate::failure::Failure;
use crate::limits;
use crate::tree::{Base, Id};
use std::fs;
use std::path::{Path, PathBuf};

/// How deeply folders may nest before a tree is taken for hostile.
const DEPTH: usize = 64;

/// A folder on disk.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    pub fn new(path: impl Into<PathBuf>) -> Folder {
        Folder { path: path.into() }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads every file below the roots; a root may be a folder or one file, or be absent.
    pub fn read(&self, roots: &[&str]) -> Result<Found, Failure> {
        let mut walk = Walk::new(&self.path, &[]);
        for root in roots {
            if let Some(reason) = self.link_on_the_way(root) {
                walk.found.refused.push(reason);
                continue;
            }
            walk.visit(root, 0)?;
        }
        walk.found.files.sort();
        Ok(walk.found)
    }

    /// Reads the files below a root whose names have one of these endings, one after the other in
    /// the order of their paths, and hands over each: its bytes, or why it is not read. What is
    /// hidden is left out, and none may have more than `most` bytes.
    pub fn each(
        &self,
        root: &str,
        endings: &[&str],
        most: usize,
        mut take: impl FnMut(&str, Result<Vec<u8>, String>),
    ) -> Result<(), Failure> {
        let mut walk = Walk { most, names_only: true, ..Walk::new(&self.path, endings) };
        walk.visit(root, 0)?;
        walk.found.files.sort();
        for refused in walk.found.refused {
            take(&refused.path, Err(refused.because));
        }
        for (path, _) in walk.found.files {
            take(&path, file_of(&self.path.join(&path), most));
        }
        Ok(())
    }

    /// A root whose own parent is a link leads elsewhere too.
    fn link_on_the_way(&self, root: &str) -> Option<Refused> {
        let (parent, _) = root.split_once('/')?;
        let link = fs::symlink_metadata(self.path.join(parent)).ok()?.is_symlink();
        link.then(|| Refused { path: parent.to_owned(), because: "it is a symbolic link".into() })
    }
}

/// What is found at a path; links are followed, since somebody named it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Nothing,
    File,
    Folder,
}

pub fn what(path: &str) -> What {
    match fs::metadata(path) {
        Err(_) => What::Nothing,
        Ok(found) if found.is_dir() => What::Folder,
        Ok(_) => What::File,
    }
}

/// Whether a path is a link, wherever it leads.
pub fn is_symlink(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink())
}

/// The bytes of one file that was named, or why it is not read.
pub fn file(path: &str) -> Result<Vec<u8>, String> {
    file_of(Path::new(path), limits::FILE_BYTES)
}

/// The same of a file that may have more bytes, or only fewer.
pub fn file_of(path: &Path, most: usize) -> Result<Vec<u8>, String> {
    let failed = |error: std::io::Error| error.to_string();
    if fs::metadata(path).map_err(failed)?.len() > most as u64 {
        return Err(format!("it is larger than {} MiB", most >> 20));
    }
    fs::read(path).map_err(failed)
}

struct Walk<'a> {
    folder: &'a Path,
    /// What the names of the files end in that are read; empty: all of them, hidden ones too.
    endings: &'a [&'a str],
    /// The largest file that is taken.
    most: usize,
    names_only: bool,
    found: Found,
}

impl<'a> Walk<'a> {
    fn new(folder: &'a Path, endings: &'a [&'a str]) -> Walk<'a> {
        let (most, found) = (limits::FILE_BYTES, Found::default());
        Walk { folder, endings, most, names_only: false, found }
    }

    fn visit(&mut self, path: &str, depth: usize) -> Result<(), Failure> {
        let full = self.folder.join(path);
        let failed = |error: std::io::Error| {
            Failure::new(format!("read `{path}`"), error).to_do("check that it can be read")
        };
        let metadata = match fs::symlink_metadata(&full) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(failed(error)),
        };
        let is_named = |end: &&str| path.ends_with(*end);
        let wanted = self.endings.is_empty() || self.endings.iter().any(is_named);
        if !metadata.is_dir() && !wanted {
            return Ok(());
        }
        if metadata.is_symlink() {
            self.refuse(path, "it is a symbolic link");
        } else if metadata.is_dir() {
            if depth == DEPTH {
                self.refuse(path, &format!("folders nest deeper than {DEPTH}"));
                return Ok(());
            }
            self.inside(path, depth + 1)?;
        } else if !metadata.is_file() {
            self.refuse(path, "it is no plain file");
        } else if metadata.len() > self.most as u64 {
            self.refuse(path, &format!("it is larger than {} MiB", self.most >> 20));
        } else if self.found.files.len() == limits::FILES {
            self.refuse(path, &format!("there are more than {} files", limits::FILES));
        } else if self.names_only {
            self.found.files.push((path.to_owned(), vec![]));
        } else {
            match fs::read(&full) {
                Ok(bytes) => self.found.files.push((path.to_owned(), bytes)),
                Err(error) if !self.endings.is_empty() => self.refuse(path, &error.to_string()),
                Err(error) => return Err(failed(error)),
            }
        }
        Ok(())
    }

    /// Everything in a folder; the empty path is the folder itself.
    fn inside(&mut self, path: &str, depth: usize) -> Result<(), Failure> {
        let full = self.folder.join(path);
        let failed = |error: std::io::Error| {
            let shown = if path.is_empty() { full.to_string_lossy() } else { path.into() };
            Failure::new(format!("read `{shown}`"), error).to_do("check that it can be read")
        };
        let below = |name: &str| match path {
            "" => name.to_owned(),
            path => format!("{path}/{name}"),
        };
        let entries = match fs::read_dir(&full) {
            Err(error) if !self.endings.is_empty() && !path.is_empty() => {
                self.refuse(path, &error.to_string());
                return Ok(());
            }
            entries => entries.map_err(failed)?,
        };
        let mut names = vec![];
        for entry in entries {
            match entry.map_err(failed)?.file_name().into_string() {
                Ok(name) if name.starts_with('.') && !self.endings.is_empty() => {}
                Ok(name) => names.push(name),
                Err(name) => self.refuse(&below(&name.to_string_lossy()), "its name is not UTF-8"),
            }
        }
        names.sort();
        for name in names {
            self.visit(&below(&name), depth)?;
        }
        Ok(())
    }

    fn refuse(&mut self, path: &str, because: &str) {
        self.found.refused.push(Refused { path: path.to_owned(), because: because.to_owned() });
    }
}

impl Base for Folder {
    fn folders(&self, below: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path.join(below)).into_iter().flatten().flatten();
        let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
        let mut names: Vec<String> =
            folders.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort();
        names
    }

    /// A folder on disk has no id of its own.
    fn folder_id(&self, _: &str) -> Option<Id> {
        None
    }

    fn files(&self, folder: &str) -> Vec<(String, Id)> {
        let folder = self.path.join(folder);
        let mut walk = Walk::new(&folder, &[]);
        for name in names(&folder) {
            // What cannot be read is told when it is written to.
            let _ = walk.visit(&name, 0);
        }
        walk.found.files.sort();
        let files = walk.found.files.into_iter();
        files.map(|(path, bytes)| (path, self.id_of(&bytes))).collect()
    }

    fn bytes(&self, path: &str) -> Option<Vec<u8>> {
        fs::read(self.path.join(path)).ok()
    }

    fn id_of(&self, bytes: &[u8]) -> Id {
        use sha2::Digest;
        let mut id = [0; 20];
        id.copy_from_slice(&sha2::Sha256::digest(bytes)[..20]);
        Id(id)
    }
}

/// The names of a folder's entries, sorted.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    names
}
