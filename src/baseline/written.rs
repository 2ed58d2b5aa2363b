//! A violator as the document that exempts it.

use super::{Break, Violator};
use crate::date::Date;
use crate::document::API_VERSION;
use crate::limits;
use crate::name;
use crate::yaml;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What the exemptions of a baseline have in common.
#[derive(Clone, Debug)]
pub struct Granting {
    pub cluster: String,
    pub granted: Date,
    pub approved_by: Option<String>,
    pub ticket: Option<String>,
}

/// The exemption, as YAML; it names every intent that demands what is lifted.
pub fn document(violator: &Violator, owner: &str, expires: Date, granting: &Granting) -> String {
    let key = &violator.key;
    let mut lifts: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (rule, broken) in &violator.breaks {
        for intent in &broken.intents {
            lifts.entry(intent).or_default().insert(rule);
        }
    }
    let lifts: Vec<Value> = lifts
        .into_iter()
        .map(|(intent, controls)| json!({"intent": intent, "controls": controls}))
        .collect();
    let mut scope = json!({
        "clusters": {"names": [granting.cluster]},
        "workloads": [{"kind": key.kind, "name": key.name}],
    });
    if !key.namespace.is_empty() {
        scope["namespaces"] = json!({"names": [key.namespace]});
    }
    let mut spec = json!({
        "lifts": lifts,
        "scope": scope,
        "reason": reason(violator, granting.granted),
        "owner": owner,
        "granted": granting.granted.to_string(),
        "expires": expires.to_string(),
    });
    let given = [("approvedBy", &granting.approved_by), ("ticket", &granting.ticket)];
    for (field, value) in given {
        if let Some(value) = value {
            spec[field] = json!(value);
        }
    }
    yaml::write(&json!({
        "apiVersion": API_VERSION,
        "kind": "Exemption",
        "metadata": {"name": called(violator, &granting.cluster)},
        "spec": spec,
    }))
}

/// A name that is the same whenever it is written, and another one for every other workload.
pub fn called(violator: &Violator, cluster: &str) -> String {
    const DIGEST: usize = 9;
    let key = &violator.key;
    let whole = [cluster, &key.namespace, &key.kind, &key.name].join("/");
    let plain = |c: char| match c.to_ascii_lowercase() {
        c if c.is_ascii_lowercase() || c.is_ascii_digit() => c,
        _ => '-',
    };
    let words = format!("baseline-{}-{}", key.namespace, key.name);
    let words: String = words.chars().map(plain).take(limits::OBJECT_NAME - DIGEST).collect();
    let words: Vec<&str> = words.split('-').filter(|word| !word.is_empty()).collect();
    format!("{}-{}", words.join("-"), name::short_digest(whole.as_bytes()))
}

fn reason(violator: &Violator, granted: Date) -> String {
    let broken = |(rule, one): (&String, &Break)| {
        let named: Vec<&str> = one.offenders.iter().map(String::as_str).collect();
        let more = named.len().saturating_sub(limits::OFFENDERS_NAMED);
        let mut words = named[..named.len() - more].join(", ");
        if more > 0 {
            words.push_str(&format!(" and {more} more"));
        }
        if words.is_empty() { rule.clone() } else { format!("{rule} ({words})") }
    };
    let broken: Vec<String> = violator.breaks.iter().map(broken).collect();
    let all = broken.join("; ");
    let shown: String = all.chars().take(limits::MESSAGE_CHARACTERS).collect();
    let rest = if shown.len() < all.len() { "…" } else { "" };
    format!("Baseline of {granted}: it ran before this was denied. It breaks {shown}{rest}.")
}
