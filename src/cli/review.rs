//! `ordinance review [--open] [--against REF] [--port N]`.
//!
//! Here it is told where the page is; [`renew`] keeps it as it should be. A page is written by a
//! process of its own, this very program with `--once`: what a fleet takes in memory is given back
//! with every one, a page that has been overtaken is given up at once, and what a person is told of
//! wrong inputs is what every command tells.

#![expect(clippy::disallowed_methods, reason = "a browser is another program, and takes a moment")]

mod renew;

use super::diff::{self, Asked};
use super::options::Review;
use super::{Exit, repository, talk};
use crate::failure::Failure;
use crate::report::{Comparison, live, write_live};
use crate::serve::{Board, Server, Shown};
use crate::source::git::Commit;
use renew::Renewing;
use std::process::{Command, Stdio};

pub fn run(options: &Review) -> Result<Exit, Failure> {
    if options.once {
        return once(options);
    }
    repository::is_there(&options.common.place)?;
    // A typo is told at once. Wrong documents are for the page: people edit while it is served.
    if !repository::has_fleet(&options.common)? {
        return Ok(Exit::Input);
    }
    if let Some(revision) = &options.against {
        Commit::open(&options.common.place.repository, revision)?;
    }
    let server = Server::open(options.port)?;
    let board = Board::new(shown(&live::now(None, None)));
    let renewing = Renewing::begin(options, board.clone())?;
    let address = server.address();
    say!("{address}");
    if options.open && !opened(&address) {
        talk::note(&format!("nothing here opens a browser: open {address} in one"));
    }
    server.run(&board);
    renewing.end();
    Ok(Exit::Fine)
}

/// Writes the page for whoever serves it.
fn once(options: &Review) -> Result<Exit, Failure> {
    let common = &options.common;
    let against = options.against.as_deref();
    let asked = Asked {
        common,
        against,
        only: &[],
        intents: &[],
        loosening: false,
        workloads: &[],
        dates: true,
        reasons: false,
    };
    let Some(compared) = diff::compare(&asked)? else { return Ok(Exit::Input) };
    let diff::Compared { change, against, known, .. } = compared;
    talk::print(&write_live(&Comparison {
        change: &change,
        against: &against,
        colour: false,
        known: &known,
    }));
    Ok(Exit::Fine)
}

fn shown(now: &live::Now) -> Shown {
    Shown { page: now.page.clone().into(), policy: now.policy.clone(), news: now.news.clone() }
}

/// Whether the platform's own opener took the address.
fn opened(address: &str) -> bool {
    let (program, before): (&str, &[&str]) = match std::env::consts::OS {
        "macos" => ("open", &[]),
        // The first argument of `start` would be a title.
        "windows" => ("cmd", &["/C", "start", ""]),
        _ => ("xdg-open", &[]),
    };
    let mut opener = Command::new(program);
    opener.args(before).arg(address);
    let opener = opener.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let Ok(mut opener) = opener else { return false };
    // Some stay for as long as the browser does.
    for _ in 0..20 {
        match opener.try_wait() {
            Ok(Some(ended)) => return ended.success(),
            Ok(None) => std::thread::sleep(std::time::Duration::from_millis(50)),
            Err(_) => return false,
        }
    }
    true
}
