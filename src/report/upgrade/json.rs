//! What an upgrade changes, for programs: one JSON document, with a version of its own.
//!
//! | field | content |
//! | --- | --- |
//! | `schemaVersion` | 1; a new field keeps it, a field that goes or changes raises it |
//! | `cluster`, `path`, `line` | the cluster, and where it is stated |
//! | `steps[]` | `what`, `from`, `to` |
//! | `fine` | whether the exit status is 0 |
//! | `impossible[]`, `withoutWindow[]`, `remarks[]` | `why`, `help`: of the upgrade as a whole, of saying that it is under way, of what is worth knowing |
//! | `objects.announced[]`, `objects.done[]` | `name`, `path`, `old`, `new` (`apiVersion`, `kind`), `fields` |
//! | `rules` | `same`; `meanings[]`: `rule`, `changes[]` of `what`, `old`, `new`; `possible[]`, `impossible[]`: `rule`, `askedBy`; `actions[]`: `rule`, `old`, `new` |
//! | `apis[]` | `apiVersion`, `kind`, `removed`, `replacement`, `objects` |
//! | `quirks.ending[]`, `quirks.beginning[]` | `name`, `defect`, `remains` |
//! | `verdicts` | `controls`, `cases`, `objects`, `gone`, `judged`; `other[]`: `subject`, `path`, `line`, `rule`, `old`, `new` |
//! | `snapshot` | `objects`, `taken`; null where there is none |
//! | `next[]` | the lines to write next |

use crate::document::{Document, Quirk};
use crate::report::Upgrades;
use crate::upgrade::{Moved, Shape};
use serde_json::{Value, json};

const SCHEMA_VERSION: u32 = 1;

pub fn write(told: &Upgrades<'_>) -> String {
    let upgrade = told.upgrade;
    let steps = upgrade.steps.iter().map(
        |step| json!({"what": step.what, "from": step.from.to_string(), "to": step.to.to_string()}),
    );
    let rules = &upgrade.rules;
    let meanings = rules.meanings.iter().map(|one| {
        let changes = one.changes.iter();
        let changes: Vec<Value> =
            changes.map(|(what, old, new)| json!({"what": what, "old": old, "new": new})).collect();
        json!({"rule": one.rule, "changes": changes})
    });
    let actions = rules
        .actions
        .iter()
        .map(|one| json!({"rule": one.rule, "old": one.before.name(), "new": one.after.name()}));
    let asked = |list: &[(String, Vec<String>)]| -> Vec<Value> {
        list.iter().map(|(rule, by)| json!({"rule": rule, "askedBy": by})).collect()
    };
    let apis = upgrade.apis.iter().map(|one| {
        json!({
            "apiVersion": one.api_version,
            "kind": one.kind,
            "removed": one.removed.to_string(),
            "replacement": one.replacement,
            "objects": one.objects,
        })
    });
    let verdicts = &upgrade.verdicts;
    let other = verdicts.other.iter().map(|one| {
        let path = one.place.map(|place| told.sources.get(place.source).path.as_ref());
        json!({
            "subject": one.subject,
            "path": path,
            "line": one.place.map(|place| told.sources.line_column(place).0),
            "rule": one.rule,
            "old": one.before.to_string(),
            "new": one.after.to_string(),
        })
    });
    let snapshot = upgrade.snapshot.map(|found| {
        let taken = found.taken.map(|taken| taken.day().to_string());
        json!({"objects": found.objects, "taken": taken})
    });
    let report = json!({
        "schemaVersion": SCHEMA_VERSION,
        "cluster": upgrade.cluster,
        "path": told.sources.get(upgrade.place.source).path.as_ref(),
        "line": told.sources.line_column(upgrade.place).0,
        "steps": steps.collect::<Vec<_>>(),
        "fine": upgrade.is_fine(),
        "impossible": reasons(&upgrade.impossible),
        "withoutWindow": reasons(&upgrade.no_window),
        "remarks": reasons(&upgrade.remarks),
        "objects": {"announced": objects(&upgrade.announced), "done": objects(&upgrade.done)},
        "rules": {
            "same": rules.same,
            "meanings": meanings.collect::<Vec<_>>(),
            "possible": asked(&rules.possible),
            "impossible": asked(&rules.impossible),
            "actions": actions.collect::<Vec<_>>(),
        },
        "apis": apis.collect::<Vec<_>>(),
        "quirks": {"ending": quirks(&upgrade.ending), "beginning": quirks(&upgrade.beginning)},
        "verdicts": {
            "controls": verdicts.controls,
            "cases": verdicts.cases,
            "objects": verdicts.objects,
            "gone": verdicts.gone,
            "judged": verdicts.judged,
            "other": other.collect::<Vec<_>>(),
        },
        "snapshot": snapshot,
        "next": upgrade.next,
    });
    format!("{report:#}\n")
}

fn reasons(list: &[(String, String)]) -> Vec<Value> {
    list.iter().map(|(why, help)| json!({"why": why, "help": help})).collect()
}

fn objects(list: &[Moved]) -> Vec<Value> {
    let shape = |one: &Option<Shape>| {
        one.as_ref().map(|one| json!({"apiVersion": one.api_version, "kind": one.kind}))
    };
    let object = |one: &Moved| {
        json!({
            "name": one.name,
            "path": one.path,
            "old": shape(&one.old),
            "new": shape(&one.new),
            "fields": one.fields,
        })
    };
    list.iter().map(object).collect()
}

fn quirks(list: &[&Document<Quirk>]) -> Vec<Value> {
    let quirk = |one: &&Document<Quirk>| json!({"name": one.name.value, "defect": one.spec.defect, "remains": one.spec.remains});
    list.iter().map(quirk).collect()
}
