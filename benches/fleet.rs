//! How long a fleet takes: the program as a process, from its start to its end, cold parse and all.
//!
//! `cargo bench --bench fleet` runs it and prints a Markdown table; `-- --sizes 100,1000` limits
//! the fleets, `-- --no-kapitan` leaves out the other tool. Each time is the best of three. The
//! memory is that of a run of its own, so that watching it slows nothing that is timed.

#[path = "fleet/process.rs"]
mod process;
#[path = "fleet/repository.rs"]
mod repository;
#[path = "fleet/table.rs"]
mod table;

use process::{Cost, git};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;
use table::{Aim, Row};

const ROUNDS: usize = 3;
const TODAY: &str = "2026-11-22";
const BRANCH: &str = "refs/heads/ordinance/main";

/// The largest fleet that is also written into folders.
const FOLDERS: usize = 1_000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let after = |name: &str| {
        let index = arguments.iter().position(|one| one == name)?;
        arguments.get(index + 1).cloned()
    };
    let sizes = after("--sizes").unwrap_or_else(|| "100,1000,10000".to_owned());
    let sizes: Vec<usize> =
        sizes.split(',').map(|size| size.parse().expect("a size is a number")).collect();
    println!("{}; best of {ROUNDS}\n", process::machine());
    let mut rows = vec![];
    let mut thousand = None;
    for clusters in sizes {
        let fleet = Fleet::new(clusters);
        let commit = fleet.commit_row();
        if clusters == 1_000 {
            thousand = commit.cost;
        }
        let ratio = thousand.zip(commit.cost).filter(|_| clusters == 10_000);
        rows.push(commit);
        if let Some((thousand, ten)) = ratio
            && let Some(row) = rows.last_mut()
        {
            let measured = ten.wall.as_secs_f64() / thousand.wall.as_secs_f64();
            row.aims.push(aim("of 1,000 clusters", " ×", measured, Some(12.0)));
        }
        fleet.count();
        fleet.land();
        rows.extend(fleet.diffs());
        if clusters <= FOLDERS {
            rows.extend(fleet.folder_rows());
        }
    }
    if !arguments.iter().any(|one| one == "--no-kapitan") {
        rows.extend(kapitan());
    }
    println!();
    table::print(&rows);
}

fn aim(name: &'static str, unit: &'static str, measured: f64, below: Option<f64>) -> Aim {
    Aim { name, unit, measured, below }
}

/// A generated repository, and a copy of its git folder from before anything was rendered.
struct Fleet {
    clusters: usize,
    folder: tempfile::TempDir,
}

