//! Generates a policy repository: N clusters × 60 rules, nine clusters in ten with a twin.
//!
//! Nothing is random, so every run measures the same work. The documents are honest ones: several
//! engines and versions, three environments, exemptions, graces, requirements that two intents
//! share, and a sync tool on every cluster.

use std::fmt::Write;
use std::fs;
use std::io;
use std::path::Path;

/// How many rules every cluster is given.
pub const RULES: usize = 60;

/// Rules of the catalogue that are asked for once.
const ONCE: [&str; 12] = [
    "control: disallow-privileged-containers",
    "control: disallow-host-namespaces",
    "control: disallow-host-path-volumes",
    "control: disallow-privilege-escalation",
    "control: run-as-non-root",
    "control: drop-capabilities",
    "control: require-seccomp-profile",
    "control: container-resource-limits",
    "control: allowed-image-registries, parameters: {registries: [registry.example.com/]}",
    "control: disallow-latest-tag",
    "control: required-labels, parameters: {labels: [owner]}",
    "control: disallow-wildcard-rbac",
];

/// Capabilities and labels that are asked for again, under names of their own.
const CAPABILITIES: [&str; 8] = [
    "NET_RAW",
    "NET_ADMIN",
    "SYS_ADMIN",
    "SYS_PTRACE",
    "SYS_TIME",
    "MKNOD",
    "AUDIT_WRITE",
    "CHOWN",
];
const LABELS: [&str; 20] = [
    "team",
    "tier",
    "app",
    "part-of",
    "stage",
    "contact",
    "region",
    "criticality",
    "data-class",
    "retention",
    "backup",
    "slo",
    "pager",
    "budget",
    "product",
    "domain",
    "lifecycle",
    "audit",
    "license",
    "origin",
];

/// Fields of a pod that controls of the repository's own look at, and what they must not be.
const FIELDS: [(&str, &str); 20] = [
    ("hostUsers", "true"),
    ("shareProcessNamespace", "true"),
    ("setHostnameAsFQDN", "true"),
    ("enableServiceLinks", "true"),
    ("automountServiceAccountToken", "true"),
    ("restartPolicy", "'Never'"),
    ("dnsPolicy", "'Default'"),
    ("schedulerName", "'other'"),
    ("preemptionPolicy", "'Never'"),
    ("priorityClassName", "'system-node-critical'"),
    ("serviceAccountName", "'default'"),
    ("nodeName", "'master'"),
    ("hostname", "'localhost'"),
    ("subdomain", "'kube-system'"),
    ("terminationGracePeriodSeconds", "0"),
    ("activeDeadlineSeconds", "1"),
    ("priority", "2000001000"),
    ("runtimeClassName", "'privileged'"),
    ("os", "'windows'"),
    ("hostAliases", "[]"),
];

const ENGINES: [&str; 12] = [
    "{name: native}",
    "{name: kyverno, version: \"1.12.6\"}",
    "{name: kyverno, version: \"1.14.4\"}",
    "{name: kyverno, version: \"1.15.2\"}",
    "{name: kyverno, version: \"1.16.3\"}",
    "{name: kyverno, version: \"1.17.2\"}",
    "{name: kyverno, version: \"1.19.0\"}",
    "{name: gatekeeper, version: \"3.17.1\"}",
    "{name: gatekeeper, version: \"3.19.1\"}",
    "{name: gatekeeper, version: \"3.21.1\"}",
    "{name: gatekeeper, version: \"3.22.0\"}",
    "{name: gatekeeper, version: \"3.23.1\"}",
];
const PROVIDERS: [&str; 5] = ["eks", "aks", "gke", "rancher", "generic"];
const ENVIRONMENTS: [&str; 3] = ["production", "staging", "development"];
const SYNC: [&str; 2] = [
    "{tool: flux, version: \"2.6\", source: policies}",
    "{tool: argocd, version: \"3.0\", source: \"https://git.example.com/policies.git\"}",
];

/// Writes the repository's inputs.
pub fn write(folder: &Path, clusters: usize) -> io::Result<()> {
    for name in ["intents/exemptions", "clusters"] {
        fs::create_dir_all(folder.join(name))?;
    }
    fs::write(folder.join("ordinance.yaml"), FLEET)?;
    for (index, (field, refused)) in FIELDS.iter().enumerate() {
        let id = format!("own-{index:02}");
        let home = folder.join("templates/controls").join(&id);
        fs::create_dir_all(&home)?;
        fs::write(home.join("control.yaml"), control(&id, field, refused))?;
    }
    intents(folder)?;
    for index in 0..clusters {
        let (name, text) = cluster(index, clusters);
        fs::write(folder.join(format!("clusters/{name}.yaml")), text)?;
        if alone(index) && index % 40 == 0 {
            let path = folder.join(format!("intents/exemptions/{name}.yaml"));
            fs::write(path, exemption(&name, ENVIRONMENTS[index % 3] == "production"))?;
        }
    }
    Ok(())
}

/// Changes one requirement of one intent: another label is demanded everywhere.
pub fn change_an_intent(folder: &Path) -> io::Result<()> {
    let path = folder.join("intents/labels.yaml");
    let text = fs::read_to_string(&path)?;
    fs::write(path, text.replace("labels: [pager]", "labels: [pager, phone]"))
}

