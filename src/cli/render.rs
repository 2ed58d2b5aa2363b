//! `ordinance render [--check]`.

use super::options::{Common, Render};
use super::{Exit, advisory, due, repository, summary, talk};
use crate::date::Date;
use crate::delivery::folder::{self, Difference};
use crate::diagnostic::Diagnostic;
use crate::document::State;
use crate::failure::Failure;
use crate::link::POSTURE;
use crate::pipeline::{self, Dates, Loaded, RenderRequest};
use crate::report;
use crate::source::Refused;
use crate::source::folder::Folder;
use crate::source::git::Commit;
use crate::text::count;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

pub fn run(options: &Render) -> Result<Exit, Failure> {
    let common = &options.common;
    let began = began();
    let loaded = repository::load(&common.place)?;
    check_names(loaded, &options.cluster);
    if options.output.is_none() {
        check_links(common, loaded);
    }
    let base = repository::base(common, loaded);
    let today = repository::today(common);
    let committed = Folder::new(&common.place.repository);
    let dates = match options.check {
        true => Dates::Committed(&committed, today),
        false => Dates::Today(today),
    };
    let landed = repository::landed(common, loaded, base.as_ref())?;
    let only = &options.cluster;
    let request = RenderRequest { dates, only, ..RenderRequest::new(&landed, today) };
    let end = if options.check { "" } else { talk::UNWRITTEN };
    let Some(rendered) = repository::render(common, loaded, &request, end) else {
        return Ok(Exit::Input);
    };
    let output = output(common, options, loaded);
    if !options.check {
        folder::recover(&output)?;
    }
    let clusters: Vec<_> = rendered.tree.clusters.iter().collect();
    let progress = talk::progress(clusters.len());
    let written: Vec<Result<(String, Difference), Failure>> = clusters
        .par_iter()
        .map(|(name, tree)| {
            progress.inc(1);
            let difference = match options.check {
                true => folder::compare(&output, name, tree),
                false => folder::write(&output, name, tree),
            };
            difference.map(|difference| ((*name).clone(), difference))
        })
        .collect();
    let mut changes: BTreeMap<String, Difference> =
        written.into_iter().collect::<Result<_, _>>()?;
    if options.cluster.is_empty() {
        for cluster in &loaded.linked.clusters {
            if cluster.spec.state == State::Retired {
                let name = &cluster.name.value;
                let difference = match options.check {
                    true => folder::compare_removal(&output, name)?,
                    false => folder::remove(&output, name)?,
                };
                changes.insert(name.clone(), difference);
            }
        }
    }
    let kept = posture(common, options, loaded, (rendered, today))?;
    say!("Rendering for {}", repository::day_in_words(common));
    let rows = summary::rows(rendered, &changes);
    talk::print(&report::table(&rows, options.all));
    summary::notes(loaded, rendered);
    summary::left_alone(loaded, &committed, &options.cluster);
    for note in advisory::notes(loaded, rendered, today) {
        talk::note(&note);
    }
    due::notes(loaded, rendered, today);
    if options.check {
        due::since(loaded, &request, today, rendered);
    }
    for (path, what) in kept.written.iter().map(|path| (path, "changes")).chain(gone(&kept)) {
        talk::note(&format!("{path} {what}"));
    }
    let all = changes.values().chain([&kept]);
    let (files, removed) = all.fold((0, 0), |(files, removed), one| {
        (files + one.written.len(), removed + one.removed.len())
    });
    let rules: usize =
        rendered.clusters.values().map(|one| rendered.units[one.unit].plan.holding().count()).sum();
    let stale = files + removed > 0;
    let next = match (options.check, stale) {
        (true, true) => "What is rendered here is stale. Next: ordinance render",
        (true, false) => "What is rendered here is as it should be.",
        (false, true) if Commit::open(&common.place.repository, "HEAD").is_err() => {
            "Next: commit it with git"
        }
        (false, true) => "Next: ordinance diff",
        (false, false) => "Nothing changes.",
    };
    say!(
        "{}, {} distinct, {}, {:.1} s: {} {}, {removed} removed. {next}",
        count(rendered.clusters.len(), "cluster"),
        rendered.units.len(),
        count(rules, "rule"),
        began.elapsed().as_secs_f64(),
        count(files, "file"),
        if files == 1 { "changes" } else { "change" },
    );
    Ok(if options.check && stale { Exit::No } else { Exit::Fine })
}

