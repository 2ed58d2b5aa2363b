//! What people write before and after, and what that comes to; each is also read backwards.
//!
//! `requires` is the list of an intent, one requirement a line; a line that begins with `!` is an
//! exemption's scope, with `@` a fleet's further fields, with `#` the environment of the clusters,
//! and with `~` a text of the rendered files that somebody replaces by hand.

use ordinance::change::Direction::{self, Loosens as L, Neutral as N, Tightens as T, Unknown as U};

/// What it is, before, after, what that comes to, and what the way back does.
pub type Case = (&'static str, &'static str, &'static str, Direction, Direction);

const ROOT: &str = "{control: run-as-non-root}";

/// The eight of the scenario: each is loosening, and its mirror tightening.
pub const EIGHT: &[Case] = &[
    ("1 deny becomes warn", ROOT, "{control: run-as-non-root, action: warn}", L, T),
    (
        "2 a namespace is left out",
        ROOT,
        "{control: run-as-non-root, namespaces: {except: [legacy]}}",
        L,
        T,
    ),
    ("3 a kind is left out", ROOT, "{control: run-as-non-root}\n~kind", L, T),
    ("4 an operation is left out", ROOT, "{control: run-as-non-root}\n~operation", L, T),
    (
        "5 a registry more is allowed",
        "{control: allowed-image-registries, parameters: {registries: [a.example/]}}",
        "{control: allowed-image-registries, parameters: {registries: [a.example/, b.example/]}}",
        L,
        T,
    ),
    (
        "6 a registry less is denied",
        "{control: disallowed-image-registries, parameters: {registries: [a.example/, b.example/]}}",
        "{control: disallowed-image-registries, parameters: {registries: [a.example/]}}",
        L,
        T,
    ),
    ("7 the demand goes", "{control: run-as-non-root}\n{control: disallow-latest-tag}", ROOT, L, T),
    (
        "8 the clusters move to development",
        "{control: run-as-non-root, environment: production}\n{control: disallow-latest-tag}",
        "{control: run-as-non-root, environment: production}\n{control: disallow-latest-tag}\n#development",
        L,
        T,
    ),
];

pub const MORE: &[Case] = &[
    ("nothing", ROOT, ROOT, N, N),
    (
        "a name is given to another control",
        "{control: disallow-host-ports, as: base}",
        "{control: disallow-latest-tag, as: base}",
        L,
        L,
    ),
    ("deny becomes audit", ROOT, "{control: run-as-non-root, action: audit}", L, T),
    (
        "warn becomes audit",
        "{control: disallow-latest-tag, action: warn}",
        "{control: disallow-latest-tag, action: audit}",
        L,
        T,
    ),
    (
        "the same in other words",
        "{control: run-as-non-root, action: deny}",
        "{action: deny, control: run-as-non-root, namespaces: {}}",
        N,
        N,
    ),
    (
        "what is asked for twice is asked for once",
        "{control: run-as-non-root}\n{control: run-as-non-root, action: warn}",
        ROOT,
        N,
        N,
    ),
    (
        "warned in development and denied elsewhere becomes denied",
        "{control: run-as-non-root, action: warn, namespaces: {matchLabels: {team: web}}}\n{control: run-as-non-root, namespaces: {matchExpressions: [{key: team, operator: NotIn, values: [web]}]}}",
        ROOT,
        T,
        L,
    ),
    (
        "one rule becomes two that say the same",
        ROOT,
        "{control: run-as-non-root, namespaces: {matchLabels: {team: web}}}\n{control: run-as-non-root, namespaces: {matchExpressions: [{key: team, operator: NotIn, values: [web]}]}}",
        N,
        N,
    ),
    (
        "one rule becomes two, of which one warns",
        ROOT,
        "{control: run-as-non-root, action: warn, namespaces: {matchLabels: {team: web}}}\n{control: run-as-non-root, namespaces: {matchExpressions: [{key: team, operator: NotIn, values: [web]}]}}",
        L,
        T,
    ),
    (
        "another namespace is left out",
        "{control: run-as-non-root, namespaces: {except: [legacy]}}",
        "{control: run-as-non-root, namespaces: {except: [legacy, older]}}",
        L,
        T,
    ),
    (
        "one namespace instead of another",
        "{control: run-as-non-root, namespaces: {names: [a]}}",
        "{control: run-as-non-root, namespaces: {names: [b]}}",
        L,
        L,
    ),
    (
        "only where there is a label",
        ROOT,
        "{control: run-as-non-root, namespaces: {matchExpressions: [{key: team, operator: Exists}]}}",
        L,
        T,
    ),
    (
        "a label more is asked for of the namespace",
        "{control: run-as-non-root, namespaces: {matchLabels: {team: web}}}",
        "{control: run-as-non-root, namespaces: {matchLabels: {team: web, tier: front}}}",
        L,
        T,
    ),
    (
        "a value more of a label",
        "{control: run-as-non-root, namespaces: {matchExpressions: [{key: team, operator: In, values: [a]}]}}",
        "{control: run-as-non-root, namespaces: {matchExpressions: [{key: team, operator: In, values: [a, b]}]}}",
        T,
        L,
    ),
    (
        "somebody is exempted",
        ROOT,
        "{control: run-as-non-root}\n!namespaces: {names: [legacy]}",
        L,
        T,
    ),
    (
        "a workload is exempted",
        ROOT,
        "{control: run-as-non-root}\n!namespaces: {names: [legacy]}, workloads: [{kind: Deployment, name: web}]",
        L,
        T,
    ),
    (
        "an image is exempted",
        ROOT,
        "{control: run-as-non-root}\n!images: [\"a.example/old/*\"]",
        L,
        T,
    ),
    (
        "labels are exempted",
        ROOT,
        "{control: run-as-non-root}\n!labels: {matchLabels: {app: old}}",
        L,
        T,
    ),
    (
        "an exemption becomes narrower",
        "{control: run-as-non-root}\n!namespaces: {names: [legacy]}",
        "{control: run-as-non-root}\n!namespaces: {names: [legacy]}, workloads: [{kind: Deployment, name: web}]",
        T,
        L,
    ),
    (
        "an exemption is for one namespace more",
        "{control: run-as-non-root}\n!namespaces: {names: [legacy]}",
        "{control: run-as-non-root}\n!namespaces: {names: [legacy, older]}",
        L,
        T,
    ),
    (
        "a workload more is exempted",
        "{control: run-as-non-root}\n!namespaces: {names: [a]}, workloads: [{kind: Deployment, name: web}]",
        "{control: run-as-non-root}\n!namespaces: {names: [a]}, workloads: [{kind: Deployment, name: web}, {kind: Deployment, name: db}]",
        L,
        T,
    ),
    (
        "an image is exempted instead of another",
        "{control: run-as-non-root}\n!images: [a.example/old]",
        "{control: run-as-non-root}\n!images: [a.example/new]",
        L,
        L,
    ),
    (
        "labels that are exempted are more",
        "{control: run-as-non-root}\n!labels: {matchLabels: {app: old}}",
        "{control: run-as-non-root}\n!labels: {matchLabels: {app: old, tier: front}}",
        T,
        L,
    ),
    (
        "what was left out is exempted",
        "{control: run-as-non-root, namespaces: {except: [legacy]}}",
        "{control: run-as-non-root}\n!namespaces: {names: [legacy]}",
        N,
        N,
    ),
    (
        "two exemptions are one",
        "{control: run-as-non-root}\n!namespaces: {names: [a]}\n!namespaces: {names: [b]}",
        "{control: run-as-non-root}\n!namespaces: {names: [a, b]}",
        N,
        N,
    ),
    (
        "a wider rule with a new exemption",
        "{control: run-as-non-root, namespaces: {names: [a]}}",
        "{control: run-as-non-root}\n!namespaces: {names: [a]}",
        L,
        L,
    ),
    (
        "stricter, with somebody exempted",
        "{control: run-as-non-root, action: warn}",
        "{control: run-as-non-root}\n!namespaces: {names: [a]}",
        L,
        L,
    ),
    ("a rule more", ROOT, "{control: run-as-non-root}\n{control: disallow-latest-tag}", T, L),
    ("one rule instead of another", "{control: disallow-latest-tag}", ROOT, L, L),
    (
        "other registries",
        "{control: allowed-image-registries, parameters: {registries: [a.example/]}}",
        "{control: allowed-image-registries, parameters: {registries: [b.example/]}}",
        U,
        U,
    ),
    (
        "the same registries in another order",
        "{control: allowed-image-registries, parameters: {registries: [a.example/, b.example/]}}",
        "{control: allowed-image-registries, parameters: {registries: [b.example/, a.example/]}}",
        N,
        N,
    ),
    (
        "more resources need limits",
        "{control: container-resource-limits, parameters: {resources: [memory]}}",
        "{control: container-resource-limits, parameters: {resources: [cpu, memory]}}",
        T,
        L,
    ),
    (
        "more need limits, but it warns",
        "{control: container-resource-limits, parameters: {resources: [memory]}}",
        "{control: container-resource-limits, parameters: {resources: [cpu, memory]}, action: warn}",
        L,
        U,
    ),
    (
        "a field of the host less",
        "{control: disallow-host-namespaces}",
        "{control: disallow-host-namespaces, parameters: {fields: [hostPID, hostIPC]}}",
        L,
        T,
    ),
    (
        "tighter in one team and looser in the other",
        "{control: container-resource-limits, as: one, parameters: {resources: [memory]}, namespaces: {names: [a]}}\n{control: container-resource-limits, as: two, parameters: {resources: [cpu, memory]}, namespaces: {names: [b]}}",
        "{control: container-resource-limits, as: one, parameters: {resources: [cpu, memory]}, namespaces: {names: [a]}}\n{control: container-resource-limits, as: two, parameters: {resources: [memory]}, namespaces: {names: [b]}}",
        L,
        L,
    ),
    (
        "a rule has another name",
        "{control: run-as-non-root, as: one}",
        "{control: run-as-non-root, as: two}",
        N,
        N,
    ),
    (
        "a rule goes that another contains",
        "{control: container-resource-limits, as: one, parameters: {resources: [memory]}}\n{control: container-resource-limits, as: two, parameters: {resources: [cpu, memory]}}",
        "{control: container-resource-limits, as: two, parameters: {resources: [cpu, memory]}}",
        N,
        N,
    ),
    (
        "a grace is granted",
        ROOT,
        "{control: run-as-non-root, grace: {period: 9d, action: warn}}",
        L,
        T,
    ),
    (
        "a grace is longer",
        "{control: run-as-non-root, grace: {period: 9d, action: warn}}",
        "{control: run-as-non-root, grace: {period: 10d, action: warn}}",
        L,
        T,
    ),
    (
        "a grace is milder",
        "{control: run-as-non-root, grace: {period: 9d, action: warn}}",
        "{control: run-as-non-root, grace: {period: 9d, action: audit}}",
        L,
        T,
    ),
    (
        "a denial is announced",
        "{control: run-as-non-root, action: warn}",
        "{control: run-as-non-root, grace: {period: 9d, action: warn}}",
        T,
        L,
    ),
    (
        "a group may break the glass",
        ROOT,
        "{control: run-as-non-root}\n@breakGlass: {groups: [platform-admins]}",
        L,
        T,
    ),
    (
        "another group may as well",
        "{control: run-as-non-root}\n@breakGlass: {groups: [platform-admins]}",
        "{control: run-as-non-root}\n@breakGlass: {groups: [platform-admins, oncall]}",
        L,
        T,
    ),
    (
        "a rule that warned denies but for those who break the glass",
        "{control: run-as-non-root, action: warn}\n@breakGlass: {groups: [platform-admins]}",
        "{control: run-as-non-root}\n@breakGlass: {groups: [platform-admins]}",
        T,
        L,
    ),
    ("by hand: an expression", ROOT, "{control: run-as-non-root}\n~expression", U, U),
    ("by hand: a message", ROOT, "{control: run-as-non-root}\n~message", N, N),
    ("by hand: a comment", ROOT, "{control: run-as-non-root}\n~comment", N, N),
    ("by hand: a guard goes", ROOT, "{control: run-as-non-root}\n~guard", T, L),
    ("by hand: a guard is put in", ROOT, "{control: run-as-non-root}\n~passes", L, T),
    ("by hand: only some objects", ROOT, "{control: run-as-non-root}\n~objects", L, T),
    ("by hand: not as YAML", ROOT, "{control: run-as-non-root}\n~broken", U, U),
];

/// What is replaced by hand in the files of the rule, and by what.
pub fn by_hand(what: &str) -> &'static [(&'static str, &'static str)] {
    match what {
        "kind" => {
            &[("      - jobs\n", ""), ("      - Job\n", ""), ("          - batch/v1/Job\n", "")]
        }
        "operation" => &[
            ("      - UPDATE\n", ""),
            // One engine is told of kinds alone, and leaves operations to the text.
            (
                "!variables.understood || ",
                "!variables.understood || !(request.operation in ['', 'CREATE']) || ",
            ),
        ],
        "expression" => &[("!variables.podNonRoot", "!(variables.podNonRoot)")],
        "message" => &[("may run as root", "might run as root")],
        "comment" => &[("# Rendered by", "# Written by")],
        "guard" => &[("variables.unchanged || variables.controlled", "variables.unchanged")],
        "passes" => &[(
            "variables.unchanged || variables",
            "variables.unchanged || dyn(object).kind == 'Pod' || variables",
        )],
        "objects" => &[
            ("          kinds:\n", "          selector: {matchLabels: {a: b}}\n          kinds:\n"),
            ("objectSelector: {}", "objectSelector: {matchLabels: {a: b}}"),
            (
                "scope: Namespaced\n  parameters",
                "labelSelector: {matchLabels: {a: b}}\n    scope: Namespaced\n  parameters",
            ),
        ],
        "broken" => &[("kind: ", "kind: [")],
        other => panic!("nobody does {other} by hand"),
    }
}