const FLEET: &str = "\
apiVersion: ordinance.dev/v1
kind: Fleet
metadata: {name: bench}
spec:
  environments:
    - {name: development, places: [{clusters: {matchLabels: {environment: development}}}]}
    - {name: staging, places: [{clusters: {matchLabels: {environment: staging}}}]}
    - {name: production}
  delivery:
    remote: origin
    base: main
    branch: ordinance/
    forge: {name: github}
    author: {name: ordinance, email: ordinance@example.com}
";

fn control(id: &str, field: &str, refused: &str) -> String {
    format!(
        "\
apiVersion: ordinance.dev/v1
kind: Control
metadata: {{name: {id}}}
spec:
  title: Pods do not set {field} to {refused}
  why: It is this bench's own rule.
  fix: Remove the field, or give it another value.
  severity: medium
  subject: pod
  operations: [CREATE, UPDATE]
  unchanged: allow
  parameters: {{type: object, additionalProperties: false, properties: {{}}}}
  variables:
    - name: value
      expression: variables.podSpec.?{field}.orValue(null)
  rules:
    - name: field
      offenders: \"dyn(variables.value) == dyn({refused}) ? ['{field}'] : []\"
      message: \"pod sets: {{offenders}}\"
"
    )
}

fn intents(folder: &Path) -> io::Result<()> {
    let write = |name: &str, more: &str, requires: &[String]| {
        let mut text = format!(
            "apiVersion: ordinance.dev/v1\nkind: Intent\nmetadata: {{name: {name}}}\nspec:\n  \
             statement: What {name} means.\n  owner: platform-security\n{more}  requires:\n"
        );
        for requirement in requires {
            let _ = writeln!(text, "    - {{{requirement}}}");
        }
        fs::write(folder.join(format!("intents/{name}.yaml")), text)
    };
    let grace = ", grace: {environment: development, period: 90d, action: warn}";
    let once = ONCE.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
    write("baseline", "  exemptions: {longest: 180d}\n", &once)?;
    let again: Vec<String> =
        ONCE[4..8].iter().map(|one| format!("{one}, environment: production")).collect();
    write("production", "  exemptions: {longest: 180d}\n", &again)?;
    let capabilities: Vec<String> = CAPABILITIES
        .iter()
        .map(|one| {
            let id = one.to_lowercase().replace('_', "-");
            format!("control: drop-capabilities, as: drop-{id}, parameters: {{drop: [{one}]}}")
        })
        .collect();
    write("capabilities", "  action: audit\n", &capabilities)?;
    let labels: Vec<String> = LABELS
        .iter()
        .map(|one| {
            format!("control: required-labels, as: label-{one}, parameters: {{labels: [{one}]}}")
        })
        .collect();
    write("labels", "  action: warn\n", &labels)?;
    let own: Vec<String> =
        (0..FIELDS.len()).map(|index| format!("control: own-{index:02}{grace}")).collect();
    write("own", "", &own)?;
    assert_eq!(ONCE.len() + CAPABILITIES.len() + LABELS.len() + FIELDS.len(), RULES);
    Ok(())
}

/// One cluster in ten is like no other.
fn alone(index: usize) -> bool {
    index.is_multiple_of(10)
}

/// Clusters that are not alone come in groups: a fiftieth of the fleet is the number of groups.
pub fn cluster(index: usize, clusters: usize) -> (String, String) {
    let name = format!("cluster-{index:05}");
    let kind = if alone(index) { index } else { index % (clusters / 50).max(2) };
    let environment = ENVIRONMENTS[kind % 3];
    let engine = ENGINES[kind / 3 % 12];
    let provider = PROVIDERS[kind / 36 % 5];
    let minor = 30 + kind / 180 % 7;
    let sync = SYNC[kind % 2];
    // What makes a cluster one of its own: an exemption, system namespaces, or a version's patch.
    let own = match (alone(index), index % 40) {
        (true, 10) => format!("  systemNamespaces: [agent-{index}]\n"),
        (true, _) => format!("  systemNamespaces: [vendor, vendor-{}]\n", index % 7),
        (false, _) => format!("  systemNamespaces: [team-{}]\n", kind % 11),
    };
    let patch = format!(".{}\"}}", if alone(index) { index } else { 0 });
    let engine = match engine.rsplit_once('.') {
        Some((version, _)) => format!("{version}{patch}"),
        None => engine.to_owned(),
    };
    let text = format!(
        "\
apiVersion: ordinance.dev/v1
kind: Cluster
metadata: {{name: {name}, labels: {{environment: {environment}, provider: {provider}}}}}
spec:
  kubernetes: \"1.{minor}\"
  provider: {provider}
  engine: {engine}
{own}  sync: {sync}
"
    );
    (name, text)
}

fn exemption(cluster: &str, production: bool) -> String {
    let controls = "controls: [run-as-non-root, require-seccomp-profile]";
    let both = format!("\n    - {{intent: production, {controls}}}");
    let production = if production { both.as_str() } else { "" };
    format!(
        "\
apiVersion: ordinance.dev/v1
kind: Exemption
metadata: {{name: legacy-{cluster}}}
spec:
  lifts:
    - {{intent: baseline, {controls}}}{production}
  scope:
    clusters: {{names: [{cluster}]}}
    namespaces: {{names: [legacy]}}
  reason: What runs there predates the baseline.
  owner: team-legacy
  granted: 2026-11-02
  expires: 2027-01-29
"
    )
}
