//! Whole comparisons, over a base in memory.

use super::*;
use crate::date::Date;
use crate::lock::{self, Lock};
use crate::name;
use crate::tree::{Base, ClusterTree, Files, Folder, Id, Tree, document_bytes};
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A landed output, by path; counts what is asked of it.
#[derive(Default)]
struct Landed {
    files: BTreeMap<String, Arc<[u8]>>,
    read: AtomicUsize,
    hashed: AtomicUsize,
    /// Folders have ids, as in git; otherwise as on disk.
    ids: bool,
}

fn sum(bytes: &[u8]) -> Id {
    let mut id = [0; 20];
    id.copy_from_slice(&name::digest(bytes).as_bytes()[..20]);
    Id(id)
}

impl Base for Landed {
    fn folders(&self, below: &str) -> Vec<String> {
        let paths = self.files.keys().filter_map(|path| path.strip_prefix(&format!("{below}/")));
        let names: BTreeSet<&str> =
            paths.filter_map(|path| Some(path.split_once('/')?.0)).collect();
        names.into_iter().map(str::to_owned).collect()
    }
    fn folder_id(&self, path: &str) -> Option<Id> {
        let files = self.files(path);
        (self.ids && !files.is_empty()).then(|| sum(format!("{files:?}").as_bytes()))
    }
    fn files(&self, folder: &str) -> Vec<(String, Id)> {
        let prefix = format!("{folder}/");
        self.files
            .range(prefix.clone()..)
            .map_while(|(path, bytes)| Some((path.strip_prefix(&prefix)?.to_owned(), sum(bytes))))
            .collect()
    }
    fn bytes(&self, path: &str) -> Option<Vec<u8>> {
        self.read.fetch_add(1, Ordering::Relaxed);
        self.files.get(path).map(|bytes| bytes.to_vec())
    }
    fn id_of(&self, bytes: &[u8]) -> Id {
        self.hashed.fetch_add(1, Ordering::Relaxed);
        sum(bytes)
    }
}

fn policy(name: &str, actions: Value, variables: Value) -> Value {
    json!({
        "apiVersion": "policies.example.com/v1",
        "kind": "ValidatingPolicy",
        "metadata": {"name": format!("ordinance-{name}")},
        "spec": {
            "matchConstraints": {"namespaceSelector": {}},
            "validationActions": actions,
            "variables": variables,
        },
    })
}

fn constraint(name: &str, action: &str, exemptions: Value) -> Value {
    json!({
        "apiVersion": "constraints.example.com/v1beta1",
        "kind": "OrdinanceLimits",
        "metadata": {"name": format!("ordinance-{name}")},
        "spec": {"enforcementAction": action, "parameters": {"cpu": 1, "exemptions": exemptions}},
    })
}

fn folder(objects: &[(&str, Vec<Value>)], date: &str) -> Arc<Folder> {
    let mut files: Files = objects
        .iter()
        .map(|(rule, objects)| {
            let objects: Vec<&Value> = objects.iter().collect();
            (format!("policies/{rule}.yaml"), document_bytes(&objects))
        })
        .collect();
    let mut lock = Lock { rendered_for: Some(date.parse::<Date>().unwrap()), ..Lock::default() };
    lock.files = files.keys().map(|path| (path.clone(), "00".to_owned())).collect();
    lock.sync.insert("tool/policies.yaml".to_owned());
    files.insert(lock::FILE.to_owned(), lock.write().into_bytes().into());
    Arc::new(Folder { files, lock })
}

fn tree(clusters: &[(&str, &Arc<Folder>)]) -> Tree {
    let clusters = clusters.iter().map(|(name, folder)| {
        let file = format!("path: rendered/{name}\n").into_bytes();
        let sync = Files::from([("policies.yaml".to_owned(), file.into())]);
        let sync = Some(("tool".to_owned(), sync));
        ((*name).to_owned(), ClusterTree { folder: (*folder).clone(), sync })
    });
    Tree { clusters: clusters.collect() }
}

