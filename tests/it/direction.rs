//! Whether a change loosens: what is said of it, and whether that is so.

mod made;
mod table;

use crate::support::nothing::Nothing;
use ordinance::catalogue::Extent;
use ordinance::change::{Change, Direction, Scope, compare};
use ordinance::pipeline::{self, Landed, Loaded, RenderRequest};
use ordinance::source::Found;
use ordinance::tree::{Base, ClusterTree, Folder, Id, Tree};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

/// A rendered tree as what has landed.
pub struct Was<'a>(pub &'a Tree);

impl Was<'_> {
    fn folder(&self, path: &str) -> Option<&Folder> {
        Some(&self.0.clusters.get(path.strip_prefix("rendered/")?)?.folder)
    }
}

impl Base for Was<'_> {
    fn folders(&self, _: &str) -> Vec<String> {
        self.0.clusters.keys().cloned().collect()
    }
    fn folder_id(&self, _: &str) -> Option<Id> {
        None
    }
    fn files(&self, folder: &str) -> Vec<(String, Id)> {
        let files = self.folder(folder).into_iter().flat_map(|folder| &folder.files);
        files.map(|(path, bytes)| (path.clone(), Id::of_file(bytes))).collect()
    }
    fn bytes(&self, path: &str) -> Option<Vec<u8>> {
        let below = path.strip_prefix("rendered/")?;
        let (cluster, file) = below.split_once('/')?;
        Some(self.folder(&format!("rendered/{cluster}"))?.files.get(file)?.to_vec())
    }
    fn id_of(&self, bytes: &[u8]) -> Id {
        Id::of_file(bytes)
    }
}

/// What these files come to on a day on which nothing had landed.
pub fn rendered(files: Vec<(String, String)>, today: &str) -> Result<(Loaded, Tree), String> {
    let mut files: Vec<(String, Vec<u8>)> =
        files.into_iter().map(|(path, text)| (path, text.into_bytes())).collect();
    files.sort();
    let known = pipeline::known(vec!["github".into()]);
    let found = Found { files, refused: vec![] };
    let loaded = pipeline::load(found, &known, Extent::WithoutCases);
    let landed = Landed::new(&Nothing);
    let today = today.parse().expect("a day");
    let render = pipeline::render(&loaded, &RenderRequest::new(&landed, today));
    if loaded.diagnostics.has_errors() || render.diagnostics.has_errors() {
        let mut told = String::new();
        for all in [&loaded.diagnostics, &render.diagnostics] {
            for one in all.sorted(&loaded.sources) {
                told += &ordinance::diagnostic::render(one, &loaded.sources, false);
            }
        }
        return Err(told);
    }
    Ok((loaded, render.tree))
}

pub fn compared(loaded: &Loaded, old: &Tree, new: &Tree) -> Change {
    let scope = Scope { catalogue: Some(&loaded.catalogue), ..Scope::default() };
    compare(&Was(old), "rendered", new, scope)
}

const CLUSTERS: [(&str, &str); 4] = [
    ("native", "{name: native}"),
    ("kyverno", "{name: kyverno, version: \"1.19.0\"}"),
    ("older", "{name: kyverno, version: \"1.14.0\"}"),
    ("keeper", "{name: gatekeeper, version: \"3.21.0\"}"),
];

