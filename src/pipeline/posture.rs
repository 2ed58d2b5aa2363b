//! From a render to the posture: which clusters were given what, and which frameworks are told; and
//! the folder in which it is kept beside the render.
//!
//! What is kept depends on the inputs and on the days of the locks alone. It holds no commit, since
//! the one that it is committed with would be one of them, and no day but those that were decided:
//! neither a commit nor a day that passes makes it stale.

use super::{Loaded, Render};
use crate::date::Date;
use crate::document::{Document, Framework, State};
use crate::lock::{Lock, Remembered};
use crate::name;
use crate::posture::{self, Asked, Given, Line, Placed, Posture, Unit, Who, asked_for};
use crate::report::POSTURE_FORMATS;
use crate::tree::{ClusterTree, Files, Folder};
use std::sync::Arc;

/// The posture of all clusters that are not retired. `decided`: for being kept beside the render.
pub fn posture(
    loaded: &Loaded,
    rendered: &Render,
    frameworks: &[Asked],
    (day, decided): (Date, bool),
    who: &dyn Fn(&Line) -> Who,
) -> Posture {
    let linked = &loaded.linked;
    let unit = |name: &str| {
        let number = rendered.clusters.get(name)?.unit;
        let unit = &rendered.units[number];
        let (plan, target, folder) = (&unit.plan, &unit.target, unit.folder.as_ref());
        Some(Unit { number, plan, target, folder })
    };
    let there = linked.clusters.iter().filter(|one| one.spec.state != State::Retired);
    let mut clusters: Vec<Placed<'_>> =
        there.map(|cluster| Placed { cluster, unit: unit(&cluster.name.value) }).collect();
    clusters.sort_by(|one, other| one.cluster.name.value.cmp(&other.cluster.name.value));
    let frameworks: Vec<(&Document<Framework>, Asked)> = frameworks
        .iter()
        .filter_map(|asked| {
            let found = loaded.catalogue.framework(&asked.framework, &asked.version)?;
            Some((found, asked.clone()))
        })
        .collect();
    let given = Given {
        catalogue: &loaded.catalogue,
        linked,
        sources: &loaded.sources,
        day,
        decided,
        clusters,
        frameworks,
    };
    posture::posture(&given, who)
}

/// The posture as it is kept, with the day it is of; nothing where the fleet's settings ask for none
/// or no intent asks for a framework.
pub fn kept(loaded: &Loaded, rendered: &Render, today: Date) -> Option<(ClusterTree, Date)> {
    let formats = &loaded.linked.settings.posture;
    if formats.is_empty() {
        return None;
    }
    let locks = rendered.tree.clusters.values().map(|one| &one.folder.lock);
    let day = locks.filter_map(|lock| lock.rendered_for).max().unwrap_or(today);
    let mut files = Files::new();
    for asked in asked_for(&loaded.linked) {
        let one = [asked.clone()];
        let told = posture(loaded, rendered, &one, (day, true), &|_| Who::NotAsked);
        for kept in formats {
            let format = POSTURE_FORMATS.iter().find(|format| format.id == kept.name())?;
            let file = format!("{}.{}", file_name(&asked), format.ending);
            files.insert(file, (format.write)(&told).into_bytes().into());
        }
    }
    if files.is_empty() {
        return None;
    }
    let digests = files.iter().map(|(path, bytes)| (path.clone(), name::digest(bytes)));
    let lock = Lock { files: digests.collect(), ..Lock::default() };
    let folder = Folder { files, lock }.finished(vec![], &Remembered::default(), day);
    Some((ClusterTree { folder: Arc::new(folder), sync: None }, day))
}

/// As `--framework` takes it, but for what no file's name may hold.
fn file_name(asked: &Asked) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let version: String = asked.version.chars().map(|c| if fits(c) { c } else { '_' }).collect();
    match version == asked.version {
        true => format!("{}@{version}", asked.framework),
        false => {
            let digest = name::short_digest(asked.version.as_bytes());
            format!("{}@{version}-{digest}", asked.framework)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Kept;

    #[test]
    fn every_format_can_be_kept() {
        let kept: Vec<&str> = Kept::ALL.iter().map(|kept| kept.name()).collect();
        let formats: Vec<&str> = POSTURE_FORMATS.iter().map(|format| format.id).collect();
        assert_eq!(kept, formats);
    }

    #[test]
    fn no_version_leads_out_of_the_folder() {
        let named = |version: &str| {
            let (framework, version) = ("own".to_owned(), version.to_owned());
            file_name(&Asked { framework, version, clusters: None })
        };
        assert_eq!(named("1.8"), "own@1.8");
        assert!(named("../../x").starts_with("own@.._.._x-"));
        assert_ne!(named("a/b"), named("a b"));
    }
}
