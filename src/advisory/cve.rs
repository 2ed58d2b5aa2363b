//! CVE records, JSON 5.x.

use super::cursor::Cursor;
use super::draft::Record;
use super::purl;
use super::ranges::Bounds;
use super::{Refused, cvss};

pub fn read(root: &Cursor<'_>) -> Result<Record, Refused> {
    let metadata = root.map("cveMetadata")?.unwrap_or_else(|| Cursor::root(root.value));
    let id = metadata.needs("cveId")?;
    let cna = match root.map("containers")? {
        Some(containers) => containers.map("cna")?,
        None => None,
    };
    if metadata.text("state")? == Some("REJECTED") {
        let reasons = cna.as_ref().map(|cna| descriptions(cna, "rejectedReasons")).transpose()?;
        let because = reasons.flatten().map(|why| format!(": {}", super::draft::line(&why)));
        let because = because.unwrap_or_default();
        return Err(Refused::Withdrawn(format!("{id} was rejected{because}")));
    }
    let Some(cna) = cna else {
        return Err(Refused::Unreadable("the record has no `containers.cna`".to_owned()));
    };
    let mut record = Record::new(id);
    record.summary = match cna.text("title")? {
        Some(title) => Some(title.to_owned()),
        None => descriptions(&cna, "descriptions")?,
    };
    for metric in cna.list("metrics")? {
        for kind in ["cvssV4_0", "cvssV3_1", "cvssV3_0"] {
            let Some(score) = metric.get(kind) else { continue };
            let word = score.text("baseSeverity")?.and_then(cvss::by_word);
            let vector = score.text("vectorString")?.and_then(cvss::by_vector);
            record.severity = record.severity.max(word.or(vector));
        }
    }
    for affected in cna.list("affected")? {
        entry(&affected, &mut record)?;
    }
    Ok(record)
}

/// The first text of a list of them, English before others.
fn descriptions(within: &Cursor<'_>, field: &str) -> Result<Option<String>, Refused> {
    let mut found = None;
    for one in within.list(field)? {
        let english = one.text("lang")?.is_none_or(|language| language.starts_with("en"));
        let text = one.text("value")?.and_then(|text| text.trim().lines().next());
        if let Some(text) = text.filter(|_| english || found.is_none()) {
            found = Some(text.to_owned());
            if english {
                break;
            }
        }
    }
    Ok(found)
}

fn entry(affected: &Cursor<'_>, record: &mut Record) -> Result<(), Refused> {
    let product = affected.text("product")?.unwrap_or_default();
    let package = affected.text("packageName")?.unwrap_or_default();
    let called = match (product, package) {
        ("", "") => "a product without a name".to_owned(),
        ("", name) | (name, _) => name.to_owned(),
    };
    let named = match affected.text("packageURL")? {
        Some(written) => match purl::of_purl(written) {
            Ok(named) => named,
            Err(why) => {
                record.tell(format!("{called}: {why}"));
                return Ok(());
            }
        },
        None => None,
    };
    let vendor = affected.text("vendor")?.unwrap_or_default();
    // Its maker calls all of it by one name, the kubelet among it.
    let kubernetes = [vendor, product].iter().all(|one| one.eq_ignore_ascii_case("kubernetes"));
    let by_name = || purl::of_name(package).or_else(|| purl::of_name(product));
    let named = named.or_else(by_name).or(kubernetes.then_some(purl::Named::Kubelet));
    let Some(named) = named else {
        record.tell(format!("{called}: no pod and no node says that it has this"));
        return Ok(());
    };
    let mut all = vec![];
    for version in affected.list("versions")? {
        all.extend(bounds(&version, &called, record)?);
    }
    if affected.text("defaultStatus")? == Some("affected") {
        record.tell(format!(
            "{called}: all versions but those that are named otherwise, so all are meant"
        ));
        all = vec![Bounds::default()];
    }
    record.add(&named, &called, &all);
    Ok(())
}

/// The ranges of one entry of `versions` in which it is affected.
fn bounds(version: &Cursor<'_>, called: &str, record: &mut Record) -> Result<Vec<Bounds>, Refused> {
    let mut affected = version.needs("status")? == "affected";
    let first = version.needs("version")?;
    if version.text("versionType")? == Some("git") {
        record.tell(format!("{called}: ranges of commits"));
        return Ok(vec![]);
    }
    let from = match first {
        "0" | "*" | "unspecified" | "n/a" | "unknown" => None,
        first => Some(first.to_owned()),
    };
    let below = version.text("lessThan")?;
    let to = version.text("lessThanOrEqual")?;
    let changes = version.list("changes")?;
    let end = |from: Option<String>| {
        let limit =
            |written: Option<&str>| written.filter(|written| *written != "*").map(str::to_owned);
        Bounds { from, below: limit(below), to: limit(to) }
    };
    if below.is_none() && to.is_none() && changes.is_empty() {
        let only = from.clone();
        return Ok(if affected { vec![Bounds { from, to: only, below: None }] } else { vec![] });
    }
    let mut all = vec![];
    let mut since = from;
    for change in changes {
        let at = change.needs("at")?;
        let now = change.needs("status")? == "affected";
        if affected && !now {
            all.push(Bounds { from: since.clone(), below: Some(at.to_owned()), to: None });
        }
        if !affected && now {
            since = Some(at.to_owned());
        }
        affected = now;
    }
    if affected {
        all.push(end(since));
    }
    Ok(all)
}
