//! A request to the API server, as far as policies look at it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use serde_json::{Value as Json, json};

use super::policy::{Absent, Policy, Scan};
use super::resource::{Resource, resource_of};
use crate::cel::{Input, Value};
use crate::object;
use crate::selector::NAME;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    Create,
    Update,
    Delete,
    Connect,
    /// No request at all: what exists is judged in the background.
    Scan,
}

impl Operation {
    /// As `request.operation` says it; what a scan says depends on the policy.
    pub fn text(self) -> &'static str {
        match self {
            Operation::Create => "CREATE",
            Operation::Update => "UPDATE",
            Operation::Delete => "DELETE",
            Operation::Connect => "CONNECT",
            Operation::Scan => "",
        }
    }
}

/// Group, version and kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gvk {
    pub group: String,
    pub version: String,
    pub kind: String,
}

/// The namespace a request is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Namespace {
    pub name: String,
    /// `None`: nobody stated them. Only the namespace's own name is known then.
    pub labels: Option<BTreeMap<String, String>>,
    /// All of it, where somebody gave it.
    object: Option<Json>,
}

impl Namespace {
    /// A namespace with these labels, and the label of its own name that every namespace has.
    pub fn with_labels(name: &str, mut labels: BTreeMap<String, String>) -> Namespace {
        labels.insert(NAME.to_owned(), name.to_owned());
        Namespace { name: name.to_owned(), labels: Some(labels), object: None }
    }

    /// A namespace of which everything is known.
    pub fn whole(object: &Json) -> Namespace {
        let mut namespace = Namespace::with_labels(object::name(object), object::labels(object));
        let mut object = object.clone();
        if let Some(metadata) = object.get_mut("metadata").and_then(Json::as_object_mut) {
            metadata.insert("labels".to_owned(), json!(namespace.labels));
        }
        namespace.object = Some(object);
        namespace
    }

    pub fn without_labels(name: &str) -> Namespace {
        Namespace { name: name.to_owned(), labels: None, object: None }
    }

    /// As if it had no labels but that of its name, where nobody stated them.
    pub fn assumed(&self) -> Option<Namespace> {
        self.labels.is_none().then(|| Namespace::with_labels(&self.name, BTreeMap::new()))
    }

    /// All of it, where somebody gave it.
    pub fn object(&self) -> Option<&Json> {
        self.object.as_ref()
    }
}

/// Who asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    pub name: String,
    pub uid: String,
    pub groups: Vec<String>,
    pub extra: BTreeMap<String, Vec<String>>,
}

impl User {
    /// What is empty is left out, as on the wire.
    fn to_json(&self) -> Json {
        let mut user = json!({});
        for (field, text) in [("username", &self.name), ("uid", &self.uid)] {
            if !text.is_empty() {
                user[field] = Json::from(text.as_str());
            }
        }
        if !self.groups.is_empty() {
            user["groups"] = json!(self.groups);
        }
        if !self.extra.is_empty() {
            user["extra"] = json!(self.extra);
        }
        user
    }
}

#[derive(Clone, Debug)]
pub struct Request {
    pub operation: Operation,
    /// `None`: nobody knows.
    pub user: Option<User>,
    pub gvk: Gvk,
    /// The kind that is asked for, where the object of the subresource is of another one.
    pub parent: Option<Gvk>,
    /// `pods`.
    pub resource: String,
    /// `ephemeralcontainers`; empty for the object itself.
    pub subresource: String,
    pub name: String,
    /// `None` for cluster-scoped objects.
    pub namespace: Option<Namespace>,
    /// Null on DELETE.
    pub object: Json,
    /// What there was before; null on CREATE.
    pub old_object: Json,
}

impl Request {
    /// The request that would carry `object`.
    ///
    /// Resource and scope follow from its kind. The namespace is the given one, else the one the
    /// object names, else `default`, and is written into the object, as the API server does before
    /// it asks any policy. The error is a sentence.
    pub fn from_object(
        object: &Json,
        operation: Operation,
        old: Option<&Json>,
        namespace: Option<Namespace>,
    ) -> Result<Request, String> {
        let served = resource_of(object::group_version(object).0, object::kind(object));
        Request::served_as(served, object, operation, old, namespace)
    }

    /// The same, of a kind that is known to be served in this way.
    pub fn served_as(
        served: Resource,
        object: &Json,
        operation: Operation,
        old: Option<&Json>,
        namespace: Option<Namespace>,
    ) -> Result<Request, String> {
        let (group, version) = object::group_version(object);
        let kind = object::kind(object);
        if version.is_empty() || kind.is_empty() {
            return Err("the object has no apiVersion or no kind".to_owned());
        }
        let Resource { name: resource, namespaced } = served;
        let named = object::namespace(object);
        let namespaced = namespaced.unwrap_or(!named.is_empty() || namespace.is_some());
        let namespace = namespaced.then(|| {
            let own = if named.is_empty() { "default" } else { named };
            namespace.unwrap_or_else(|| Namespace::without_labels(own))
        });
        let placed = |object: &Json| match &namespace {
            Some(namespace) => place(object, &namespace.name),
            None => object.clone(),
        };
        let (new, old) = match operation {
            Operation::Delete => (Json::Null, placed(old.unwrap_or(object))),
            _ => (placed(object), old.map_or(Json::Null, placed)),
        };
        Ok(Request {
            operation,
            user: None,
            gvk: Gvk {
                group: group.to_owned(),
                version: version.to_owned(),
                kind: kind.to_owned(),
            },
            parent: None,
            resource,
            subresource: String::new(),
            name: object::name(object).to_owned(),
            namespace,
            object: new,
            old_object: old,
        })
    }

