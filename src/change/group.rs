//! Like changes of many clusters become one entry.

use super::objects::Draft;
use super::{Direction, Entry, Example, Rendering, Statement, Subject};
use crate::name;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A difference with the clusters it was found on.
pub struct Located {
    pub draft: Draft,
    /// Sorted; at least one.
    pub clusters: Vec<String>,
    pub example: Example,
}

/// An entry that is being put together: its first draft, and where it was found, by kind, name
/// and path.
struct Group {
    draft: Draft,
    found: BTreeMap<(String, String, String), (BTreeSet<String>, Example)>,
}

/// Groups what is said alike, whatever kind of object says it; in a fixed order, the worst first,
/// so that whatever is shortened is shortened from the other end.
pub fn entries(located: Vec<Located>) -> Vec<Entry> {
    type Key = (Reverse<Direction>, u8, Subject, &'static str, String);
    let mut groups: BTreeMap<Key, Group> = BTreeMap::new();
    for Located { draft, clusters, example } in located {
        let (subject, presence) = (draft.subject.clone(), draft.presence.word());
        let said = said(&draft.statements, &example);
        let key = (Reverse(draft.direction), rank(&subject), subject, presence, said);
        let mut objects = draft.objects.clone();
        if objects.is_empty() {
            objects.push((String::new(), String::new()));
        }
        let path = draft.path.clone();
        let group = groups.entry(key).or_insert_with(|| Group { draft, found: BTreeMap::new() });
        for (kind, name) in objects {
            let place = (kind, name, path.clone());
            let (names, shown) =
                group.found.entry(place).or_insert_with(|| (BTreeSet::new(), example.clone()));
            names.extend(clusters.iter().cloned());
            // The first cluster by name stands for all, in whatever order they were found.
            if example.cluster < shown.cluster {
                *shown = example.clone();
            }
        }
    }
    groups.into_values().map(entry).collect()
}

fn entry(Group { draft, found }: Group) -> Entry {
    let renderings = found.into_iter().map(|((kind, name, path), (clusters, example))| Rendering {
        kind,
        name,
        path,
        clusters: clusters.into_iter().collect(),
        example,
    });
    Entry {
        subject: draft.subject,
        presence: draft.presence,
        direction: draft.direction,
        statements: draft.statements,
        renderings: renderings.collect(),
    }
}

impl Entry {
    /// The same for what does the same, wherever and whenever it does: clusters and objects are no
    /// part of it, so what was approved in one wave is recognised in the next. Sixteen hex digits.
    pub fn fingerprint(&self) -> String {
        let mut said = vec![
            format!("{:?}", self.subject),
            self.presence.word().to_owned(),
            self.direction.id().to_owned(),
        ];
        let examples = self.renderings.iter().map(|one| &one.example);
        said.extend(examples.take(1).map(|example| self::said(&self.statements, example)));
        name::digest(said.join("\n").as_bytes())[..16].to_owned()
    }
}

fn rank(subject: &Subject) -> u8 {
    match subject {
        Subject::Cluster => 0,
        Subject::Rule { .. } => 1,
        Subject::File { .. } => 2,
        Subject::Sync { .. } => 3,
        Subject::Lock => 4,
    }
}

/// Everything that is said, so that equal changes are equal texts. What no statement tells is told by
/// its text, in which the cluster's own name is no difference.
fn said(statements: &[Statement], example: &Example) -> String {
    if statements.is_empty() {
        let side = |bytes: &Option<Arc<[u8]>>| {
            let text = String::from_utf8_lossy(bytes.as_deref()?).replace(&example.cluster, "\0");
            Some(name::digest(text.as_bytes()))
        };
        return format!("{:?} {:?}", side(&example.old), side(&example.new));
    }
    let statements: Vec<String> = statements
        .iter()
        .map(|one| {
            let side = |value: &Option<serde_json::Value>| {
                value.as_ref().map_or_else(String::new, ToString::to_string)
            };
            format!("{}\t{}\t{}\t{}", one.topic.word(), one.path, side(&one.old), side(&one.new))
        })
        .collect();
    statements.join("\n")
}
