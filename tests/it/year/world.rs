//! A bare repository, the people who commit and merge there, and the bot that renders every day.
//!
//! The bot goes the way of `ordinance propose --local`, step by step and in this process, and reads
//! documents again only when they have changed.

use git2::build::TreeUpdateBuilder;
use git2::{Commit as GitCommit, FileMode, ObjectType, Oid, Repository, Signature, Time};
use ordinance::catalogue::Extent;
use ordinance::date::{Date, Period};
use ordinance::delivery::forge::Wanted;
use ordinance::delivery::git::{Author, FolderUpdate, Remote};
use ordinance::delivery::{Outcome, Request, propose};
use ordinance::pipeline::{self, Landed, Loaded, Render, RenderRequest};
use ordinance::source::ROOTS;
use ordinance::source::git::Commit;
use ordinance::tree::Base;
use std::collections::BTreeMap;
use std::path::Path;

pub const BRANCH: &str = "ordinance/main";

/// Path → content id.
pub type Listing = BTreeMap<String, Oid>;

/// When something is committed: seconds since 1970, and minutes that the clock is ahead of UTC.
#[derive(Clone, Copy)]
pub struct Moment(i64, i32);

/// Ten at night, UTC.
pub fn night(day: Date) -> Moment {
    Moment(day.unix_seconds() + 22 * 3600, 0)
}

/// As a clock shows it that is so many hours ahead of UTC.
pub fn local(day: Date, hours: i64, minutes: i64, ahead: i64) -> Moment {
    let seconds = day.unix_seconds() + hours * 3600 + minutes * 60 - ahead * 3600;
    Moment(seconds, i32::try_from(ahead * 60).expect("hours of a day"))
}

pub fn day(written: &str) -> Date {
    written.parse().expect("a day")
}

pub fn next(day: Date) -> Date {
    day.plus(Period { days: 1 })
}

/// How what is proposed comes to the base.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Merge {
    Commit,
    Squash,
}

pub struct World {
    folder: tempfile::TempDir,
    git: Repository,
    /// What the inputs with these ids say.
    loaded: Option<(Vec<Option<Oid>>, Loaded)>,
}

impl World {
    /// A bare repository whose base holds these files.
    pub fn new(on: Moment, files: &[(&str, &str)]) -> World {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut options = git2::RepositoryInitOptions::new();
        options.bare(true).initial_head("main");
        let git = Repository::init_opts(folder.path(), &options).expect("a repository");
        let empty = git.treebuilder(None).and_then(|tree| tree.write()).expect("a tree");
        let by = signature(on);
        let tree = git.find_tree(empty).expect("a tree");
        git.commit(Some("refs/heads/main"), &by, &by, "Begin", &tree, &[]).expect("a commit");
        drop(tree);
        let world = World { folder, git, loaded: None };
        let files: Vec<_> = files.iter().map(|(path, text)| (*path, Some(*text))).collect();
        world.commit("main", on, &files);
        world
    }

    /// The same repository once more, to be led another way.
    pub fn fork(&self) -> World {
        let folder = tempfile::tempdir().expect("a temporary folder");
        copy(self.folder.path(), folder.path());
        let git = Repository::open(folder.path()).expect("a repository");
        World { folder, git, loaded: None }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    fn tip(&self, branch: &str) -> GitCommit<'_> {
        let reference = self.git.find_reference(&format!("refs/heads/{branch}")).expect("a branch");
        reference.peel_to_commit().expect("a commit")
    }

    /// Where a branch points, if there is one.
    pub fn points(&self, branch: &str) -> Option<Oid> {
        self.git.find_reference(&format!("refs/heads/{branch}")).ok()?.target()
    }

    /// Whether a branch holds a file.
    pub fn holds(&self, branch: &str, path: &str) -> bool {
        let tree = self.tip(branch).tree().expect("a tree");
        tree.get_path(Path::new(path)).is_ok()
    }

    pub fn branch(&self, name: &str, from: &str) {
        self.git.branch(name, &self.tip(from), false).expect("a branch");
    }

