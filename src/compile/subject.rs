//! The variables a subject gives its controls, and when an update counts as unchanged.
//!
//! Every expression here is total: it never errors, odd nulls included. `x.?f` of a null is none,
//! but a field that *holds* null is some(null); hence `optional.ofNonZeroValue(…)` wherever a list
//! or a map is needed.

use super::literal::text;
use crate::document::{Resource, ResourceScope, Subject};

/// A kind that holds pods, and where its template is.
#[derive(Clone, Copy, Debug)]
pub struct Workload {
    pub group: &'static str,
    pub resource: &'static str,
    pub kind: &'static str,
}

/// Kinds that make pods, beside Pod itself.
pub const WORKLOADS: &[Workload] = &[
    Workload { group: "", resource: "podtemplates", kind: "PodTemplate" },
    Workload { group: "", resource: "replicationcontrollers", kind: "ReplicationController" },
    Workload { group: "apps", resource: "daemonsets", kind: "DaemonSet" },
    Workload { group: "apps", resource: "deployments", kind: "Deployment" },
    Workload { group: "apps", resource: "replicasets", kind: "ReplicaSet" },
    Workload { group: "apps", resource: "statefulsets", kind: "StatefulSet" },
    Workload { group: "batch", resource: "cronjobs", kind: "CronJob" },
    Workload { group: "batch", resource: "jobs", kind: "Job" },
];

/// The API versions in which workloads are understood.
pub const API_VERSIONS: &[&str] = &["v1", "apps/v1", "batch/v1"];

/// A field that may be missing or null, as a list or map that is neither.
fn safe(path: &str, empty: &str) -> String {
    format!("optional.ofNonZeroValue({path}.orValue(null)).orValue({empty})")
}

/// Where an object lies, as exemptions see it.
pub(super) const NAMESPACE: &str = "dyn(object).?metadata.?namespace.orValue('')";

/// Which exemptions hold for the object as a whole, images aside.
pub(super) const EXEMPTING: &str = "variables.exemptions.filter(e, (size(e.namespaces) == 0 || \
    variables.namespace in e.namespaces) && (size(e.workloads) == 0 || e.workloads.exists(w, w in \
    variables.workloads)) && e.labels.all(l, l.operator == 'Exists' ? l.key in variables.labels : \
    l.operator == 'DoesNotExist' ? !(l.key in variables.labels) : l.operator == 'In' ? l.key in \
    variables.labels && variables.labels[l.key] in l.values : !(l.key in variables.labels && \
    variables.labels[l.key] in l.values)))";

/// An exemption that is not about images frees the whole object.
pub(super) const WHOLE: &str = "variables.exempting.exists(e, size(e.images) == 0)";

/// So do exemptions that are, where they free every container.
pub(super) const EACH: &str = "variables.exempting.exists(e, size(e.images) == 0) || \
    (size(variables.allContainers) > 0 && size(variables.containers) == 0)";

pub(super) const CONTAINERS: &str = "variables.allContainers";

/// The containers that no exemption frees by its image.
pub(super) const CONTAINERS_LEFT: &str = "variables.allContainers.filter(c, \
    !variables.exempting.exists(e, e.images.exists(i, \
    optional.ofNonZeroValue(c.?image.orValue(null)).orValue('').matches(i))))";

