//! A change for programs: one JSON document, with a version of its own.
//!
//! | field | content |
//! | --- | --- |
//! | `schemaVersion` | 1; a new field keeps it, a field that goes or changes raises it |
//! | `against` | what was compared with |
//! | `compared` | how many clusters were |
//! | `clusters` | by name, of clusters with differences: files `added`, `changed`, `removed`; locks not counted |
//! | `leftOut` | how many changes were left out; missing where none was asked to be |
//! | `changes[]` | `subject`, `presence` (added, removed, changed), `direction` (tightens, loosens, neutral, unknown), `says`, `statements`, `objects`, `patch` |
//! | `….fingerprint` | the same for what does the same, whichever clusters it is on and whenever it is told |
//! | `….outlierOf` | of what changes otherwise on a few clusters: the `fingerprint` it differs from, and what `only` they have |
//! | `….askedIn` | where the rule is asked for, as `path:line`; missing where nobody does |
//! | `blast` | whom all of it hits: workloads `denied` (of these `deniedAtUpdate`; the others once they are made anew), `warned`, `recorded`, `freed`, each once per cluster, in how many `namespaces` and on how many `clusters`; no numbers where there is no snapshot at all; `snapshots` by cluster whose policies change (`null`: there is none that could be read) with the day they were `taken`, `takenAs` stated, committed or unknown, `objects`, `unread`, `unjudged` by why; `blind`: what cannot be judged by, and why |
//! | `….blast` | the same numbers for one change, and all its `hits`: `effect`, `when` (update, restart), `control`, `kind`, `namespace`, `name`, `owner`, `offenders`, `clusters`, `assumed`: as if its namespace had no labels; missing where no cluster it is on has a snapshot |
//! | `….subject` | `type` (cluster, rule, file, sync, lock) and, as they apply, `name`, `path`, `tool`, `file` |
//! | `….statements[]` | `topic` (kind, part, action, scope, exemption, parameter, expression, field), `path`, `old`, `new` |
//! | `….objects[]` | `kind` and `name` of the object where there is one, `path` below the cluster's folder, all `clusters` |
//! | `….patch` | unified, of the first cluster of the first object |
//!
//! `old` is missing where something was added, `new` where it was removed.

use super::Comparison;
use crate::blast::{Blast, Counts, Effect, Hit, Looked};
use crate::change::{Entry, Outlier, Statement, Subject, patch};
use crate::snapshot::Taken;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

const SCHEMA_VERSION: u32 = 1;

pub fn write(comparison: &Comparison<'_>) -> String {
    let change = comparison.change;
    let clusters: Map<String, Value> = change
        .clusters
        .iter()
        .map(|(name, count)| {
            let count = json!({
                "added": count.added,
                "changed": count.changed,
                "removed": count.removed,
            });
            (name.clone(), count)
        })
        .collect();
    let mut report = json!({
        "schemaVersion": SCHEMA_VERSION,
        "against": comparison.against,
        "compared": change.compared,
        "clusters": clusters,
        "changes": changes(comparison),
    });
    if let Some(blast) = &comparison.known.blast {
        report["blast"] = self::blast(blast);
    }
    if change.left_out > 0 {
        report["leftOut"] = json!(change.left_out);
    }
    format!("{report:#}\n")
}

