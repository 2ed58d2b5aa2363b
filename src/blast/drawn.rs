//! What a change touches of a cluster's policies: the objects of their controls, on both sides.

use crate::change::{self, Touched};
use crate::engine;
use crate::name;
use crate::object::{self, Object};
use std::collections::{BTreeMap, BTreeSet};

/// The objects of the controls that a change touches, on both sides.
pub struct Drawn {
    /// The same for the same objects.
    pub digest: String,
    pub sides: [Vec<Object>; 2],
    /// The files that differ, by the kind and name of each of their objects, on both sides.
    files: [BTreeMap<String, String>; 2],
}

impl Drawn {
    pub fn of(touched: &Touched) -> Drawn {
        let mut sides: [Vec<Object>; 2] = [vec![], vec![]];
        let mut files: [BTreeMap<String, String>; 2] = [BTreeMap::new(), BTreeMap::new()];
        for (path, (old, new)) in &touched.files {
            for (which, bytes) in [old, new].into_iter().enumerate() {
                let read = bytes.as_deref().and_then(change::objects).unwrap_or_default();
                for object in read.into_iter().filter(is_ours) {
                    files[which].insert(called(&object), path.clone());
                    sides[which].push(object);
                }
            }
        }
        // A policy may be of no use without what stands in a file that stays as it is.
        let controls: BTreeSet<String> =
            sides.iter().flatten().map(|object| change::control(object).to_owned()).collect();
        let unchanged = if controls.is_empty() { vec![] } else { touched.unchanged() };
        for control in &controls {
            let beside = change::of_control(control, &unchanged);
            let beside: Vec<Object> = beside.into_iter().filter(is_ours).collect();
            for side in &mut sides {
                side.extend(beside.iter().cloned());
            }
        }
        let said: Vec<String> = sides
            .iter()
            .map(|side| side.iter().map(|one| format!("{one}\n")).collect::<String>())
            .collect();
        Drawn { digest: name::digest(said.join("\0").as_bytes()), sides, files }
    }

    /// What a policy is compared as: its file where that is there on both sides, since one control may
    /// be asked for several times; else its control, since a rule may have been renamed. `None`: none
    /// of its objects differs.
    pub fn compared_as(&self, side: usize, control: &str, origin: &str) -> Option<String> {
        let of = origin.split(" by ").filter_map(|object| self.files[side].get(object));
        // What judges is named last; before it comes what it takes its text from.
        let path = of.last()?;
        let stays = self.files.iter().all(|side| side.values().any(|one| one == path));
        Some(if stays { path.clone() } else { control.to_owned() })
    }
}

fn called(object: &Object) -> String {
    format!("{}/{}", object::kind(object), object::name(object))
}

/// Rendered by us, and for some engine to read.
fn is_ours(object: &Object) -> bool {
    let (group, _) = object::group_version(object);
    !change::control(object).is_empty()
        && engine::all().iter().any(|engine| engine.groups().contains(&group))
}