/// Keeps the posture beside the render, where the fleet's settings ask for it; takes away what was
/// kept and is no longer asked for. A part of the clusters is no posture of the fleet.
fn posture(
    common: &Common,
    options: &Render,
    loaded: &Loaded,
    (rendered, today): (&pipeline::Render, Date),
) -> Result<Difference, Failure> {
    if !options.cluster.is_empty() || options.output.is_some() {
        return Ok(Difference::default());
    }
    let home = &common.place.repository;
    // Somebody else's: what is behind it is none of ours to take away.
    if folder::is_link(&home.join(POSTURE)) {
        return Ok(Difference::default());
    }
    let kept = pipeline::kept_posture(loaded, rendered, today);
    if !options.check {
        folder::recover(home)?;
    }
    match (&kept, options.check) {
        (Some((tree, _)), true) => folder::compare(home, POSTURE, tree),
        (Some((tree, _)), false) => folder::write(home, POSTURE, tree),
        (None, true) => folder::compare_removal(home, POSTURE),
        (None, false) => folder::remove(home, POSTURE),
    }
}

fn gone(kept: &Difference) -> impl Iterator<Item = (&String, &'static str)> {
    kept.removed.iter().map(|path| (path, "goes: nobody asks for it any more"))
}

#[expect(clippy::disallowed_methods, reason = "how long it took is told to people only")]
fn began() -> Instant {
    Instant::now()
}

fn output(common: &Common, options: &Render, loaded: &Loaded) -> PathBuf {
    let own = common.place.repository.join(&loaded.linked.settings.output);
    options.output.clone().unwrap_or(own)
}

/// Nothing is written through a link: it may lead out of the repository.
fn check_links(common: &Common, loaded: &mut Loaded) {
    let output = &loaded.linked.settings.output;
    let mut paths: Vec<String> =
        output.match_indices('/').map(|(at, _)| output[..at].into()).collect();
    paths.push(output.clone());
    paths.extend(loaded.linked.clusters.iter().map(|one| format!("{output}/{}", one.name.value)));
    if !loaded.linked.settings.posture.is_empty() {
        paths.push(POSTURE.to_owned());
    }
    let mut links: Vec<String> = paths
        .into_iter()
        .filter(|path| folder::is_link(&common.place.repository.join(path)))
        .collect();
    if links.is_empty() {
        let below = folder::sync_links(&common.place.repository.join(output));
        links.extend(below.into_iter().map(|path| format!("{output}/{path}")));
    }
    let refused =
        links.into_iter().map(|path| Refused { path, because: "it is a symbolic link".to_owned() });
    let refused: Vec<Diagnostic> = refused.map(|one| one.diagnostic()).collect();
    loaded.diagnostics.extend(refused);
}

/// A cluster that is asked for by name must exist.
pub fn check_names(loaded: &mut Loaded, wanted: &[String]) {
    let known: Vec<&str> =
        loaded.linked.clusters.iter().map(|cluster| cluster.name.value.as_str()).collect();
    let missing: Vec<Diagnostic> = wanted
        .iter()
        .filter(|name| !known.contains(&name.as_str()))
        .map(|name| {
            let said =
                Diagnostic::error("unknown-cluster", format!("there is no cluster `{name}`"));
            match crate::text::nearest(name, known.iter().copied()) {
                Some(near) => said.help(format!("did you mean `{near}`?")),
                None => said.help(format!("known: {}", known.join(", "))),
            }
        })
        .collect();
    loaded.diagnostics.extend(missing);
}
