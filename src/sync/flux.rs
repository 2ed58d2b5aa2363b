//! Flux: one Kustomization per step, each depending on the one before.

use super::{LABEL, Request, Step, Sync};
use crate::object::Object;
use crate::version::Version;
use serde_json::{Map, Value, json};

/// Expressions that tell when an object is healthy came with this version.
const HEALTH_EXPRESSIONS: Version = Version::new(2, 5);

pub struct Flux;

impl Sync for Flux {
    fn id(&self) -> &'static str {
        "flux"
    }

    fn namespace(&self) -> &'static str {
        "flux-system"
    }

    fn keeps(&self) -> (&'static str, &'static str) {
        ("kustomize.toolkit.fluxcd.io/prune", "disabled")
    }

    fn objects(&self, request: &Request<'_>) -> Vec<(String, Object)> {
        let namespace = request.settings.namespace.as_deref().unwrap_or(self.namespace());
        let mut before: Option<&Step<'_>> = None;
        let mut objects = vec![];
        for step in request.steps {
            let mut spec = json!({
                "force": false,
                "interval": "10m",
                "path": format!("./{}/{}", request.folder, step.name),
                "prune": true,
                "sourceRef": {"kind": "GitRepository", "name": request.settings.source},
                "timeout": "5m",
                "wait": true,
            });
            if let Some(before) = before {
                spec["dependsOn"] = json!([{"name": object_name(before)}]);
            }
            if let Some(ready) = step.defines.filter(|_| tells_health(request)) {
                // What defines a kind is applied long before its kind can be used.
                spec["healthCheckExprs"] = json!([{
                    "apiVersion": ready.api_version,
                    "kind": ready.kind,
                    "current": ready.current,
                }]);
            }
            let labels: Map<String, Value> =
                [(LABEL.0.to_owned(), json!(LABEL.1))].into_iter().collect();
            let object = json!({
                "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
                "kind": "Kustomization",
                "metadata": {"name": object_name(step), "namespace": namespace, "labels": labels},
                "spec": spec,
            });
            objects.push((format!("{}.yaml", step.name), object));
            before = Some(step);
        }
        objects
    }
}

fn object_name(step: &Step<'_>) -> String {
    format!("ordinance-{}", step.name)
}

/// An unknown version is taken for a current one.
fn tells_health(request: &Request<'_>) -> bool {
    let version = request.settings.version.as_ref().map(|version| version.value);
    version.is_none_or(|version| version >= HEALTH_EXPRESSIONS)
}
