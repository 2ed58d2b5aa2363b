//! The catalogue for programs: one JSON document with `controls` and `frameworks`.

use super::{
    Reference, cases, counts, covers, frameworks, looks_at, on_one_line, parameters, state,
};
use crate::document::Level;
use serde_json::{Value, json};

pub fn write(reference: &Reference<'_>) -> String {
    let controls: Vec<Value> = reference
        .controls
        .iter()
        .map(|control| {
            let spec = &control.document.spec;
            let parameters = parameters(control).map(|one| {
                json!({
                    "name": one.name,
                    "required": one.default.is_none(),
                    "default": one.default,
                    "more": one.more,
                    "shape": one.shape,
                    "description": one.description,
                })
            });
            let covers = covers(reference, control).into_iter();
            let covers = covers.map(|(framework, version, ids)| {
            json!({"framework": framework, "version": version, "recommendations": ids})
        });
            json!({
                "id": control.id(),
                "title": on_one_line(&spec.title),
                "severity": spec.severity.name(),
                "looksAt": looks_at(control),
                "manifest": control.is_manifest(),
                "why": on_one_line(&spec.why),
                "fix": on_one_line(&spec.fix),
                "parameters": parameters.collect::<Vec<_>>(),
                "covers": covers.collect::<Vec<_>>(),
                "cases": cases(control),
            })
        })
        .collect();
    let frameworks: Vec<Value> = frameworks(reference)
        .map(|(document, all)| {
            let counts = counts(&all);
            let recommendations = all.iter().map(|one| {
                let controls = one.controls.iter().map(|entry| entry.control.value.as_str());
                let level = match &one.level {
                    Level::Number(number) => json!(number),
                    Level::Name(name) => json!(name),
                };
                json!({
                    "id": *one.id,
                    "level": level,
                    "title": on_one_line(&one.title),
                    "state": state(one),
                    "because": one.because.as_deref().map(on_one_line),
                "source": one.source.as_deref().map(on_one_line),
                    "controls": controls.collect::<Vec<_>>(),
                })
            });
            json!({
                "name": *document.name,
                "version": document.spec.versions_in_words(),
                "title": document.spec.title,
                "counts": {
                    "covered": counts.covered,
                    "part": counts.part,
                    "notByAdmission": counts.never,
                    "notYet": counts.later,
                },
                "recommendations": recommendations.collect::<Vec<_>>(),
            })
        })
        .collect();
    let whole = json!({"controls": controls, "frameworks": frameworks});
    serde_json::to_string_pretty(&whole).expect("JSON of texts can be written") + "\n"
}
