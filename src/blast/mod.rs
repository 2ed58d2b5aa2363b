//! The blast radius of a change: which objects that were found in clusters it would deny, warn about,
//! record or free, and when.
//!
//! The emitted objects of both sides judge what was found, the way `check` judges manifests, control
//! by control, so that a rule which is renamed or split hits nobody. Every object is asked about twice:
//! written again as it is, and made anew. What may stay as it is (`unchanged: allow`) is denied only
//! then: a pod at its next restart, a workload once its pod template changes.
//!
//! Nothing is read here: whoever has snapshots hands over their objects, cluster by cluster, and what
//! no snapshot says is not guessed. Clusters that are given the same files share their policies, and
//! objects alike are judged once, wherever they were found ([`court`]).

mod alike;
mod court;
mod drawn;
mod read;
mod sides;
mod tally;
mod witness;
mod words;

pub use tally::{Blast, Counts, Hit, Looked};

use crate::change::Change;
use crate::check::Labels;
use crate::snapshot::{Seen, Taken};
use court::Court;
use drawn::Drawn;
use rayon::prelude::*;
use read::{Digest, Reader};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// What becomes of an object; the later ones weigh more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// Less follows from what it breaks than before.
    Freed,
    /// It is recorded from now on, and nothing else.
    Recorded,
    /// Its author is warned from now on.
    Warned,
    /// It is refused from now on.
    Denied,
}

impl Effect {
    /// The worst first, as people are told of them.
    pub const ALL: [Effect; 4] = [Effect::Denied, Effect::Warned, Effect::Recorded, Effect::Freed];

    /// As programs are told of it.
    pub fn id(self) -> &'static str {
        match self {
            Effect::Denied => "denied",
            Effect::Warned => "warned",
            Effect::Recorded => "recorded",
            Effect::Freed => "freed",
        }
    }

    /// After a number of workloads: `14 would be denied`.
    pub fn words(self) -> &'static str {
        match self {
            Effect::Denied => "would be denied",
            Effect::Warned => "would be warned about",
            Effect::Recorded => "would be recorded",
            Effect::Freed => "would be freed",
        }
    }
}

/// The policies that a change touches, by cluster.
pub struct Courts {
    reader: Reader,
    by_cluster: BTreeMap<String, Arc<Seat>>,
}

/// Policies that judge once somebody asks them.
struct Seat {
    drawn: Drawn,
    court: OnceLock<Court>,
}

/// What was found out about one cluster, and when its snapshot was taken.
pub type Found = (Option<Taken>, Arc<Judged>);

/// What was found out; the same for all clusters that hold the same.
pub struct Judged {
    pub looked: Looked,
    hits: Vec<(tally::OneHit, tally::Origins)>,
}

impl Courts {
    /// Reads both sides of every file that differs, once for all clusters that share them.
    pub fn of(change: &Change) -> Courts {
        let reader = Reader::default();
        let drawn: Vec<Drawn> =
            change.touched.par_iter().map(|touched| Drawn::of(touched, &reader)).collect();
        let mut distinct: BTreeMap<Digest, Arc<Seat>> = BTreeMap::new();
        let mut by_cluster = BTreeMap::new();
        for (touched, drawn) in change.touched.iter().zip(drawn) {
            if drawn.controls.is_empty() {
                continue;
            }
            let seat = distinct
                .entry(drawn.digest)
                .or_insert_with(|| Arc::new(Seat { drawn, court: OnceLock::new() }));
            by_cluster.extend(touched.clusters.iter().map(|name| (name.clone(), seat.clone())));
        }
        Courts { reader, by_cluster }
    }

    /// Clusters of which any policy changes, in order: of no other does a snapshot say anything.
    pub fn clusters(&self) -> impl Iterator<Item = &str> {
        self.by_cluster.keys().map(String::as_str)
    }

    /// The same number for clusters that are given the same policies before and after, in an order that
    /// depends on nothing but the clusters' names.
    pub fn alike(&self) -> BTreeMap<&str, usize> {
        let mut seats: Vec<&Arc<Seat>> = vec![];
        let mut places = BTreeMap::new();
        for (name, seat) in &self.by_cluster {
            let known = seats.iter().position(|one| Arc::ptr_eq(one, seat));
            let place = known.unwrap_or_else(|| {
                seats.push(seat);
                seats.len() - 1
            });
            places.insert(name.as_str(), place);
        }
        places
    }

    /// Judges what was found in a cluster, `unread` files apart; `namespaces` are those of the
    /// inventory, which count where the objects do not say. `None` where something cannot be read that
    /// was only skimmed.
    pub fn judge(
        &self,
        cluster: &str,
        objects: &[Seen<'_>],
        unread: usize,
        namespaces: &BTreeMap<String, Labels>,
    ) -> Option<Judged> {
        let seat = self.by_cluster.get(cluster)?;
        let court = seat.court.get_or_init(|| Court::of(&seat.drawn, &self.reader));
        tally::judge(court, objects, unread, namespaces)
    }

    /// Puts together what was found out; clusters without a snapshot are missing in `judged`.
    pub fn sum(&self, change: &Change, judged: &BTreeMap<String, Found>) -> Blast {
        let courts = self.by_cluster.values().filter_map(|seat| seat.court.get());
        let blind = courts.flat_map(Court::blind);
        tally::sum(change, self.clusters(), blind, judged)
    }
}
