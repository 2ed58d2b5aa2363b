//! OSV records, schema 1.x.

use super::cursor::Cursor;
use super::purl::{self, Named};
use super::ranges::{self, Bounds};
use super::record::Record;
use super::{Refused, cvss};

pub fn read(root: &Cursor<'_>) -> Result<Record, Refused> {
    let id = root.needs("id")?;
    if let Some(day) = root.text("withdrawn")? {
        return Err(Refused::Withdrawn(format!(
            "{id} was withdrawn on {}",
            super::draft::line(day)
        )));
    }
    let mut record = Record::new(id);
    record.aliases = root.texts("aliases")?.into_iter().map(str::to_owned).collect();
    let details = root.text("details")?.and_then(|details| details.lines().next());
    record.summary = root.text("summary")?.or(details).map(str::to_owned);
    for one in root.list("severity")? {
        let vector = one.text("score")?.and_then(cvss::by_vector);
        record.severity = record.severity.max(vector);
    }
    if let Some(word) = root.get("database_specific").and_then(|own| {
        own.value.get("severity").and_then(serde_json::Value::as_str).and_then(cvss::by_word)
    }) {
        record.severity = record.severity.or(Some(word));
    }
    for affected in root.list("affected")? {
        entry(&affected, &mut record)?;
    }
    Ok(record)
}

fn entry(affected: &Cursor<'_>, record: &mut Record) -> Result<(), Refused> {
    let Some(package) = affected.map("package")? else {
        record.tell("an entry names no package");
        return Ok(());
    };
    let name = package.text("name")?.unwrap_or_default();
    let ecosystem = package.text("ecosystem")?.unwrap_or_default();
    let url = package.text("purl")?.unwrap_or("a package without a name");
    let called = match (name, ecosystem) {
        ("", _) => url.to_owned(),
        (name, "") => name.to_owned(),
        (name, ecosystem) => format!("{name} ({ecosystem})"),
    };
    let named = match package.text("purl")? {
        Some(written) => match purl::of_purl(written) {
            Ok(named) => named.or_else(|| purl::of_name(name)),
            Err(why) => {
                record.tell(&format!("{called}: {why}"));
                return Ok(());
            }
        },
        None => purl::of_name(name),
    };
    let Some(named) = named else {
        record.tell(&format!("{called}: no pod and no node says that it has this"));
        return Ok(());
    };
    let mut all = vec![];
    let ranges = affected.list("ranges")?;
    for range in &ranges {
        match range.text("type")?.unwrap_or_default() {
            _ if !range.value.is_object() => {
                record.tell(&format!("{called}: a range that is no map"));
            }
            "GIT" => record.tell(&format!("{called}: ranges of commits")),
            _ => all.extend(events(range, &called, record)?),
        }
    }
    let listed = affected.texts("versions")?;
    let digest = matches!(&named, Named::Image { digest: Some(_), .. });
    if all.is_empty() && listed.is_empty() && !digest {
        if let Named::Image { version: Some(version), .. } = &named {
            record.add(&named, &called, &[Bounds::only(version)]);
            return Ok(());
        }
        if ranges.is_empty() {
            record.tell(&format!("{called}: nothing is said of its versions, so all are meant"));
            all.push(Bounds::default());
        }
    }
    record.add(&named, &called, &all);
    record.exactly(&named, &called, &listed, &all);
    Ok(())
}

/// What happens at a version.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Event {
    Introduced,
    Fixed,
    LastAffected,
}

/// The ranges that a list of events makes, in the order of their versions.
fn events(range: &Cursor<'_>, called: &str, record: &mut Record) -> Result<Vec<Bounds>, Refused> {
    const EVENTS: [(&str, Event); 3] = [
        ("introduced", Event::Introduced),
        ("fixed", Event::Fixed),
        ("last_affected", Event::LastAffected),
    ];
    let mut found: Vec<(Event, &str, &str)> = vec![];
    let written = range.list("events")?;
    if written.is_empty() {
        record.tell(&format!("{called}: a range without events"));
    }
    for one in &written {
        let before = found.len();
        for (field, event) in EVENTS {
            found.extend(one.text(field)?.map(|version| (event, field, version)));
        }
        if found.len() == before {
            record.tell(&format!(
                "{called}: an event that is no `introduced`, `fixed` or `last_affected`"
            ));
        }
    }
    // What is no version has no place among them; which it is will be told of the range.
    if found.iter().all(|(_, _, version)| ranges::numbers(version).is_ok()) {
        let semver = range.text("type")? == Some("SEMVER");
        found.sort_by_key(|(event, _, version)| place(*event, version, semver));
    }
    let mut all: Vec<Bounds> = vec![];
    let mut open: Option<Bounds> = None;
    for (event, field, version) in found {
        let at = Some(version.to_owned());
        match (event, open.take()) {
            (Event::Introduced, None) => open = Some(Bounds { from: at, ..Bounds::default() }),
            (Event::Introduced, since) => open = since,
            (Event::Fixed, Some(since)) => all.push(Bounds { below: at, ..since }),
            (Event::LastAffected, Some(since)) => all.push(Bounds { to: at, ..since }),
            (_, None) => record
                .tell(&format!("{called}: `{field}: {version}` without an `introduced` before it")),
        }
    }
    all.extend(open);
    Ok(all)
}

/// Where an event stands: its version's numbers, a pre-release before them, and what is the last
/// one affected after what begins there.
fn place(event: Event, version: &str, semver: bool) -> (Vec<u64>, bool, bool) {
    let (written, _) = ranges::numbers(version).unwrap_or_default();
    let mut numbers: Vec<u64> = written.split('.').filter_map(|one| one.parse().ok()).collect();
    numbers.resize(4, 0);
    let core = version.split('+').next().unwrap_or_default();
    (numbers, !(semver && core.contains('-')), event == Event::LastAffected)
}
