//! What happened, day by day: which files were proposed, which landed, and what changed for pods.

use super::probes::verdicts;
use super::world::{BRANCH, Listing, World};
use git2::Oid;
use ordinance::date::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// What was there at the end of a day.
#[derive(Default)]
pub struct Diary {
    proposal: Option<Oid>,
    landed: Listing,
    /// Per cluster and probe.
    verdicts: BTreeMap<(String, &'static str), &'static str>,
    pub text: String,
    /// Per day on which something landed: cluster and file.
    pub flips: BTreeMap<Date, BTreeSet<(String, String)>>,
}

impl Diary {
    /// Notes what is different from the day before.
    pub fn note(&mut self, world: &World, today: Date) {
        let landed = world.rendered("main");
        let proposal = world.points(BRANCH);
        let mut lines = String::new();
        if proposal != self.proposal && proposal.is_some() {
            let proposed = changes(&landed, &world.rendered(BRANCH));
            if !proposed.is_empty() {
                lines += "  proposed\n";
                lines += &files(&proposed);
            }
        }
        self.proposal = proposal;
        let changed = changes(&self.landed, &landed);
        if !changed.is_empty() {
            lines += "  landed\n";
            lines += &files(&changed);
            for cluster in changed.keys() {
                lines += &self.judged(world, cluster, &landed);
            }
            let pairs = changed.into_iter().flat_map(|(cluster, files)| {
                files.into_iter().map(move |(file, _)| (cluster.clone(), file))
            });
            self.flips.insert(today, pairs.collect());
        }
        self.landed = landed;
        if !lines.is_empty() {
            let _ = write!(self.text, "{today}\n{lines}");
        }
    }

    /// What has become of the probes on a cluster.
    fn judged(&mut self, world: &World, cluster: &str, landed: &Listing) -> String {
        let policies = |path: &&String| {
            let below = path.strip_prefix(cluster).unwrap_or_default();
            (below.starts_with("/policies/") || below.starts_with("/templates/"))
                && !below.ends_with("/kustomization.yaml")
        };
        let paths = landed.keys().filter(policies);
        let ids: Vec<Oid> = paths.map(|path| landed[path]).collect();
        let document = world.text("main", &format!("clusters/{cluster}.yaml"));
        let engine = ["gatekeeper", "kyverno", "native"].into_iter();
        let mut engine = engine.filter(|name| document.contains(&format!("name: {name}")));
        let found = verdicts(world, engine.next().expect("an engine"), &ids);
        let mut moves: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
        for (probe, verdict) in found {
            let key = (cluster.to_owned(), probe);
            let before = self.verdicts.insert(key, verdict).unwrap_or("passes");
            if before != verdict {
                moves.entry((before, verdict)).or_default().push(probe);
            }
        }
        let told = moves.into_iter().map(|((before, verdict), probes)| {
            format!("    {cluster} {before} -> {verdict}: {}\n", probes.join(" "))
        });
        told.collect()
    }
}

/// How a file changes: `+` is new, `-` is gone.
type Changes = BTreeMap<String, Vec<(String, char)>>;

fn changes(before: &Listing, after: &Listing) -> Changes {
    let mut found = Changes::new();
    let paths: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for path in paths {
        let sign = match (before.get(path), after.get(path)) {
            (None, Some(_)) => '+',
            (Some(_), None) => '-',
            (one, other) if one != other => '~',
            _ => continue,
        };
        let (cluster, file) = path.split_once('/').expect("a file of a cluster");
        found.entry(cluster.to_owned()).or_default().push((file.to_owned(), sign));
    }
    found
}

/// One line for clusters with the same changes. Locks and kustomizations are told apart from
/// rules: of these every one is named.
fn files(changes: &Changes) -> String {
    let mut by_files: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (cluster, files) in changes {
        let named = files.iter().map(|(file, sign)| {
            let file = file.strip_suffix(".yaml").unwrap_or(file);
            let sign = if *sign == '~' { String::new() } else { sign.to_string() };
            format!("{sign}{}", file.strip_prefix("policies/").unwrap_or(file))
        });
        let named: Vec<String> = named.collect();
        by_files.entry(named.join(" ")).or_default().push(cluster);
    }
    let lines = by_files.into_iter().map(|(files, clusters)| (clusters.join(" "), files));
    let mut lines: Vec<(String, String)> = lines.collect();
    lines.sort();
    lines.into_iter().map(|(clusters, files)| format!("    {clusters}: {files}\n")).collect()
}
