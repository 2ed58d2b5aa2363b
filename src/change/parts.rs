//! What one rule's objects change in, said together.
//!
//! A rule may be several objects: a policy and its bindings, or one part for each action and scope.
//! Which it is depends on the engine; what it comes to does not. So the differences of a rule on a
//! cluster are one, and the same on clusters of other engines is the same difference.

use super::objects::Draft;
use super::words::sentences;
use super::{Direction, Presence, Statement, Subject, Topic};
use serde_json::Value;
use std::collections::BTreeMap;

/// Puts together what is about one rule's file, in the order in which rules are first met.
pub fn together(drafts: Vec<Draft>) -> Vec<Draft> {
    let mut rules: Vec<Vec<Draft>> = vec![];
    let mut known: BTreeMap<(Subject, String), usize> = BTreeMap::new();
    for draft in drafts {
        let is_rule = matches!(draft.subject, Subject::Rule { .. });
        let next = rules.len();
        let key = (draft.subject.clone(), draft.path.clone());
        let place = if is_rule { *known.entry(key).or_insert(next) } else { next };
        match rules.get_mut(place) {
            Some(rule) => rule.push(draft),
            None => rules.push(vec![draft]),
        }
    }
    renamed(rules.into_iter().flat_map(one).collect())
}

/// A rule that goes while another comes that asks for just the same has another name now.
fn renamed(drafts: Vec<Draft>) -> Vec<Draft> {
    let (mut gone, mut rest): (Vec<Draft>, Vec<Draft>) = drafts
        .into_iter()
        .partition(|one| may_be_renamed(one) && one.presence == Presence::Removed);
    for come in rest.iter_mut().filter(|one| may_be_renamed(one) && one.presence == Presence::Added)
    {
        let mirror = |old: &Draft| {
            old.control == come.control
                && old.statements.len() == come.statements.len()
                && old.statements.iter().zip(&come.statements).all(|(old, new)| {
                    (old.topic, &old.path, &old.old) == (new.topic, &new.path, &new.new)
                })
        };
        let Some(place) = gone.iter().position(mirror) else { continue };
        let old = gone.remove(place);
        come.presence = Presence::Changed;
        come.statements = vec![Statement {
            topic: Topic::Field,
            path: "name".to_owned(),
            old: Some(Value::from(old.subject.to_string())),
            new: Some(Value::from(come.subject.to_string())),
        }];
        come.objects.extend(old.objects);
        come.before = Some(old.path);
    }
    gone.append(&mut rest);
    gone
}

/// Nothing is asked for that was not, or any less: another rule of its control takes its place.
fn may_be_renamed(draft: &Draft) -> bool {
    draft.direction == Direction::Neutral && !draft.control.is_empty()
}

/// One difference of all of them, unless that would not say which of them says what.
fn one(drafts: Vec<Draft>) -> Vec<Draft> {
    let Some(first) = drafts.first().cloned() else { return drafts };
    if drafts.len() == 1 {
        return drafts;
    }
    let all = |presence| drafts.iter().all(|draft: &Draft| draft.presence == presence);
    let presence = if all(first.presence) { first.presence } else { Presence::Changed };
    // A policy with its bindings comes and goes as one; of several parts each is said apart.
    let apart = drafts.iter().any(|draft| part(draft) != part(&first)) || !all(presence);
    let (parts, others): (Vec<&Draft>, Vec<&Draft>) =
        drafts.iter().partition(|draft| apart && draft.presence != Presence::Changed);
    let mut statements: Vec<Statement> = vec![];
    let said = others.into_iter().flat_map(|draft| draft.statements.clone());
    for statement in said.chain(in_parts(&parts)) {
        let about = |one: &&Statement| (one.topic, &one.path) == (statement.topic, &statement.path);
        match statements.iter_mut().find(|one| about(&&**one)) {
            // The same twice is said once.
            Some(same) if *same == statement => {}
            // A binding narrows what its policy looks at.
            Some(wide) if is_everywhere(wide) => *wide = statement,
            Some(_) if is_everywhere(&statement) => {}
            // A part may come while another of its name goes.
            Some(_) if statement.topic != Topic::Part => return drafts,
            _ => statements.push(statement),
        }
    }
    statements.sort_by(|a, b| (a.topic, &a.path).cmp(&(b.topic, &b.path)));
    let direction = drafts.iter().map(|draft| draft.direction).max().unwrap_or(Direction::Unknown);
    let objects = drafts.iter().flat_map(|draft| draft.objects.clone()).collect();
    vec![Draft { presence, direction, statements, objects, ..first }]
}

/// The part of its rule that an object is; empty where it is the rule's own name.
fn part(draft: &Draft) -> String {
    let Subject::Rule { name: rule } = &draft.subject else { return String::new() };
    let name = draft.objects.first().map(|(_, name)| name.as_str()).unwrap_or_default();
    let own = name.strip_prefix("ordinance-").unwrap_or(name);
    own.strip_prefix(rule.as_str()).unwrap_or(own).trim_start_matches('-').to_owned()
}

/// One statement for each part that comes or goes, with all that it does or did.
fn in_parts(drafts: &[&Draft]) -> Vec<Statement> {
    let mut found: BTreeMap<(String, Presence), Vec<String>> = BTreeMap::new();
    for draft in drafts {
        let said = found.entry((part(draft), draft.presence)).or_default();
        for sentence in sentences(&draft.statements, draft.presence) {
            if !said.contains(&sentence) {
                said.push(sentence);
            }
        }
    }
    let statement = |((path, presence), said): ((String, Presence), Vec<String>)| {
        let said = Some(Value::from(said));
        let (old, new) = match presence {
            Presence::Removed => (said, None),
            _ => (None, said),
        };
        Statement { topic: Topic::Part, path, old, new }
    };
    found.into_iter().map(statement).collect()
}

fn is_everywhere(statement: &Statement) -> bool {
    let everywhere = |side: &Option<Value>| {
        side.as_ref().is_none_or(|one| one.as_object().is_some_and(serde_json::Map::is_empty))
    };
    statement.topic == Topic::Scope && everywhere(&statement.old) && everywhere(&statement.new)
}
