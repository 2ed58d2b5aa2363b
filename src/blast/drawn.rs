//! What a change touches of a cluster's policies: the files of their controls, on both sides.

use super::read::{Digest, File, Reader};
use crate::change::{Touched, is_of_control};
use crate::engine::Stage;
use crate::tree::folder_name;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The files of the controls that a change touches.
pub struct Drawn {
    /// The same for the same files.
    pub digest: Digest,
    pub controls: BTreeMap<String, Control>,
}

/// The files of one control.
#[derive(Default)]
pub struct Control {
    /// Those that differ, or that stand on one that does.
    pub sides: [Vec<File>; 2],
    /// What stays as it is and others take their text from.
    pub support: Vec<File>,
    /// What stays as it is and judges.
    pub beside: Vec<File>,
}

impl Drawn {
    pub fn of(touched: &Touched, reader: &Reader) -> Drawn {
        let mut controls: BTreeMap<String, Control> = BTreeMap::new();
        for (path, (old, new)) in &touched.files {
            for (side, bytes) in [old, new].into_iter().enumerate() {
                let Some(file) = bytes.as_ref().map(|bytes| reader.file(path, bytes)) else {
                    continue;
                };
                if let Some(control) = file.control().map(str::to_owned) {
                    controls.entry(control).or_default().sides[side].push(file);
                }
            }
        }
        let unchanged = if controls.is_empty() { vec![] } else { touched.unchanged() };
        for (name, control) in &mut controls {
            control.surround(name, &unchanged, reader);
        }
        let mut digest = Sha256::new();
        for control in controls.values() {
            let lists = control.sides.iter().chain([&control.support, &control.beside]);
            for (list, files) in lists.enumerate() {
                for file in files {
                    digest.update([u8::try_from(list).unwrap_or(u8::MAX)]);
                    digest.update(file.path.as_bytes());
                    digest.update(file.digest);
                }
            }
        }
        Drawn { digest: digest.finalize().into(), controls }
    }
}

impl Control {
    /// Adds what stays as it is; what takes its text from a file that differs is touched by it.
    fn surround(&mut self, name: &str, unchanged: &[(&str, &Arc<[u8]>)], reader: &Reader) {
        let judges = |path: &str| path.starts_with(folder_name(Stage::Policies));
        let bare = self.sides.iter().flatten().any(|file| !judges(&file.path));
        for (path, bytes) in unchanged.iter().filter(|(_, bytes)| is_of_control(name, bytes)) {
            let file = reader.file(path, bytes);
            match (judges(path), bare) {
                (true, true) => self.sides.iter_mut().for_each(|side| side.push(file.clone())),
                (true, false) => self.beside.push(file),
                (false, _) => self.support.push(file),
            }
        }
    }

    /// What a policy is compared as: its file where that is there on both sides, since one control may
    /// be asked for several times; else the control, since a rule may have been renamed.
    pub fn compared_as(&self, side: usize, origin: &str) -> Option<String> {
        // What judges is named last; before it comes what it takes its text from.
        let object = origin.rsplit(" by ").next()?;
        let file = self.sides[side].iter().find(|file| file.holds(object))?;
        let paths = |side: &Vec<File>| -> BTreeSet<String> {
            side.iter().map(|file| file.path.clone()).collect()
        };
        let stays = self.sides.iter().all(|side| paths(side).contains(&file.path));
        Some(if stays { file.path.clone() } else { String::new() })
    }
}
