//! Writing the output tree into a folder: compare first, swap whole, remove only what is ours.
//!
//! A cluster's folder is staged beside its place and swapped in one step, so whatever happens it
//! is as it was or as it should be. Only files its lock names are ever removed; files of others
//! move along.

#![expect(clippy::disallowed_methods, reason = "writing files is what this module is for")]

mod there;

use crate::failure::Failure;
use crate::lock::{self, Lock};
use crate::tree::{ClusterTree, Files};
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use there::There;

/// What writing one cluster did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Paths below the output folder, sorted.
    pub written: Vec<String>,
    pub removed: Vec<String>,
}

impl Difference {
    pub fn is_empty(&self) -> bool {
        self.written.is_empty() && self.removed.is_empty()
    }
}

/// One folder to be swapped: its place below the output folder, and what it must hold of ours.
struct Swap<'a> {
    place: String,
    files: &'a Files,
    /// Paths within it that an earlier render wrote.
    ours: BTreeSet<String>,
}

/// Whether a path is itself a symbolic link.
pub fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink())
}

/// The folders of sync tools that are symbolic links, as paths below the output folder: the one of
/// all tools, that of a tool, that of a cluster.
pub fn sync_links(output: &Path) -> Vec<String> {
    fn walk(output: &Path, path: String, deeper: usize, links: &mut Vec<String>) {
        let here = output.join(&path);
        if is_link(&here) {
            links.push(path);
        } else if deeper > 0 {
            for entry in fs::read_dir(here).into_iter().flatten().flatten() {
                let name = entry.file_name();
                walk(output, format!("{path}/{}", name.to_string_lossy()), deeper - 1, links);
            }
        }
    }
    let mut links = vec![];
    walk(output, "sync".to_owned(), 2, &mut links);
    links.sort();
    links
}

/// Finishes or undoes what an interrupted run left behind.
pub fn recover(output: &Path) -> Result<(), Failure> {
    let failed = |error| Failure::new(format!("tidy up in {}", output.display()), error);
    for folder in staging_folders(output) {
        let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let old = name.strip_prefix(".ordinance-").and_then(|name| name.strip_suffix("-old"));
        let home = old.and_then(|name| folder.parent().map(|parent| parent.join(name)));
        match home {
            Some(home) if !home.exists() => fs::rename(&folder, home).map_err(failed)?,
            _ => fs::remove_dir_all(&folder).map_err(failed)?,
        }
    }
    Ok(())
}

fn staging_folders(output: &Path) -> Vec<PathBuf> {
    let folders = |path: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(path).into_iter().flatten().flatten();
        let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
        let mut paths: Vec<PathBuf> = folders.map(|entry| entry.path()).collect();
        paths.sort();
        paths
    };
    let tools = folders(&output.join("sync"));
    let inside = tools.iter().flat_map(|tool| folders(tool));
    let staged = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with(".ordinance-") && (name.ends_with("-new") || name.ends_with("-old"))
    };
    folders(output).into_iter().chain(inside).filter(staged).collect()
}

/// What would change for a cluster, reading only.
pub fn compare(output: &Path, name: &str, tree: &ClusterTree) -> Result<Difference, Failure> {
    differences(output, name, Some(tree))
}

/// What would go with a retired cluster, reading only.
pub fn compare_removal(output: &Path, name: &str) -> Result<Difference, Failure> {
    differences(output, name, None)
}

fn differences(
    output: &Path,
    name: &str,
    tree: Option<&ClusterTree>,
) -> Result<Difference, Failure> {
    let mut all = Difference::default();
    for swap in swaps(output, name, tree)? {
        let one = swap.difference(output)?;
        all.written.extend(one.written);
        all.removed.extend(one.removed);
    }
    Ok(all)
}

/// Writes a cluster's folders where they differ.
pub fn write(output: &Path, name: &str, tree: &ClusterTree) -> Result<Difference, Failure> {
    apply(output, swaps(output, name, Some(tree))?)
}

/// Removes what was rendered for a retired cluster.
pub fn remove(output: &Path, name: &str) -> Result<Difference, Failure> {
    apply(output, swaps(output, name, None)?)
}

fn apply(output: &Path, swaps: Vec<Swap<'_>>) -> Result<Difference, Failure> {
    let mut all = Difference::default();
    for swap in swaps {
        let one = swap.difference(output)?;
        if !one.is_empty() {
            let staged = swap.stage(output).and_then(|staged| swap.swap(output, &staged));
            staged.map_err(|error| {
                Failure::new(format!("write {}", output.join(&swap.place).display()), error)
                    .to_do("check the free space and the permissions, and run it again")
                    .state("this folder is as it was; those before it are as they should be")
            })?;
        }
        all.written.extend(one.written);
        all.removed.extend(one.removed);
    }
    Ok(all)
}

