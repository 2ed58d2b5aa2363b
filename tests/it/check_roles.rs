//! What only `check` sees: a manifest as it was written, with fields that the API server drops
//! before it asks anybody, so that no case can have them.

use crate::check::folder;
use crate::support::binary::ordinance;
use crate::support::files;
use serde_json::Value;

const ROLE: &str = "\
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: web, namespace: shop}
aggregationRule: {clusterRoleSelectors: [{matchLabels: {team: web}}]}
rules:
  - {apiGroups: ['*'], resources: ['*'], verbs: ['*']}
";

/// A Role has no `aggregationRule`: nobody fills in its rules, and they are judged.
#[test]
fn a_role_is_not_aggregated_whatever_it_says() {
    let folder = folder(&[("role.yaml", ROLE)]);
    let mut judged = 0;
    for (_, document) in files::documents("templates/controls") {
        let spec = &document["spec"];
        let variables = spec["variables"].as_array().into_iter().flatten();
        let reads = variables.into_iter().any(|one| one["name"] == "aggregated");
        let kinds = spec["subject"]["resources"].as_array().into_iter().flatten();
        if !reads || !kinds.into_iter().any(|one| one["kind"] == "Role") {
            continue;
        }
        let id = document["metadata"]["name"].as_str().map(str::to_owned).expect("a name");
        let run = ordinance(folder.path(), &["check", "--control", &id, "--format", "json", "."]);
        let said: Value = serde_json::from_str(&run.out).expect("JSON");
        assert_eq!(said["violations"][0]["control"], Value::from(id), "{}{}", run.out, run.err);
        judged += 1;
    }
    assert!(judged >= 7, "only {judged} controls");
}