fn landed(tree: &Tree, ids: bool) -> Landed {
    let mut files = BTreeMap::new();
    for (name, cluster) in &tree.clusters {
        for (path, bytes) in &cluster.folder.files {
            files.insert(format!("rendered/{name}/{path}"), bytes.clone());
        }
        if let Some((tool, sync)) = &cluster.sync {
            for (path, bytes) in sync {
                files.insert(format!("rendered/sync/{tool}/{name}/{path}"), bytes.clone());
            }
        }
    }
    Landed { files, ids, ..Landed::default() }
}

/// Every entry as one line a sentence.
fn told(change: &Change) -> Vec<String> {
    let lines = change.entries.iter().flat_map(|entry| {
        let says = entry.says().into_iter().map(|said| format!("{}: {said}", entry.title()));
        says.chain(entry.places().into_iter().map(|place| format!("  {place}")))
    });
    lines.collect()
}

const DAY: &str = "2026-11-21";
const NEXT: &str = "2026-11-22";

#[test]
fn one_change_on_many_clusters_and_kinds_is_said_once() {
    let old_a = folder(&[("limits", vec![policy("limits", json!(["Warn"]), json!([]))])], DAY);
    let old_b = folder(&[("limits", vec![constraint("limits", "warn", json!([]))])], DAY);
    let new_a = folder(&[("limits", vec![policy("limits", json!(["Deny"]), json!([]))])], NEXT);
    let new_b = folder(&[("limits", vec![constraint("limits", "deny", json!([]))])], NEXT);
    for ids in [false, true] {
        let base = landed(&tree(&[("a", &old_a), ("b", &old_b), ("c", &old_a)]), ids);
        let new = tree(&[("a", &new_a), ("b", &new_b), ("c", &new_a)]);
        let change = compare(&base, "rendered", &new, Scope::default());
        assert_eq!(
            told(&change),
            [
                "limits: action: warn → deny",
                "  OrdinanceLimits on 1 cluster: b",
                "  ValidatingPolicy on 2 clusters: a, c",
            ]
        );
        assert_eq!(change.entries[0].clusters(), ["a", "b", "c"]);
        assert_eq!(change.clusters["a"], FileCount { changed: 1, ..FileCount::default() });
        // Two distinct pairs: a lock and a policy of each are read, nothing of the third cluster.
        assert_eq!(base.read.load(Ordering::Relaxed), 6);
    }
}

#[test]
fn nothing_is_read_where_nothing_differs() {
    let folder = folder(&[("limits", vec![policy("limits", json!(["Warn"]), json!([]))])], DAY);
    let tree = tree(&[("a", &folder), ("b", &folder)]);
    let base = landed(&tree, true);
    let change = compare(&base, "rendered", &tree, Scope::default());
    assert!(change.is_empty() && change.entries.is_empty());
    assert_eq!(change.compared, 2);
    assert_eq!(base.read.load(Ordering::Relaxed), 0);
    // The two files of the shared folder once, and each cluster's sync object.
    assert_eq!(base.hashed.load(Ordering::Relaxed), 4);
}

#[test]
fn exemptions_and_parameters_are_said_by_name_however_they_are_written() {
    let record = json!({"name": "billing", "namespaces": ["billing"], "workloads": ["Job/x"], "images": [], "labels": []});
    let literal =
        |value: &Value| json!({"name": "exemptions", "expression": crate::compile::literal(value)});
    let params =
        |value: Value| json!({"name": "params", "expression": crate::compile::literal(&value)});
    let before = [params(json!({"cpu": 1})), literal(&json!([]))];
    let after = [params(json!({"cpu": 2, "all": true})), literal(&json!([record]))];
    let old = [
        policy("a", json!(["Deny"]), json!(before)),
        constraint("b", "deny", json!([record.clone()])),
    ];
    let new = [policy("a", json!(["Deny"]), json!(after)), constraint("b", "deny", json!([]))];
    let said = |n: usize| -> Vec<String> {
        super::policy::statements(&old[n], &new[n]).iter().map(ToString::to_string).collect()
    };
    assert_eq!(
        said(0),
        [
            "exemption billing added (namespaces billing; workloads Job/x)",
            "parameter all: none → true",
            "parameter cpu: 1 → 2",
        ]
    );
    assert_eq!(said(1), ["exemption billing removed (namespaces billing; workloads Job/x)"]);
}

