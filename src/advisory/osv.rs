//! OSV records, schema 1.x.

use super::cursor::Cursor;
use super::draft::Record;
use super::purl::{self, Named};
use super::ranges::Bounds;
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
        record.tell("an entry names no package".to_owned());
        return Ok(());
    };
    let name = package.text("name")?.unwrap_or_default();
    let ecosystem = package.text("ecosystem")?.unwrap_or_default();
    let called = match ecosystem {
        "" => name.to_owned(),
        ecosystem => format!("{name} ({ecosystem})"),
    };
    let named = match package.text("purl")? {
        Some(written) => match purl::of_purl(written) {
            Ok(named) => named.or_else(|| purl::of_name(name)),
            Err(why) => {
                record.tell(format!("{called}: {why}"));
                return Ok(());
            }
        },
        None => purl::of_name(name),
    };
    let Some(named) = named else {
        record.tell(format!("{called}: no pod and no node says that it has this"));
        return Ok(());
    };
    let mut all = vec![];
    for range in affected.list("ranges")? {
        match range.text("type")?.unwrap_or_default() {
            "GIT" => record.tell(format!("{called}: ranges of commits")),
            _ => all.extend(events(&range, &called, record)?),
        }
    }
    let listed = affected.texts("versions")?;
    let digest = matches!(&named, Named::Image { digest: Some(_), .. });
    if all.is_empty() && listed.is_empty() && !digest {
        if let Named::Image { version: Some(version), .. } = &named {
            record.exactly(&named, &called, &[version.as_str()]);
            return Ok(());
        }
        if affected.get("ranges").is_none() {
            record.tell(format!("{called}: nothing is said of its versions, so all are meant"));
            all.push(Bounds::default());
        }
    }
    if all.is_empty() && !listed.is_empty() {
        record.exactly(&named, &called, &listed);
    }
    record.add(&named, &called, &all);
    Ok(())
}

/// The ranges that a list of events makes, in its order.
fn events(range: &Cursor<'_>, called: &str, record: &mut Record) -> Result<Vec<Bounds>, Refused> {
    let mut all: Vec<Bounds> = vec![];
    let mut open: Option<Bounds> = None;
    for event in range.list("events")? {
        if let Some(version) = event.text("introduced")? {
            all.extend(open.take());
            open = Some(Bounds { from: Some(version.to_owned()), ..Bounds::default() });
        } else if let Some(version) = event.text("fixed")? {
            if let Some(bounds) = open.take() {
                all.push(Bounds { below: Some(version.to_owned()), ..bounds });
            }
        } else if let Some(version) = event.text("last_affected")? {
            if let Some(bounds) = open.take() {
                all.push(Bounds { to: Some(version.to_owned()), ..bounds });
            }
        } else {
            record.tell(format!(
                "{called}: an event that is no `introduced`, `fixed` or `last_affected`"
            ));
        }
    }
    all.extend(open);
    Ok(all)
}
