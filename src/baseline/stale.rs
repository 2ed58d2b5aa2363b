//! Whether an exemption is still needed: whether anything it is for still breaks what it lifts.
//!
//! It is handed what was found and the verdicts of rules from which nothing is exempt; with an exemption
//! in force there would be nothing to see. What could not be judged speaks for the exemption.

use super::owner::{Objects, template_of};
use crate::check::{Findings, Manifest};
use crate::link::Lifting;
use crate::object::{self, Object};
use crate::selector::NAME;
use regex::Regex;

/// What an exemption is to the objects that were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Something it is for breaks a rule that it lifts, or could not be judged.
    Needed,
    /// What it is for is there and breaks none of them any more.
    Stale,
    /// Nothing that it is for was found.
    MatchesNothing,
}

/// What an exemption is to the objects of one cluster; `findings` are those of its rules without any
/// exemption.
pub fn standing(lifting: &Lifting, manifests: &[Manifest], findings: &Findings) -> Standing {
    let meant = Meant::new(lifting, manifests);
    let matched: Vec<bool> = manifests.iter().map(|one| meant.holds(&one.object, &[])).collect();
    if !matched.contains(&true) {
        return Standing::MatchesNothing;
    }
    let lifts = |rule: &str, control: &str| {
        lifting.lifts.iter().any(|(lifted, ..)| lifted == rule || lifted == control)
    };
    let broken = findings.violations.iter().any(|one| {
        matched[one.manifest]
            && lifts(&one.about.rule, &one.about.control)
            && meant.holds(&manifests[one.manifest].object, &one.offenders)
    });
    let unknown = findings
        .unjudged
        .iter()
        .any(|one| matched[one.manifest] && lifts(&one.about.rule, &one.about.control));
    if broken || unknown { Standing::Needed } else { Standing::Stale }
}

/// For whom an exemption holds, ready to be asked.
struct Meant<'a> {
    lifting: &'a Lifting,
    objects: Objects<'a>,
    images: Vec<Regex>,
}

impl<'a> Meant<'a> {
    fn new(lifting: &'a Lifting, manifests: &'a [Manifest]) -> Meant<'a> {
        let images = lifting.scope.images.iter().filter_map(|image| Regex::new(image).ok());
        Meant {
            lifting,
            objects: Objects::new(manifests.iter().map(|one| &one.object)),
            images: images.collect(),
        }
    }

    /// Whether it frees an object, or of its containers one that offends; none named: any of them.
    fn holds(&self, object: &Object, offenders: &[String]) -> bool {
        let scope = &self.lifting.scope;
        let namespace = object::namespace(object);
        let named = scope.namespace_names.is_empty()
            || scope.namespace_names.iter().any(|one| one == namespace);
        let labelled = scope.namespaces.is_all() || {
            let mut labels = self.objects.namespace_labels(namespace);
            labels.insert(NAME.to_owned(), namespace.to_owned());
            !namespace.is_empty() && scope.namespaces.matches(&labels)
        };
        let workload = scope.workloads.is_empty() || {
            let own = format!("{}/{}", object::kind(object), object::name(object));
            let owning =
                self.objects.owning(object).map(|key| format!("{}/{}", key.kind, key.name));
            scope.workloads.iter().any(|one| *one == own || Some(one) == owning.as_ref())
        };
        let template = template_of(object);
        named
            && labelled
            && workload
            && (scope.labels.is_all() || scope.labels.matches(&object::labels(template)))
            && (scope.images.is_empty() || self.frees_container(template, offenders))
    }

    fn frees_container(&self, template: &Object, offenders: &[String]) -> bool {
        let lists = ["containers", "initContainers", "ephemeralContainers"];
        let mut containers = lists.iter().flat_map(|list| object::list(template, &["spec", list]));
        containers.any(|one| {
            let (name, image) = (object::text(one, &["name"]), object::text(one, &["image"]));
            self.images.iter().any(|regex| regex.is_match(image))
                && (offenders.is_empty() || offenders.iter().any(|offender| offender == name))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{About, Violation, of_snapshot};
    use crate::document::{Action, Scope};
    use crate::link::ExemptScope;
    use crate::selector::Selector;
    use crate::snapshot::Snapshot;
    use crate::text::{Place, SourceId, Sources};
    use std::sync::Arc;

    const FOUND: &str = r#"{"apiVersion":"v1","kind":"List","items":[
      {"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop","labels":{"team":"web"}}},
      {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web-6d4cf-x","namespace":"shop","labels":{"pod-template-hash":"6d4cf"},
       "ownerReferences":[{"kind":"ReplicaSet","name":"web-6d4cf","controller":true}]},
       "spec":{"containers":[{"name":"a","image":"r.example.com/old/a:1"},{"name":"b","image":"r.example.com/b:1"}]}}]}"#;

    fn lifting(workload: &str, images: &[&str]) -> Lifting {
        let place = Place { source: SourceId(0), start: 0, end: 0 };
        let mut scope = ExemptScope::from(&Scope::default());
        scope.workloads = vec![workload.to_owned()];
        scope.namespace_names = vec!["shop".to_owned()];
        scope.images = images.iter().map(|one| (*one).to_owned()).collect();
        Lifting {
            name: "one".into(),
            place,
            lifts: vec![("no-root".into(), "intent".into(), place)],
            clusters: Selector::all(),
            images: images.iter().map(|one| (*one).to_owned()).collect(),
            scope,
            expires: "2027-01-01".parse().unwrap(),
            granted: None,
            review: None,
            owner: "web".into(),
            reason: "because".into(),
            approved_by: None,
            ticket: None,
        }
    }

    fn breaks(rule: &str, offenders: &[&str]) -> Findings {
        let about = About { rule: rule.into(), control: rule.into(), ..About::default() };
        let violation = Violation {
            manifest: 1,
            about: Arc::new(about),
            intents: vec!["intent/1".into()],
            action: Action::Deny,
            message: String::new(),
            offenders: offenders.iter().map(|one| (*one).to_owned()).collect(),
            places: vec![],
            assumed: false,
            clusters: vec![],
        };
        Findings { violations: vec![violation], ..Findings::default() }
    }

    #[test]
    fn it_is_needed_while_what_it_is_for_breaks_what_it_lifts() {
        let mut snapshot = Snapshot::new("prod");
        snapshot.add("all.json", FOUND.as_bytes());
        let manifests = of_snapshot(snapshot.objects, &mut Sources::default());
        let of = |lifting: &Lifting, findings: &Findings| standing(lifting, &manifests, findings);
        let web = lifting("Deployment/web", &[]);
        assert_eq!(of(&web, &breaks("no-root", &["a"])), Standing::Needed);
        assert_eq!(of(&web, &breaks("another", &["a"])), Standing::Stale);
        assert_eq!(of(&web, &Findings::default()), Standing::Stale);
        let gone = lifting("Deployment/gone", &[]);
        assert_eq!(of(&gone, &breaks("no-root", &["a"])), Standing::MatchesNothing);
        // The container with such an image is mended, another one is not.
        let old = lifting("Deployment/web", &["^r[.]example[.]com/old/[^/]*$"]);
        assert_eq!(of(&old, &breaks("no-root", &["a"])), Standing::Needed);
        assert_eq!(of(&old, &breaks("no-root", &["b"])), Standing::Stale);
    }
}
