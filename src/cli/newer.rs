//! Versions that are newer than any of which something is known.

use crate::engine::Engine;
use crate::pipeline;
use crate::plan::Facts;
use crate::version::Version;

/// Says so of an engine's version and of one of Kubernetes, as far as they are given.
pub fn told(
    engine: &dyn Engine,
    version: Option<Version>,
    kubernetes: Option<Version>,
) -> Vec<String> {
    let newest = engine.proved().iter().filter_map(Facts::engine_version).max();
    let engine = version.zip(newest).map(|(to, known)| (engine.title(), to, known));
    let (_, newest) = pipeline::usual();
    let kubernetes = kubernetes.map(|to| ("Kubernetes", to, newest));
    let all = engine.into_iter().chain(kubernetes);
    let newer = all.filter(|(_, to, known)| to.minor_version() > known.minor_version());
    let words = |(what, to, known): (&str, Version, Version)| {
        let known = known.minor_version();
        format!("{what} {to} is newer than the newest that is proved here, {known}")
    };
    newer.map(words).collect()
}
