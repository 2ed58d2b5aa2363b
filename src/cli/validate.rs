//! `ordinance validate`.

use super::options::{Common, Validate};
use super::{Exit, repository, snapshots, talk};
use crate::diagnostic::Diagnostics;
use crate::failure::Failure;
use crate::pipeline::RenderRequest;
use crate::source::folder::Folder;
use crate::text::{Sources, count};

pub fn run(options: &Validate) -> Result<Exit, Failure> {
    let common = &options.common;
    let loaded = repository::load(&common.place)?;
    let base = repository::base(common, loaded);
    // Planning finds what linking cannot: contradictions, engines that are too old.
    let landed = repository::landed(common, loaded, base.as_ref())?;
    let request = RenderRequest::new(&landed, repository::today(common));
    if repository::render(common, loaded, &request, "").is_none() {
        return Ok(Exit::Input);
    }
    if !loaded.asks_for_snapshots() {
        tell_snapshots(common)?;
    }
    if loaded.linked.clusters.is_empty() {
        talk::note("there is no cluster yet, so nothing is given to any: add one in clusters/");
    }
    let linked = &loaded.linked;
    let own = linked.demands.iter().filter(|demand| demand.lasting.is_none());
    let intents: std::collections::BTreeSet<&str> =
        own.map(|demand| demand.intent.as_str()).collect();
    let advisories = match linked.warned.len() {
        0 => String::new(),
        1 => "1 advisory, ".to_owned(),
        many => format!("{many} advisories, "),
    };
    say!(
        "{}, {advisories}{} and {} fit together. Next: ordinance render",
        count(intents.len(), "intent"),
        count(loaded.linked.liftings.len(), "exemption"),
        count(loaded.linked.clusters.len(), "cluster")
    );
    Ok(Exit::Fine)
}

/// Warns of snapshots that cannot be used as they are. Where rules are made of them they were read
/// before, and this was said.
fn tell_snapshots(common: &Common) -> Result<(), Failure> {
    let folder = Folder::new(&common.place.repository);
    let mut wrong = Diagnostics::default();
    wrong.extend(snapshots::wrong(&folder, repository::today(common))?);
    talk::diagnostics(&common.shown, &wrong, &Sources::default());
    Ok(())
}
