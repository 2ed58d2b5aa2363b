//! Argo CD: one Application per step, ordered by sync waves.
//!
//! Argo CD has no health check for the kinds that are rendered and takes them for healthy at once,
//! so a step that uses kinds of an earlier one skips the dry run of what is not there yet, and
//! retries.

use super::{LABEL, Request, Sync};
use crate::object::Object;
use serde_json::json;

pub struct ArgoCd;

impl Sync for ArgoCd {
    fn id(&self) -> &'static str {
        "argocd"
    }

    fn namespace(&self) -> &'static str {
        "argocd"
    }

    fn lists_clusters(&self) -> Option<(&'static str, &'static str)> {
        Some(("argocd.argoproj.io/secret-type", "cluster"))
    }

    fn keeps(&self) -> (&'static str, &'static str) {
        ("argocd.argoproj.io/sync-options", "Prune=false")
    }

    fn objects(&self, request: &Request<'_>) -> Vec<(String, Object)> {
        let namespace = request.settings.namespace.as_deref().unwrap_or(self.namespace());
        let mut objects = vec![];
        for (wave, step) in request.steps.iter().enumerate() {
            let mut options = vec!["PruneLast=true", "ServerSideApply=true"];
            if wave > 0 {
                options.push("SkipDryRunOnMissingResource=true");
            }
            let object = json!({
                "apiVersion": "argoproj.io/v1alpha1",
                "kind": "Application",
                "metadata": {
                    "name": format!("ordinance-{}", step.name),
                    "namespace": namespace,
                    "labels": {LABEL.0: LABEL.1},
                    "annotations": {"argocd.argoproj.io/sync-wave": wave.to_string()},
                },
                "spec": {
                    "project": "default",
                    "source": {
                        "repoURL": request.settings.source,
                        "targetRevision": request.branch,
                        "path": format!("{}/{}", request.folder, step.name),
                    },
                    "destination": {"server": "https://kubernetes.default.svc"},
                    "syncPolicy": {
                        "automated": {"prune": true, "selfHeal": true},
                        "retry": {
                            "limit": 10,
                            "backoff": {"duration": "10s", "factor": 2, "maxDuration": "5m"},
                        },
                        "syncOptions": options,
                    },
                },
            });
            objects.push((format!("{}.yaml", step.name), object));
        }
        objects
    }
}
