//! Where all branches are, those that were fetched as well.

use super::{discover, from_oid};
use crate::tree::base::Id;
use std::path::Path;

/// The most branches that are looked at.
const MOST: usize = 20_000;

/// The branches of the repository a folder lies in, with the commits they are at, by name; none
/// where there is no repository. Whether one was moved can be told by comparing.
pub fn tips(folder: &Path) -> Vec<(Vec<u8>, Id)> {
    let Ok(repository) = discover(folder) else { return vec![] };
    let Ok(references) = repository.references() else { return vec![] };
    let branches = references.flatten().filter(|one| one.is_branch() || one.is_remote());
    let tip = |one: git2::Reference<'_>| Some((one.name_bytes().to_vec(), from_oid(one.target()?)));
    let mut tips: Vec<_> = branches.filter_map(tip).take(MOST).collect();
    tips.sort_by(|one, other| one.0.cmp(&other.0));
    tips
}