/// Adds the subject's variables; those that only exemptions need come with `exempting`.
pub fn variables(subject: &Subject, exempting: bool, add: &mut impl FnMut(&str, String)) {
    let pods = matches!(subject, Subject::Pod | Subject::Workload);
    if pods {
        add(
            "podTemplate",
            "dyn(object).kind == 'Pod' ? dyn(object) : dyn(object).kind == 'CronJob' ? \
             dyn(object).?spec.?jobTemplate.?spec.?template.orValue({}) : dyn(object).kind == \
             'PodTemplate' ? dyn(object).?template.orValue({}) : \
             dyn(object).?spec.?template.orValue({})"
                .to_owned(),
        );
        add("podMetadata", safe("variables.podTemplate.?metadata", "{}"));
        add("podSpec", safe("variables.podTemplate.?spec", "{}"));
        let lists = ["containers", "initContainers", "ephemeralContainers"]
            .map(|list| safe(&format!("variables.podSpec.?{list}"), "[]"));
        add("allContainers", lists.join(" + "));
        let owners = safe("dyn(object).?metadata.?ownerReferences", "[]");
        add("owners", format!("{owners}.filter(o, o.?controller.orValue(false) == true)"));
        let made = match subject {
            Subject::Workload => "['Job', 'Pod', 'ReplicaSet']",
            _ => "['Job', 'ReplicaSet']",
        };
        add("controlled", format!("dyn(object).kind in {made} && size(variables.owners) > 0"));
    }
    if exempting {
        exemptions(subject, add);
    }
    if pods {
        add("containers", if exempting { CONTAINERS_LEFT } else { CONTAINERS }.to_owned());
    }
    if exempting {
        add("exempt", if pods { EACH } else { WHOLE }.to_owned());
    }
}

/// What exemptions know an object by, and which of them hold for it.
fn exemptions(subject: &Subject, add: &mut impl FnMut(&str, String)) {
    let pods = matches!(subject, Subject::Pod | Subject::Workload);
    let metadata = if pods { "variables.podMetadata" } else { "dyn(object).?metadata" };
    add("labels", safe(&format!("{metadata}.?labels"), "{}"));
    add("namespace", NAMESPACE.to_owned());
    let own = format!("[{} + '/' + dyn(object).?metadata.?name.orValue('')]", kind(subject));
    // A pod's name is generated: it is known by what made it. A ReplicaSet's name ends in the
    // hash its pods carry, a CronJob's job in the minute it was made for.
    add(
        "workloads",
        if pods {
            format!(
                "{own} + variables.owners.map(o, o.kind + '/' + o.name) + \
                 variables.owners.filter(o, o.kind == 'ReplicaSet' && 'pod-template-hash' in \
                 variables.labels && o.name.endsWith('-' + \
                 string(variables.labels['pod-template-hash']))).map(o, 'Deployment/' + o.name.substring(0, o.name.lastIndexOf('-'))) + \
                 variables.owners.filter(o, o.kind == 'Job' && \
                 o.name.matches('^.+-[0-9]{{8,10}}$')).map(o, 'CronJob/' + \
                 o.name.substring(0, o.name.lastIndexOf('-')))"
            )
        } else {
            own
        },
    );
    add("exempting", EXEMPTING.to_owned());
}

/// Resources whose Scale is judged as well.
fn scaled(subject: &Subject) -> Vec<&Resource> {
    match subject {
        Subject::Resources(resources) => resources.iter().filter(|one| one.scales()).collect(),
        Subject::Pod | Subject::Workload => vec![],
    }
}

/// The kind of what is asked for: a Scale has the name of what it scales, but not its kind.
fn kind(subject: &Subject) -> String {
    let scaled = scaled(subject);
    if scaled.is_empty() {
        return "dyn(object).kind".to_owned();
    }
    let resource = |one: &&Resource| {
        let (resource, kind) = (text(&one.resource), text(&one.kind));
        format!("request.resource.resource == {resource} ? {kind} : ")
    };
    let kinds: String = scaled.iter().map(resource).collect();
    format!("(dyn(object).kind != 'Scale' ? dyn(object).kind : {kinds}'Scale')")
}

