//! Which version a cluster is given, and what an upgrade changes.

use super::standard::{LEVELS, NEWEST, Standard};
use crate::support::binary::must;
use crate::support::files;
use std::collections::BTreeSet;

const HEAD: &str = "apiVersion: ordinance.dev/v1\nkind:";

/// The bytes of a check's policies change only where Kubernetes changes the check.
#[test]
fn an_upgrade_changes_just_what_its_version_changes() {
    let standard = Standard::new(&[4]);
    let mut turns: BTreeSet<u32> = BTreeSet::new();
    for level in LEVELS {
        for minor in 1..=NEWEST {
            if standard.counting(4, level, minor) != standard.counting(4, level, minor - 1) {
                turns.insert(minor);
            }
        }
    }
    let expected = [8, 19, 22, 23, 25, 27, 29, 31, 32, 34, 35, 37];
    assert_eq!(turns.into_iter().collect::<Vec<_>>(), expected);
}

/// Without a version a cluster gets that of its own Kubernetes; a newer one than is known gets the
/// newest that is.
#[test]
fn a_cluster_follows_its_own_version_unless_one_is_named() {
    let mut input = files::Tree::new();
    let mut put = |path: String, text: String| input.insert(path, text.into_bytes());
    let fleet = "metadata: {name: all}\nspec: {environments: [{name: all}]}\n";
    put("ordinance.yaml".into(), format!("{HEAD} Fleet\n{fleet}"));
    let intent = |name: &str, asks: &str, version: &str| {
        format!(
            "{HEAD} Intent\nmetadata: {{name: {name}}}\nspec:\n  statement: All pods.\n  \
             owner: platform\n  clusters: {{matchLabels: {{asks: {asks}}}}}\n  requires:\n    \
             - {{framework: pod-security-standards{version}, level: restricted}}\n"
        )
    };
    put("intents/own.yaml".into(), intent("own", "own", ""));
    put("intents/cluster.yaml".into(), intent("cluster", "cluster", ", version: cluster"));
    for minor in (30..=NEWEST).chain([40]) {
        let pinned = format!("v-{minor}");
        let version = format!(", version: \"1.{}\"", minor.min(NEWEST));
        put(format!("intents/{pinned}.yaml"), intent(&pinned, &pinned, &version));
        for asks in ["own", "cluster", &pinned] {
            let name =
                if asks == pinned { format!("pinned-{minor}") } else { format!("{asks}-{minor}") };
            let facts = format!("kubernetes: \"1.{minor}\", engine: {{name: native}}");
            put(
                format!("clusters/{name}.yaml"),
                format!(
                    "{HEAD} Cluster\nmetadata: {{name: {name}, labels: {{asks: {asks}}}}}\n\
                     spec: {{provider: generic, {facts}}}\n"
                ),
            );
        }
    }
    let folder = files::folder(&input);
    must(folder.path(), &["render"]);
    let tree = files::read(folder.path());
    let policies = |name: &str| files::below(&tree, &format!("rendered/{name}/policies"));
    for minor in (30..=NEWEST).chain([40]) {
        let pinned = policies(&format!("pinned-{minor}"));
        assert!(pinned.len() >= 15, "{minor}: {}", pinned.len());
        for asks in ["own", "cluster"] {
            let own = policies(&format!("{asks}-{minor}"));
            assert_eq!(files::difference(&pinned, &own), None, "{asks} at 1.{minor}");
        }
    }
    assert_ne!(policies("own-36"), policies("own-37"));
}