/// Two parts of a rule become one: whatever objects that takes, it is one change.
#[test]
fn parts_of_a_rule_are_one_change() {
    let part = |name: &str, action: &str| policy(name, json!([action]), json!([]));
    let old = vec![part("no-root-production", "Deny"), part("no-root-development", "Warn")];
    let old = folder(&[("no-root", old)], DAY);
    let new = folder(&[("no-root", vec![part("no-root", "Deny")])], NEXT);
    let change = compare(
        &landed(&tree(&[("a", &old)]), true),
        "rendered",
        &tree(&[("a", &new)]),
        Scope::default(),
    );
    assert_eq!(
        told(&change),
        [
            "no-root: part added (action: deny; namespaces: everything)",
            "no-root: part development removed (action: warn; namespaces: everything)",
            "no-root: part production removed (action: deny; namespaces: everything)",
            "  ValidatingPolicy on 1 cluster: a",
            "  ValidatingPolicy (development) on 1 cluster: a",
            "  ValidatingPolicy (production) on 1 cluster: a",
        ]
    );
}

#[test]
fn scope_expressions_versions_and_other_fields_have_their_words() {
    let old = policy("a", json!(["Deny"]), json!([{"name": "offenders", "expression": "x"}]));
    let mut new = old.clone();
    new["apiVersion"] = json!("policies.example.com/v1beta1");
    new["spec"]["validationActions"] = json!(["Deny", "Audit"]);
    new["spec"]["failurePolicy"] = json!("Fail");
    new["spec"]["variables"] = json!([{"name": "offenders", "expression": "y"}]);
    new["spec"]["matchConstraints"]["namespaceSelector"] = json!({"matchExpressions": [
        {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": ["kube-system"]}]});
    let said: Vec<String> =
        super::policy::statements(&old, &new).iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "apiVersion: policies.example.com/v1 → policies.example.com/v1beta1",
            "namespaces: everything → name is not kube-system",
            "expression offenders changed",
            "spec.failurePolicy: none → Fail",
            "spec.validationActions: [\"Deny\"] → [\"Deny\",\"Audit\"]",
        ]
    );
}

#[test]
fn rules_that_come_and_go_say_what_they_do() {
    let one = |name: &str, action: &str| {
        vec![policy(name, json!([action]), json!([])), constraint(name, "warn", json!([]))]
    };
    let old = folder(&[("limits", one("limits", "Warn")), ("stays", one("stays", "Deny"))], DAY);
    let new = folder(&[("no-root", one("no-root", "Deny")), ("stays", one("stays", "Deny"))], NEXT);
    let base = landed(&tree(&[("a", &old)]), true);
    let change = compare(&base, "rendered", &tree(&[("a", &new)]), Scope::default());
    assert_eq!(
        told(&change),
        [
            // Nothing of one contradicts the other, so it is one rule that goes.
            "limits: removed",
            "limits: action: warn",
            "limits: namespaces: everything",
            "limits: parameter cpu: 1",
            "  OrdinanceLimits on 1 cluster: a",
            "  ValidatingPolicy on 1 cluster: a",
            // Which of them denies would not be told.
            "no-root: added",
            "no-root: action: deny",
            "no-root: namespaces: everything",
            "  ValidatingPolicy on 1 cluster: a",
            "no-root: added",
            "no-root: action: warn",
            "no-root: parameter cpu: 1",
            "  OrdinanceLimits on 1 cluster: a",
        ]
    );
    assert_eq!(change.clusters["a"], FileCount { added: 1, changed: 0, removed: 1 });
}

#[test]
fn an_object_replaced_by_one_of_another_kind_changed() {
    let old = folder(&[("limits", vec![policy("limits", json!(["Deny"]), json!([]))])], DAY);
    let new = folder(&[("limits", vec![constraint("limits", "warn", json!([]))])], NEXT);
    let base = landed(&tree(&[("a", &old)]), true);
    let change = compare(&base, "rendered", &tree(&[("a", &new)]), Scope::default());
    assert_eq!(
        told(&change),
        [
            "limits: kind: ValidatingPolicy → OrdinanceLimits",
            "limits: action: deny → warn",
            "limits: namespaces: everything → none",
            "limits: parameter cpu: none → 1",
            "  OrdinanceLimits on 1 cluster: a",
        ]
    );
}

#[test]
fn clusters_locks_and_sync_objects_are_said_as_such() {
    let before = folder(&[("limits", vec![policy("limits", json!(["Warn"]), json!([]))])], DAY);
    let after = folder(&[("limits", vec![policy("limits", json!(["Warn"]), json!([]))])], NEXT);
    let old =
        tree(&[("gone", &before), ("left", &before), ("locked", &before), ("synced", &before)]);
    let mut base = landed(&old, true);
    base.files.insert("rendered/sync/tool/synced/policies.yaml".into(), b"x".as_slice().into());
    let new = tree(&[("locked", &after), ("new", &before), ("synced", &before)]);
    let retired = BTreeSet::from(["gone".to_owned(), "never".to_owned()]);
    let scope = Scope { retired: Some(&retired), ..Scope::default() };
    let change = compare(&base, "rendered", &new, scope);
    assert_eq!(
        told(&change),
        [
            "retired clusters: 2 files removed",
            "  1 cluster: gone",
            "sync object tool/policies.yaml: changed",
            "  1 cluster: synced",
            "new clusters: 1 file added",
            "  1 cluster: new",
            "lock only: rendered for: 2026-11-21 → 2026-11-22",
            "  1 cluster: locked",
        ]
    );
    assert_eq!(change.clusters["locked"].total(), 0);
    assert_eq!(change.clusters.keys().collect::<Vec<_>>(), ["gone", "locked", "new", "synced"]);
}

#[test]
fn only_the_clusters_asked_for_are_compared() {
    let before = folder(&[("limits", vec![policy("limits", json!(["Warn"]), json!([]))])], DAY);
    let after = folder(&[("limits", vec![policy("limits", json!(["Deny"]), json!([]))])], NEXT);
    let base = landed(&tree(&[("a", &before), ("b", &before)]), true);
    let only = BTreeSet::from(["b".to_owned()]);
    let scope = Scope { only: Some(&only), ..Scope::default() };
    let change = compare(&base, "rendered", &tree(&[("a", &after), ("b", &after)]), scope);
    assert_eq!(change.compared, 1);
    assert_eq!(change.entries[0].clusters(), ["b"]);
}

#[test]
fn files_of_others_are_left_alone_and_unreadable_ones_are_said_by_path() {
    let tree =
        tree(&[("a", &folder(&[("x", vec![policy("x", json!(["Deny"]), json!([]))])], DAY))]);
    let mut base = landed(&tree, false);
    base.files.insert("rendered/a/README.md".into(), b"ours".as_slice().into());
    assert!(compare(&base, "rendered", &tree, Scope::default()).is_empty());
    base.files.insert("rendered/a/policies/x.yaml".into(), b"a: [".as_slice().into());
    let change = compare(&base, "rendered", &tree, Scope::default());
    assert_eq!(told(&change), ["file policies/x.yaml: changed", "  1 cluster: a"]);
}

#[test]
fn a_comment_that_differs_is_said_by_its_file() {
    let tree =
        tree(&[("a", &folder(&[("x", vec![policy("x", json!(["Deny"]), json!([]))])], DAY))]);
    let mut base = landed(&tree, false);
    let path = "rendered/a/policies/x.yaml";
    let text = format!("# by hand\n{}", String::from_utf8_lossy(&base.files[path]));
    base.files.insert(path.into(), text.into_bytes().into());
    let change = compare(&base, "rendered", &tree, Scope::default());
    assert_eq!(told(&change), ["file policies/x.yaml: changed", "  1 cluster: a"]);
}
