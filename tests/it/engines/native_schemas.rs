//! Native policies pass Kubernetes' own schemas, strictly, in every version they are rendered for.

use super::fleet::Target;
use super::objects::{below, text, write};
use super::schemas::{everything, name};
use super::tools::{Tools, say};
use serde_json::Value;

/// Validates every document of a file and prints how many there are.
const SCRIPT: &str = "
import kubernetes_validate, sys, yaml
documents = list(yaml.safe_load_all(open(sys.argv[1])))
for document in documents:
    kubernetes_validate.validate(document, sys.argv[2], strict=True)
print(len(documents))
";

const VERSIONS: [&str; 7] = ["1.30", "1.31", "1.32", "1.33", "1.34", "1.35", "1.36"];

#[test]
fn native_policies_pass_strictly() {
    let python = "kubernetes-validate/bin/python";
    let Some(tools) = Tools::with(&[python]) else { return };
    let targets = VERSIONS.map(|kubernetes| Target { engine: "native", version: "", kubernetes });
    let fleet = everything(&targets);
    let work = tempfile::tempdir().expect("a temporary folder");
    let check = |policies: &[Value], version: &str| {
        write(&work.path().join("policies.yaml"), policies);
        tools.run(python, work.path(), &["-c", SCRIPT, "policies.yaml", version])
    };
    let mut checked = 0;
    for target in &targets {
        let policies = below(&fleet.rendered(&name(target)));
        let finished = check(&policies, target.kubernetes);
        assert!(finished.success, "{}: {}", target.title(), finished.stderr);
        assert_eq!(finished.stdout.trim(), policies.len().to_string());
        policies.iter().for_each(defaults_are_written);
        checked += policies.len();
    }
    let mut broken = below(&fleet.rendered(&name(&targets[0])));
    broken[0]["spec"]["unheardOf"] = true.into();
    assert!(!check(&broken, "1.30").success, "a field nobody knows must be refused");
    assert!(checked >= 160, "only {checked} objects were rendered");
    say(&format!("schemas: {checked} native objects pass strictly on {VERSIONS:?}"));
}

/// The schemas tell of no defaults; these are what the API server would write.
fn defaults_are_written(object: &Value) {
    let place = match text(object, "/kind") {
        "ValidatingAdmissionPolicy" => {
            assert!(!text(object, "/spec/failurePolicy").is_empty(), "{object}");
            let rules = object["spec"]["matchConstraints"]["resourceRules"].as_array();
            let rules = rules.expect("a policy has kinds");
            assert!(rules.iter().all(|rule| rule.get("scope").is_some()), "{object}");
            "matchConstraints"
        }
        _ => "matchResources",
    };
    for field in ["matchPolicy", "namespaceSelector", "objectSelector"] {
        assert!(object["spec"][place].get(field).is_some(), "{place}.{field}: {object}");
    }
}
