//! `ordinance baseline CLUSTER`: exemptions for what already runs and breaks a rule.
//!
//! What is written is tried first: the repository is read as if it held the new documents, and what
//! was found is judged again. So whatever the intents or the fleet refuse, and whatever stays denied
//! all the same, is known before anything is written, and said.

mod look;
mod tell;

use super::options::{Baseline, FailOn};
use super::{Exit, begin, named, repository, snapshots, talk};
use crate::baseline::{Granting, Stagger, TEAM_LABELS, Violator, document, explains};
use crate::check::{self, Manifest};
use crate::date::Period;
use crate::failure::Failure;
use crate::snapshot::Taken;
use crate::source::folder::{self, What};
use crate::text::{Sources, count};
use look::{Drafts, Judged, Look};
use std::path::{Component, Path};

/// How long an exemption lasts at most where no intent says.
const LONGEST: Period = Period { days: 90 };

/// Where the new documents are taken to be, if not in a file that is read anyway.
const NOWHERE: &str = "intents/~baseline.yaml";

pub fn run(options: &Baseline) -> Result<Exit, Failure> {
    let repository = &options.common.place.repository;
    repository::is_there(&options.common.place)?;
    let mut from = options.from.clone();
    if from.is_empty() {
        let own = snapshots::path(&options.common.place, &options.cluster);
        if folder::what(&own) == What::Nothing {
            tell!("error: nothing was found in `{}`: there is no folder `{own}`", options.cluster);
            tell!("hint: name what `kubectl get` wrote with `--from PATH`");
            return Ok(Exit::Input);
        }
        from.push(own);
    }
    let (path, kept) = match &options.out {
        Some(out) => (read_as(out, repository), kept(out)?),
        None => (NOWHERE.to_owned(), String::new()),
    };
    let as_it_is = Drafts::new(path, kept);
    let Some(before) = Look::at(options, &as_it_is)?.told(options) else { return Ok(Exit::Input) };
    let Some(mut snapshot) = snapshots::read(&options.cluster, &from)? else {
        return Ok(Exit::Input);
    };
    if options.from.is_empty() && snapshot.taken.is_none() {
        let cluster = options.cluster.as_str();
        snapshot.taken = snapshots::committed(&options.common.place, &[cluster]).remove(cluster);
    }
    snapshots::warn_of_day(&snapshot, repository::today(&options.common));
    let mut sources = Sources::default();
    let objects = std::mem::take(&mut snapshot.objects);
    let manifests = check::of_snapshot(objects, &mut sources);
    tell::unread(&options.common, &snapshot.problems);
    let unread = !snapshot.problems.is_empty();
    if manifests.is_empty() && !unread {
        named::no_object(&from);
        return Ok(Exit::Input);
    }
    let labels: Vec<&str> = match &options.owner_label {
        Some(label) => vec![label],
        None => TEAM_LABELS.to_vec(),
    };
    let Some(Judged { found, unjudged, breaking }) = before.violators(&manifests, &labels) else {
        return Ok(Exit::Input);
    };
    tell::unjudged(&manifests, &unjudged);
    let failed = unread || !unjudged.is_empty();
    let whole = |exit: Exit| if exit == Exit::Fine && failed { Exit::Input } else { exit };
    let of = format!("{}, {}", count(manifests.len(), "object"), Taken::words(snapshot.taken));
    if options.fail_on == Some(FailOn::Growth) {
        return Ok(whole(tell::growth(&options.cluster, &of, &before, &found)));
    }
    tell!("note: {of}");
    tell::aside(&found);
    if found.list.is_empty() {
        tell!(
            "Nothing that breaks a rule which denies is without an exemption; nothing was written."
        );
        return Ok(whole(if found.nameless.is_empty() { Exit::Fine } else { Exit::No }));
    }
    let Some(mut drafts) = drafts(options, &before, &found.list, as_it_is) else {
        return Ok(Exit::Input);
    };
    let refused = accepted(options, &mut drafts)?;
    // The ends are spread over those that are left.
    let left = drafts.list.drain(..).map(|draft| draft.violator).collect::<Vec<_>>();
    let Some(mut drafts) = self::drafts(options, &before, &left, drafts) else {
        return Ok(Exit::Input);
    };
    let Some(after) = Look::at(options, &drafts)?.told(options) else { return Ok(Exit::Input) };
    // What breaks nothing now breaks nothing once more is exempt.
    let asked = manifests.into_iter().enumerate();
    let asked = asked.filter(|(index, one)| breaking.contains(index) || explains(&one.object));
    let asked: Vec<Manifest> = asked.map(|(_, one)| one).collect();
    let Some(Judged { found: left, .. }) = after.violators(&asked, &labels) else {
        return Ok(Exit::Input);
    };
    drafts.drop_idle(&left);
    write(options, &drafts)?;
    let denied = tell::denied(&left, &refused);
    tell::written(&drafts);
    let no = denied || !found.nameless.is_empty();
    Ok(if no { Exit::No } else { whole(Exit::Fine) })
}

