//! ClusterPolicy and Policy as Kyverno understands them, as far as they are written in CEL.

use super::super::{Understood, reading};
use super::{autogen, cluster_policy::AUTOGEN, validating_policy::within};
use crate::admission::{
    Absent, Glob, Matching, Names, Operation, Policy, ResourceRule, Scan, Unnamespaced, resource_of,
};
use crate::cel::Dialect;
use crate::document::Action;
use crate::object::{self, Object};
use serde_json::{Value, json};

/// What a rule may do beside or instead of CEL.
const OTHERWISE: &[(&str, &str)] = &[
    ("pattern", "it is a pattern, which is not evaluated yet"),
    ("anyPattern", "it is a pattern, which is not evaluated yet"),
    ("deny", "its conditions are not written in CEL"),
    ("foreach", "it is a loop of patterns, which is not evaluated yet"),
    ("podSecurity", "it names a Pod Security Standard instead of saying what it demands"),
    ("manifests", "it verifies signatures"),
    ("assert", "it is an assertion tree, which is not evaluated yet"),
];

const UNASKED: &str = "it depends on who asks, which is not known";

/// One policy per rule that is written in CEL, and per block of what it matches.
pub fn understand(index: usize, policy: &Object, understood: &mut Understood) {
    let spec = policy.get("spec").unwrap_or(&Value::Null);
    for rule in object::list(spec, &["rules"]) {
        let name = object::text(rule, &["name"]);
        match read(policy, spec, rule) {
            Ok(policies) => understood.policies.extend(policies),
            Err(why) => understood.cannot(index, policy, format!("rule {name}: {why}")),
        }
    }
}

fn read(object: &Object, spec: &Value, rule: &Value) -> Result<Vec<Policy>, String> {
    for (field, why) in [
        ("mutate", "it changes objects and refuses none"),
        ("generate", "it makes objects and refuses none"),
        ("verifyImages", "it verifies images"),
        ("preconditions", "its preconditions are not written in CEL"),
        ("context", "it looks something up"),
    ] {
        if rule.get(field).is_some_and(|found| !found.is_null()) {
            return Err(why.to_owned());
        }
    }
    if spec.get("admission") == Some(&json!(false)) {
        return Err("it is switched off at admission".to_owned());
    }
    let null = Value::Null;
    let validate = rule.get("validate").unwrap_or(&null);
    let otherwise = OTHERWISE.iter().find(|(field, _)| validate.get(field).is_some());
    if let Some((_, why)) = otherwise {
        return Err((*why).to_owned());
    }
    let Some(cel) = validate.get("cel") else { return Err("it validates nothing".to_owned()) };
    if cel.get("paramKind").is_some_and(|kind| !kind.is_null()) {
        return Err("its parameters are an object of the cluster".to_owned());
    }
    let overrides =
        [(validate, "failureActionOverrides"), (spec, "validationFailureActionOverrides")];
    if overrides.iter().any(|(parent, field)| !object::list(parent, &[field]).is_empty()) {
        return Err("its action differs between namespaces, which is not evaluated yet".to_owned());
    }
    let mut base = Policy::new(object::name(object), reading::origin(object));
    base.budget = Dialect::newest("ClusterPolicy");
    base.actions = vec![action(spec, validate)];
    base.match_conditions = reading::conditions(rule, "celPreconditions");
    base.variables = reading::variables(cel);
    base.validations = reading::validations(object::list(cel, &["expressions"]));
    for one in &mut base.validations {
        let own = object::text(validate, &["message"]);
        one.message = one.message.take().or_else(|| (!own.is_empty()).then(|| own.to_owned()));
    }
    base.audit_annotations = reading::audit_annotations(cel);
    base.stops_at_first = true;
    base.scan = Scan::As(Operation::Create);
    base.absent = Absent::Null;
    let except = blocks(rule.get("exclude").unwrap_or(&null))?;
    let matched = blocks(rule.get("match").unwrap_or(&null))?;
    if matched.is_empty() {
        return Err("it does not say what it matches".to_owned());
    }
    let mut all = vec![];
    for mut matching in matched {
        matching.except.extend(except.iter().cloned());
        if object::kind(object) == "Policy" {
            matching.also.push(within(object::namespace(object)));
        }
        let mut policy = base.clone();
        policy.matching = matching;
        let generated = autogen::generate(&policy, &controllers(object, rule));
        all.push(policy);
        all.extend(generated);
    }
    // These are asked before any rule, and are not rewritten for what makes pods.
    let asked =
        reading::conditions(spec.get("webhookConfiguration").unwrap_or(&null), "matchConditions");
    for policy in &mut all {
        policy.match_conditions.splice(0..0, asked.iter().cloned());
    }
    Ok(all)
}

fn action(spec: &Value, validate: &Value) -> Action {
    let written = match object::text(validate, &["failureAction"]) {
        "" => object::text(spec, &["validationFailureAction"]),
        written => written,
    };
    match written.to_ascii_lowercase().as_str() {
        "enforce" => Action::Deny,
        _ if spec.get("emitWarning") == Some(&json!(true)) => Action::Warn,
        _ => Action::Audit,
    }
}