/// The folders of a cluster: those of its sync tool and of tools it has left, last its own.
fn swaps<'a>(
    output: &Path,
    name: &str,
    tree: Option<&'a ClusterTree>,
) -> Result<Vec<Swap<'a>>, Failure> {
    static NOTHING: Files = Files::new();
    let lock = read_lock(output, name)?;
    let mut ours: BTreeSet<String> = lock.files.keys().cloned().collect();
    ours.insert(lock::FILE.to_owned());
    let files = tree.map_or(&NOTHING, |tree| &tree.folder.files);
    let own = Swap { place: name.to_owned(), files, ours };
    let mut all = vec![];
    let sync = tree.and_then(|tree| tree.sync.as_ref());
    let mut tools: BTreeSet<&str> =
        lock.sync.iter().filter_map(|path| path.split_once('/')).map(|(tool, _)| tool).collect();
    tools.extend(sync.map(|(tool, _)| tool.as_str()));
    for tool in tools {
        let ours = lock.sync.iter().filter_map(|path| path.strip_prefix(&format!("{tool}/")));
        all.push(Swap {
            place: format!("sync/{tool}/{name}"),
            files: sync.filter(|(own, _)| own == tool).map_or(&NOTHING, |(_, files)| files),
            ours: ours.map(str::to_owned).collect(),
        });
    }
    // The lock lies in this one: until it is swapped, the next run still knows what is ours.
    all.push(own);
    Ok(all)
}

fn read_lock(output: &Path, name: &str) -> Result<Lock, Failure> {
    let path = output.join(name).join(lock::FILE);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Lock::default()),
        Err(error) => return Err(Failure::new(format!("read {}", path.display()), error)),
    };
    Lock::read(&text).map_err(|why| {
        Failure::new(format!("read {}", path.display()), format!("it is damaged: {why}"))
            .to_do(format!("take the committed one: `git checkout HEAD -- {}`", path.display()))
            .state("nothing was written")
    })
}

impl Swap<'_> {
    fn difference(&self, output: &Path) -> Result<Difference, Failure> {
        let home = output.join(&self.place);
        let mut difference = Difference::default();
        if is_absent(&home) {
            let all = self.files.keys().map(|path| format!("{}/{path}", self.place));
            difference.written.extend(all);
            return Ok(difference);
        }
        let failed =
            |path: &str, error| Failure::new(format!("read {}", home.join(path).display()), error);
        let mut there = There::open(&home).map_err(|error| failed("", error))?;
        for (path, bytes) in self.files {
            if !there.holds(path, bytes).map_err(|error| failed(path, error))? {
                difference.written.push(format!("{}/{path}", self.place));
            }
        }
        let gone = self.ours.iter().filter(|path| !self.files.contains_key(*path));
        let there = gone.filter(|path| home.join(path).exists());
        difference.removed.extend(there.map(|path| format!("{}/{path}", self.place)));
        Ok(difference)
    }

    fn beside(&self, output: &Path, end: &str) -> PathBuf {
        let (parent, name) = self.place.rsplit_once('/').unwrap_or(("", &self.place));
        output.join(parent).join(format!(".ordinance-{name}-{end}"))
    }

    /// Writes the folder as it should be, beside its place.
    fn stage(&self, output: &Path) -> io::Result<PathBuf> {
        let staged = self.beside(output, "new");
        if staged.exists() {
            fs::remove_dir_all(&staged)?;
        }
        fs::create_dir_all(&staged)?;
        let mut made: BTreeSet<&str> = BTreeSet::new();
        for (path, bytes) in self.files {
            if let Some((folder, _)) = path.rsplit_once('/')
                && made.insert(folder)
            {
                fs::create_dir_all(staged.join(folder))?;
            }
            fs::write(staged.join(path), bytes)?;
        }
        self.bring_along(&output.join(&self.place), &staged, "")?;
        Ok(staged)
    }

    /// Files that no lock names belong to someone else and stay.
    fn bring_along(&self, home: &Path, staged: &Path, below: &str) -> io::Result<()> {
        let entries = match fs::read_dir(home.join(below)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name().into_string();
            let name = name.map_err(|_| io::Error::other("a file name is not UTF-8"))?;
            let path = if below.is_empty() { name } else { format!("{below}/{name}") };
            if entry.file_type()?.is_dir() {
                self.bring_along(home, staged, &path)?;
            } else if !self.ours.contains(&path) && !self.files.contains_key(&path) {
                let target = staged.join(&path);
                if let Some(folder) = target.parent() {
                    fs::create_dir_all(folder)?;
                }
                if fs::hard_link(entry.path(), &target).is_err() {
                    fs::copy(entry.path(), &target)?;
                }
            }
        }
        Ok(())
    }

    /// Puts the staged folder in its place in one step.
    fn swap(&self, output: &Path, staged: &Path) -> io::Result<()> {
        let home = output.join(&self.place);
        let empty = fs::read_dir(staged)?.next().is_none();
        if !home.exists() {
            return if empty { fs::remove_dir(staged) } else { fs::rename(staged, &home) };
        }
        if exchange(staged, &home).is_err() {
            // The file system cannot exchange: what is interrupted here, `recover` finishes.
            let old = self.beside(output, "old");
            fs::rename(&home, &old)?;
            fs::rename(staged, &home)?;
            fs::remove_dir_all(&old)?;
        } else {
            fs::remove_dir_all(staged)?;
        }
        if empty { fs::remove_dir(&home) } else { Ok(()) }
    }
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

fn is_absent(path: &Path) -> bool {
    fs::symlink_metadata(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
}
