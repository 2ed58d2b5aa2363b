//! Which requests a policy looks at.

use std::collections::BTreeMap;

use super::policy::Scan;
use super::request::{Gvk, Namespace, Operation, Request};
use crate::object::labels;
use crate::selector::{NAME, Operator, Selector};

/// All that is given must hold; of the rules, one.
#[derive(Clone, Debug, Default)]
pub struct Matching {
    pub rules: Vec<ResourceRule>,
    /// Labels of the request's namespace.
    pub namespaces: Option<Selector>,
    pub unnamespaced: Unnamespaced,
    /// Labels of the object, as it is or as it was.
    pub objects: Option<Selector>,
    /// Whether a request for another version of a listed resource is converted and then judged.
    pub converts_versions: bool,
    /// Names of namespaces, of which one must fit; empty: any. A Namespace is its own; what lies
    /// in none fits, or counts as lying in one without a name, as `unnamespaced` says.
    pub namespace_names: Vec<Glob>,
    /// Names of namespaces, of which none may fit.
    pub except_namespaces: Vec<Glob>,
    /// Names of objects, of which one must fit; empty: any.
    pub object_names: Vec<Glob>,
    /// Further conditions, all of which must hold.
    pub also: Vec<Matching>,
    /// None of these may match.
    pub except: Vec<Matching>,
}

/// A text in which `*` stands for any characters and `?` for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob(pub String);

impl Glob {
    pub fn fits(&self, text: &str) -> bool {
        let pattern: Vec<char> = self.0.chars().collect();
        let text: Vec<char> = text.chars().collect();
        let (mut at, mut read) = (0, 0);
        // The last star, and where the text it does not stand for began.
        let mut star = None;
        while read < text.len() {
            match pattern.get(at) {
                Some('*') => {
                    star = Some((at, read));
                    at += 1;
                }
                Some(one) if *one == '?' || *one == text[read] => {
                    (at, read) = (at + 1, read + 1);
                }
                _ => match &mut star {
                    Some((of, from)) => {
                        *from += 1;
                        (at, read) = (*of + 1, *from);
                    }
                    None => return false,
                },
            }
        }
        pattern[at..].iter().all(|one| *one == '*')
    }
}

/// What a namespace selector means for what lies in no namespace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unnamespaced {
    /// Cluster-scoped objects match whatever it says; a Namespace is selected by its own labels.
    #[default]
    Outside,
    /// Cluster-scoped objects are compared as if they had no labels; a Namespace never matches.
    Unlabelled,
}

/// One kind of thing that can be asked for. `*` stands for any group, version, name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceRule {
    pub groups: Vec<String>,
    pub versions: Vec<String>,
    pub names: Names,
    /// Empty: all of them.
    pub operations: Vec<Operation>,
    /// Names of objects; empty: all of them.
    pub object_names: Vec<String>,
    pub scope: Scope,
}

impl ResourceRule {
    /// Everything that can be asked for.
    pub fn any() -> ResourceRule {
        let any = || vec!["*".to_owned()];
        ResourceRule {
            groups: any(),
            versions: any(),
            names: Names::Resources(vec!["*/*".to_owned()]),
            operations: vec![],
            object_names: vec![],
            scope: Scope::Any,
        }
    }
}

/// How a rule names what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Names {
    /// `pods`, `pods/ephemeralcontainers`, `*/scale`, `pods/*`, `*` (no subresource), `*/*`.
    Resources(Vec<String>),
    /// The kind of the object that arrives, through whichever subresource.
    Kinds(Vec<String>),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    #[default]
    Any,
    Cluster,
    Namespaced,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    Yes,
    No,
    /// It cannot be told; the sentence says what is missing.
    Unknown(String),
}

impl Matching {
    /// Whether all of it holds; what cannot be told decides only where the rest does.
    pub fn matches(&self, request: &Request, scan: Scan) -> Match {
        let mut unknown = None;
        let own = std::iter::once(self.matches_itself(request, scan));
        for found in own.chain(self.also.iter().map(|one| one.matches(request, scan))) {
            match found {
                Match::Yes => {}
                Match::No => return Match::No,
                Match::Unknown(why) => unknown = unknown.or(Some(why)),
            }
        }
        for one in &self.except {
            match one.matches(request, scan) {
                Match::Yes => return Match::No,
                Match::No => {}
                Match::Unknown(why) => unknown = unknown.or(Some(why)),
            }
        }
        unknown.map_or(Match::Yes, Match::Unknown)
    }