/// What makes pods and is judged by a rule about pods, unless the policy says otherwise.
fn controllers(
    object: &Object,
    rule: &Value,
) -> Vec<(&'static str, &'static str, &'static str, &'static str)> {
    let text = |part: &str| rule.get(part).map(ToString::to_string).unwrap_or_default();
    // Where more is said than the kind, nothing is generated.
    let narrow = ["\"selector\"", "\"name\"", "\"names\"", "\"annotations\""];
    let narrow = narrow.iter().any(|field| (text("match") + &text("exclude")).contains(field));
    let kinds = kinds(rule);
    if narrow || kinds.is_empty() || kinds.iter().any(|kind| !["Pod", "v1/Pod"].contains(&&**kind))
    {
        return vec![];
    }
    match object::at(object, &["metadata", "annotations", AUTOGEN]).and_then(Value::as_str) {
        None | Some("all") => autogen::USUAL.to_vec(),
        Some(listed) => autogen::listed(listed.split(',')),
    }
}

fn kinds(rule: &Value) -> Vec<String> {
    let matching = rule.get("match").unwrap_or(&Value::Null);
    let blocks = ["any", "all"].iter().flat_map(|field| object::list(matching, &[field]));
    let blocks = blocks.chain(std::iter::once(matching));
    blocks.flat_map(|block| object::texts(block, &["resources", "kinds"])).collect()
}

/// Alternatives, each of which suffices; none where nothing is said.
fn blocks(parent: &Value) -> Result<Vec<Matching>, String> {
    // As it was written before there were `any` and `all`: one block, of who asks or of resources.
    let only = block(parent)?;
    let each = |field| -> Result<Vec<Matching>, String> {
        object::list(parent, &[field]).iter().map(block).collect()
    };
    let (any, all) = (each("any")?, each("all")?);
    if !any.is_empty() {
        return Ok(any);
    }
    let mut all = all.into_iter();
    if let Some(mut first) = all.next() {
        first.also.extend(all);
        return Ok(vec![first]);
    }
    Ok(if parent.get("resources").is_some() { vec![only] } else { vec![] })
}

fn block(block: &Value) -> Result<Matching, String> {
    for field in ["subjects", "roles", "clusterRoles"] {
        if !object::list(block, &[field]).is_empty() {
            return Err(UNASKED.to_owned());
        }
    }
    let resources = block.get("resources").unwrap_or(&Value::Null);
    if resources.get("annotations").is_some() {
        return Err("it selects by annotations, which is not evaluated yet".to_owned());
    }
    let operations = reading::operations(&object::texts(resources, &["operations"]));
    let kinds = object::texts(resources, &["kinds"]);
    let mut rules: Vec<ResourceRule> =
        kinds.iter().map(|kind| kind_rule(kind, &operations)).collect();
    if kinds.is_empty() {
        rules.push(ResourceRule { operations, ..ResourceRule::any() });
    }
    let globs = |field| object::texts(resources, &[field]).into_iter().map(Glob);
    let mut object_names: Vec<Glob> = globs("names").collect();
    let name = object::text(resources, &["name"]);
    object_names.extend((!name.is_empty()).then(|| Glob(name.to_owned())));
    Ok(Matching {
        rules,
        namespaces: reading::selector(resources, "namespaceSelector")?,
        unnamespaced: Unnamespaced::Unlabelled,
        objects: reading::selector(resources, "selector")?,
        converts_versions: true,
        namespace_names: globs("namespaces").collect(),
        object_names,
        ..Matching::default()
    })
}

/// `Pod`, `v1/Pod`, `apps/v1/Deployment`, `*/*/Role`, and each with `/subresource` behind it.
fn kind_rule(written: &str, operations: &[Operation]) -> ResourceRule {
    let parts: Vec<&str> = written.split('/').collect();
    let is_kind =
        |part: &str| part == "*" || part.starts_with(|first: char| first.is_ascii_uppercase());
    let (group, version, kind, subresource) = match parts[..] {
        [group, version, kind, subresource] => (group, version, kind, subresource),
        [group, version, kind] if is_kind(kind) => (group, version, kind, ""),
        [version, kind, subresource] => ("*", version, kind, subresource),
        // A version of the core group, as `v1/Pod`.
        [version, kind] if is_kind(kind) && version != "*" && !is_kind(version) => {
            ("", version, kind, "")
        }
        [version, kind] if is_kind(kind) => ("*", version, kind, ""),
        [kind, subresource] => ("*", "*", kind, subresource),
        _ => ("*", "*", written, ""),
    };
    let names = match subresource {
        "" => Names::Kinds(vec![kind.to_owned()]),
        subresource => {
            let resource = if kind == "*" { "*".to_owned() } else { resource_of(group, kind).name };
            Names::Resources(vec![format!("{resource}/{subresource}")])
        }
    };
    ResourceRule {
        groups: vec![group.to_owned()],
        versions: vec![version.to_owned()],
        names,
        operations: operations.to_vec(),
        ..ResourceRule::any()
    }
}