/// A line of the table as documents, rendered.
fn written(written: &str) -> (Loaded, Tree) {
    let head = "apiVersion: ordinance.dev/v1\nkind: ";
    let (mut requires, mut exemptions, mut fleet) = (String::new(), String::new(), String::new());
    let (mut environment, mut by_hand) = ("production", None);
    for line in written.lines() {
        let rest = &line[1..];
        match &line[..1] {
            "!" => {
                let number = exemptions.matches("kind:").count();
                write!(
                    exemptions,
                    "---\n{head}Exemption\nmetadata: {{name: hole-{number}}}\nspec:\n  lifts: \
                     [{{intent: all, controls: [run-as-non-root]}}]\n  scope: {{{rest}}}\n  reason: It predates the rule.\n  \
                     owner: team\n  granted: 2027-05-01\n  expires: 2027-06-01\n"
                )
                .unwrap();
            }
            "@" => fleet = format!("  {rest}\n"),
            "#" => environment = rest,
            "~" => by_hand = Some(table::by_hand(rest)),
            _ => requires += &format!("    - {line}\n"),
        }
    }
    let mut files = vec![
        (
            "ordinance.yaml".to_owned(),
            format!(
                "{head}Fleet\nmetadata: {{name: made}}\nspec:\n  environments:\n    - {{name: \
                 development, places: [{{clusters: {{matchLabels: {{environment: development}}}}}}]}}\n    \
                 - {{name: production}}\n{fleet}"
            ),
        ),
        (
            "intents/all.yaml".to_owned(),
            format!(
                "{head}Intent\nmetadata: {{name: all}}\nspec:\n  statement: So it shall be.\n  owner: \
                 platform\n  requires:\n{requires}  exemptions: {{}}\n"
            ),
        ),
        ("intents/exemptions.yaml".to_owned(), exemptions),
    ];
    // Both environments have a cluster, wherever the others are.
    let there = [("lab", "development"), ("shop", "production")];
    let there = there.map(|(name, environment)| (name, "{name: native}", environment));
    let moving = CLUSTERS.map(|(name, engine)| (name, engine, environment));
    for (name, engine, environment) in there.into_iter().chain(moving) {
        let text = format!(
            "{head}Cluster\nmetadata: {{name: {name}, labels: {{environment: {environment}}}}}\nspec: \
             {{kubernetes: \"1.34\", provider: generic, engine: {engine}}}\n"
        );
        files.push((format!("clusters/{name}.yaml"), text));
    }
    let (loaded, tree) =
        rendered(files, "2027-05-03").unwrap_or_else(|why| panic!("{written}\n{why}"));
    match by_hand {
        Some(edits) => (loaded, edited(&tree, edits)),
        None => (loaded, tree),
    }
}

/// The files of policies with texts replaced.
fn edited(tree: &Tree, edits: &[(&str, &str)]) -> Tree {
    let clusters = tree.clusters.iter().map(|(name, cluster)| {
        let files = cluster.folder.files.iter().map(|(path, bytes)| {
            let mut text = String::from_utf8(bytes.to_vec()).expect("text");
            if !path.ends_with("kustomization.yaml") && path.ends_with(".yaml") {
                for (from, to) in edits {
                    text = text.replace(from, to);
                }
            }
            (path.clone(), Arc::from(text.into_bytes()))
        });
        let folder = Folder { files: files.collect(), lock: cluster.folder.lock.clone() };
        (name.clone(), ClusterTree { folder: Arc::new(folder), sync: None })
    });
    Tree { clusters: clusters.collect() }
}

/// On every cluster, the weightiest of what changes.
fn directions(change: &Change) -> BTreeMap<&str, Direction> {
    let mut found: BTreeMap<&str, Direction> = BTreeMap::new();
    for entry in &change.entries {
        for cluster in entry.clusters() {
            let most = found.entry(cluster).or_insert(Direction::Neutral);
            *most = (*most).max(entry.direction);
        }
    }
    found
}

fn told(change: &Change) -> String {
    let entry = |entry: &ordinance::change::Entry| {
        let places = entry.places().join("; ");
        format!(
            "    {} {}: {} ({places})\n",
            entry.direction.word(),
            entry.title(),
            entry.says().join("; ")
        )
    };
    change.entries.iter().map(entry).collect()
}

fn table(cases: &[table::Case]) {
    let mut wrong = String::new();
    for (name, before, after, forward, backward) in cases {
        let ((loaded, old), (_, new)) = (written(before), written(after));
        for (way, from, to, expected) in
            [("forward", &old, &new, forward), ("backward", &new, &old, backward)]
        {
            let change = compared(&loaded, from, to);
            let found = directions(&change);
            for (cluster, _) in CLUSTERS {
                let found = found.get(cluster).copied().unwrap_or(Direction::Neutral);
                if found != *expected {
                    writeln!(
                        wrong,
                        "{name}, {way}, {cluster}: {} instead of {}\n{}",
                        found.word(),
                        expected.word(),
                        told(&change)
                    )
                    .unwrap();
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_eight_loosenings_are_told_and_so_are_their_mirrors() {
    table(table::EIGHT);
}

#[test]
fn whatever_else_people_write_goes_the_way_the_table_says() {
    table(table::MORE);
}
