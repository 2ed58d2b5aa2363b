//! The objects of files that differ, paired by what they are.
//!
//! Objects are paired over all files of a folder, so one that moves to another file is one that
//! changed; and one that is replaced by one of another kind under its own name is that, too.

use super::direction::{Piece, Rules, Surroundings};
use super::{Direction, Presence, Statement, Subject, Topic, parts, policy};
use crate::document::CONTROL_ANNOTATION;
use crate::object::{self, Object};
use crate::text::Sources;
use crate::yaml;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// An object and the file it stands in.
struct Found {
    path: String,
    object: Object,
}

/// Group, kind, namespace, name.
type Identity = (String, String, String, String);

/// A difference between two folders, before clusters alike are grouped.
#[derive(Clone, Debug)]
pub struct Draft {
    pub subject: Subject,
    pub presence: Presence,
    pub direction: Direction,
    pub statements: Vec<Statement>,
    /// Which control it enforces; empty where none is known.
    pub control: String,
    /// By kind and name; none where there is no object.
    pub objects: Vec<(String, String)>,
    /// The file to be shown as text, below the folder.
    pub path: String,
    /// The file it was before, where that was another.
    pub before: Option<String>,
}

impl Draft {
    /// A difference that no object says.
    pub fn of_file(subject: Subject, presence: Presence, path: &str) -> Draft {
        let direction = Direction::Unknown;
        Draft {
            subject,
            presence,
            direction,
            statements: vec![],
            control: String::new(),
            objects: vec![],
            path: path.to_owned(),
            before: None,
        }
    }
}

/// Files by path, with their bytes before and after.
pub type Differing<'a> = BTreeMap<&'a str, (Option<&'a [u8]>, Option<&'a [u8]>)>;

/// What differs between the objects of these files.
pub fn drafts(files: &Differing<'_>, around: &Surroundings<'_>) -> Vec<Draft> {
    let (mut old, mut new) = (BTreeMap::new(), BTreeMap::new());
    let mut drafts = vec![];
    for (path, (before, after)) in files {
        let collect = |bytes: &Option<&[u8]>, into: &mut BTreeMap<Identity, Found>| {
            bytes.is_none_or(|bytes| {
                let Some(objects) = objects(bytes) else { return false };
                objects.into_iter().all(|object| {
                    let found = Found { path: (*path).to_owned(), object };
                    into.insert(identity(&found), found).is_none()
                })
            })
        };
        let read = [collect(before, &mut old), collect(after, &mut new)];
        if read.contains(&false) {
            old.retain(|_, found| found.path != *path);
            new.retain(|_, found| found.path != *path);
            drafts.push(unread(path, before.is_some(), after.is_some()));
        }
    }
    let rules = Rules::new(old.values().map(piece), new.values().map(piece), around);
    let keys: BTreeSet<&Identity> = old.keys().chain(new.keys()).collect();
    let (mut gone, mut come) = (vec![], vec![]);
    for key in keys {
        match (old.get(key), new.get(key)) {
            (Some(old), Some(new)) => drafts.extend(changed(old, new, &rules)),
            (Some(old), None) => gone.push(old),
            (None, Some(new)) => come.push(new),
            (None, None) => {}
        }
    }
    drafts.extend(replaced(&mut gone, &mut come, &rules));
    drafts.extend(gone.iter().map(|old| draft(Presence::Removed, Some(old), None, old, &rules)));
    drafts.extend(come.iter().map(|new| draft(Presence::Added, None, Some(new), new, &rules)));
    parts::together(drafts)
}

fn called(object: &Object) -> (String, String) {
    (object::kind(object).to_owned(), object::name(object).to_owned())
}

fn piece(found: &Found) -> Piece<'_> {
    Piece { path: &found.path, object: &found.object }
}

/// The documents of a file; `None` where it cannot be read as objects.
pub fn objects(bytes: &[u8]) -> Option<Vec<Object>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut sources = Sources::default();
    let source = sources.add("", text);
    let nodes = yaml::read(&sources, source).ok()?;
    let objects: Vec<Object> = nodes.iter().map(yaml::Node::to_json).collect();
    objects.iter().all(|object| !object::kind(object).is_empty()).then_some(objects)
}

/// The control that an object of ours enforces; of others, empty.
pub fn control(object: &Object) -> &str {
    object::text(object, &["metadata", "annotations", CONTROL_ANNOTATION])
}