/// An update that leaves the subject as it was: scaling, labelling and finalizing what already
/// runs is never frozen. Metadata counts only where the control reads it.
pub fn unchanged(subject: &Subject, own_text: &str) -> String {
    let same = |path: &str| format!("dyn(object){path} == dyn(oldObject){path}");
    let annotations = same(".?metadata.?annotations");
    let metadata = format!("{} && {annotations}", same(".?metadata.?labels"));
    // A name never changes, and who owns an object is no part of what is judged.
    let fixed = ["name", "namespace", "ownerReferences"];
    let fields = |word: &str| -> Vec<String> {
        let found = own_text.match_indices(word).filter_map(|(at, _)| {
            let before = own_text[..at].chars().next_back();
            let after = own_text[at + word.len()..].trim_start_matches(['.', '?']);
            let field: String = after.chars().take_while(|c| c.is_alphanumeric()).collect();
            let inside = before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
            (!inside && !fixed.contains(&field.as_str())).then_some(field)
        });
        found.collect()
    };
    let reads = |word: &str| !fields(word).is_empty();
    let annotations_alone = fields("podMetadata").iter().all(|field| field == "annotations");
    let subject_same = match subject {
        Subject::Pod | Subject::Workload => {
            let pod = if reads("podMetadata") && annotations_alone && !reads("podTemplate") {
                format!("{} && {annotations}", same(".?spec"))
            } else if reads("podMetadata") || reads("podTemplate") {
                format!("{} && {metadata}", same(".?spec"))
            } else {
                same(".?spec")
            };
            format!(
                "(dyn(object).kind == 'Pod' ? {pod} : dyn(object).kind == 'CronJob' ? {} : \
                 dyn(object).kind == 'PodTemplate' ? {} : {})",
                same(".?spec.?jobTemplate.?spec.?template"),
                same(".?template"),
                same(".?spec.?template")
            )
        }
        Subject::Resources(_) => {
            let aside = "['apiVersion', 'kind', 'metadata', 'status']";
            format!(
                "dyn(object).all(k, k in {aside} || (k in dyn(oldObject) && dyn(object)[k] == \
                 dyn(oldObject)[k])) && dyn(oldObject).all(k, k in {aside} || k in dyn(object))"
            )
        }
    };
    let mut parts = vec!["request.operation == 'UPDATE'".to_owned(), subject_same];
    if reads("metadata") {
        parts.push(metadata);
    }
    parts.join(" && ")
}

/// Objects in a version whose shape the control does not know pass, where an engine matches by
/// kind alone.
pub fn understood(subject: &Subject) -> String {
    let versions: Vec<String> = match subject {
        Subject::Pod | Subject::Workload => {
            API_VERSIONS.iter().map(|version| (*version).to_owned()).collect()
        }
        Subject::Resources(resources) => resources
            .iter()
            .flat_map(|one| {
                one.versions.iter().map(|version| match one.group.as_str() {
                    "" => version.clone(),
                    group => format!("{group}/{version}"),
                })
            })
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect(),
    };
    let list = |texts: &[String]| texts.iter().map(|one| text(one)).collect::<Vec<_>>().join(", ");
    let own = format!("dyn(object).apiVersion in [{}]", list(&versions));
    let scaled = scaled(subject);
    if scaled.is_empty() {
        return own;
    }
    // The kind of a Scale does not tell what is scaled.
    let of = scaled.iter().map(|one| format!("{}/{}", one.group, one.resource));
    format!(
        "dyn(object).kind != 'Scale' ? {own} : dyn(object).apiVersion == 'autoscaling/v1' && \
         request.resource.group + '/' + request.resource.resource in [{}]",
        list(&of.collect::<Vec<_>>())
    )
}

/// The kinds of a subject: group, versions, resource, kind, scope.
pub fn resources(subject: &Subject) -> Vec<crate::document::Resource> {
    let namespaced = |group: &str, resource: &str, kind: &str| crate::document::Resource {
        group: group.to_owned(),
        versions: vec!["v1".to_owned()],
        resource: resource.to_owned(),
        kind: kind.to_owned(),
        scope: ResourceScope::Namespaced,
        served: None,
        subresources: vec![],
    };
    match subject {
        Subject::Pod | Subject::Workload => {
            let pod = namespaced("", "pods", "Pod");
            let workloads =
                WORKLOADS.iter().map(|one| namespaced(one.group, one.resource, one.kind));
            [pod].into_iter().chain(workloads).collect()
        }
        Subject::Resources(resources) => resources.clone(),
    }
}
