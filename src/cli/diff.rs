//! `ordinance diff [--against REF] [--only loosening] [--fail-on loosen]`.

use super::options::{Common, Diff, FailOnLoosen, Only};
use super::{Exit, blast, known, repository, talk};
use crate::change::{self, Change, Scope};
use crate::document::State;
use crate::failure::Failure;
use crate::pipeline::{Loaded, RenderRequest};
use crate::report::{Comparison, FORMATS, markdown_within};
use crate::source::folder::Folder;
use crate::source::git::Commit;
use crate::text;
use crate::tree::Base;
use std::collections::BTreeSet;

pub fn run(options: &Diff) -> Result<Exit, Failure> {
    let common = &options.common;
    let Ok(budget) = options.budget.budget(&options.format) else { return Ok(Exit::Input) };
    let loaded = repository::load(&common.place)?;
    super::render::check_names(loaded, &options.cluster);
    let base = repository::base(common, loaded);
    let landed = repository::landed(common, loaded, base.as_ref())?;
    let request = RenderRequest {
        only: &options.cluster,
        ..RenderRequest::new(&landed, repository::today(common))
    };
    let Some(rendered) = repository::render(common, loaded, &request, "") else {
        return Ok(Exit::Input);
    };
    let (against, landed) = against(common, options)?;
    let retired = retired(loaded);
    let only: BTreeSet<String> = options.cluster.iter().cloned().collect();
    let scope = Scope {
        only: (!only.is_empty()).then_some(&only),
        retired: Some(&retired),
        catalogue: Some(&loaded.catalogue),
    };
    let output = &loaded.linked.settings.output;
    let change = change::compare(landed.as_ref(), output, &rendered.tree, scope);
    let differs = !change.is_empty();
    let change = match options.directions.only {
        Some(Only::Loosening) => change.only_loosening(),
        None => change,
    };
    let colour = talk::coloured(&common.shown, &std::io::stdout());
    let mut known = match options.format.as_str() {
        "markdown" => known::around(loaded, rendered, &change, repository::today(common)),
        _ => known::known(loaded, rendered),
    };
    let Some(blast) = blast::blast(common, loaded, &change, &options.workloads)? else {
        return Ok(Exit::Input);
    };
    known.blast = Some(blast);
    let comparison = Comparison { change: &change, against: &against, colour, known: &known };
    let format = FORMATS.iter().find(|format| format.id == options.format).unwrap_or(&FORMATS[0]);
    talk::print(&match budget {
        Some(budget) => markdown_within(&comparison, budget),
        None => (format.write)(&comparison),
    });
    let loosens = options.directions.fail_on == Some(FailOnLoosen::Loosen) && loosening(&change);
    Ok(if loosens || (options.exit_code && differs) { Exit::No } else { Exit::Fine })
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
fn against(common: &Common, options: &Diff) -> Result<(String, Box<dyn Base>), Failure> {
    let revision = options.against.as_deref().unwrap_or("HEAD");
    match Commit::open(&common.place.repository, revision) {
        Ok(commit) => Ok((revision.to_owned(), Box::new(commit))),
        Err(failure) if options.against.is_some() => Err(failure),
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
