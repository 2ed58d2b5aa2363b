//! `ordinance exemptions prune [--write]`.

use crate::calendar::{Standing, State, standings};
use crate::change::{Example, patch};
use crate::cli::options::Prune;
use crate::cli::{Exit, repository, talk};
use crate::delivery::edit;
use crate::failure::Failure;
use crate::text::{SourceId, count, visible};
use crate::yaml::{self, Left};
use std::collections::BTreeMap;

pub fn run(options: &Prune) -> Result<Exit, Failure> {
    let common = &options.common;
    let Some(loaded) = super::linked(common, talk::UNWRITTEN)? else { return Ok(Exit::Input) };
    let standings = standings(&loaded.linked, repository::today(common));
    let mut by_file: BTreeMap<SourceId, Vec<&Standing<'_>>> = BTreeMap::new();
    for standing in standings.iter().filter(|one| goes(one.state, options.unused)) {
        by_file.entry(standing.lifting.place.source).or_default().push(standing);
    }
    if by_file.is_empty() {
        let which = if options.unused { "has ended or matches nothing" } else { "has ended" };
        say!("No exemption {which}: nothing to remove.");
        return Ok(Exit::Fine);
    }
    let mut edits = vec![];
    let mut stuck = false;
    for (id, gone) in by_file {
        let source = loaded.sources.get(id);
        let bytes: Vec<usize> = gone.iter().map(|one| one.lifting.place.start as usize).collect();
        match yaml::without(&source.text, &bytes) {
            Some(left) => edits.push((source, gone, left)),
            None => {
                let path = visible(&source.path);
                tell!("error: {path} cannot be cut without changing its other documents");
                tell!("hint: remove what has ended by hand, or give it a file of its own");
                stuck = true;
            }
        }
    }
    if stuck {
        return Ok(Exit::Input);
    }
    edits.sort_by(|one, other| one.0.path.cmp(&other.0.path));
    let (mut number, files) = (0, count(edits.len(), "file"));
    for (source, gone, left) in edits {
        let after = match &left {
            Left::Nothing => None,
            Left::Text(text) => Some(text.as_str()),
        };
        let path = visible(&source.path);
        number += gone.len();
        if !options.write {
            let bytes = |text: &str| text.as_bytes().into();
            let (old, new) = (Some(bytes(&source.text)), after.map(bytes));
            let path = source.path.to_string();
            talk::print(&patch(&Example { cluster: String::new(), path, old, new }));
            continue;
        }
        let state = match number - gone.len() {
            0 => "nothing was written".to_owned(),
            _ => format!("the files named above are edited, {path} is not"),
        };
        edit::replace(&common.place.repository.join(&*source.path), &source.text, after)
            .map_err(|failure| failure.state(state))?;
        let names: Vec<String> = gone.iter().map(|one| told(one)).collect();
        match after {
            Some(_) => say!("{path}: without {}", names.join(", ")),
            None => say!("{path}: removed; it held nothing but {}", names.join(", ")),
        }
    }
    let exemptions = count(number, "exemption");
    match options.write {
        true => say!("{exemptions} removed from {files}. Next: ordinance render"),
        false => tell!(
            "{exemptions} would go from {files}; `ordinance exemptions prune --write` edits {}",
            if files == "1 file" { "it" } else { "them" }
        ),
    }
    Ok(Exit::Fine)
}

/// What lapsed may be reviewed again, so it stays.
fn goes(state: State, unused: bool) -> bool {
    match state {
        State::Ended { .. } => true,
        State::MatchesNothing => unused,
        _ => false,
    }
}

fn told(standing: &Standing<'_>) -> String {
    format!("{} ({})", visible(&standing.lifting.name), standing.state.in_words())
}
