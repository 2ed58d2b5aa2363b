//! What lies in a folder already, compared with what should.
//!
//! A fleet's files are opened, read and closed by the ten thousands when nothing changes, so each
//! is found from its own folder, which is opened once, and is read by one call.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

/// An open folder; nothing holds anything where there is none.
pub struct There {
    home: Option<Folder>,
    /// The folder within it that was looked at last.
    below: Option<(String, Option<Folder>)>,
    bytes: Vec<u8>,
}

impl There {
    pub fn open(home: &Path) -> io::Result<There> {
        Ok(There { home: some(Folder::open(home))?, below: None, bytes: vec![] })
    }

    /// Whether the file at this path holds exactly these bytes.
    pub fn holds(&mut self, path: &str, wanted: &[u8]) -> io::Result<bool> {
        let (folder, name) = match path.rsplit_once('/') {
            None => (self.home.as_ref(), path),
            Some((below, name)) => (self.below(below)?, name),
        };
        let Some(folder) = folder else { return Ok(false) };
        let Some(mut file) = some(folder.file(name))? else { return Ok(false) };
        // One byte more than wanted: a longer file shows by filling it.
        self.bytes.resize(wanted.len() + 1, 0);
        let mut length = 0;
        while length < self.bytes.len() {
            match file.read(&mut self.bytes[length..]) {
                Ok(0) => break,
                Ok(more) => length += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if absent(&error) => return Ok(false),
                Err(error) => return Err(error),
            }
            // What is asked for came at once; only a longer file would have more.
            if length == wanted.len() {
                break;
            }
        }
        Ok(self.bytes[..length] == *wanted)
    }

    fn below(&mut self, path: &str) -> io::Result<Option<&Folder>> {
        if self.below.as_ref().is_none_or(|(last, _)| last != path) {
            let folder = self.home.as_ref().map(|home| some(home.folder(path)));
            self.below = Some((path.to_owned(), folder.transpose()?.flatten()));
        }
        Ok(self.below.as_ref().and_then(|(_, folder)| folder.as_ref()))
    }
}

#[cfg(unix)]
struct Folder(rustix::fd::OwnedFd);

#[cfg(unix)]
impl Folder {
    const FLAGS: rustix::fs::OFlags = rustix::fs::OFlags::RDONLY.union(rustix::fs::OFlags::CLOEXEC);

    fn open(path: &Path) -> io::Result<Folder> {
        use rustix::fs::{CWD, Mode, OFlags, openat};
        Ok(Folder(openat(CWD, path, Folder::FLAGS | OFlags::DIRECTORY, Mode::empty())?))
    }

    fn folder(&self, path: &str) -> io::Result<Folder> {
        use rustix::fs::{Mode, OFlags, openat};
        Ok(Folder(openat(&self.0, path, Folder::FLAGS | OFlags::DIRECTORY, Mode::empty())?))
    }

    /// Opens a file for reading. A link is not followed, and a pipe is not waited for.
    fn file(&self, name: &str) -> io::Result<fs::File> {
        use rustix::fs::{Mode, OFlags, openat};
        let flags = Folder::FLAGS | OFlags::NOFOLLOW | OFlags::NONBLOCK;
        Ok(openat(&self.0, name, flags, Mode::empty())?.into())
    }
}

#[cfg(not(unix))]
struct Folder(std::path::PathBuf);

#[cfg(not(unix))]
impl Folder {
    fn open(path: &Path) -> io::Result<Folder> {
        Ok(Folder(path.to_owned()))
    }

    fn folder(&self, path: &str) -> io::Result<Folder> {
        Ok(Folder(self.0.join(path)))
    }

    fn file(&self, name: &str) -> io::Result<fs::File> {
        let path = self.0.join(name);
        match fs::symlink_metadata(&path)?.is_file() {
            true => fs::File::open(path),
            false => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

fn some<T>(found: io::Result<T>) -> io::Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if absent(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// There is no such file, or something else is in its place.
fn absent(error: &io::Error) -> bool {
    use io::ErrorKind::{IsADirectory, NotADirectory, NotFound, WouldBlock};
    let kind = error.kind();
    matches!(kind, NotFound | NotADirectory | IsADirectory | WouldBlock) || is_loop(error)
}

/// What opening a link without following it comes back with.
#[cfg(unix)]
fn is_loop(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error())
}

#[cfg(not(unix))]
fn is_loop(_: &io::Error) -> bool {
    false
}
