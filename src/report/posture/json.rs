//! The posture for programs: one JSON document, with a version of its own.
//!
//! | field | content |
//! | --- | --- |
//! | `schemaVersion` | 1; a new field keeps it, a field that goes or changes raises it |
//! | `date` | the day it is told for |
//! | `decided` | true where it holds days that were decided, and nothing that hangs on when it was written |
//! | `fleet` | what its settings call it |
//! | `output` | the folder that clusters' folders lie in: files are `OUTPUT/CLUSTER/FILE` |
//! | `clusters[]` | `name`, `state`, `kubernetes`, `provider`, `engine` in words, `whileAway` (built-in, closed, open, not-stated), `place` |
//! | `retired` | how many clusters are retired and left out |
//! | `frameworks[]` | `name`, `version`, `title`, `clusters` it is told of, `tally` by standing where each recommendation stands worst |
//! | `….columns[]` | clusters on which all stands alike: `id`, `clusters`, `whileAway` |
//! | `….recommendations[]` | `id`, `level`, `title`, `source`, `partly` (why admission can enforce but a part), `standings[]` |
//! | `….standings[]` | `standing`, `words`, `until`, `owner`, `clusters`, `by[]`, `exemptions`, `gaps`, `why`, `source`, `askedForBy` |
//! | `….by[]` | `rule`, `objects` as `Kind/name`, `file` below the cluster's folder, `before`, `parts[]` |
//! | `….parts[]` | `action`, `insteadOf`, `until`, `scope` in words, `freed`: an exemption frees all of it |
//! | `blindSpots[]` | `id`, `words`, `source`, `clusters` |
//! | `exemptions[]` | `name`, `place`, `lifts`, `scope`, `clusters`, `reason`, `owner`, `approvedBy`, `ticket`, `granted`, `expires`, `reviewed`, `reviewDue`, `state`, `reaches[]` |
//! | `otherExemptions` | how many concern nothing that is told |
//! | `decisions[]` | `kind` (requirement, left-out, exemption), `name`, `what`, `owner`, `ticket`, `path`, `firstLine`, `lastLine`, `who` |
//! | `….who` | `commit`, `author`, `day`, `orEarlier` (the clone is shallow); or `notCommitted`; missing where nobody asked |
//!
//! A standing is one of provided, enforced, warns, audits, exempt, not-by-admission, not-covered.
//! What is not given is missing.

use super::standing as in_words;
use crate::posture::{By, Decision, Exempted, Posture, Recommended, Told, Variant, Who, Word};
use serde_json::{Map, Value, json};

const SCHEMA_VERSION: u32 = 1;

pub fn write(posture: &Posture) -> String {
    let clusters = posture.clusters.iter().map(|one| {
        json!({
            "name": one.name,
            "state": format!("{:?}", one.state).to_lowercase(),
            "kubernetes": one.kubernetes,
            "provider": one.provider,
            "engine": one.engine,
            "whileAway": one.fails.id(),
            "place": one.place,
        })
    });
    let blind = posture.blind.iter().map(|one| {
        given(json!({
            "id": one.id,
            "words": one.words,
            "source": Some(&one.source).filter(|source| !source.is_empty()),
            "clusters": names(posture, &one.clusters),
        }))
    });
    let report = json!({
        "schemaVersion": SCHEMA_VERSION,
        "date": posture.day.to_string(),
        "decided": posture.decided,
        "fleet": posture.fleet,
        "output": posture.output,
        "clusters": clusters.collect::<Vec<_>>(),
        "retired": posture.retired,
        "frameworks": posture.frameworks.iter().map(|one| framework(posture, one)).collect::<Vec<_>>(),
        "blindSpots": blind.collect::<Vec<_>>(),
        "exemptions": posture.exemptions.iter().map(exemption).collect::<Vec<_>>(),
        "otherExemptions": posture.others,
        "decisions": posture.decisions.iter().map(decision).collect::<Vec<_>>(),
    });
    format!("{report:#}\n")
}

