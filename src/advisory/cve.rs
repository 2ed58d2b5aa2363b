//! CVE records, JSON 5.x.

use super::cursor::Cursor;
use super::purl::{self, Named};
use super::ranges::{self, Bounds, Span};
use super::record::Record;
use super::{ENTRIES, Refused, cvss};

/// What an entry is said of, or why that cannot be read.
type Range = Result<Bounds, String>;

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
                record.tell(&format!("{called}: {why}"));
                return Ok(());
            }
        },
        None => None,
    };
    let vendor = affected.text("vendor")?.unwrap_or_default();
    // Its maker calls all of it by one name, the kubelet among it.
    let kubernetes = [vendor, product].iter().all(|one| one.eq_ignore_ascii_case("kubernetes"));
    let by_name = || purl::of_name(package).or_else(|| purl::of_name(product));
    let named = named.or_else(by_name).or(kubernetes.then_some(Named::Kubernetes));
    let Some(named) = named else {
        record.tell(&format!("{called}: no pod and no node says that it has this"));
        return Ok(());
    };
    let versions = affected.list("versions")?;
    let mut all = vec![];
    let mut unaffected = vec![];
    for version in &versions {
        match whole(version)? {
            Some(("unaffected", range)) => unaffected.push(range),
            Some((_, range)) => {
                let range = range.and_then(|range| ranges::range(&range));
                record.tell(&match range.map(|(range, _)| ranges::written(&range)) {
                    Ok(range) => format!("{called}: whether {range} is affected is unknown"),
                    Err(why) => format!("{called}: {why}"),
                });
            }
            None => all.extend(bounds(version, &called, record)?),
        }
    }
    if affected.text("defaultStatus")? == Some("affected") {
        record.tell(&format!(
            "{called}: all versions but those that are named otherwise, so all are meant"
        ));
        all = vec![Bounds::default()];
    } else {
        exceptions(&called, &all, unaffected, record);
    }
    match &named {
        Named::Image { version: Some(version), .. } if versions.is_empty() && all.is_empty() => {
            all.push(Bounds::only(version));
        }
        Named::Image { digest: Some(_), .. } => {}
        _ if versions.is_empty() && all.is_empty() => {
            record.tell(&format!("{called}: no version of it is said to be affected"));
        }
        _ => {}
    }
    record.add(&named, &called, &all);
    Ok(())
}

/// A status that does not change and is not `affected`, and the range it is said of.
fn whole<'a>(version: &Cursor<'a>) -> Result<Option<(&'a str, Range)>, Refused> {
    let status = version.needs("status")?;
    let commits = version.text("versionType")? == Some("git");
    if status == "affected" || commits || version.get("changes").is_some() {
        return Ok(None);
    }
    Ok(Some((status, written(version)?)))
}

/// Says which versions are drafted though the record excepts them.
fn exceptions(called: &str, all: &[Bounds], unaffected: Vec<Range>, record: &mut Record) {
    // No more ranges are drafted than some.
    let all: Vec<Span> = all.iter().filter_map(Span::of).take(ENTRIES).collect();
    for range in unaffected.into_iter().flatten().filter_map(|range| Span::of(&range)) {
        if all.iter().any(|affected| affected.meets(&range)) {
            let range = range.written();
            record.tell(&format!("{called}: {range} is unaffected, and lies in what is drafted"));
        }
    }
}

/// One entry of `versions` as a range, whatever is said of it.
fn written(version: &Cursor<'_>) -> Result<Range, Refused> {
    let first = version.needs("version")?;
    let (below, to) = (version.text("lessThan")?, version.text("lessThanOrEqual")?);
    let open = below.is_none() && to.is_none();
    if let Some(compared) = ranges::comparators(first).filter(|_| open) {
        return Ok(compared);
    }
    let from = match first {
        "0" | "*" | "unspecified" | "n/a" | "unknown" => None,
        first => Some(first.to_owned()),
    };
    if open {
        return Ok(Ok(from.as_deref().map(Bounds::only).unwrap_or_default()));
    }
    let limit =
        |written: Option<&str>| written.filter(|written| *written != "*").map(str::to_owned);
    Ok(Ok(Bounds { from, above: None, below: limit(below), to: limit(to) }))
}

/// The ranges of one entry of `versions` in which it is affected.
fn bounds(version: &Cursor<'_>, called: &str, record: &mut Record) -> Result<Vec<Bounds>, Refused> {
    let mut affected = version.needs("status")? == "affected";
    if version.text("versionType")? == Some("git") {
        record.tell(&format!("{called}: ranges of commits"));
        return Ok(vec![]);
    }
    let whole = match written(version)? {
        Ok(whole) => whole,
        Err(why) => {
            record.tell(&format!("{called}: {why}"));
            return Ok(vec![]);
        }
    };
    let changes = version.list("changes")?;
    if changes.is_empty() {
        let ends = version.get("lessThan").or(version.get("lessThanOrEqual"));
        if affected && whole == Bounds::default() && ends.is_none() {
            record.tell(&format!("{called}: no version is named, so all are meant"));
        }
        return Ok(if affected { vec![whole] } else { vec![] });
    }
    // What changes goes on from its beginning, even where no end is given.
    let ends = whole.single().is_none();
    let Bounds { from, above, below, to } = whole;
    let to = to.filter(|_| ends);
    let mut all = vec![];
    let mut since = Bounds { from, above, ..Bounds::default() };
    for change in changes {
        let at = change.needs("at")?;
        let now = change.needs("status")? == "affected";
        if affected && !now {
            all.push(Bounds { below: Some(at.to_owned()), ..since.clone() });
        }
        if !affected && now {
            since = Bounds { from: Some(at.to_owned()), ..Bounds::default() };
        }
        affected = now;
    }
    if affected {
        all.push(Bounds { below, to, ..since });
    }
    Ok(all)
}
