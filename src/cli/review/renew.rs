//! Keeps the page that is served as its inputs are: looks at them again and again, has the page
//! written once they have come to rest, and shows it, or what is wrong.

#![expect(clippy::disallowed_methods, reason = "this very program is run, again and again")]

use super::shown;
use crate::cli::options::Review;
use crate::cli::repository;
use crate::date::Date;
use crate::failure::Failure;
use crate::report::live;
use crate::serve::Board;
use crate::snapshot;
use crate::source::ROOTS;
use crate::source::git::{self, Commit};
use crate::source::watch::{self, Seen};
use crate::text::visible;
use crate::tree::Id;
use std::ffi::OsString;
use std::io::Read;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(250);

/// Looking takes no more than this part of the time, however many files there are.
const SHARE: u32 = 10;

/// How soon it is noticed that a page is written, or that all of it is to end.
const STEP: Duration = Duration::from_millis(20);

/// The most that is taken of a page or of what is said, in bytes.
const MOST: u64 = 64 << 20;

/// How much of it is told.
const TOLD: usize = 20_000;

/// What a page is made of, as far as it can be seen without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct State {
    files: Seen,
    /// What it is compared with, and what is checked out.
    commits: [Option<Id>; 2],
    /// The history of one of these counts.
    branches: Vec<(Vec<u8>, Id)>,
    day: Date,
}

/// The work, while it goes on.
pub struct Renewing {
    end: Arc<AtomicBool>,
    worker: JoinHandle<()>,
}

impl Renewing {
    pub fn begin(options: &Review, board: Board) -> Result<Renewing, Failure> {
        let failed = |error: std::io::Error| Failure::new("have pages written", error);
        let end = Arc::new(AtomicBool::new(false));
        let work = Work {
            program: std::env::current_exe().map_err(failed)?,
            arguments: arguments(options),
            folder: options.common.place.repository.clone(),
            against: options.against.clone().unwrap_or_else(|| "HEAD".to_owned()),
            given: options.common.now.and_then(|day| day.0),
            board,
            end: Arc::clone(&end),
        };
        let worker = std::thread::Builder::new().name("renew".to_owned());
        let worker = worker.spawn(move || work.go_on()).map_err(failed)?;
        Ok(Renewing { end, worker })
    }

    /// Ends it, and the page that is being written.
    pub fn end(self) {
        self.end.store(true, Ordering::Relaxed);
        // It has nothing left to say.
        let _ = self.worker.join();
    }
}

/// The same question, to be answered once.
fn arguments(options: &Review) -> Vec<OsString> {
    let common = &options.common;
    let mut arguments: Vec<OsString> =
        ["review", "--once", "--color", "never", "--repository"].map(OsString::from).to_vec();
    arguments.push(common.place.repository.clone().into());
    if let Some(against) = &options.against {
        arguments.extend(["--against".into(), against.into()]);
    }
    if let Some(day) = common.now.and_then(|day| day.0) {
        arguments.extend(["--now".into(), day.to_string().into()]);
    }
    if let Some(landings) = &common.landings {
        arguments.extend(["--landings".into(), landings.into()]);
    }
    arguments
}

struct Work {
    program: PathBuf,
    arguments: Vec<OsString>,
    folder: PathBuf,
    against: String,
    given: Option<Date>,
    board: Board,
    end: Arc<AtomicBool>,
}

impl Work {
    fn go_on(&self) {
        let mut page: Option<String> = None;
        let mut of: Option<State> = None;
        let mut said = String::new();
        while let Some(state) = self.settled(of.as_ref()) {
            let wrong = match self.written(&state) {
                Written::Page { page: new, notes } => {
                    page = Some(new);
                    say_once(&mut said, notes);
                    None
                }
                Written::Wrong(why) => {
                    say_once(&mut said, why.clone());
                    Some(why)
                }
                // Perhaps by what the last one was written of.
                Written::Overtaken => continue,
            };
            of = Some(state);
            self.board.show(shown(&live::now(page.as_deref(), wrong.as_deref())));
        }
    }

