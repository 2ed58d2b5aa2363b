//! `ordinance propose`: render a commit and open the pull request that delivers it.

mod commits;
mod committed;

use super::blast::Where;
use super::options::{Common, Propose};
use super::{Exit, blast, diff, known, repository, talk};
use crate::catalogue::{Extent, VERSION};
use crate::change::{self, Change, Scope};
use crate::date::Date;
use crate::delivery::forge::{self, Forge, Wanted};
use crate::delivery::git::{Author, FolderUpdate, Remote};
use crate::delivery::{self, Outcome, Secret};
use crate::document::Delivery;
use crate::failure::Failure;
use crate::limits;
use crate::link::POSTURE;
use crate::pipeline::{self, RenderRequest};
use crate::report::{Budget, Limits, Proposal, Reproduce, reports_folder};
use crate::snapshot;
use crate::source::ROOTS;
use crate::source::folder::Folder;
use crate::source::git::Commit;
use crate::tree::{Base, Id};

/// What fits where no forge sets a limit.
const WITHOUT_FORGE: Limits = Limits { title: 200, body: Budget { limit: 65_536, ..Budget::NONE } };

pub fn run(options: &Propose) -> Result<Exit, Failure> {
    let common = &options.common;
    repository::is_there(&common.place)?;
    let commit = Commit::open(&common.place.repository, &options.from)?;
    let folder = Folder::new(&common.place.repository);
    let is_head = commit.is_head();
    let there = || is_head.then(|| folder.read(ROOTS).ok()).flatten();
    let (found, there) = rayon::join(|| commit.read(ROOTS), there);
    let found = found?;
    // Git is asked only where the files differ: its index lists all that was ever rendered, and
    // takes longer to read than all inputs. What is staged and not in the files any more would not
    // be rendered either way.
    if is_head && there.as_ref() != Some(&found) {
        let changed = commit.uncommitted(ROOTS)?;
        if !changed.is_empty() {
            return Ok(refuse_uncommitted(&changed));
        }
    }
    let mut loaded =
        pipeline::load(found, &pipeline::known(repository::forges()), Extent::WithoutCases);
    if loaded.asks_for_snapshots() {
        if is_head {
            let changed = commit.uncommitted(&[snapshot::ROOT])?;
            if !changed.is_empty() {
                return Ok(refuse_uncommitted(&changed));
            }
        }
        let most = limits::SNAPSHOT_BYTES;
        commit.each(snapshot::ROOT, most, |path, read| loaded.look_at(path, read))?;
    }
    let Some(settings) = loaded.linked.settings.delivery.clone() else {
        talk::diagnostics(&common.shown, &loaded.diagnostics, &loaded.sources);
        tell!("error: the Fleet document does not say how proposals are delivered");
        tell!("hint: add `delivery: {{forge: {{name: …}}}}` to ordinance.yaml");
        return Ok(Exit::Input);
    };
    if loaded.diagnostics.has_errors() {
        let (all, sources) = (&loaded.diagnostics, &loaded.sources);
        talk::complaints(&common.shown, all, sources, talk::UNWRITTEN);
        return Ok(Exit::Input);
    }
    let branch = format!("{}{}", settings.branch, settings.base);
    let (remote, forge) = connect(common, options, &settings)?;
    let proposed = delivery::tip(&common.place.repository, &remote, &branch)?;
    let proposed = match proposed {
        Some(tip) => Some(Commit::open(&common.place.repository, &hex(tip))?),
        None => None,
    };
    let base = repository::base(common, &loaded);
    let today = repository::today(common);
    let landed = repository::landed(common, &loaded, base.as_ref())?;
    let request = RenderRequest {
        proposed: proposed.as_ref().map(|commit| commit as &dyn Base),
        ..RenderRequest::new(&landed, today)
    };
    let Some(rendered) = repository::render(common, &mut loaded, &request, talk::UNWRITTEN) else {
        return Ok(Exit::Input);
    };
    let output = &loaded.linked.settings.output;
    let retired = diff::retired(&loaded);
    let scope = Scope { only: None, retired: Some(&retired), catalogue: Some(&loaded.catalogue) };
    let change = change::compare(&commit, output, &rendered.tree, scope);
    let gone: Vec<String> = retired.iter().cloned().collect();
    let limits = forge.as_ref().map_or(WITHOUT_FORGE, |forge| {
        let limits = forge.limits();
        Limits { title: limits.title, body: limits.body }
    });
    let id = hex(commit.id());
    let kept = pipeline::kept_posture(&loaded, rendered, today);
    // A proposal that waits keeps the day it was made for.
    let kept_for = kept.as_ref().map(|(_, day)| *day);
    let day = date(rendered, &change).or(kept_for).unwrap_or(today);
    let command = format!("ordinance propose --from {id} --now {day} --dry-run");
    let posture = kept.as_ref().map(|(tree, _)| tree.folder.as_ref());
    let posture = pipeline::update(&commit, POSTURE, posture);
    let mut known = known::around(&loaded, rendered, &change, day);
    known.posture = posture.is_some();
    known.blast = blast::blast(common, &loaded, &change, Where::Commit(&commit))?;
    let proposal = Proposal {
        change: &change,
        known: &known,
        key: &branch,
        commits: &commits::commits(&commit, &settings),
        reproduce: Reproduce { command: &command, commit: &id, date: day, version: VERSION },
    };
    let written = proposal.write(limits);
    let mut updates = match change.is_empty() {
        true => vec![],
        false => pipeline::updates(&commit, output, &rendered.tree, &gone),
    };
    updates.extend(posture);
    let mut updates: Vec<FolderUpdate<'_>> = updates
        .iter()
        .map(|update| FolderUpdate {
            path: update.path.clone(),
            files: &update.files,
            key: update.key,
        })
        .collect();
    // The last proposal's report stays where it landed: by itself it is nothing to propose.
    let reports = match committed::reports(&commit, &branch, &proposal) {
        Ok(reports) => reports,
        Err(path) => {
            tell!("error: `{path}` is no plain file, and the full report lies beside it");
            tell!("hint: move it to another folder; nothing was committed or pushed");
            return Ok(Exit::Input);
        }
    };
    if !change.is_empty() {
        updates.push(FolderUpdate {
            path: reports_folder(output).to_owned(),
            files: &reports,
            key: None,
        });
    }
    let wanted = Wanted {
        branch: branch.clone(),
        base: settings.base.clone(),
        title: written.title,
        body: written.body,
        labels: settings.labels.clone(),
        reviewers: settings.reviewers.clone(),
    };
    let author = Author {
        name: settings.author.name.clone(),
        email: settings.author.email.clone(),
        seconds: day.unix_seconds(),
    };
    let request = delivery::Request {
        repository: &common.place.repository,
        below: commit.below(),
        from: commit.id(),
        updates: &updates,
        why: &format!("Rendered from {id} for {day} by Ordinance {VERSION}."),
        trailers: &committed::trailers(&commit, &change),
        author: &author,
        wanted: &wanted,
        dry_run: options.dry_run,
    };
    let mut say = |step: &str| tell!("{step}");
    let outcome = delivery::propose(&request, &remote, forge.as_deref(), &mut say)?;
    if let Outcome::Would { .. } = outcome {
        say!("{}\n\n{}", wanted.title, wanted.body);
    }
    say!("{}", in_words(&outcome, &branch, &change));
    Ok(Exit::Fine)
}