    /// Group and version of the resource that is asked for.
    pub fn served(&self) -> &Gvk {
        self.parent.as_ref().unwrap_or(&self.gvk)
    }

    /// Whether the object is itself a namespace.
    pub fn is_namespace(&self) -> bool {
        self.gvk.group.is_empty() && self.gvk.kind == "Namespace"
    }

    /// `request`, as expressions see it; what is empty is left out, as on the wire.
    fn to_json(&self) -> Json {
        let Gvk { group, version, kind } = &self.gvk;
        let own_kind = json!({"group": group, "version": version, "kind": kind});
        let Gvk { group, version, .. } = self.served();
        let own_resource = json!({"group": group, "version": version, "resource": self.resource});
        let mut request = json!({
            "operation": self.operation.text(),
            "dryRun": false,
            "userInfo": self.user.clone().unwrap_or_default().to_json(),
        });
        // Nothing is converted here, so what was sent is what is judged.
        for (kind, resource) in [("kind", "resource"), ("requestKind", "requestResource")] {
            request[kind] = own_kind.clone();
            request[resource] = own_resource.clone();
        }
        // A Namespace is asked for in itself.
        let own = if self.is_namespace() { self.name.as_str() } else { "" };
        let namespace = self.namespace.as_ref().map_or(own, |namespace| namespace.name.as_str());
        for (field, text) in [
            ("name", &*self.name),
            ("namespace", namespace),
            ("subResource", &*self.subresource),
            ("requestSubResource", &*self.subresource),
        ] {
            if !text.is_empty() {
                request[field] = Json::from(text);
            }
        }
        request
    }

    /// `namespaceObject`; looking at more of it than is known has no value.
    fn namespace_value(&self) -> Value {
        const WHAT: &str = "its namespace";
        let Some(Namespace { name, labels, object }) = &self.namespace else {
            return Value::null();
        };
        if let Some(object) = object {
            return Value::from_json(object);
        }
        let name = ("name", Value::from_json(&json!(name)));
        let labels = labels.as_ref().map(|labels| ("labels", Value::from_json(&json!(labels))));
        let metadata = Value::partly_known(WHAT, std::iter::once(name).chain(labels));
        let text = |text: &str| Value::from_json(&json!(text));
        let fields =
            [("apiVersion", text("v1")), ("kind", text("Namespace")), ("metadata", metadata)];
        Value::partly_known(WHAT, fields)
    }
}

/// The object with its namespace filled in.
fn place(object: &Json, namespace: &str) -> Json {
    let mut placed = object.clone();
    if let Some(metadata) = placed.get_mut("metadata").and_then(Json::as_object_mut) {
        let blank = metadata.get("namespace").and_then(Json::as_str).unwrap_or_default().is_empty();
        if blank {
            metadata.insert("namespace".to_owned(), Json::from(namespace));
        }
    }
    placed
}

/// A request whose values are converted once, if some policy reads them, for many policies and
/// threads to judge.
#[derive(Clone, Debug)]
pub struct Prepared {
    pub request: Request,
    object: Arc<OnceLock<Value>>,
    input: OnceLock<Input>,
}

impl From<Request> for Prepared {
    fn from(request: Request) -> Prepared {
        Prepared { request, object: Arc::default(), input: OnceLock::new() }
    }
}

impl Prepared {
    /// Another request, which shares what becomes of the object if that is the same.
    pub fn beside(&self, request: Request) -> Prepared {
        match request.object == self.request.object {
            true => Prepared { object: self.object.clone(), ..request.into() },
            false => request.into(),
        }
    }

    fn input(&self) -> Input {
        let Request { object, old_object, .. } = &self.request;
        let value = self.object.get_or_init(|| Value::from_json(object));
        Input {
            object: value.clone(),
            // An update that changes nothing has the same once more.
            old_object: match old_object == object {
                true => value.clone(),
                false => Value::from_json(old_object),
            },
            request: Value::from_json(&self.request.to_json()),
            namespace_object: self.request.namespace_value(),
        }
    }

    /// What the policy's expressions see: its habits decide what an absent object is, and what a
    /// scan says it is.
    pub(super) fn seen_by(&self, policy: &Policy) -> Cow<'_, Input> {
        let mut seen = Cow::Borrowed(self.input.get_or_init(|| self.input()));
        if policy.absent == Absent::Empty {
            let empty = Value::from_json(&json!({}));
            if self.request.object.is_null() {
                seen.to_mut().object = empty.clone();
            }
            if self.request.old_object.is_null() {
                seen.to_mut().old_object = empty;
            }
        }
        if let (Operation::Scan, Scan::As(operation)) = (self.request.operation, policy.scan) {
            let mut request = self.request.to_json();
            request["operation"] = Json::from(operation.text());
            seen.to_mut().request = Value::from_json(&request);
        }
        seen
    }
}
