//! A change as a reviewer reads it, within a budget.
//!
//! It is often all that is read: a verdict in one line; what needs a person; the table of changes;
//! why; each change in a part that can be folded; dates; how to see the same oneself, and what was
//! rendered from what. How much of it there is room for is the `ladder`'s.

mod around;
mod each;
mod ladder;
mod needs;
mod rows;
mod verdict;

use super::budget::Budget;
use super::safe::{clipped, prose};
use crate::blast::Blast;
use crate::change::{Change, Entry, Statement};
use crate::report::Known;
use std::collections::{BTreeMap, HashMap};

/// A commit, as its author wrote it.
#[derive(Clone, Debug)]
pub struct Commit {
    pub id: String,
    pub author: String,
    pub subject: String,
}

/// An intent or an exemption, and where it is written.
#[derive(Clone, Debug)]
pub struct Reason {
    pub name: String,
    /// `path:line`.
    pub place: String,
    pub statement: String,
    pub why: Option<String>,
    pub owner: String,
    /// Who agreed, where, and until when, as far as that is known.
    pub agreed: Vec<String>,
}

/// What changes would do to what runs, in words.
#[derive(Clone, Debug)]
struct Hits {
    /// Of all of them, and what that rests on.
    verdict: String,
    /// Of each, by its fingerprint; `None` where nothing is known of what runs.
    by_fingerprint: Option<BTreeMap<String, String>>,
}

impl Hits {
    fn of(change: &Change, blast: &Blast) -> Option<Hits> {
        let mut verdict = blast.verdict()?;
        for said in blast.rests_on() {
            verdict.push_str(", ");
            verdict.push_str(&said);
        }
        let words = |(place, entry): (usize, &Entry)| {
            blast.counts(Some(place)).words().map(|words| (entry.fingerprint(), words))
        };
        let by_fingerprint =
            blast.knows().then(|| change.entries.iter().enumerate().filter_map(words).collect());
        Some(Hits { verdict, by_fingerprint })
    }
}

/// Everything that a body says.
#[derive(Clone, Copy, Debug)]
pub struct Body<'a> {
    pub change: &'a Change,
    pub known: &'a Known,
    /// What stands before the verdict, as Markdown.
    pub lead: &'a str,
    /// The commits whose inputs are rendered and that the base does not have, newest first.
    pub commits: &'a [Commit],
    /// How to see the same oneself, as Markdown.
    pub reproduce: &'a str,
    /// What can be done about it, as Markdown; may be left out.
    pub controls: &'a str,
    /// From what it was rendered, as Markdown.
    pub footer: &'a str,
    /// Where all of it is, as Markdown.
    pub all_of_it: &'a str,
    pub budget: Budget,
}

impl Body<'_> {
    /// Writes it; `reserved` is what will stand around it.
    pub fn write(&self, reserved: &str) -> String {
        let told = Told::new(*self);
        let body = ladder::fit(&told, reserved);
        if self.budget.fits(&format!("{reserved}{body}")) {
            return body;
        }
        // A limit that not even this fits is no honest place's; say what can be said.
        let room = self.budget.room().saturating_sub(self.budget.unit.count(reserved) + 2);
        clipped(&verdict::verdict(&told), room / 2)
    }
}

/// A body, with its changes in the order in which they are told.
struct Told<'a> {
    body: Body<'a>,
    /// `None` where no policy changes, or nobody asked.
    hits: Option<Hits>,
    /// The worst first, and what differs on a few clusters below what most have.
    all: Vec<One<'a>>,
}

/// A change.
struct One<'a> {
    entry: &'a Entry,
    /// From 1.
    number: usize,
    fingerprint: String,
    clusters: Vec<&'a str>,
    /// Of what differs on a few clusters: which of `all` most have, and what the inventory says of
    /// these clusters alone.
    of: Option<(usize, Vec<String>)>,
    /// Which of those before shows the same file.
    shown_by: Option<usize>,
}

impl<'a> Told<'a> {
    fn new(body: Body<'a>) -> Told<'a> {
        let entries = body.change.numbered(&body.known.facts);
        let at: HashMap<*const Entry, usize> = entries
            .iter()
            .enumerate()
            .map(|(at, (one, _))| (std::ptr::from_ref(*one), at))
            .collect();
        let mut first: BTreeMap<&str, usize> = BTreeMap::new();
        let all = entries.into_iter().enumerate().map(|(index, (entry, main))| {
            let path = entry.renderings.first().map(|one| one.example.path.as_str());
            let shown = path.map(|path| *first.entry(path).or_insert(index));
            One {
                entry,
                number: index + 1,
                fingerprint: entry.fingerprint(),
                clusters: entry.clusters(),
                of: main.map(|(main, only)| (at[&std::ptr::from_ref(main)], only)),
                shown_by: shown.filter(|first| *first < index),
            }
        });
        let all = all.collect();
        let hits = body.known.blast.as_ref().and_then(|blast| Hits::of(body.change, blast));
        Told { body, hits, all }
    }

    fn statements(&self) -> impl Iterator<Item = &'a Statement> {
        self.all.iter().flat_map(|one| &one.entry.statements)
    }
}

impl One<'_> {
    /// Of an outlier: from what it differs, and by which fact; empty for all else.
    fn differs(&self, told: &Told<'_>) -> String {
        let Some((main, only)) = &self.of else { return String::new() };
        let main = &told.all[*main];
        let most = main.entry.says();
        let most = most.first().map(|said| prose(&clipped(said, 80))).unwrap_or_default();
        let fact = match only.is_empty() {
            true => String::new(),
            false => format!("; only there: {}", prose(&clipped(&only.join("; "), 120))),
        };
        format!(", where {} others have “{most}”{fact}", main.clusters.len())
    }
}
