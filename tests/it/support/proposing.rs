//! A clone, its remote, and proposing from the one to the other.

use std::sync::Arc;

use ordinance::delivery::forge::{Forge, Wanted};
use ordinance::delivery::git::{Author, FolderUpdate, Remote};
use ordinance::delivery::{Outcome, Request, Secret, propose};
use ordinance::failure::Failure;
use ordinance::source::git::Commit;

use super::http_backend::{Rules, Server};
use super::repository::Repository;

pub const BRANCH: &str = "ordinance/main";

/// A clone with one commit, which its remote has too.
pub struct Proposing {
    pub clone: Repository,
    pub remote: Repository,
    pub token: Option<String>,
    pub title: String,
    pub body: String,
    pub reviewers: Vec<String>,
    pub dry_run: bool,
    /// The folder of the clone that is proposed from.
    pub within: &'static str,
    /// Every step that was told of.
    pub said: Vec<String>,
}

impl Proposing {
    pub fn new() -> Self {
        let (clone, remote) = (Repository::new(), Repository::bare());
        clone.write("intents/a.yaml", "a: 1\n");
        clone.write("rendered/dev/policies/p.yaml", "p: 1\n");
        clone.commit("Begin");
        let address = remote.path().to_str().expect("a path").to_owned();
        clone.git(&["remote", "add", "origin", &address]);
        clone.git(&["push", "-q", "origin", "main"]);
        Self {
            clone,
            remote,
            token: None,
            title: "Require limits".into(),
            body: "1 cluster changes.".into(),
            reviewers: Vec::new(),
            dry_run: false,
            within: "",
            said: Vec::new(),
        }
    }

    /// Proposes that the folder of `dev` has one policy with this text.
    pub fn propose(&mut self, policy: &str, forge: Option<&dyn Forge>) -> Result<Outcome, Failure> {
        let files = [("policies/p.yaml".to_owned(), Arc::from(policy.as_bytes()))];
        let updates = [FolderUpdate { path: "rendered/dev".into(), files: &files, key: None }];
        let folder = self.clone.path().join(self.within);
        let from = Commit::open(&folder, "HEAD").expect("a commit");
        let token = self.token.as_deref().and_then(Secret::new);
        let remote = Remote::find(&folder, "origin", token)?;
        let request = Request {
            repository: &folder,
            below: from.below(),
            from: from.id(),
            updates: &updates,
            why: "Because.",
            trailers: &[],
            author: &Author {
                name: "ordinance".into(),
                email: "ordinance@example.com".into(),
                seconds: 1_780_000_000,
            },
            wanted: &Wanted {
                branch: BRANCH.into(),
                base: "main".into(),
                title: self.title.clone(),
                body: self.body.clone(),
                labels: vec!["policy".into()],
                reviewers: self.reviewers.clone(),
            },
            dry_run: self.dry_run,
        };
        let said = &mut self.said;
        propose(&request, &remote, forge, &mut |step| said.push(step.to_owned()))
    }

    /// Where the proposal's branch points on the remote.
    pub fn tip(&self) -> Option<String> {
        let (ok, tip, _) = self.remote.try_git(&["rev-parse", "--verify", "-q", BRANCH]);
        ok.then_some(tip)
    }

    /// Serves the remote over HTTP from now on.
    pub fn over_http(&self, login: &str, rules: Rules) -> Server {
        let root = self.remote.path();
        let server = Server::start(root.parent().expect("a parent"), rules);
        let name = root.file_name().and_then(|name| name.to_str()).expect("a name");
        self.clone.git(&["remote", "set-url", "origin", &server.url(login, name)]);
        server
    }

    /// Somebody who can push to the remote.
    pub fn hand(&self) -> Hand {
        Hand { remote: self.remote.path().to_str().expect("a path").to_owned() }
    }

    /// Puts a commit of a person on top of the remote's branch.
    pub fn push_by_hand(&self, branch: &str) -> String {
        self.hand().push(branch)
    }
}

/// Somebody who can push to a remote.
pub struct Hand {
    remote: String,
}

impl Hand {
    /// Puts a commit on top of a branch; its id.
    pub fn push(&self, branch: &str) -> String {
        let other = Repository::new();
        other.git(&["fetch", "-q", &self.remote, branch]);
        other.git(&["switch", "-q", "--detach", "FETCH_HEAD"]);
        other.write("by-hand.txt", "mine\n");
        let tip = other.commit("By hand");
        other.git(&["push", "-q", &self.remote, &format!("HEAD:refs/heads/{branch}")]);
        tip
    }
}
