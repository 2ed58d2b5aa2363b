//! Verdicts for programs: one JSON document.
//!
//! | field | content |
//! | --- | --- |
//! | `schemaVersion` | 1; a new field keeps it, a field that goes or changes raises it |
//! | `objects` | how many were judged |
//! | `violations[]` | `file`, `document`, `line`, `object`, `control`, `intent`, `intents`, `action`, `message`, `offenders`, `assumed`, `clusters` |
//! | `….document` | which document of the file, counted from 1; empty ones do not count |
//! | `….line` | of the first offender that can be found in the file, else of the object |
//! | `….object` | `apiVersion`, `kind`, `namespace`, `name`, as written |
//! | `….intent` | the requirement that asks for it, `intent/requirement`; null where none does. `intents` are all of them |
//! | `….action` | `deny`, `warn` or `audit` |
//! | `….assumed` | whether labels of a namespace decide that nobody stated |
//! | `errors[]` | what could not be read or judged: `file`, `line`, `document`, `object`, `control`, `message`; null where it does not apply |
//! | `assumed[]` | objects whose namespace is not known and matters: `file`, `document`, `object`, `namespace`, `controls` |

use super::{Checked, Lines, identity, message};
use serde_json::{Value, json};

const SCHEMA_VERSION: u32 = 1;

pub fn write(checked: &Checked<'_>) -> String {
    let mut lines = Lines::new(checked.sources);
    let manifest = |index: usize| &checked.manifests[index];
    let violations: Vec<Value> = checked
        .findings
        .violations
        .iter()
        .map(|one| {
            let manifest = manifest(one.manifest);
            let place = one.places.first().map_or_else(|| manifest.place(), |(place, _)| *place);
            json!({
                "file": checked.file(manifest),
                "document": manifest.document,
                "line": lines.at(place).0,
                "object": identity(&manifest.object),
                "control": one.about.control,
                "intent": one.intents.first(),
                "intents": one.intents,
                "action": one.action.name(),
                "message": one.message,
                "offenders": one.offenders,
                "assumed": one.assumed,
                "clusters": one.clusters,
            })
        })
        .collect();
    let mut errors: Vec<Value> = checked
        .problems
        .iter()
        .map(|one| {
            let place = one.diagnostic.places.first();
            json!({
                "file": one.file,
                "line": place.map(|(place, _)| lines.at(*place).0),
                "document": null,
                "object": null,
                "control": one.policy,
                "message": message(&one.diagnostic),
            })
        })
        .collect();
    errors.extend(checked.findings.unjudged.iter().map(|one| {
        let manifest = manifest(one.manifest);
        json!({
            "file": checked.file(manifest),
            "line": lines.at(manifest.place()).0,
            "document": manifest.document,
            "object": identity(&manifest.object),
            "control": one.about.control,
            "message": one.why,
        })
    }));
    let assumed = checked.findings.assumed.iter().map(|one| {
        let manifest = manifest(one.manifest);
        json!({
            "file": checked.file(manifest),
            "document": manifest.document,
            "object": identity(&manifest.object),
            "namespace": one.namespace,
            "controls": one.controls,
        })
    });
    let report = json!({
        "schemaVersion": SCHEMA_VERSION,
        "objects": checked.manifests.len(),
        "violations": violations,
        "errors": errors,
        "assumed": assumed.collect::<Vec<_>>(),
    });
    let text = serde_json::to_string_pretty(&report).expect("JSON can be written");
    format!("{text}\n")
}