impl Fleet {
    fn new(clusters: usize) -> Fleet {
        let folder = tempfile::tempdir().expect("a folder for the fleet");
        let fleet = Fleet { clusters, folder };
        repository::write(&fleet.home(), clusters).expect("the fleet can be written");
        for step in [
            &["init", "--quiet", "--initial-branch", "main"][..],
            &["add", "--all"],
            &["commit", "--quiet", "--message", "The fleet"],
            &["repack", "-a", "-d", "--quiet"],
        ] {
            process::run(&mut git(&fleet.home(), step));
        }
        fleet.copy_git(&fleet.home().join(".git"), &fleet.path("fresh"));
        fleet
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn home(&self) -> PathBuf {
        self.path("repository")
    }

    fn copy_git(&self, from: &Path, to: &Path) {
        let _ = fs::remove_dir_all(to);
        process::run(Command::new("cp").arg("-a").arg(from).arg(to));
    }

    fn ordinance(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ordinance"));
        command.args(arguments).arg("--repository").arg(self.home()).args(["--now", TODAY]);
        command.env_remove("ORDINANCE_NOW").env("GIT_CONFIG_NOSYSTEM", "1");
        command
    }

    /// Inputs from a commit, output into a commit on a branch.
    fn commit_row(&self) -> Row {
        let fresh = || self.copy_git(&self.path("fresh"), &self.home().join(".git"));
        let propose = || self.ordinance(&["propose", "--local"]);
        fresh();
        let memory = process::peak(&mut propose());
        let mut best = None;
        for _ in 0..ROUNDS {
            fresh();
            best = Some(process::run(&mut propose()).best(best));
        }
        let mut aims = vec![];
        if let (1_000, Some(cost)) = (self.clusters, best) {
            aims.push(aim("wall", " s", cost.wall.as_secs_f64(), Some(0.6)));
        }
        if let (1_000, Some(bytes)) = (self.clusters, memory) {
            aims.push(aim("memory", " MB", bytes as f64 / 1e6, Some(250.0)));
        }
        self.row("`propose --local`: into a commit", best, memory, aims)
    }

    fn row(&self, what: &str, cost: Option<Cost>, memory: Option<u64>, aims: Vec<Aim>) -> Row {
        Row { what: what.to_owned(), clusters: self.clusters, cost, memory, aims }
    }

    /// Says what was rendered, so that equal work is visible.
    fn count(&self) {
        let listed = process::output(&mut git(&self.home(), &["ls-tree", "-r", "-l", BRANCH]));
        let (mut files, mut bytes, mut contents) = (0_u64, 0_u64, BTreeSet::new());
        for line in listed.lines().filter(|line| line.contains("\trendered/")) {
            let words: Vec<&str> = line.split_whitespace().collect();
            files += 1;
            bytes += words[3].parse::<u64>().unwrap_or(0);
            contents.insert(words[2]);
        }
        let below = format!("{BRANCH}:rendered");
        let folders = process::output(&mut git(&self.home(), &["ls-tree", &below]));
        let folders = folders.lines().filter(|line| !line.ends_with("\tsync"));
        let distinct: BTreeSet<&str> =
            folders.filter_map(|line| line.split_whitespace().nth(2)).collect();
        println!(
            "{} clusters: {} distinct, {} rules each, {files} files with {:.0} MB, {} of them distinct",
            self.clusters,
            distinct.len(),
            repository::RULES,
            bytes as f64 / 1e6,
            contents.len(),
        );
    }

    /// Takes the proposal as merged.
    fn land(&self) {
        process::run(&mut git(&self.home(), &["update-ref", "refs/heads/main", BRANCH]));
    }

    /// `diff` with nothing to say, then with one requirement changed.
    fn diffs(&self) -> Vec<Row> {
        let best = |command: &dyn Fn() -> Command| {
            (0..ROUNDS).fold(None, |best, _| Some(process::run(&mut command()).best(best)))
        };
        let diff = || self.ordinance(&["diff"]);
        let nothing = self.row("`diff`: nothing changed", best(&diff), None, vec![]);
        repository::change_an_intent(&self.home()).expect("the intent can be changed");
        let cost = best(&diff);
        let memory = process::peak(&mut diff());
        process::run(&mut git(&self.home(), &["checkout", "--quiet", "HEAD", "--", "intents"]));
        let mut aims = vec![];
        if let (1_000, Some(cost)) = (self.clusters, cost) {
            aims.push(aim("wall", " s", cost.wall.as_secs_f64(), Some(0.4)));
        }
        vec![nothing, self.row("`diff`: one intent changed", cost, memory, aims)]
    }

    /// `render` into a fresh folder, taking turns with plainly writing the same files; then
    /// `render` again into what it has just written.
    fn folder_rows(&self) -> Vec<Row> {
        let (ours, plain) = (self.path("ours"), self.path("plain"));
        let render = || self.ordinance(&["render", "--output", ours.to_str().expect("UTF-8")]);
        process::run(&mut render());
        let files = read(&ours);
        let (mut fresh, mut again, mut written) = (None, None, None);
        for _ in 0..ROUNDS {
            fs::remove_dir_all(&ours).expect("the folder is ours");
            fresh = Some(process::run(&mut render()).best(fresh));
            again = Some(process::run(&mut render()).best(again));
            let began = Instant::now();
            write(&plain, &files);
            written = Some(Cost { wall: began.elapsed(), processor: None }.best(written));
            fs::remove_dir_all(&plain).expect("the folder is ours");
        }
        let ratio = |cost: Option<Cost>, beside: Option<Cost>| {
            let (cost, beside) = cost.zip(beside).expect("both were measured");
            cost.wall.as_secs_f64() / beside.wall.as_secs_f64()
        };
        let aimed = |below: f64| (self.clusters == FOLDERS).then_some(below);
        let first = aim("of plain writing", " ×", ratio(fresh, written), aimed(1.3));
        let second = aim("of a fresh folder", " ×", ratio(again, fresh), aimed(0.5));
        let what = format!("plainly writing the same {} files", files.len());
        vec![
            self.row(&what, written, None, vec![]),
            self.row("`render` into a fresh folder", fresh, None, vec![first]),
            self.row("`render` again: nothing changes", again, None, vec![second]),
        ]
    }
}

/// Every file below a folder, path and content, in the order of their paths.
fn read(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = vec![];
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).expect("a folder").map(|entry| entry.expect("an entry")) {
            match entry.file_type().expect("a kind").is_dir() {
                true => folders.push(entry.path()),
                false => {
                    let path = entry.path();
                    let bytes = fs::read(&path).expect("a file");
                    files.push((path.strip_prefix(folder).expect("below").to_owned(), bytes));
                }
            }
        }
    }
    files.sort();
    files
}

/// What any program must do at the least: make the folders and write the files.
fn write(folder: &Path, files: &[(PathBuf, Vec<u8>)]) {
    let mut made: BTreeSet<&Path> = BTreeSet::new();
    for (path, bytes) in files {
        let parent = path.parent().expect("every file has a folder");
        if made.insert(parent) {
            fs::create_dir_all(folder.join(parent)).expect("a folder can be made");
        }
        fs::write(folder.join(path), bytes).expect("a file can be written");
    }
}

/// Kapitan's own table row; see `benches/kapitan.sh`.
fn kapitan() -> Option<Row> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/kapitan.sh");
    let folder = tempfile::tempdir().expect("a folder for Kapitan");
    let mut prepare = Command::new("sh");
    let prepared = prepare.arg(&script).arg("prepare").arg(folder.path()).status();
    if !prepared.is_ok_and(|status| status.success()) {
        println!("Kapitan could not be installed from PyPI, so it is left out.");
        return None;
    }
    let compile = || {
        let mut command = Command::new("sh");
        command.arg(&script).arg("compile").arg(folder.path());
        command
    };
    let best = (0..ROUNDS).fold(None, |best, _| Some(process::run(&mut compile()).best(best)));
    let what = process::output(Command::new("sh").arg(&script).arg("describe").arg(folder.path()));
    let what = what.trim().to_owned();
    Some(Row { what, clusters: 100, cost: best, memory: None, aims: vec![] })
}