    fn matches_itself(&self, request: &Request, scan: Scan) -> Match {
        let operation = match (request.operation, scan) {
            (Operation::Scan, Scan::Never) => return Match::No,
            (Operation::Scan, Scan::As(operation)) => operation,
            (operation, _) => operation,
        };
        let of_kind = |rule: &&ResourceRule| rule.matches_but_version(request, operation);
        let mut rules = self.rules.iter().filter(of_kind).peekable();
        if rules.peek().is_none() || !self.matches_labels(request) || !self.matches_names(request) {
            return Match::No;
        }
        let version = &request.served().version;
        let served = rules.any(|rule| any_or(&rule.versions, &rule.asked(request).version));
        if !served && !self.converts_versions {
            return Match::No;
        }
        match self.matches_namespace(request) {
            Match::Yes if !served => Match::Unknown(format!(
                "{} {version} is converted to another version before it is judged",
                request.gvk.kind
            )),
            found => found,
        }
    }

    fn matches_labels(&self, request: &Request) -> bool {
        let Some(selector) = &self.objects else {
            return true;
        };
        let selected = |object| selector.matches(&labels(object));
        (!request.object.is_null() && selected(&request.object))
            || (!request.old_object.is_null() && selected(&request.old_object))
    }

    fn matches_names(&self, request: &Request) -> bool {
        let fits = |globs: &[Glob], name: &str| globs.iter().any(|glob| glob.fits(name));
        let own = request.is_namespace().then_some(request.name.as_str());
        let namespace = request.namespace.as_ref().map(|one| one.name.as_str()).or(own);
        let nowhere = (self.unnamespaced == Unnamespaced::Unlabelled).then_some("");
        let inside = namespace.or(nowhere).is_none_or(|name| {
            (self.namespace_names.is_empty() || fits(&self.namespace_names, name))
                && !fits(&self.except_namespaces, name)
        });
        inside && (self.object_names.is_empty() || fits(&self.object_names, &request.name))
    }

    fn matches_namespace(&self, request: &Request) -> Match {
        let Some(selector) = &self.namespaces else {
            return Match::Yes;
        };
        match (&request.namespace, self.unnamespaced) {
            (Some(namespace), _) => in_namespace(selector, namespace),
            (None, Unnamespaced::Unlabelled) if request.is_namespace() => Match::No,
            (None, Unnamespaced::Unlabelled) => yes_or_no(selector.matches(&BTreeMap::new())),
            (None, Unnamespaced::Outside) if request.is_namespace() => {
                let object =
                    if request.object.is_null() { &request.old_object } else { &request.object };
                let own = Namespace::with_labels(&request.name, labels(object));
                in_namespace(selector, &own)
            }
            (None, Unnamespaced::Outside) => Match::Yes,
        }
    }
}

/// With labels unknown, the name alone may still decide.
fn in_namespace(selector: &Selector, namespace: &Namespace) -> Match {
    if let Some(labels) = &namespace.labels {
        return yes_or_no(selector.matches(labels));
    }
    let named = Selector::one(NAME, Operator::In, [namespace.name.clone()]);
    if selector.contains(&named) {
        Match::Yes
    } else if !selector.overlaps(&named) {
        Match::No
    } else {
        let keys: Vec<&str> = selector.keys().filter(|key| *key != NAME).collect();
        Match::Unknown(format!(
            "the policy selects namespaces by {}, and the labels of namespace {} are not known",
            keys.join(", "),
            namespace.name
        ))
    }
}

fn yes_or_no(matches: bool) -> Match {
    if matches { Match::Yes } else { Match::No }
}

impl ResourceRule {
    /// Whose group and version it is about: the resource's, or the object's own.
    fn asked<'a>(&self, request: &'a Request) -> &'a Gvk {
        match self.names {
            Names::Resources(_) => request.served(),
            Names::Kinds(_) => &request.gvk,
        }
    }

    fn matches_but_version(&self, request: &Request, operation: Operation) -> bool {
        let operations = &self.operations;
        let scope = match self.scope {
            Scope::Any => true,
            Scope::Cluster => request.namespace.is_none(),
            Scope::Namespaced => request.namespace.is_some(),
        };
        scope
            && any_or(&self.groups, &self.asked(request).group)
            && self.names.hold(request)
            && (self.object_names.is_empty() || self.object_names.contains(&request.name))
            && (operation == Operation::Scan
                || operations.is_empty()
                || operations.contains(&operation))
    }
}

impl Names {
    fn hold(&self, request: &Request) -> bool {
        match self {
            Names::Kinds(kinds) => any_or(kinds, &request.gvk.kind),
            Names::Resources(resources) => resources.iter().any(|listed| {
                let (resource, subresource) = listed.split_once('/').unwrap_or((listed, ""));
                (resource == "*" || *resource == request.resource)
                    && (subresource == "*" || *subresource == request.subresource)
            }),
        }
    }
}

fn any_or(listed: &[String], wanted: &str) -> bool {
    listed.iter().any(|one| one == "*" || one == wanted)
}
