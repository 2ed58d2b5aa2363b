//! APIs in the snapshot that are gone in the new version of Kubernetes.

use crate::catalogue::removed_apis;
use crate::check::Manifest;
use crate::object;
use crate::version::Version;
use std::collections::BTreeMap;

/// A version of an API that is in use and goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    pub api_version: String,
    pub kind: String,
    /// The first Kubernetes without it.
    pub removed: Version,
    pub replacement: Option<&'static str>,
    /// The objects, as people know them.
    pub objects: Vec<String>,
}

/// Those that `from` still serves and `to` does not.
pub fn gone(manifests: &[Manifest], from: Version, to: Version) -> Vec<Gone> {
    let (from, to) = (from.minor_version(), to.minor_version());
    let going: BTreeMap<(&str, &str), _> = removed_apis()
        .filter(|one| from < one.removed && one.removed <= to)
        .map(|one| ((one.api_version, one.kind), one))
        .collect();
    let mut found: BTreeMap<(&str, &str), Gone> = BTreeMap::new();
    for manifest in manifests {
        let key = (object::text(&manifest.object, &["apiVersion"]), object::kind(&manifest.object));
        let Some((key, api)) = going.get_key_value(&key) else { continue };
        let gone = found.entry(*key).or_insert_with(|| Gone {
            api_version: api.api_version.to_owned(),
            kind: api.kind.to_owned(),
            removed: api.removed,
            replacement: api.replacement,
            objects: vec![],
        });
        gone.objects.push(manifest.title());
    }
    found.into_values().collect()
}