    /// Somebody commits files, or that they are gone.
    pub fn commit(&self, branch: &str, on: Moment, edits: &[(&str, Option<&str>)]) {
        let parent = self.tip(branch);
        let mut update = TreeUpdateBuilder::new();
        for (path, text) in edits {
            match text {
                Some(text) => {
                    let blob = self.git.blob(text.as_bytes()).expect("a blob");
                    update.upsert(*path, blob, FileMode::Blob)
                }
                None => update.remove(*path),
            };
        }
        let tree = parent.tree().expect("a tree");
        let tree = update.create_updated(&self.git, &tree).expect("a tree");
        self.put(branch, on, "Somebody's work", tree, &[&parent]);
    }

    fn put(&self, branch: &str, on: Moment, why: &str, tree: Oid, parents: &[&GitCommit<'_>]) {
        let tree = self.git.find_tree(tree).expect("a tree");
        let by = signature(on);
        let branch = format!("refs/heads/{branch}");
        self.git.commit(Some(&branch), &by, &by, why, &tree, parents).expect("a commit");
    }

    /// Merges a branch into the base.
    pub fn merge(&self, branch: &str, on: Moment, how: Merge) {
        let (base, branch) = (self.tip("main"), self.tip(branch));
        let mut index = self.git.merge_commits(&base, &branch, None).expect("a merge");
        assert!(!index.has_conflicts(), "a merge on {} has conflicts", on.0);
        let tree = index.write_tree_to(&self.git).expect("a tree");
        match how {
            Merge::Commit => self.put("main", on, "Merge", tree, &[&base, &branch]),
            Merge::Squash => self.put("main", on, "Squash", tree, &[&base]),
        }
    }

    /// The text of a file.
    pub fn text(&self, branch: &str, path: &str) -> String {
        let tree = self.tip(branch).tree().expect("a tree");
        let entry = tree.get_path(Path::new(path)).expect("a file");
        let blob = self.git.find_blob(entry.id()).expect("a blob");
        String::from_utf8(blob.content().to_vec()).expect("text")
    }

    /// Everything below `rendered/` on a branch.
    pub fn rendered(&self, branch: &str) -> Listing {
        let mut found = Listing::new();
        let tree = self.tip(branch).tree().expect("a tree");
        let Ok(entry) = tree.get_path(Path::new("rendered")) else { return found };
        let tree = self.git.find_tree(entry.id()).expect("a folder");
        tree.walk(git2::TreeWalkMode::PreOrder, |below, entry| {
            if entry.kind() == Some(ObjectType::Blob) {
                let name = entry.name().expect("a plain name");
                found.insert(format!("{below}{name}"), entry.id());
            }
            git2::TreeWalkResult::Ok
        })
        .expect("a walk");
        found
    }

    /// What is rendered otherwise on another branch, line by line.
    pub fn difference(&self, one: &str, other: &str) -> String {
        let [one, other] = [one, other].map(|branch| self.tip(branch).tree().expect("a tree"));
        let diff = self.git.diff_tree_to_tree(Some(&one), Some(&other), None).expect("a diff");
        let mut text = String::new();
        diff.print(git2::DiffFormat::Patch, |_, _, line| {
            text.push(line.origin());
            text += &String::from_utf8_lossy(line.content());
            true
        })
        .expect("printed");
        text
    }

    pub fn bytes(&self, id: Oid) -> Vec<u8> {
        self.git.find_blob(id).expect("a blob").content().to_vec()
    }

    /// What the inputs of a branch say.
    pub fn load(&mut self, branch: &str) -> &mut Loaded {
        let tree = self.tip(branch).tree().expect("a tree");
        let ids: Vec<Option<Oid>> = ROOTS
            .iter()
            .map(|root| tree.get_path(Path::new(root)).ok().map(|entry| entry.id()))
            .collect();
        drop(tree);
        if self.loaded.as_ref().is_none_or(|(known, _)| *known != ids) {
            let commit = Commit::open(self.path(), &format!("refs/heads/{branch}"));
            let found = commit.expect("a commit").read(ROOTS).expect("inputs");
            let known = pipeline::known(vec!["github".into()]);
            let loaded = pipeline::load(found, &known, Extent::WithoutCases);
            self.loaded = Some((ids, loaded));
        }
        &mut self.loaded.as_mut().expect("just loaded").1
    }

    /// What the inputs of a branch come to on a day, against the base; every complaint in words.
    pub fn render(&mut self, branch: &str, today: Date) -> Result<Render, String> {
        self.load(branch);
        let open = |branch: &str| Commit::open(self.path(), &format!("refs/heads/{branch}"));
        let base = open("main").expect("a base");
        // People look at what has landed; the bot also at what it has proposed already.
        let known = self.points(BRANCH).filter(|_| branch == "main");
        let proposed = known.map(|_| open(BRANCH).expect("a proposal"));
        let loaded = &self.loaded.as_ref().expect("loaded").1;
        let mut landed = Landed::new(&base);
        let awaited = landed.awaited(loaded);
        landed.landings = base.landings(&awaited).map_err(|failure| format!("{failure:?}"))?;
        let proposed = proposed.as_ref().map(|commit| commit as &dyn Base);
        let request = RenderRequest { proposed, ..RenderRequest::new(&landed, today) };
        let rendered = pipeline::render(loaded, &request);
        let all = loaded.diagnostics.sorted(&loaded.sources).into_iter();
        let all = all.chain(rendered.diagnostics.sorted(&loaded.sources));
        let errors = [&loaded.diagnostics, &rendered.diagnostics].map(|one| one.has_errors());
        if errors.contains(&true) {
            let told: Vec<String> =
                all.map(|one| ordinance::diagnostic::render(one, &loaded.sources, false)).collect();
            return Err(told.join("\n"));
        }
        Ok(rendered)
    }

    /// Renders the base and proposes what comes of it; whether there is anything to propose.
    pub fn bot(&mut self, today: Date) -> bool {
        let rendered = self.render("main", today).unwrap_or_else(|why| panic!("{today}: {why}"));
        match self.deliver(&rendered, "main", BRANCH, today) {
            Outcome::Nothing => false,
            Outcome::Pushed { .. } | Outcome::AlreadyPushed => true,
            other => panic!("{today}: {other:?}"),
        }
    }

    /// Commits to a branch of somebody's own what it comes to: what is rendered in the branch lands
    /// with it.
    pub fn commit_rendered(&mut self, branch: &str, today: Date) {
        let rendered = self.render(branch, today).unwrap_or_else(|why| panic!("{today}: {why}"));
        let scratch = format!("{branch}-rendered");
        let outcome = self.deliver(&rendered, branch, &scratch, today);
        assert!(matches!(outcome, Outcome::Pushed { .. }), "{today}: {outcome:?}");
        let tree = self.tip(&scratch).tree_id();
        let parent = self.tip(branch);
        self.put(branch, night(today), "Render", tree, &[&parent]);
    }

    fn deliver(&self, rendered: &Render, from: &str, to: &str, today: Date) -> Outcome {
        let commit = Commit::open(self.path(), &format!("refs/heads/{from}")).expect("a commit");
        let updates = pipeline::updates(&commit, "rendered", &rendered.tree, &[]);
        let updates: Vec<FolderUpdate<'_>> = updates
            .iter()
            .map(|one| FolderUpdate { path: one.path.clone(), files: &one.files, key: one.key })
            .collect();
        let author = Author {
            name: "ordinance".into(),
            email: "ordinance@example.com".into(),
            seconds: today.unix_seconds(),
        };
        let wanted = Wanted {
            branch: to.into(),
            base: "main".into(),
            title: "What the day brings".into(),
            body: String::new(),
            labels: vec![],
            reviewers: vec![],
        };
        let request = Request {
            repository: self.path(),
            below: "",
            from: commit.id(),
            updates: &updates,
            why: "",
            trailers: &[],
            author: &author,
            wanted: &wanted,
            dry_run: false,
        };
        let remote = Remote::find(self.path(), ".", None).expect("this repository");
        propose(&request, &remote, None, &mut |_| {}).expect("a proposal")
    }
}

fn signature(on: Moment) -> Signature<'static> {
    let time = Time::new(on.0, on.1);
    Signature::new("Somebody", "somebody@example.com", &time).expect("a signature")
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).expect("a folder").map(|entry| entry.expect("an entry")) {
        let to = to.join(entry.file_name());
        if entry.file_type().expect("a kind").is_dir() {
            std::fs::create_dir_all(&to).expect("a folder");
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), &to).expect("a copy");
        }
    }
}
