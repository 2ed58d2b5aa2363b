//! Templates and constraints as Gatekeeper understands them, whoever wrote them.

use super::super::{Understood, reading};
use super::ENGINE;
use crate::admission::{Absent, Glob, Names, Policy, ResourceRule, Scan, Unnamespaced, Variable};
use crate::cel::Dialect;
use crate::document::Action;
use crate::object::{self, Object};
use serde_json::{Value, json};

/// The points at which requests are answered: by Gatekeeper's webhook, and by the API server with
/// the policy that Gatekeeper makes of a template.
const ANSWERING: [&str; 3] = ["*", "validation.gatekeeper.sh", "vap.k8s.io"];

/// The point at which what exists is looked at; whatever the action, it is only recorded there.
const AUDITING: &str = "audit.gatekeeper.sh";

pub fn understand(objects: &[Object]) -> Understood {
    let mut understood = Understood::default();
    let in_group = |group: &'static str| {
        let all = objects.iter().enumerate();
        all.filter(move |(_, object)| object::group_version(object).0 == group)
    };
    let is_template = |object: &Object| object::kind(object) == "ConstraintTemplate";
    let kind_of = |template: &Object| {
        object::text(template, &["spec", "crd", "spec", "names", "kind"]).to_owned()
    };
    let mut kinds: Vec<String> = vec![];
    for (index, template) in in_group("templates.gatekeeper.sh") {
        if !is_template(template) {
            continue;
        }
        kinds.push(kind_of(template));
        let Some(source) = source(template) else {
            understood.cannot(index, template, "it is written in Rego, which is not evaluated yet");
            continue;
        };
        let kind = kind_of(template);
        let mut constraints = in_group("constraints.gatekeeper.sh")
            .filter(|(_, constraint)| object::kind(constraint) == kind)
            .peekable();
        if constraints.peek().is_none() {
            understood.unused(index, template, "no constraint applies it, so it judges nothing");
        }
        for (index, constraint) in constraints {
            let read = applied(template, source, constraint);
            understood.add(index, constraint, read.map(|policy| vec![policy]));
        }
    }
    for (index, constraint) in in_group("constraints.gatekeeper.sh") {
        if !kinds.iter().any(|kind| kind == object::kind(constraint)) {
            understood.cannot(index, constraint, "its template is not among the objects");
        }
    }
    for group in ["mutations.gatekeeper.sh", "expansion.gatekeeper.sh", "config.gatekeeper.sh"] {
        for (index, object) in in_group(group) {
            understood.cannot(index, object, "it judges nothing by itself");
        }
    }
    understood
}

/// What the template says in CEL, which wins over any Rego beside it.
fn source(template: &Object) -> Option<&Value> {
    let targets = object::list(template, &["spec", "targets"]).iter();
    let code = targets.flat_map(|target| object::list(target, &["code"]));
    code.filter(|code| object::text(code, &["engine"]) == ENGINE)
        .find_map(|code| code.get("source"))
}

/// A template as one of its constraints applies it.
fn applied(template: &Object, source: &Value, constraint: &Object) -> Result<Policy, String> {
    let origin = format!("{} by {}", reading::origin(template), reading::origin(constraint));
    let mut read = Policy::new(object::name(constraint), origin);
    read.budget = Dialect::newest("ConstraintTemplate");
    let spec = constraint.get("spec").unwrap_or(&Value::Null);
    let matching = spec.get("match").unwrap_or(&Value::Null);
    read.actions = actions(spec);
    let scope = reading::scope(object::text(matching, &["scope"]));
    let rule = |groups, kinds| ResourceRule {
        groups,
        names: Names::Kinds(kinds),
        scope,
        ..ResourceRule::any()
    };
    let any = || vec!["*".to_owned()];
    let kinds = object::list(matching, &["kinds"]);
    read.matching.rules = match kinds {
        [] => vec![rule(any(), any())],
        kinds => kinds
            .iter()
            .map(|one| {
                let or_any = |texts: Vec<String>| if texts.is_empty() { any() } else { texts };
                let groups = or_any(object::texts(one, &["apiGroups"]));
                rule(groups, or_any(object::texts(one, &["kinds"])))
            })
            .collect(),
    };
    let globs =
        |field| object::texts(matching, &[field]).into_iter().map(Glob).collect::<Vec<Glob>>();
    read.matching.namespace_names = globs("namespaces");
    read.matching.except_namespaces = globs("excludedNamespaces");
    let name = object::text(matching, &["name"]);
    read.matching.object_names.extend((!name.is_empty()).then(|| Glob(name.to_owned())));
    if !["", "All", "Original"].contains(&object::text(matching, &["source"])) {
        return Err("it looks at objects only that an expansion makes".to_owned());
    }
    read.matching.converts_versions = false;
    read.matching.unnamespaced = Unnamespaced::Outside;
    read.matching.namespaces = reading::selector(matching, "namespaceSelector")?;
    read.matching.objects = reading::selector(matching, "labelSelector")?;
    let parameters = spec.get("parameters").cloned().unwrap_or_else(|| json!({}));
    read.constants = vec![("params".to_owned(), parameters)];
    read.match_conditions = reading::conditions(source, "matchCondition");
    // The engine's own: the object, or what it was where it is deleted.
    let own = Variable {
        name: "anyObject".to_owned(),
        expression: "object != null ? object : oldObject".to_owned(),
    };
    read.variables = std::iter::once(own).chain(reading::variables(source)).collect();
    read.validations = reading::validations(object::list(source, &["validations"]));
    read.failure_policy = reading::failure_policy(source);
    read.scan = Scan::Unnamed;
    read.absent = Absent::Null;
    Ok(read)
}

/// What the constraint does on a cluster; nothing where it lists none of its points.
fn actions(spec: &Value) -> Vec<Action> {
    let action = |written: &str| match written {
        "" | "deny" => Action::Deny,
        "warn" => Action::Warn,
        _ => Action::Audit,
    };
    let written = object::text(spec, &["enforcementAction"]);
    if written != "scoped" {
        return vec![action(written)];
    }
    let scoped = object::list(spec, &["scopedEnforcementActions"]).iter();
    let each = scoped.flat_map(|one| {
        let written = action(object::text(one, &["action"]));
        let points = object::list(one, &["enforcementPoints"]).iter();
        points.filter_map(move |point| match object::text(point, &["name"]) {
            name if ANSWERING.contains(&name) => Some(written),
            AUDITING => Some(Action::Audit),
            _ => None,
        })
    });
    each.collect()
}
