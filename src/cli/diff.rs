//! `ordinance diff [--against REF] [--cluster NAME] [--intent NAME] [--only loosening]
//! [--fail-on loosen]`.

mod intent;

use super::blast::Where;
use super::options::{Common, Diff, FailOnLoosen, Only};
use super::{Exit, blast, known, pager, repository, talk};
use crate::change::{self, Change, Scope};
use crate::document::State;
use crate::failure::Failure;
use crate::pipeline::{Loaded, RenderRequest};
use crate::report::{Comparison, FORMATS, Known, markdown_within};
use crate::source::folder::Folder;
use crate::source::git::Commit;
use crate::text;
use crate::tree::Base;
use std::collections::BTreeSet;

pub fn run(options: &Diff) -> Result<Exit, Failure> {
    let common = &options.common;
    let Ok(budget) = options.budget.budget(&options.format) else { return Ok(Exit::Input) };
    let asked = Asked {
        common,
        against: options.against.as_deref(),
        only: &options.cluster,
        intents: &options.intent,
        loosening: options.directions.only == Some(Only::Loosening),
        workloads: &options.workloads,
        dates: options.format == "html",
        reasons: options.format == "markdown",
    };
    let Some(compared) = compare(&asked)? else { return Ok(Exit::Input) };
    let Compared { change, differs, against, known } = compared;
    let colour = talk::coloured(&common.shown, &std::io::stdout());
    let comparison = Comparison { change: &change, against: &against, colour, known: &known };
    let format = FORMATS.iter().find(|format| format.id == options.format).unwrap_or(&FORMATS[0]);
    let told = match budget {
        Some(budget) => markdown_within(&comparison, budget),
        None => (format.write)(&comparison),
    };
    match options.no_pager {
        true => talk::print(&told),
        false => pager::show(&told),
    }
    let loosens = options.directions.fail_on == Some(FailOnLoosen::Loosen) && loosening(&change);
    Ok(if loosens || (options.exit_code && differs) { Exit::No } else { Exit::Fine })
}

/// What is compared with what.
pub struct Asked<'a> {
    pub common: &'a Common,
    /// A commit; HEAD, where none is named.
    pub against: Option<&'a str>,
    /// Clusters; empty: all of them.
    pub only: &'a [String],
    /// What these ask for; empty: whatever asks for it.
    pub intents: &'a [String],
    /// Only what loosens, or is not known not to.
    pub loosening: bool,
    /// What is taken to run on every cluster; empty: what snapshots of each hold.
    pub workloads: &'a [String],
    /// Whether to say what dates bring as well.
    pub dates: bool,
    /// Whether to say who asks for it and why.
    pub reasons: bool,
}

/// What came of it.
pub struct Compared {
    pub change: Change,
    /// Whether anything does, before what does not loosen was left out.
    pub differs: bool,
    pub against: String,
    pub known: Known,
}

/// Compares; `None` where the input is wrong, which is said.
pub fn compare(asked: &Asked<'_>) -> Result<Option<Compared>, Failure> {
    let Asked { common, only, intents, .. } = *asked;
    let loaded = repository::load(&common.place)?;
    super::render::check_names(loaded, only);
    let rules = intent::rules(asked, loaded)?;
    let base = repository::base(common, loaded);
    let landed = repository::landed(common, loaded, base.as_ref())?;
    let request = RenderRequest { only, ..RenderRequest::new(&landed, repository::today(common)) };
    let Some(rendered) = repository::render(common, loaded, &request, "") else {
        return Ok(None);
    };
    let (against, landed) = against(asked)?;
    let retired = retired(loaded);
    let only: BTreeSet<String> = only.iter().cloned().collect();
    let scope = Scope {
        only: (!only.is_empty()).then_some(&only),
        retired: Some(&retired),
        catalogue: Some(&loaded.catalogue),
    };
    let output = &loaded.linked.settings.output;
    let change = change::compare(landed.as_ref(), output, &rendered.tree, scope);
    let change = match intents {
        [] => change,
        intents => change.only_of(intents, &rules),
    };
    let differs = !change.is_empty();
    let change = if asked.loosening { change.only_loosening() } else { change };
    let mut known = match asked.reasons {
        true => known::around(loaded, rendered, &change, repository::today(common)),
        false => known::known(loaded, rendered),
    };
    let Some(blast) = blast::blast(common, loaded, &change, Where::Folder(asked.workloads))? else {
        return Ok(None);
    };
    known.blast = Some(blast);
    if asked.dates {
        known.dates = Some(known::dates(loaded, rendered, &change, repository::today(common)));
    }
    Ok(Some(Compared { change, differs, against, known }))
}

/// Names what loosens; whether anything does.
fn loosening(change: &Change) -> bool {
    let count = change.loosening().count();
    if count > 0 {
        let (noun, verb) =
            (text::count(count, "change"), if count == 1 { "loosens" } else { "loosen" });
        tell!("error: {noun} {verb}, or may");
    }
    for entry in change.loosening() {
        let on = change::clusters(&entry.clusters());
        tell!(
            "  {} ({}): {} on {on}",
            entry.title(),
            entry.direction.word(),
            entry.says().join("; ")
        );
    }
    count > 0
}

/// What it is compared with: a commit, or the folder where there is no git.
fn against(asked: &Asked<'_>) -> Result<(String, Box<dyn Base>), Failure> {
    let Asked { common, against, .. } = *asked;
    let revision = against.unwrap_or("HEAD");
    match Commit::open(&common.place.repository, revision) {
        Ok(commit) => Ok((revision.to_owned(), Box::new(commit))),
        Err(failure) if against.is_some() => Err(failure),
        Err(_) => {
            talk::note("there is no commit here: compared with the folder as it is");
            Ok(("the folder".to_owned(), Box::new(Folder::new(&common.place.repository))))
        }
    }
}

pub fn retired(loaded: &Loaded) -> BTreeSet<String> {
    let retired = loaded.linked.clusters.iter().filter(|one| one.spec.state == State::Retired);
    retired.map(|cluster| cluster.name.value.clone()).collect()
}
