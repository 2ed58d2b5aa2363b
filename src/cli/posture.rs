//! `ordinance posture`: how each recommendation of a framework stands on each cluster, and why.

use super::options::{Common, Posture as Options};
use super::{Exit, frameworks, repository, talk};
use crate::date::Date;
use crate::failure::Failure;
use crate::pipeline::{self, Loaded, RenderRequest};
use crate::posture::{Asked, Line, Who, asked_for};
use crate::report::POSTURE_FORMATS;
use crate::source::git::{Blamed, Commit};
use std::cell::RefCell;
use std::collections::BTreeMap;

pub fn run(options: &Options) -> Result<Exit, Failure> {
    let common = &options.common;
    let loaded = repository::load(&common.place)?;
    let base = repository::base(common, loaded);
    let today = repository::today(common);
    let asked = match &options.framework {
        None => None,
        Some(written) => match named(loaded, written) {
            Ok(asked) => Some(vec![asked]),
            Err(exit) => return Ok(exit),
        },
    };
    let landed = repository::landed(common, loaded, base.as_ref())?;
    let request = RenderRequest::new(&landed, today);
    let Some(rendered) = repository::render(common, loaded, &request, "") else {
        return Ok(Exit::Input);
    };
    let asked = asked.unwrap_or_else(|| asked_for(&loaded.linked));
    if asked.is_empty() {
        tell!("error: no intent asks for a framework, so there is none to hold the clusters to");
        tell!(
            "hint: `ordinance posture --framework NAME@VERSION` takes any; `ordinance controls` lists them"
        );
        return Ok(Exit::Input);
    }
    let history = History::of(common, loaded);
    let who = |line: &Line| history.who(line);
    let posture = pipeline::posture(loaded, rendered, &asked, (today, false), &who);
    if posture.clusters.is_empty() {
        tell!("error: there is no cluster to tell of");
        tell!("hint: clusters are documents in clusters/; `ordinance inventory add` makes one");
        return Ok(Exit::Input);
    }
    let mut formats = POSTURE_FORMATS.iter();
    let format = formats.find(|one| one.id == options.format).unwrap_or(&POSTURE_FORMATS[0]);
    talk::print(&(format.write)(&posture));
    Ok(Exit::Fine)
}

/// A framework in a version, as it is written for `controls`; or what is wrong with it.
fn named(loaded: &Loaded, written: &str) -> Result<Asked, Exit> {
    let (name, version) = written.split_once('@').unwrap_or((written, "latest"));
    let Some(documents) = loaded.catalogue.frameworks.get(name) else {
        let known = loaded.catalogue.frameworks.keys();
        talk::no_such("framework", name, known.map(String::as_str));
        return Err(Exit::Input);
    };
    let Some(found) = loaded.catalogue.framework(name, version) else {
        return Err(frameworks::no_such_version(name, version, documents));
    };
    let version = if version == "latest" { found.spec.newest() } else { version.to_owned() };
    Ok(Asked { framework: name.to_owned(), version, clusters: None })
}

/// Who wrote which line, asked of git once a file.
struct History<'a> {
    loaded: &'a Loaded,
    head: Option<Commit>,
    known: RefCell<BTreeMap<Line, Who>>,
}

impl<'a> History<'a> {
    fn of(common: &Common, loaded: &'a Loaded) -> History<'a> {
        let head = Commit::open(&common.place.repository, "HEAD").ok();
        History { loaded, head, known: RefCell::default() }
    }

    fn who(&self, line: &Line) -> Who {
        let Some(head) = &self.head else { return Who::NotAsked };
        if let Some(known) = self.known.borrow().get(line) {
            return known.clone();
        }
        let mut sources = self.loaded.sources.iter();
        let source = sources.find(|(_, source)| *source.path == *line.path && !source.built_in);
        let Some((_, source)) = source else { return Who::NotAsked };
        let found = head.blame(&line.path, source.text.as_bytes(), &[(line.first, line.last)]);
        let who = match found.into_iter().next() {
            Some(Blamed::Written(written)) => match Date::from_unix_seconds(written.seconds) {
                Some(day) => Who::Committed {
                    commit: written.id.0.iter().map(|byte| format!("{byte:02x}")).collect(),
                    author: written.author,
                    day,
                    or_earlier: written.or_earlier,
                },
                None => Who::NotAsked,
            },
            Some(Blamed::NotCommitted) => Who::NotCommitted,
            Some(Blamed::Unknown) | None => Who::NotAsked,
        };
        self.known.borrow_mut().insert(line.clone(), who.clone());
        who
    }
}
