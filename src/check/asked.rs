//! What a file of cases asks: the rule it is about, and the requests of its cases.

use crate::admission::{Gvk, Namespace, Operation, Request};
use crate::catalogue::{Catalogue, Definition};
use crate::compile::resources;
use crate::document::{self, Action, Case, Cases};
use crate::engine::Target;
use crate::link::ExemptScope;
use crate::name;
use crate::object;
use crate::plan::{AskedBy, Exempt, Facts, Followed, Part, Rule, Scope};
use crate::selector::{NAME, Operator, Selector};
use crate::version::Version;
use serde_json::{Value, json};
use std::sync::Arc;

/// Whether such a request exists and reaches the engine: some versions of engines never see a
/// `pods/resize`, or a Scale, or are told of served kinds only.
pub fn exists(case: &Case, control: &Definition, facts: &Facts, target: &Target) -> bool {
    let (group, version) = object::group_version(&case.object);
    let same = |one: &document::Resource| {
        one.kind == object::kind(&case.object)
            && one.group == group
            && one.versions.iter().any(|known| known == version)
    };
    if !resources(&control.subject).iter().filter(|one| same(one)).all(|one| target.serves(one)) {
        return false;
    }
    let seen = match of(case) {
        "resize" => !target.has("no-resize"),
        "scale" => !target.has("no-scale"),
        _ => true,
    };
    seen && can_be_made(case, facts)
}

/// Whether Kubernetes knows such a request: `pods/resize` came with 1.33.
pub fn can_be_made(case: &Case, facts: &Facts) -> bool {
    of(case) != "resize" || facts.kubernetes() >= Version::new(1, 33)
}

/// The subresource alone.
fn of(case: &Case) -> &str {
    case.subresource.as_deref().and_then(|asked| asked.rsplit('/').next()).unwrap_or_default()
}

/// The request that a case describes, in nobody's name.
pub fn request(case: &Case, cases: &Cases, control: &Definition) -> Result<Request, String> {
    let operation = match case.operation {
        document::Operation::Create => Operation::Create,
        document::Operation::Update => Operation::Update,
    };
    let stated = cases.namespace.as_ref();
    let stated = stated.map(|one| Namespace::with_labels(&one.name, one.labels.clone()));
    let old = case.old_object.as_ref();
    let known = Request::from_object(&case.object, operation, old, None)?;
    // The file's namespace is of no concern to objects that have none.
    let namespace = known.namespace.as_ref().and(stated);
    let request = Request::from_object(&case.object, operation, old, namespace)?;
    subresource(request, case.subresource.as_deref().unwrap_or_default(), control)
}

/// The request for the subresource of a case; where its object is of another kind than what is
/// asked for, the control's subject says what that is.
pub fn subresource(
    mut request: Request,
    written: &str,
    control: &Definition,
) -> Result<Request, String> {
    let Some((resource, subresource)) = written.split_once('/') else {
        request.subresource = written.to_owned();
        return Ok(request);
    };
    let mut resources = resources(&control.subject).into_iter();
    let parent = resources.find(|one| one.resource == resource && one.scales());
    let Some(parent) = parent.filter(|_| subresource == "scale") else {
        return Err(format!("the control is not about {written}"));
    };
    request.subresource = subresource.to_owned();
    request.resource = parent.resource;
    request.parent = Some(Gvk {
        group: parent.group,
        version: parent.versions.first().cloned().unwrap_or_default(),
        kind: parent.kind,
    });
    Ok(request)
}

/// The rule that a file of cases is about: it denies everywhere but in one system namespace.
pub fn rule(
    control: &Arc<Definition>,
    cases: &Cases,
    catalogue: &Catalogue,
    facts: &Facts,
) -> Rule {
    let newest = catalogue.followed(control).map(|span| span.last);
    let version = cases.version.as_ref().map(|version| version.value).or(newest);
    let followed = version.and_then(|version| {
        let framework = control.follows()?.to_owned();
        Some(Followed { framework, version, since: control.since(version)?, pinned: true })
    });
    let mut parameters = control.defaults();
    parameters.extend(control.derived(facts.kubernetes()));
    let own = cases.parameters.as_ref().and_then(|written| written.value.as_object());
    parameters.extend(own.into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())));
    let exempt = |(index, scope): (usize, &document::Scope)| {
        let scope = ExemptScope::from(scope);
        Exempt {
            name: format!("case-{}", index + 1),
            namespaces: scope.namespace_names,
            workloads: scope.workloads,
            labels: scope.labels,
            images: scope.images,
        }
    };
    let exemptions: Vec<Exempt> = cases.exemptions.iter().enumerate().map(exempt).collect();
    let (namespaced, cluster) = control.looks_at();
    let part = |suffix: &str, scope| Part {
        suffix: suffix.to_owned(),
        scope,
        action: Action::Deny,
        later: None,
        exemptions: exemptions.clone(),
        asked_by: AskedBy::Everybody,
        origins: vec![],
    };
    let mut parts = vec![];
    if namespaced {
        let outside = Selector::one(NAME, Operator::NotIn, ["kube-system".to_owned()]);
        parts.push(part("", Scope::Namespaces(outside)));
    }
    if cluster {
        parts.push(part(if namespaced { "cluster" } else { "" }, Scope::Cluster));
    }
    Rule {
        name: name::object([control.id()]),
        control: control.clone(),
        parameters,
        followed,
        parts,
        origins: vec![],
        exemptions: vec![],
    }
}

/// An object of the same kind and name with nothing in it.
pub fn husk(object: &Value) -> Value {
    let mut metadata = json!({"name": crate::object::name(object)});
    if !crate::object::namespace(object).is_empty() {
        metadata["namespace"] = json!(crate::object::namespace(object));
    }
    json!({"apiVersion": object["apiVersion"], "kind": object["kind"], "metadata": metadata})
}