/// One document per violator; `None` where something has to be given first, which is said.
fn drafts(
    options: &Baseline,
    before: &Look,
    found: &[Violator],
    mut drafts: Drafts,
) -> Option<Drafts> {
    let unowned: Vec<&Violator> =
        found.iter().filter(|one| one.owner.is_none() && options.default_owner.is_none()).collect();
    if !unowned.is_empty() {
        tell::unowned(&unowned);
        return None;
    }
    let today = repository::today(&options.common);
    let longest = found.iter().filter_map(|one| before.longest(one)).min().unwrap_or(LONGEST);
    let stagger = Stagger::within(today, longest, options.expires_from, options.stagger);
    if stagger.first < today {
        tell!("error: the first exemption would end on {}, before it begins", stagger.first);
        tell!("hint: give a later day with `--expires-from`, or fewer days with `--stagger`");
        return None;
    }
    if today.plus(longest) < stagger.last() {
        tell!(
            "error: the last exemption would end on {}, and {} is the longest that is allowed here",
            stagger.last(),
            longest
        );
        tell!("hint: all of them have to end on {} or before", today.plus(longest));
        return None;
    }
    let granting = Granting {
        cluster: options.cluster.clone(),
        granted: today,
        approved_by: options.approved_by.clone(),
        ticket: options.ticket.clone(),
    };
    for (index, violator) in found.iter().enumerate() {
        let owner = violator.owner.as_ref().or(options.default_owner.as_ref())?;
        let expires = stagger.day(index, found.len());
        let text = document(violator, owner, expires, &granting);
        drafts.add(violator.clone(), text, expires);
    }
    Some(drafts)
}

/// Takes out what the repository would refuse, with why.
fn accepted(options: &Baseline, drafts: &mut Drafts) -> Result<Vec<(Violator, String)>, Failure> {
    let mut refused = vec![];
    loop {
        let look = Look::at(options, drafts)?;
        let found = drafts.blamed(&look);
        if found.is_empty() {
            return Ok(refused);
        }
        for (index, why) in found.into_iter().rev() {
            refused.push((drafts.remove(index), why));
        }
        refused.sort_by(|one, other| one.0.key.cmp(&other.0.key));
    }
}

/// The path in the repository that a file to write has, if it will be read from there.
fn read_as(out: &Path, repository: &Path) -> String {
    let plain = |path: &Path| -> Vec<String> {
        let parts = path.components().filter(|part| !matches!(part, Component::CurDir));
        parts.map(|part| part.as_os_str().to_string_lossy().into_owned()).collect()
    };
    let (out, repository) = (plain(out), plain(repository));
    let below = out.strip_prefix(&repository[..]).unwrap_or(&[]);
    let is_input = below.first().is_some_and(|first| first == "intents" || first == "clusters");
    let path = below.join("/");
    match is_input && (path.ends_with(".yaml") || path.ends_with(".yml")) {
        true => path,
        false => NOWHERE.to_owned(),
    }
}

/// What the file holds that is written to.
fn kept(out: &Path) -> Result<String, Failure> {
    let path = out.display().to_string();
    if folder::what(&path) == What::Nothing {
        return Ok(String::new());
    }
    let failed = |because: String| Failure::new(format!("read `{path}`"), because);
    let bytes = folder::file(&path).map_err(failed)?;
    String::from_utf8(bytes).map_err(|_| failed("it is not UTF-8".to_owned()))
}

fn write(options: &Baseline, drafts: &Drafts) -> Result<(), Failure> {
    if drafts.is_empty() {
        return Ok(());
    }
    let Some(out) = &options.out else {
        talk::print(&drafts.text());
        return Ok(());
    };
    if drafts.path == NOWHERE {
        talk::note(&format!("`{}` is read only once it lies in intents/", out.display()));
    }
    let folder = out.parent().unwrap_or(Path::new(""));
    let file = out.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    begin::write(folder, &[(&file, drafts.text())])
}
