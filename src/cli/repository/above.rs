//! Whoever stands in a folder of a policy repository needs no new one, and is told where it is.

#![expect(
    clippy::disallowed_methods,
    reason = "folders above the one that was named are looked at"
)]

use crate::cli::options::Place;
use crate::diagnostic::{Advice, Diagnostics};
use crate::source::ROOTS;
use std::path::{Component, Path, PathBuf};

/// What is said where there is no Fleet document.
const NO_FLEET: &str = "no-fleet";

pub fn lacks_fleet(diagnostics: &Diagnostics) -> bool {
    diagnostics.iter().any(|one| one.code == NO_FLEET)
}

/// Where a folder above is a policy repository, leads there instead of to a new one.
pub fn hint(place: &Place, diagnostics: &mut Diagnostics) {
    if !lacks_fleet(diagnostics) {
        return;
    }
    let Some(above) = above(&place.repository) else { return };
    let above = above.display();
    let mut all = std::mem::take(diagnostics).into_list();
    for one in all.iter_mut().filter(|one| one.code == NO_FLEET) {
        let help = format!("`{above}` has one: go there, or name it with `--repository {above}`");
        one.advice = vec![Advice::Help(help)];
    }
    diagnostics.extend(all);
}

/// The next folder above with the file of a Fleet document, no higher than the top of what is in git.
fn above(folder: &Path) -> Option<PathBuf> {
    let levels = folder.canonicalize().ok()?.ancestors().count() - 1;
    let mut here = folder.to_owned();
    for _ in 0..levels {
        if here.join(".git").exists() {
            return None;
        }
        here = parent(here);
        if here.join(ROOTS[0]).is_file() {
            return Some(here);
        }
    }
    None
}

/// The folder above, as somebody would name it who named this one.
fn parent(mut folder: PathBuf) -> PathBuf {
    match folder.components().next_back() {
        // What a link leads to lies elsewhere than the link.
        Some(Component::Normal(_)) if !folder.is_symlink() => {
            folder.pop();
        }
        None | Some(Component::CurDir) => return PathBuf::from(".."),
        _ => folder.push(".."),
    }
    match folder.as_os_str().is_empty() {
        true => PathBuf::from("."),
        false => folder,
    }
}