/// Whether a file that is written as we write it says anything of a control.
pub fn is_of_control(control: &str, bytes: &[u8]) -> bool {
    let line = format!("{CONTROL_ANNOTATION}: {control}\n");
    std::str::from_utf8(bytes).is_ok_and(|text| text.contains(&line))
}

/// What these files say of a control.
pub fn of_control(control: &str, files: &[&[u8]]) -> Vec<Object> {
    let of_it = files.iter().filter(|bytes| is_of_control(control, bytes));
    of_it.filter_map(|bytes| objects(bytes)).flatten().collect()
}

/// What has no name is known by its file.
fn identity(Found { path, object }: &Found) -> Identity {
    let (group, _) = object::group_version(object);
    let name = Some(object::name(object)).filter(|name| !name.is_empty()).unwrap_or(path);
    let parts = [group, object::kind(object), object::namespace(object), name];
    let [group, kind, namespace, name] = parts.map(str::to_owned);
    (group, kind, namespace, name)
}

fn unread(path: &str, before: bool, after: bool) -> Draft {
    let presence = match (before, after) {
        (false, _) => Presence::Added,
        (_, false) => Presence::Removed,
        _ => Presence::Changed,
    };
    let subject = Subject::File { path: path.to_owned() };
    Draft::of_file(subject, presence, path)
}

fn changed(old: &Found, new: &Found, rules: &Rules<'_>) -> Option<Draft> {
    let mut statements = policy::statements(&old.object, &new.object);
    if old.path != new.path {
        statements.push(Statement {
            topic: Topic::Field,
            path: "file".into(),
            old: Some(Value::from(old.path.as_str())),
            new: Some(Value::from(new.path.as_str())),
        });
    }
    // Only comments or the order of documents differ.
    (!statements.is_empty()).then(|| Draft {
        subject: subject(new),
        presence: Presence::Changed,
        direction: rules.direction(Some(piece(old)), Some(piece(new))),
        statements,
        control: control(&new.object).to_owned(),
        objects: vec![called(&new.object)],
        path: new.path.clone(),
        before: None,
    })
}

/// Takes out those of these names.
fn taken<'a>(list: &mut Vec<&'a Found>, names: &BTreeSet<String>) -> Vec<&'a Found> {
    let (mut taken, rest): (Vec<&Found>, Vec<&Found>) =
        list.drain(..).partition(|found| names.contains(object::name(&found.object)));
    *list = rest;
    taken.sort_by(|a, b| object::name(&a.object).cmp(object::name(&b.object)));
    taken
}

/// Takes out pairs of one name that alone went and alone came.
fn replaced(gone: &mut Vec<&Found>, come: &mut Vec<&Found>, rules: &Rules<'_>) -> Vec<Draft> {
    let count = |list: &[&Found], name: &str| {
        list.iter().filter(|found| object::name(&found.object) == name).count()
    };
    let alone: BTreeSet<String> = gone
        .iter()
        .map(|found| object::name(&found.object))
        .filter(|name| !name.is_empty() && count(gone, name) == 1 && count(come, name) == 1)
        .map(str::to_owned)
        .collect();
    let pairs = taken(gone, &alone).into_iter().zip(taken(come, &alone));
    pairs.map(|(old, new)| draft(Presence::Changed, Some(old), Some(new), new, rules)).collect()
}

/// What becomes of an object that is not there on both sides, told of the one that is `shown`.
fn draft(
    presence: Presence,
    old: Option<&Found>,
    new: Option<&Found>,
    shown: &Found,
    rules: &Rules<'_>,
) -> Draft {
    Draft {
        subject: subject(shown),
        presence,
        direction: rules.direction(old.map(piece), new.map(piece)),
        statements: policy::summary(old.map(|one| &one.object), new.map(|one| &one.object)),
        control: control(&shown.object).to_owned(),
        objects: vec![called(&shown.object)],
        path: shown.path.clone(),
        before: None,
    }
}

/// Rendered files are named after their rule; what has no name is no object of a rule.
fn subject(found: &Found) -> Subject {
    if object::name(&found.object).is_empty() {
        return Subject::File { path: found.path.clone() };
    }
    let file = found.path.rsplit('/').next().unwrap_or_default();
    Subject::Rule { name: file.strip_suffix(".yaml").unwrap_or(file).to_owned() }
}
