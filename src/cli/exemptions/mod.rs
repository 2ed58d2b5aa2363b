//! `ordinance exemptions [--check]`, and `ordinance exemptions prune`.

mod prune;
mod stale;

use super::options::{Common, Edit, Exemptions};
use super::{Exit, repository, talk};
use crate::calendar::standings;
use crate::diagnostic::Diagnostics;
use crate::failure::Failure;
use crate::pipeline::Loaded;
use crate::report::{self, EXEMPTION_FORMATS};

pub fn run(options: &Exemptions) -> Result<Exit, Failure> {
    match &options.edit {
        Some(Edit::Prune(prune)) => prune::run(prune),
        None => list(options),
    }
}

fn list(options: &Exemptions) -> Result<Exit, Failure> {
    let common = &options.common;
    let Some(loaded) = linked(common, "")? else { return Ok(Exit::Input) };
    let today = repository::today(common);
    let mut standings = standings(&loaded.linked, today);
    stale::mark(common, loaded, &mut standings)?;
    let mut formats = EXEMPTION_FORMATS.iter();
    let format = formats.find(|one| one.id == options.format).unwrap_or(&EXEMPTION_FORMATS[0]);
    let told = report::Exemptions { today, standings: &standings, sources: &loaded.sources };
    talk::print(&(format.write)(&told));
    let wanting = standings.iter().any(|one| one.state.is_wanting());
    Ok(if options.check && wanting { Exit::No } else { Exit::Fine })
}

/// Reads and links the repository; `None` where that finds it wrong. Nothing needs to be rendered
/// to know how exemptions stand.
fn linked(common: &Common, end: &str) -> Result<Option<&'static Loaded>, Failure> {
    let loaded = repository::load(&common.place)?;
    let diagnostics: Diagnostics = std::mem::take(&mut loaded.diagnostics);
    talk::complaints(&common.shown, &diagnostics, &loaded.sources, end);
    Ok((!diagnostics.has_errors()).then_some(&*loaded))
}