/// The latest day that a changed cluster was rendered for.
fn date(rendered: &pipeline::Render, change: &Change) -> Option<Date> {
    let folders = change.clusters.keys().filter_map(|name| rendered.tree.clusters.get(name));
    folders.filter_map(|cluster| cluster.folder.lock.rendered_for).max()
}

fn refuse_uncommitted(changed: &[String]) -> Exit {
    tell!("error: inputs are not committed, so the proposal would not hold them");
    for path in changed {
        tell!("  {path}");
    }
    tell!("hint: git add {} && git commit, then run it again", changed.join(" "));
    tell!("hint: nothing was committed or pushed");
    Exit::Input
}

/// Where the branch is pushed, and where it is proposed.
fn connect(
    common: &Common,
    options: &Propose,
    settings: &Delivery,
) -> Result<(Remote, Option<Box<dyn Forge>>), Failure> {
    if options.local || options.dry_run {
        return Ok((Remote::find(&common.place.repository, ".", None)?, None));
    }
    let token = repository::token(forge::variables(&settings.forge.name));
    let remote = Remote::find(&common.place.repository, &settings.remote, None)?;
    let name = settings.forge.repository.clone().unwrap_or_else(|| remote.path().to_owned());
    let forge = forge::connect(&forge::Settings {
        name: settings.forge.name.value.clone(),
        url: settings.forge.url.clone().unwrap_or_default(),
        repository: name,
        token: token.as_deref().and_then(Secret::new),
    })?;
    // The forge's token is shown to its own git host and to no other.
    let remote = match forge.serves(remote.host()) {
        true => {
            let token = token.as_deref().and_then(Secret::new);
            Remote::find(&common.place.repository, &settings.remote, token)?
        }
        false => remote,
    };
    Ok((remote, Some(forge)))
}

fn in_words(outcome: &Outcome, branch: &str, change: &Change) -> String {
    let what = match change.is_empty() {
        true => "the posture alone".to_owned(),
        false => crate::text::count(change.clusters.len(), "cluster"),
    };
    match outcome {
        Outcome::Nothing => "Nothing to propose: the commit holds what would be rendered.".into(),
        Outcome::Would { tree } => format!(
            "Would push `{branch}` with changes to {what} (tree {}). Nothing was written.",
            hex(*tree)
        ),
        Outcome::Pushed { commit } => {
            format!("`{branch}` is {} with changes to {what}.", hex(*commit))
        }
        Outcome::AlreadyPushed => format!("`{branch}` already holds all of it."),
        Outcome::Opened { proposal } => format!("Opened {}", proposal.address),
        Outcome::Updated { proposal, changed } => {
            format!("Updated {}: {}", proposal.address, changed.join(", "))
        }
        Outcome::Unchanged { proposal } => {
            format!("Nothing to do: {} says what it should.", proposal.address)
        }
        Outcome::Declined { proposal } => format!(
            "Nothing to do: {} proposed just this and was closed by somebody.",
            proposal.address
        ),
        Outcome::Closed { proposal } => {
            format!("Closed {}: all of it has landed.", proposal.address)
        }
    }
}

fn hex(id: Id) -> String {
    id.0.iter().map(|byte| format!("{byte:02x}")).collect()
}
