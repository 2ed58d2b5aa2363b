//! A remote behind ssh, through the `git` command: it knows people's keys, agents and host names.
//!
//! No shell is involved and no secret is passed. The command is asked for nothing that needs an
//! answer from the keyboard, and may talk to no protocol but ssh.

#![expect(
    clippy::disallowed_methods,
    reason = "git is what speaks ssh here, and it is not waited for forever"
)]

use std::io::Read;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use git2::{Oid, Repository};

use super::remote::{Change, Channel, References, moved};
use crate::failure::Failure;

/// How long one command may take.
const PATIENCE: Duration = Duration::from_secs(300);
/// How much a command may say.
const SAID: u64 = 64 << 20;

/// A repository reached through ssh.
pub(super) struct Ssh {
    address: String,
    /// The local repository, whose settings say which key and which program to use.
    local: PathBuf,
}

impl Ssh {
    pub(super) fn new(address: String, local: PathBuf) -> Self {
        Self { address, local }
    }

    fn failure(&self, tried: &str, came_back: impl std::fmt::Display) -> Failure {
        Failure::new(format!("{tried} {}", self.address), came_back)
            .to_do(format!("try `git ls-remote {}` to see what git says to it", self.address))
    }

    fn git(&self, arguments: &[&str]) -> Result<String, String> {
        let mut command = Command::new("git");
        command
            .arg("--git-dir")
            .arg(&self.local)
            .args(arguments)
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_ALLOW_PROTOCOL", "ssh")
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("git does not start: {error}"))?;
        let reader = |pipe: Option<Box<dyn Read + Send>>| {
            std::thread::spawn(move || {
                let mut text = Vec::new();
                // What cannot be read any more was not said.
                let _ = pipe.map(|pipe| pipe.take(SAID).read_to_end(&mut text));
                String::from_utf8_lossy(&text).trim().to_owned()
            })
        };
        let out = reader(child.stdout.take().map(|pipe| Box::new(pipe) as Box<dyn Read + Send>));
        let error = reader(child.stderr.take().map(|pipe| Box::new(pipe) as Box<dyn Read + Send>));
        let started = Instant::now();
        let status = loop {
            match child.try_wait() {
                Ok(Some(status)) => break status,
                Ok(None) if started.elapsed() < PATIENCE => {
                    std::thread::sleep(Duration::from_millis(20));
                }
                _ => {
                    // It may have ended meanwhile, which is as good.
                    let _ = child.kill();
                    let _ = child.wait();
                    return Err(format!("git did not end within {} s", PATIENCE.as_secs()));
                }
            }
        };
        let said = |thread: std::thread::JoinHandle<String>| thread.join().unwrap_or_default();
        let (out, error) = (said(out), said(error));
        match status.success() {
            true => Ok(out),
            // A refused push is told on one, its reasons on the other.
            false => Err(format!("{error}\n{out}").trim().to_owned()),
        }
    }
}

impl Channel for Ssh {
    fn references(&self) -> Result<References, Failure> {
        let listed = self
            .git(&["ls-remote", "--", &self.address])
            .map_err(|said| self.failure("read the branches of", said))?;
        let parsed = listed.lines().filter_map(|line| {
            let (id, name) = line.split_once('\t')?;
            Some((name.to_owned(), Oid::from_str(id).ok()?))
        });
        Ok(parsed.collect())
    }

    fn fetch(&self, local: &Repository, tips: &[(String, Oid)]) -> Result<(), Failure> {
        let mut arguments =
            vec!["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-gc", "--"];
        arguments.push(&self.address);
        arguments.extend(tips.iter().map(|(name, _)| name.as_str()));
        self.git(&arguments).map_err(|said| self.failure("fetch from", said))?;
        // Written by another process: what was looked up before may be remembered as absent.
        let refreshed = local.odb().and_then(|odb| odb.refresh());
        refreshed.map_err(|error| self.failure("fetch from", error.message()))
    }

    fn push(&self, _local: &Repository, change: &Change<'_>) -> Result<(), Failure> {
        let old = change.old.map(|old| old.to_string()).unwrap_or_default();
        let lease = format!("--force-with-lease={}:{old}", change.reference);
        let refspec = format!("{}:{}", change.new, change.reference);
        let arguments =
            ["push", "--porcelain", "--no-verify", &lease, "--", &self.address, &refspec];
        self.git(&arguments).map(drop).map_err(|said| {
            if said.contains("stale info") {
                return moved(change.reference, &self.address);
            }
            self.failure(&format!("push `{}` to", change.reference), said)
                .state("the remote's branch is as it was")
        })
    }
}
