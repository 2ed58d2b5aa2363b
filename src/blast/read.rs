//! Reading rendered files back into policies that can judge, each content once.

use super::alike::{Alike, Reads};
use super::witness::Remembered;
use crate::admission::{Compiled, Flaw, Matching, Operation, Policy};
use crate::change;
use crate::document::CONTROL_ANNOTATION;
use crate::engine::{self, Stage};
use crate::name::is_label;
use crate::object::{self, Object};
use crate::tree::folder_name;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

pub type Digest = [u8; 32];

/// A rendered file, read once somebody asks for its objects: where nobody looks into a cluster,
/// nobody does.
#[derive(Clone)]
pub struct File {
    /// Below the cluster's folder.
    pub path: String,
    pub digest: Digest,
    content: Arc<Content>,
}

struct Content {
    bytes: Arc<[u8]>,
    objects: OnceLock<Vec<Object>>,
}

impl File {
    /// Those that engines read.
    fn objects(&self) -> &[Object] {
        self.content.objects.get_or_init(|| {
            let read = change::objects(&self.content.bytes).unwrap_or_default();
            read.into_iter().filter(is_ours).collect()
        })
    }

    /// Of its objects; `None` where it has none that an engine reads. Where engines read all, and it
    /// is written as we write it, its text tells.
    pub fn control(&self) -> Option<&str> {
        let text = std::str::from_utf8(&self.content.bytes).ok()?;
        let first = text.lines().find(|line| line.contains(CONTROL_ANNOTATION))?;
        let judges = [Stage::Templates, Stage::Policies].map(folder_name);
        let folder = self.path.split('/').next().unwrap_or_default();
        let plain = first.trim_start().strip_prefix(CONTROL_ANNOTATION);
        let plain = plain.and_then(|rest| rest.strip_prefix(": "));
        let plain = plain.filter(|name| judges.contains(&folder) && is_label(name));
        plain.or_else(|| self.objects().first().map(change::control))
    }

    /// Whether an object stands in it, as `Kind/name`.
    pub fn holds(&self, object: &str) -> bool {
        self.objects()
            .iter()
            .any(|one| object.split_once('/') == Some((object::kind(one), object::name(one))))
    }
}

/// What files came to.
#[derive(Default)]
pub struct Read {
    pub policies: Vec<Arc<Readable>>,
    /// What cannot judge, and why.
    pub blind: BTreeSet<String>,
}

/// A policy that is compiled once somebody wants it to judge, since most never do.
pub struct Readable {
    pub policy: Policy,
    compiled: OnceLock<Result<Compiled, String>>,
    reads: OnceLock<Reads>,
    said: Arc<Said>,
}

/// What policies that say the same, wherever they look, said of objects they look at.
type Said = Mutex<HashMap<Asked, Remembered>>;

/// How an object was judged, and which one, as far as it matters.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Asked {
    pub operation: Operation,
    /// As if its namespace had no labels.
    pub assumed: bool,
    pub object: Alike,
}

impl Readable {
    fn new(policy: Policy, said: Arc<Said>) -> Readable {
        let (compiled, reads) = (OnceLock::new(), OnceLock::new());
        Readable { policy, compiled, reads, said }
    }

    /// What it reads of objects.
    pub fn reads(&self) -> Reads {
        *self.reads.get_or_init(|| Reads::of(&self.policy))
    }

    /// What was said of another that cannot be told from this.
    pub fn remembered(&self, asked: &Asked) -> Option<Remembered> {
        lock(&self.said).get(asked).cloned()
    }

    pub fn remember(&self, asked: Asked, said: Remembered) {
        lock(&self.said).insert(asked, said);
    }

    /// Ready to judge, or why it cannot be.
    pub fn compiled(&self) -> Result<&Compiled, &str> {
        let compile = || {
            let mut policy = self.policy.clone();
            // What a rule of ours costs at most is held by a test; counting would only slow it.
            policy.budget = None;
            let origin = policy.origin.clone();
            policy.compile().map_err(|flaws| format!("{origin}: {}", Flaw::all(&flaws)))
        };
        self.compiled.get_or_init(compile).as_ref().map_err(String::as_str)
    }
}

/// Remembers what it has read.
#[derive(Default)]
pub struct Reader {
    files: Mutex<HashMap<Digest, Arc<Content>>>,
    read: Mutex<HashMap<Vec<Digest>, Arc<Read>>>,
    /// By what policies say.
    said: Mutex<HashMap<Digest, Arc<Said>>>,
}

impl Reader {
    pub fn file(&self, path: &str, bytes: &Arc<[u8]>) -> File {
        let digest: Digest = Sha256::digest(bytes).into();
        let new = || Arc::new(Content { bytes: bytes.clone(), objects: OnceLock::new() });
        let content = lock(&self.files).entry(digest).or_insert_with(new).clone();
        File { path: path.to_owned(), digest, content }
    }

    /// Reads files of one control as engines do; those in `support` are there to be relied on.
    pub fn read(&self, files: &[File], support: &[File]) -> Arc<Read> {
        let all = || files.iter().chain(support);
        let key: Vec<Digest> = all().map(|file| file.digest).collect();
        if let Some(known) = lock(&self.read).get(&key).cloned() {
            return known;
        }
        let objects: Vec<Object> = all().flat_map(File::objects).cloned().collect();
        let mut read = Read::default();
        for engine in engine::all() {
            let understood = engine.understand(&objects);
            let not = understood.not.iter().map(|one| format!("{}: {}", one.origin, one.why));
            read.blind.extend(not);
            read.policies.extend(understood.policies.into_iter().map(|one| self.readable(one)));
        }
        lock(&self.read).entry(key).or_insert(Arc::new(read)).clone()
    }

    fn readable(&self, policy: Policy) -> Arc<Readable> {
        let words = Policy { matching: Matching::default(), ..policy.clone() };
        let digest = Sha256::digest(format!("{words:?}")).into();
        let said = lock(&self.said).entry(digest).or_default().clone();
        Arc::new(Readable::new(policy, said))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Rendered by us, and for some engine to read.
fn is_ours(object: &Object) -> bool {
    let (group, _) = object::group_version(object);
    !change::control(object).is_empty()
        && engine::all().iter().any(|engine| engine.groups().contains(&group))
}