/// Without what is not given.
fn given(mut value: Value) -> Value {
    if let Value::Object(map) = &mut value {
        map.retain(|_, value| !value.is_null());
    }
    value
}

fn names<'a>(posture: &'a Posture, indices: &[usize]) -> Vec<&'a str> {
    indices.iter().map(|index| posture.clusters[*index].name.as_str()).collect()
}

fn framework(posture: &Posture, told: &Told) -> Value {
    let tally = told.tally();
    let tally: Map<String, Value> =
        Word::ALL.iter().map(|word| (word.id().to_owned(), json!(tally[word]))).collect();
    let columns = told.groups.iter().map(|group| {
        json!({
            "id": group.id,
            "clusters": names(posture, &group.clusters),
            "whileAway": group.fails.id(),
        })
    });
    json!({
        "name": told.name,
        "version": told.version,
        "title": told.title,
        "clusters": names(posture, &told.clusters),
        "tally": tally,
        "columns": columns.collect::<Vec<_>>(),
        "recommendations":
            told.recommendations.iter().map(|one| recommendation(posture, one)).collect::<Vec<_>>(),
    })
}

fn recommendation(posture: &Posture, one: &Recommended) -> Value {
    given(json!({
        "id": one.id,
        "level": one.level.to_string(),
        "title": one.title,
        "source": one.source,
        "partly": one.partly,
        "standings": one.variants.iter().map(|one| standing(posture, one)).collect::<Vec<_>>(),
    }))
}

fn standing(posture: &Posture, variant: &Variant) -> Value {
    let one = &variant.standing;
    given(json!({
        "standing": one.word.id(),
        "words": in_words(posture, one),
        "until": one.until.map(|day| day.to_string()),
        "owner": one.owner,
        "clusters": names(posture, &variant.clusters),
        "by": one.by.iter().map(by).collect::<Vec<_>>(),
        "exemptions": one.exemptions,
        "gaps": one.gaps,
        "why": one.why,
        "source": one.source,
        "askedForBy": one.decided,
    }))
}

fn by(by: &By) -> Value {
    let parts = by.parts.iter().map(|part| {
        given(json!({
            "action": part.action.name(),
            "insteadOf": part.instead_of.map(|action| action.name()),
            "until": part.until.map(|day| day.to_string()),
            "scope": part.scope,
            "freed": part.freed,
        }))
    });
    json!({
        "rule": by.rule,
        "objects": by.objects,
        "file": by.file,
        "before": by.before,
        "parts": parts.collect::<Vec<_>>(),
    })
}

fn exemption(one: &Exempted) -> Value {
    let reaches = one.reaches.iter();
    let reaches =
        reaches.map(|(framework, id)| json!({"framework": framework, "recommendation": id}));
    given(json!({
        "name": one.name,
        "place": one.place,
        "lifts": one.lifts,
        "scope": one.scope,
        "clusters": one.clusters,
        "reason": one.reason,
        "owner": one.owner,
        "approvedBy": one.approved_by,
        "ticket": one.ticket,
        "granted": one.granted.map(|day| day.to_string()),
        "expires": one.expires.to_string(),
        "reviewed": one.reviewed.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "reviewDue": one.review_due.map(|day| day.to_string()),
        "state": one.state.id(),
        "reaches": reaches.collect::<Vec<_>>(),
    }))
}

fn decision(one: &Decision) -> Value {
    let who = match &one.who {
        Who::Committed { commit, author, day, or_earlier } => json!({
            "commit": commit,
            "author": author,
            "day": day.to_string(),
            "orEarlier": or_earlier,
        }),
        Who::NotCommitted => json!({"notCommitted": true}),
        Who::NotAsked => Value::Null,
    };
    given(json!({
        "kind": one.kind.id(),
        "name": one.name,
        "what": one.what,
        "owner": one.owner,
        "ticket": one.ticket,
        "path": one.line.path,
        "firstLine": one.line.first,
        "lastLine": one.line.last,
        "who": who,
    }))
}
