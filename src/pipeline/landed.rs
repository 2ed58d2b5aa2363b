//! What has landed: a base, its locks, each read once however many clusters share it, and when
//! the lines of those landed.

use super::Loaded;
use crate::document::State;
use crate::lock::landings::{self, Awaited};
use crate::lock::{Landings, Lock};
use crate::tree::{Base, Id};
use rayon::prelude::*;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A base, and what is known of it.
pub struct Landed<'a> {
    pub base: &'a dyn Base,
    pub locks: Locks<'a>,
    /// When lines of its locks landed; a line of which nothing is known counts from the day it
    /// states.
    pub landings: Landings,
}

/// The locks of one base.
///
/// Clusters whose locks say the same are given the same value: whether two are alike can be told
/// by where it lies.
pub struct Locks<'a> {
    base: &'a dyn Base,
    known: Arc<Known>,
}

/// What has been read of any base.
#[derive(Default)]
struct Known {
    nothing: Arc<Lock>,
    by_folder: Mutex<HashMap<Id, Arc<Lock>>>,
    by_text: Mutex<HashMap<String, Arc<Lock>>>,
}

/// A lock that is not as it was written.
#[derive(Clone, Debug)]
pub struct Damaged {
    pub path: String,
    pub why: String,
}

impl<'a> Landed<'a> {
    pub fn new(base: &'a dyn Base) -> Landed<'a> {
        Landed { base, locks: Locks::new(base), landings: Landings::default() }
    }

    /// The lines of its locks whose landing decides when a grace ends.
    ///
    /// What cannot be read is left out: rendering complains about it.
    pub fn awaited(&self, loaded: &Loaded) -> Awaited {
        let clusters = loaded.linked.clusters.par_iter();
        let active = clusters.filter(|one| one.spec.state == State::Active);
        let lines = active.filter_map(|cluster| {
            let home = format!("{}/{}", loaded.linked.settings.output, cluster.name.value);
            let lines = landings::awaited(&self.locks.read(&home).ok()?.held);
            (!lines.is_empty()).then(|| (landings::path(&home), lines))
        });
        lines.collect()
    }
}

impl<'a> Locks<'a> {
    pub fn new(base: &'a dyn Base) -> Locks<'a> {
        Locks { base, known: Arc::default() }
    }

    /// The locks of another base, most of which are the same.
    pub fn of<'b>(&self, base: &'b dyn Base) -> Locks<'b> {
        Locks { base, known: self.known.clone() }
    }

    /// The lock in a cluster's folder; an empty one where there is none.
    pub fn read(&self, home: &str) -> Result<Arc<Lock>, Damaged> {
        let id = self.base.folder_id(home);
        if let Some(known) = id.and_then(|id| held(&self.known.by_folder).get(&id).cloned()) {
            return Ok(known);
        }
        let path = landings::path(home);
        let read = match self.base.bytes(&path) {
            Some(bytes) => self.parsed(path, &bytes)?,
            None => self.known.nothing.clone(),
        };
        if let Some(id) = id {
            held(&self.known.by_folder).insert(id, read.clone());
        }
        Ok(read)
    }

    fn parsed(&self, path: String, bytes: &[u8]) -> Result<Arc<Lock>, Damaged> {
        let text = String::from_utf8_lossy(bytes).into_owned();
        if let Some(known) = held(&self.known.by_text).get(&text) {
            return Ok(known.clone());
        }
        let lock = Lock::read(&text).map_err(|why| Damaged { path, why })?;
        // Another thread may have read the same meanwhile: then that one's stays.
        Ok(held(&self.known.by_text).entry(text).or_insert_with(|| Arc::new(lock)).clone())
    }
}

/// What is held is whole after every step, so a panic elsewhere does not spoil it.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
