//! Which exemptions nothing needs any more, as far as snapshots tell.
//!
//! With an exemption in force there is nothing to see, so the clusters are rendered without any, and
//! what was found in them is judged by that. An exemption is stale only if that shows on every cluster
//! it counts on: one without a snapshot, or of which a file could not be read, speaks for it.

use super::super::options::Common;
use super::super::{repository, snapshots, talk};
use crate::baseline;
use crate::calendar::Standing;
use crate::check::{self, Findings, Manifest};
use crate::compile;
use crate::failure::Failure;
use crate::link::Lifting;
use crate::object;
use crate::pipeline::{self, Landed, Loaded, RenderRequest};
use crate::snapshot::{ROOT, Taken};
use crate::source::folder::Folder;
use crate::text::{Sources, count};
use crate::tree::Base;
use std::collections::{BTreeMap, BTreeSet};

/// What was found in a cluster, and what its rules say of it where nothing is exempt.
struct Judged {
    manifests: Vec<Manifest>,
    findings: Findings,
    taken: Option<Taken>,
}

/// Marks those that snapshots show to be stale.
pub fn mark(
    common: &Common,
    loaded: &Loaded,
    standings: &mut [Standing<'_>],
) -> Result<(), Failure> {
    let folder = Folder::new(&common.place.repository);
    let mut clusters = folder.folders(ROOT);
    clusters.retain(|name| standings.iter().any(|one| one.counts_on(name)));
    if clusters.is_empty() {
        return Ok(());
    }
    let base = repository::base(common, loaded);
    let landed = repository::landed(common, loaded, base.as_ref())?;
    let mut judged: BTreeMap<&str, Judged> = BTreeMap::new();
    for name in &clusters {
        match judge(common, loaded, &landed, name)? {
            Ok(one) => drop(judged.insert(name.as_str(), one)),
            Err(why) => talk::note(&format!(
                "whether exemptions are still needed on {name} is not known: {why}"
            )),
        }
    }
    for standing in standings {
        let kinds = kinds(loaded, standing.lifting);
        if let Some((found, taken)) = stale(standing.lifting, &standing.clusters, &kinds, &judged) {
            standing.note_stale(found, taken);
        }
    }
    let all = count(judged.len(), "snapshot");
    talk::note(&format!("whether exemptions are still needed was told by {all}"));
    Ok(())
}

impl Judged {
    fn holds_any(&self, kinds: &BTreeSet<String>) -> bool {
        self.manifests.iter().any(|one| kinds.contains(object::kind(&one.object)))
    }
}

/// What the rules look at that it lifts.
fn kinds(loaded: &Loaded, lifting: &Lifting) -> BTreeSet<String> {
    let lifted = loaded.linked.demands.iter().filter(|demand| lifting.lifts(demand));
    lifted.flat_map(|one| compile::resources(&one.control.subject)).map(|one| one.kind).collect()
}

/// Whether anything it is for was found, and when; `None` where it is needed, or nobody knows.
fn stale(
    lifting: &Lifting,
    clusters: &[&str],
    kinds: &BTreeSet<String>,
    judged: &BTreeMap<&str, Judged>,
) -> Option<(bool, Option<Taken>)> {
    let mut found = false;
    let mut oldest: Option<Option<Taken>> = None;
    for cluster in clusters {
        let one = judged.get(cluster)?;
        match baseline::standing(lifting, &one.manifests, &one.findings) {
            baseline::Standing::Needed => return None,
            baseline::Standing::Stale => found = true,
            // A list of nodes alone says nothing of workloads.
            baseline::Standing::MatchesNothing if !one.holds_any(kinds) => return None,
            baseline::Standing::MatchesNothing => {}
        }
        // Of an unknown day is older than of any.
        let older = |known: Option<Taken>| {
            known.zip(one.taken).map(|(a, b)| if a.day() <= b.day() { a } else { b })
        };
        oldest = Some(oldest.map_or(one.taken, older));
    }
    oldest.map(|taken| (found, taken))
}

/// `Err` says why a cluster cannot be judged.
fn judge(
    common: &Common,
    loaded: &Loaded,
    landed: &Landed<'_>,
    cluster: &str,
) -> Result<Result<Judged, String>, Failure> {
    let Some(mut snapshot) = snapshots::own(&common.place, cluster)? else {
        return Ok(Err("its snapshot is gone".to_owned()));
    };
    if let Some(problem) = snapshot.problems.first() {
        return Ok(Err(problem.message.clone()));
    }
    snapshots::warn_of_day(&snapshot, repository::today(common));
    let only = [cluster.to_owned()];
    let request = RenderRequest {
        only: &only,
        exempt: false,
        ..RenderRequest::new(landed, repository::today(common))
    };
    let rendered = pipeline::render(loaded, &request);
    if rendered.diagnostics.has_errors() {
        return Ok(Err("it cannot be rendered, and `ordinance validate` says why".to_owned()));
    }
    let panels = match pipeline::panels(loaded, &rendered, &[]) {
        Ok(panels) => panels,
        Err(why) => return Ok(Err(why)),
    };
    let objects = std::mem::take(&mut snapshot.objects);
    let manifests = check::of_snapshot(objects, &mut Sources::default());
    let findings = check::judge(&manifests, &BTreeMap::new(), &panels);
    Ok(Ok(Judged { manifests, findings, taken: snapshot.taken }))
}