fn changes(comparison: &Comparison<'_>) -> Vec<Value> {
    let alike = comparison.change.alike(&comparison.known.facts);
    let mut outliers: HashMap<*const Entry, (String, &Outlier<'_>)> = HashMap::new();
    for main in alike.iter().filter(|main| !main.outliers.is_empty()) {
        let fingerprint = main.entry.fingerprint();
        let of = |outlier| (fingerprint.clone(), outlier);
        outliers.extend(main.outliers.iter().map(|one| (std::ptr::from_ref(one.entry), of(one))));
    }
    let told = |one: &Entry| {
        let mut told = entry(one);
        if let Some((of, outlier)) = outliers.get(&std::ptr::from_ref(one)) {
            told["outlierOf"] = json!({"fingerprint": of, "only": outlier.only});
        }
        if let Some(places) = comparison.known.asked.get(&one.title()) {
            told["askedIn"] = json!(places);
        }
        if let Some(blast) = &comparison.known.blast
            && let Some(place) = comparison.change.place_of(one)
            && blast.knows_of(one)
        {
            told["blast"] = counts(&blast.counts(Some(place)));
            told["blast"]["hits"] = blast.of(place).map(hit).collect();
        }
        told
    };
    comparison.change.entries.iter().map(told).collect()
}

fn blast(blast: &Blast) -> Value {
    let looked = |(name, looked): (&String, &Option<(Option<Taken>, Looked)>)| {
        let looked = looked.as_ref().map(|(taken, looked)| {
            let by = match taken {
                Some(Taken::Stated(_)) => "stated",
                Some(Taken::Committed(_)) => "committed",
                None => "unknown",
            };
            json!({
                "taken": taken.map(|taken| taken.day().to_string()),
                "takenAs": by,
                "objects": looked.objects,
                "unread": looked.unread,
                "unjudged": looked.unjudged,
            })
        });
        (name.clone(), json!(looked))
    };
    let mut told = if blast.knows() { counts(&blast.counts(None)) } else { json!({}) };
    told["snapshots"] = Value::Object(blast.clusters.iter().map(looked).collect());
    told["blind"] = json!(blast.blind);
    told
}

fn counts(counts: &Counts) -> Value {
    let mut told = Map::new();
    for effect in Effect::ALL {
        told.insert(effect.id().into(), json!(counts.get(effect)));
    }
    told.insert("deniedAtUpdate".into(), json!(counts.denied_now));
    told.insert("namespaces".into(), json!(counts.namespaces));
    told.insert("clusters".into(), json!(counts.clusters));
    Value::Object(told)
}

fn hit(hit: &Hit) -> Value {
    json!({
        "effect": hit.effect.id(),
        "when": if hit.now { "update" } else { "restart" },
        "control": hit.control,
        "kind": hit.workload.kind,
        "namespace": hit.workload.namespace,
        "name": hit.workload.name,
        "owner": hit.owner,
        "offenders": hit.offenders,
        "assumed": hit.assumed,
        "clusters": hit.clusters,
    })
}

fn entry(entry: &Entry) -> Value {
    let objects = entry.renderings.iter().map(|one| {
        let mut object = Map::new();
        if !one.kind.is_empty() {
            object.insert("kind".into(), json!(one.kind));
            object.insert("name".into(), json!(one.name));
        }
        object.insert("path".into(), json!(one.path));
        object.insert("clusters".into(), json!(one.clusters));
        Value::Object(object)
    });
    json!({
        "fingerprint": entry.fingerprint(),
        "subject": subject(&entry.subject),
        "presence": entry.presence.word(),
        "direction": entry.direction.id(),
        "says": entry.says(),
        "statements": entry.statements.iter().map(statement).collect::<Vec<_>>(),
        "objects": objects.collect::<Vec<_>>(),
        "patch": entry.renderings.first().map(|one| patch(&one.example)),
    })
}

fn subject(subject: &Subject) -> Value {
    match subject {
        Subject::Cluster => json!({"type": "cluster"}),
        Subject::Rule { name } => json!({"type": "rule", "name": name}),
        Subject::File { path } => json!({"type": "file", "path": path}),
        Subject::Sync { tool, file } => json!({"type": "sync", "tool": tool, "file": file}),
        Subject::Lock => json!({"type": "lock"}),
    }
}

fn statement(statement: &Statement) -> Value {
    let mut written = Map::new();
    written.insert("topic".into(), json!(statement.topic.word()));
    written.insert("path".into(), json!(statement.path));
    for (side, value) in [("old", &statement.old), ("new", &statement.new)] {
        if let Some(value) = value {
            written.insert(side.into(), value.clone());
        }
    }
    Value::Object(written)
}

#[cfg(test)]
mod tests {
    use super::super::{Known, sample};
    use super::*;

    #[test]
    fn a_program_reads_this() {
        let mut change = sample::change();
        change.clusters.retain(|name, _| name == "new-1");
        change.entries.truncate(2);
        change.entries.remove(0);
        let report = write(&Comparison {
            change: &change,
            against: "HEAD",
            colour: true,
            known: &Known::default(),
        });
        let read: Value = serde_json::from_str(&report).unwrap();
        assert_eq!(
            read,
            json!({
                "schemaVersion": 1,
                "against": "HEAD",
                "compared": 14,
                "clusters": {"new-1": {"added": 25, "changed": 0, "removed": 0}},
                "changes": [{
                    "fingerprint": "4ddfc36ab6edd8c3",
                    "subject": {"type": "rule", "name": "no-root"},
                    "presence": "changed",
                    "direction": "tightens",
                    "says": ["action: warn → deny"],
                    "statements": [{"topic": "action", "path": "action", "old": "warn", "new": "deny"}],
                    "objects": [{
                        "kind": "ValidatingPolicy",
                        "name": "ordinance-no-root",
                        "path": "policies/no-root.yaml",
                        "clusters": sample::names(8),
                    }],
                    "patch": "--- a/c01/policies/no-root.yaml\n+++ b/c01/policies/no-root.yaml\n@@ -1,3 +1,3 @@\n spec:\n   validationActions:\n-  - Warn\n+  - Deny\n",
                }],
            })
        );
        assert!(report.ends_with("}\n"));
    }
}
