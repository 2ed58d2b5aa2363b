//! Judging in-process what was emitted for a target.
//!
//! It starts from bytes: objects are rendered, written, parsed again and read back by the engine
//! they are for. What is tested is what will be applied.

mod asked;
mod blame;
mod cases;
mod known;
mod manifests;
mod verdict;

pub use asked::{can_be_made, exists as reaches, request as case_request};
pub use cases::{CaseProblem, Proved, prove, prove_altered};
pub use known::{Known, Labels};
pub use manifests::{Manifest, Manifests, of_snapshot, read, title};
pub use verdict::{
    About, Assumed, Findings, Judge, Panel, Requests, Unjudged, Violation, hear, judge,
};

use crate::admission::Policy;
use crate::engine::Engine;
use crate::object::Object;
use crate::text::Sources;
use crate::yaml;

/// Reads rendered files back into policies, as their engine would.
pub fn policies<'a>(
    engine: &dyn Engine,
    files: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Vec<Policy>, String> {
    let mut objects: Vec<Object> = vec![];
    for bytes in files {
        let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
        let mut sources = Sources::default();
        let source = sources.add("rendered", text);
        let nodes = yaml::read(&sources, source).map_err(|problems| {
            problems.into_iter().map(|one| one.message).collect::<Vec<_>>().join("; ")
        })?;
        objects.extend(nodes.iter().map(yaml::Node::to_json));
    }
    engine.read(&objects)
}
