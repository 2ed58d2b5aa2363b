//! An object before one policy after the other, none of which hears another like it again.
//!
//! Clusters are seldom given the same files, and most of these differ in nothing but where they look:
//! what a policy says of an object it looks at is remembered for all policies that say the same. Whether
//! it looks is told from the outside of an object.

use super::alike::{Alike, Reads};
use super::read::{Asked, Readable};
use super::sides::Broken;
use crate::admission::{Match, Namespace, Operation, Policy, Request, User};
use crate::check::{self, About, Judge, Known, Manifest, Panel, Requests};
use crate::object::Object;
use crate::snapshot::{Found, Seen};
use crate::text::Sources;
use std::cell::{OnceCell, RefCell};
use std::sync::Arc;

/// What a policy says of an object.
#[derive(Debug, Default)]
pub struct Verdict {
    pub broken: Vec<Broken>,
    /// Why it cannot tell.
    pub unjudged: Option<String>,
}

/// The same for objects that a policy cannot tell apart; most often nothing.
pub type Remembered = Option<Arc<Verdict>>;

/// A policy that judges for a control.
pub struct Sitting {
    pub control: String,
    /// What it is compared as with the other side's.
    pub compared_as: String,
    pub policy: Arc<Readable>,
    panel: Panel,
}

impl Sitting {
    /// The error is why it cannot judge.
    pub fn of<'a>(
        control: &str,
        compared_as: String,
        policy: &'a Arc<Readable>,
    ) -> Result<Sitting, &'a str> {
        let about = About {
            control: control.to_owned(),
            rule: policy.policy.origin.clone(),
            ..About::default()
        };
        let judge = Judge { policy: policy.compiled()?.clone(), about: Arc::new(about) };
        // Nobody in particular asks: who is in no group of the fleet's.
        let user = Some(User::default());
        let panel = Panel { judges: vec![judge], user, ..Panel::default() };
        Ok(Sitting { control: control.to_owned(), compared_as, policy: policy.clone(), panel })
    }
}

/// An object of a cluster, and what is known of that.
pub struct Witness<'a> {
    object: &'a Seen<'a>,
    known: &'a Known,
    /// Requests with nothing but the outside of the object: as it lies where it does, and, where no
    /// labels of its namespace are known, as if that had none.
    outside: RefCell<Vec<Request>>,
    manifest: OnceCell<Option<Manifest>>,
    requests: RefCell<Requests>,
    keys: RefCell<Vec<(Reads, Alike)>>,
}

impl<'a> Witness<'a> {
    /// `None` where the object cannot be read.
    pub fn new(object: &'a Seen<'a>, known: &'a Known) -> Option<Witness<'a>> {
        let outside = object.outside()?;
        let (served, namespace) = known.place(&outside);
        let assumed = namespace.as_ref().and_then(Namespace::assumed).map(Some);
        let request = |namespace| {
            Request::served_as(served.clone(), &outside, Operation::Create, None, namespace).ok()
        };
        let outside: Option<_> = std::iter::once(namespace).chain(assumed).map(request).collect();
        let (manifest, requests, keys) = Default::default();
        Some(Witness { object, known, outside: RefCell::new(outside?), manifest, requests, keys })
    }

    /// What a policy says of it; `None` where the object cannot be read.
    pub fn before(&self, sitting: &Sitting, operation: Operation) -> Option<Remembered> {
        let (looks, assumed) = self.looks(&sitting.policy.policy, operation);
        match looks {
            Match::No => return Some(None),
            Match::Yes => {}
            Match::Unknown(_) => return self.heard(sitting, operation),
        }
        let reads = sitting.policy.reads();
        // Names differ from cluster to cluster: remembering them all would only take room.
        if reads.names() {
            return self.heard(sitting, operation);
        }
        let asked = Asked { operation, assumed, object: self.key(reads) };
        if let Some(known) = sitting.policy.remembered(&asked) {
            return Some(known);
        }
        let heard = self.heard(sitting, operation)?;
        // Why it cannot tell may be where it looks, which is its own matter.
        if heard.as_ref().is_none_or(|one| one.unjudged.is_none()) {
            sitting.policy.remember(asked, heard.clone());
        }
        Some(heard)
    }

    /// Whether a policy looks at it, and whether that is so only if its namespace has no labels.
    fn looks(&self, policy: &Policy, operation: Operation) -> (Match, bool) {
        let mut found = Match::No;
        for (index, request) in self.outside.borrow_mut().iter_mut().enumerate() {
            request.operation = operation;
            found = policy.matching.matches(request, policy.scan);
            if !matches!(found, Match::Unknown(_)) {
                return (found, index > 0);
            }
        }
        (found, false)
    }

    fn heard(&self, sitting: &Sitting, operation: Operation) -> Option<Remembered> {
        let read = || Some(manifests(vec![self.object.read()?.into_owned()]).remove(0));
        let manifest = self.manifest.get_or_init(read).as_ref()?;
        let requests = &mut self.requests.borrow_mut();
        let found = check::hear(operation, manifest, self.known, &sitting.panel, requests);
        let verdict = Verdict {
            broken: found.violations.iter().map(Broken::of).collect(),
            unjudged: found.unjudged.into_iter().next().map(|one| one.why),
        };
        let anything = !verdict.broken.is_empty() || verdict.unjudged.is_some();
        Some(anything.then(|| Arc::new(verdict)))
    }

    fn key(&self, reads: Reads) -> Alike {
        let mut keys = self.keys.borrow_mut();
        if let Some((_, key)) = keys.iter().find(|(known, _)| *known == reads) {
            return *key;
        }
        let key = reads.of_object(self.object, self.known);
        keys.push((reads, key));
        key
    }
}

/// Objects of which nobody asks where they stand.
pub fn manifests(objects: Vec<Object>) -> Vec<Manifest> {
    let file: Arc<str> = "".into();
    let found = |object| Found { file: file.clone(), document: 1, object };
    check::of_snapshot(objects.into_iter().map(found).collect(), &mut Sources::default())
}