    /// Waits until something is another than it was, and stays so; `None` at the end.
    fn settled(&self, of: Option<&State>) -> Option<State> {
        let mut last = self.look();
        if of.is_none() {
            return (!self.end.load(Ordering::Relaxed)).then_some(last);
        }
        let mut pause = PAUSE;
        while self.rest(pause) {
            let began = Instant::now();
            let now = self.look();
            pause = PAUSE.max(began.elapsed() * SHARE);
            // Whoever saves several files is not to see the page of half of them.
            if now == last && of != Some(&now) {
                return Some(now);
            }
            last = now;
        }
        None
    }

    fn look(&self) -> State {
        let commit = |revision: &str| Commit::open(&self.folder, revision).ok().map(|one| one.id());
        let commits = [commit(&self.against), commit("HEAD")];
        // Without a commit it is compared with the folder as it is.
        let whole: &[&str] = if commits == [None, None] { &[""] } else { &[] };
        let roots: Vec<&str> =
            ROOTS.iter().chain(&[snapshot::ROOT]).chain(whole).copied().collect();
        State {
            files: watch::look(&self.folder, &roots),
            commits,
            branches: git::tips(&self.folder),
            day: self.given.unwrap_or_else(repository::now),
        }
    }

    /// Whether it goes on after this while.
    fn rest(&self, time: Duration) -> bool {
        let until = Instant::now() + time;
        while !self.end.load(Ordering::Relaxed) {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            std::thread::sleep(left.min(STEP));
        }
        false
    }

    /// Has the page written, unless the inputs change meanwhile.
    fn written(&self, of: &State) -> Written {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).stdin(Stdio::null());
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = match child {
            Ok(child) => child,
            Err(error) => return Written::Wrong(format!("the page cannot be written: {error}")),
        };
        let (out, err) = (read(child.stdout.take()), read(child.stderr.take()));
        let ended = self.wait(&mut child, of);
        let (out, err) = (out.join().unwrap_or_default(), err.join().unwrap_or_default());
        match ended {
            None => Written::Overtaken,
            Some(Ok(ended)) if ended.success() && out.len() as u64 > MOST => {
                Written::Wrong(format!("the page is larger than {} MiB", MOST >> 20))
            }
            Some(Ok(ended)) if ended.success() => Written::Page { page: out, notes: told(&err) },
            Some(Ok(_)) if !err.trim().is_empty() => Written::Wrong(told(&err)),
            Some(Ok(ended)) => Written::Wrong(format!("the page was not written: {ended}")),
            Some(Err(error)) => Written::Wrong(format!("the page was not written: {error}")),
        }
    }

    /// How it ended; `None` where it was given up.
    fn wait(
        &self,
        child: &mut Child,
        of: &State,
    ) -> Option<std::io::Result<std::process::ExitStatus>> {
        let mut looked = Instant::now();
        let mut pause = PAUSE;
        loop {
            match child.try_wait() {
                Ok(None) => {}
                Ok(Some(ended)) => return Some(Ok(ended)),
                Err(error) => return Some(Err(error)),
            }
            let mut overtaken = !self.rest(STEP);
            if !overtaken && looked.elapsed() > pause {
                let began = Instant::now();
                overtaken = self.look() != *of;
                pause = PAUSE.max(began.elapsed() * SHARE);
                looked = Instant::now();
            }
            if overtaken {
                // It may have ended just now.
                let _ = child.kill();
                let _ = child.wait();
                return None;
            }
        }
    }
}

enum Written {
    Page { page: String, notes: String },
    Wrong(String),
    Overtaken,
}

/// Says in the terminal what is wrong or worth a note, unless that was said last.
fn say_once(said: &mut String, now: String) {
    if *said != now && !now.is_empty() {
        tell!("{now}");
    }
    *said = now;
}

fn read(from: Option<impl Read + Send + 'static>) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = vec![];
        if let Some(from) = from {
            // What was read so far is told, and one byte more says that it is not all.
            let _ = from.take(MOST + 1).read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// Complaints as they can be shown: not endlessly many.
fn told(said: &str) -> String {
    let lines: Vec<String> = said.trim_end().lines().map(visible).collect();
    let mut told = String::new();
    for (at, line) in lines.iter().enumerate() {
        if told.len() + line.len() > TOLD {
            let left = crate::text::count(lines.len() - at, "line");
            return format!("{told}{left} more: `ordinance validate` has them all");
        }
        told.push_str(line);
        told.push('\n');
    }
    told.trim_end().to_owned()
}
