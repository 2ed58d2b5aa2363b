//! Which repository, which base, which day.

#![expect(clippy::disallowed_methods, reason = "today is asked for here and nowhere else")]

mod above;

use super::options::{Common, Place};
use super::{snapshots, talk};
use crate::catalogue::Extent;
use crate::date::Date;
use crate::diagnostic::Severity;
use crate::failure::Failure;
use crate::lock::Landings;
use crate::pipeline::{self, Landed, Loaded, Render, RenderRequest};
use crate::source::folder::{self, Folder, What};
use crate::source::{Found, ROOTS, git};
use crate::tree::Base;
use std::path::Path;

/// Today, or the day that was given.
pub fn today(common: &Common) -> Date {
    given(common).unwrap_or_else(now)
}

/// Today, in UTC.
pub fn now() -> Date {
    let seconds = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    let seconds = i64::try_from(seconds).unwrap_or(0);
    Date::from_unix_seconds(seconds).expect("the clock lies within the calendar")
}

fn given(common: &Common) -> Option<Date> {
    common.now.and_then(|day| day.0)
}

/// How the day came about, for people.
pub fn day_in_words(common: &Common) -> String {
    let given = if given(common).is_some() { " (given)" } else { " (today in UTC)" };
    format!("{}{given}", today(common))
}

/// Reads the repository's folder.
///
/// What is read and rendered lives until the program ends: giving back a fleet's worth of memory
/// piece by piece just before would only take time.
pub fn load(place: &Place) -> Result<&'static mut Loaded, Failure> {
    read(place, Extent::WithoutCases)
}

/// Reads the repository's folder, and the cases of the built-in controls too.
pub fn load_with_cases(place: &Place) -> Result<&'static mut Loaded, Failure> {
    read(place, Extent::WithCases)
}

/// A folder that is not there is no empty repository: somebody mistyped it.
pub fn is_there(place: &Place) -> Result<(), Failure> {
    let path = place.repository.display().to_string();
    match folder::what(&path) {
        What::Folder => Ok(()),
        found => {
            let came_back = match found {
                What::Nothing => format!("there is no folder `{path}`"),
                _ => format!("`{path}` is no folder"),
            };
            Err(Failure::new("read the policy repository", came_back)
                .to_do("name its folder with `--repository DIR`"))
        }
    }
}

/// Reads the repository's folder as if one of its files said this; it may be a file that is not
/// there.
pub fn load_as_if(place: &Place, path: &str, text: &str) -> Result<&'static mut Loaded, Failure> {
    is_there(place)?;
    let mut found = Folder::new(&place.repository).read(ROOTS)?;
    found.files.retain(|(other, _)| other != path);
    found.files.push((path.to_owned(), text.as_bytes().to_vec()));
    Ok(linked(place, found, Extent::WithoutCases))
}

/// Whether there is a Fleet document here, or what is to become one; where there is none, that is
/// said. Nothing that is read is kept.
pub fn has_fleet(common: &Common) -> Result<bool, Failure> {
    let place = &common.place;
    let folder = Folder::new(&place.repository);
    let look = |roots: &[&str]| -> Result<Loaded, Failure> {
        let known = pipeline::known(forges());
        Ok(pipeline::load(folder.read(roots)?, &known, Extent::WithoutCases))
    };
    // Most keep it in its own file, which is quickly read, and perhaps being written.
    let own = look(&ROOTS[..1])?.diagnostics;
    if !above::lacks_fleet(&own) || own.count(Severity::Error) > 1 {
        return Ok(true);
    }
    let mut all = look(ROOTS)?;
    if !above::lacks_fleet(&all.diagnostics) {
        return Ok(true);
    }
    above::hint(place, &mut all.diagnostics);
    talk::complaints(&common.shown, &all.diagnostics, &all.sources, "");
    Ok(false)
}

fn linked(place: &Place, found: Found, extent: Extent) -> &'static mut Loaded {
    let mut loaded = pipeline::load(found, &pipeline::known(forges()), extent);
    above::hint(place, &mut loaded.diagnostics);
    Box::leak(Box::new(loaded))
}

fn read(place: &Place, extent: Extent) -> Result<&'static mut Loaded, Failure> {
    is_there(place)?;
    let folder = Folder::new(&place.repository);
    let loaded = linked(place, folder.read(ROOTS)?, extent);
    // A cluster whose document is broken is not missing.
    if !loaded.diagnostics.has_errors() {
        loaded.diagnostics.extend(snapshots::strays(&folder, &loaded.linked.clusters));
    }
    if loaded.asks_for_snapshots() {
        snapshots::look(&folder, loaded)?;
    }
    Ok(loaded)
}

/// Renders, and tells every complaint of the run at once; `None` where the input is wrong, and
/// `end` says what that comes to.
pub fn render(
    common: &Common,
    loaded: &mut Loaded,
    request: &RenderRequest<'_>,
    end: &str,
) -> Option<&'static Render> {
    let rendered = Box::leak(Box::new(pipeline::render(loaded, request)));
    let mut all = std::mem::take(&mut loaded.diagnostics);
    all.extend(std::mem::take(&mut rendered.diagnostics).into_list());
    talk::complaints(&common.shown, &all, &loaded.sources, end);
    (!all.has_errors()).then_some(&*rendered)
}

/// The first of these environment variables that is set.
pub fn token(variables: &[&str]) -> Option<String> {
    variables.iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
}

pub fn forges() -> Vec<String> {
    crate::delivery::forge::names().map(str::to_owned).collect()
}

/// What has landed: the base branch where there is git, the folder otherwise.
pub fn base(common: &Common, loaded: &Loaded) -> Box<dyn Base> {
    let folder = &common.place.repository;
    let delivery = loaded.linked.settings.delivery.as_ref();
    let (remote, branch) = delivery
        .map_or(("origin", "main"), |delivery| (delivery.remote.as_str(), delivery.base.as_str()));
    let remote_branch = format!("refs/remotes/{remote}/{branch}");
    let own_branch = format!("refs/heads/{branch}");
    for revision in [remote_branch.as_str(), own_branch.as_str(), "HEAD"] {
        if let Some(commit) = commit(folder, revision) {
            return Box::new(commit);
        }
    }
    Box::new(Folder::new(folder))
}

/// The base, and when those lines of its locks landed that graces are counted from.
pub fn landed<'a>(
    common: &Common,
    loaded: &Loaded,
    base: &'a dyn Base,
) -> Result<Landed<'a>, Failure> {
    let mut landed = Landed::new(base);
    landed.landings = match &common.landings {
        Some(file) => landings(file)?,
        None => base.landings(&landed.awaited(loaded))?,
    };
    Ok(landed)
}

fn landings(file: &Path) -> Result<Landings, Failure> {
    let tried = || format!("read {} as landings", file.display());
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::new(tried(), error.to_string()).to_do("name a file"))?;
    Landings::read(&text).map_err(|line| {
        Failure::new(tried(), format!("line {line} cannot be read"))
            .to_do("every line has a day, the path of a lock and that lock's line")
    })
}

fn commit(folder: &Path, revision: &str) -> Option<git::Commit> {
    git::Commit::open(folder, revision).ok()
}
