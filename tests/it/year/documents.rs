//! What people have written in the repository of the year.

pub const BEGINNING: [(&str, &str); 7] = [
    ("ordinance.yaml", FLEET),
    ("clusters/dev-1.yaml", DEV),
    ("clusters/edge-1.yaml", EDGE),
    ("clusters/prod-1.yaml", PROD),
    ("intents/limits.yaml", LIMITS),
    ("intents/root.yaml", ROOT),
    ("intents/host.yaml", HOST),
];

const FLEET: &str = "\
apiVersion: ordinance.dev/v1
kind: Fleet
metadata: {name: year}
spec:
  environments:
    - {name: development, places: [{clusters: {matchLabels: {environment: development}}}]}
    - {name: production}
  onboarding: {period: 14d}
  exemptions: {longest: 180d, review: 60d, overdue: lapse, remind: 14d}
  delivery: {forge: {name: github}, author: {name: ordinance, email: ordinance@example.com}}
";

pub const DEV: &str = "\
apiVersion: ordinance.dev/v1
kind: Cluster
metadata: {name: dev-1, labels: {environment: development}}
spec: {kubernetes: \"1.34\", provider: generic, engine: {name: native}}
";

const EDGE: &str = "\
apiVersion: ordinance.dev/v1
kind: Cluster
metadata: {name: edge-1, labels: {site: edge}}
spec: {kubernetes: \"1.34\", provider: generic, engine: {name: kyverno, version: \"1.19.0\"}}
";

const PROD: &str = "\
apiVersion: ordinance.dev/v1
kind: Cluster
metadata: {name: prod-1}
spec: {kubernetes: \"1.34\", provider: generic, engine: {name: gatekeeper, version: \"3.23.1\"}}
";

pub const FRESH: &str = "\
apiVersion: ordinance.dev/v1
kind: Cluster
metadata: {name: fresh-1, labels: {environment: development}}
spec: {kubernetes: \"1.34\", provider: generic, engine: {name: native}}
";

pub const LIMITS: &str = "\
apiVersion: ordinance.dev/v1
kind: Intent
metadata: {name: limits}
spec:
  statement: Containers have limits.
  owner: platform
  requires:
    - control: container-resource-limits
      parameters: {resources: [memory]}
      grace: {environment: development, period: 21d, action: warn}
";

pub const ROOT: &str = "\
apiVersion: ordinance.dev/v1
kind: Intent
metadata: {name: root}
spec:
  statement: Nothing runs as root.
  owner: platform
  requires: [{control: run-as-non-root}]
  exemptions: {}
";

const HOST: &str = "\
apiVersion: ordinance.dev/v1
kind: Intent
metadata: {name: host}
spec:
  statement: The shop keeps out of its nodes' namespaces.
  owner: platform
  requires:
    - {control: disallow-host-namespaces, namespaces: {matchLabels: {team: shop}}}
";

/// For everybody, and mildly where it is new.
pub const HOST_WIDER: &str = "\
apiVersion: ordinance.dev/v1
kind: Intent
metadata: {name: host}
spec:
  statement: Everybody keeps out of the nodes' namespaces.
  owner: platform
  requires:
    - {control: disallow-host-namespaces, grace: {period: 28d, action: warn}}
";

pub const TAGS: &str = "\
apiVersion: ordinance.dev/v1
kind: Intent
metadata: {name: tags}
spec:
  statement: Images have a tag that stays.
  owner: platform
  requires:
    - {control: disallow-latest-tag, grace: {period: 30d, action: audit}}
";

pub const MOUNTS: &str = "\
apiVersion: ordinance.dev/v1
kind: Intent
metadata: {name: mounts}
spec:
  statement: Nobody mounts the nodes' folders.
  owner: platform
  requires:
    - control: disallow-host-path-volumes
      clusters: {names: [prod-1]}
      grace: {period: 14d, action: warn}
";

pub const PRIVILEGED: &str = "\
apiVersion: ordinance.dev/v1
kind: Intent
metadata: {name: privileged}
spec:
  statement: Nobody is privileged.
  owner: platform
  requires:
    - control: disallow-privileged-containers
      clusters: {names: [edge-1]}
      grace: {period: 14d, action: audit}
";

pub const ESCALATION: &str = "\
apiVersion: ordinance.dev/v1
kind: Intent
metadata: {name: escalation}
spec:
  statement: Nobody gains privileges.
  owner: platform
  requires:
    - {control: disallow-privilege-escalation, grace: {period: 14d, action: warn}}
";

/// To begin a week after it is written, and to end before its first review is due.
pub const LEGACY: &str = "\
apiVersion: ordinance.dev/v1
kind: Exemption
metadata: {name: legacy}
spec:
  lifts: [{intent: root, controls: [run-as-non-root]}]
  scope:
    clusters: {names: [prod-1]}
    namespaces: {names: [billing]}
  reason: It predates the rule.
  owner: team-billing
  granted: 2027-10-11
  expires: 2027-11-30
";

/// On two engines, and under review.
pub const RENDERER: &str = "\
apiVersion: ordinance.dev/v1
kind: Exemption
metadata: {name: renderer}
spec:
  lifts: [{intent: root, controls: [run-as-non-root]}]
  scope:
    clusters: {names: [dev-1, edge-1]}
    namespaces: {names: [reports]}
  reason: It has to bind a low port.
  owner: team-reports
  granted: 2028-01-10
  expires: 2028-06-30
";

/// For two weeks, and about one image.
pub const ADVISORY: &str = "\
apiVersion: ordinance.dev/v1
kind: Advisory
metadata: {name: cve-2028-1}
spec:
  statement: The base image lets others in.
  ids: [CVE-2028-1]
  severity: critical
  owner: security-response
  affects: {images: [{repository: registry.example.com/base, versions: \"<2.4.1\"}]}
  unknownVersion: deny
  action: deny
  granted: 2028-07-25
  expires: 2028-08-08
";
