//! GitHub, and GitHub Enterprise Server: proposals are pull requests.
//!
//! Answers are read into types of our own, with only the fields that are used, so that a server
//! that knows fewer or more of them is understood. How the server is reached is `client`'s.

mod answer;
mod client;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Forge, Limits, Proposal, Settings, Wanted, budget_of};
use crate::delivery::secret::percent_encoded;
use crate::failure::Failure;
use crate::report::Budget;
use crate::tree::base::Id;
use answer::{Issue, Pull, Review};
use client::Client;

/// Where a token is looked for, first come first served.
pub(super) const VARIABLES: &[&str] = &["GITHUB_TOKEN", "GH_TOKEN"];

/// How many pages of open proposals are read.
const PAGES: u32 = 30;
const PER_PAGE: usize = 100;

struct Github {
    client: Client,
}

/// Prepares the client; the first call is the first thing sent.
pub(super) fn connect(settings: &Settings) -> Result<Box<dyn Forge>, Failure> {
    Ok(Box::new(Github { client: Client::new(settings, VARIABLES[0])? }))
}

impl Github {
    /// Labels, then reviewers; what was added, in words.
    fn furnish(&self, proposal: &Proposal, wanted: &Wanted) -> Result<Vec<String>, Failure> {
        let number = proposal.number;
        let mut done = Vec::new();
        let labels = lacking(&wanted.labels, &proposal.labels);
        if !labels.is_empty() {
            let tried = format!("label pull request {number}");
            let body = json!({ "labels": labels });
            self.client.post::<Value>(&tried, &format!("issues/{number}/labels"), &body)?;
            done.push(format!("label {}", labels.join(", ")));
        }
        let mut reviewers = lacking(&wanted.reviewers, &proposal.reviewers);
        // Nobody may be asked to review what they opened.
        reviewers.retain(|name| !name.eq_ignore_ascii_case(&proposal.author));
        if !reviewers.is_empty() {
            self.leave_out_those_who_answered(number, &mut reviewers)?;
        }
        if !reviewers.is_empty() {
            let (teams, people): (Vec<&str>, Vec<&str>) =
                reviewers.iter().map(String::as_str).partition(|name| name.contains('/'));
            let teams: Vec<&str> =
                teams.iter().filter_map(|team| Some(team.rsplit_once('/')?.1)).collect();
            let tried = format!("ask for reviews of pull request {number}");
            let body = json!({ "reviewers": people, "team_reviewers": teams });
            let path = format!("pulls/{number}/requested_reviewers");
            self.client.post::<Value>(&tried, &path, &body)?;
            done.push(format!("review by {}", reviewers.join(", ")));
        }
        Ok(done)
    }

    /// Whoever reviewed is no longer listed as asked, and is not asked again at every run.
    fn leave_out_those_who_answered(
        &self,
        number: u64,
        reviewers: &mut Vec<String>,
    ) -> Result<(), Failure> {
        let tried = format!("read the reviews of pull request {number}");
        let path = format!("pulls/{number}/reviews?per_page={PER_PAGE}");
        let reviews: Vec<Review> = self.client.get(&tried, &path)?;
        let answered: BTreeSet<String> =
            reviews.into_iter().filter_map(|it| Some(it.user?.login.to_lowercase())).collect();
        // Which team somebody answered for is not told: one answer counts for all teams.
        reviewers.retain(|name| match name.contains('/') {
            true => answered.is_empty(),
            false => !answered.contains(&name.to_lowercase()),
        });
        Ok(())
    }
}

impl Forge for Github {
    fn limits(&self) -> Limits {
        Limits { title: 256, body: budget_of("github").unwrap_or(Budget::NONE) }
    }

    fn serves(&self, host: &str) -> bool {
        let name = |host: &str| host.split(':').next().unwrap_or_default().to_lowercase();
        let (api, host) = (name(self.client.host()), name(host));
        // The public service answers programs under a name of its own.
        !host.is_empty() && (api == host || api == format!("api.{host}"))
    }

    fn proposals(&self, prefix: &str) -> Result<Vec<Proposal>, Failure> {
        let mut found = Vec::new();
        for page in 1..=PAGES {
            let path = format!("pulls?state=open&per_page={PER_PAGE}&page={page}");
            let pulls: Vec<Pull> = self.client.get("list the pull requests", &path)?;
            let last = pulls.len() < PER_PAGE;
            // A fork may have a branch of the same name.
            found.extend(pulls.into_iter().filter(|pull| {
                let repo = pull.head.repo.as_ref();
                pull.head.name.starts_with(prefix)
                    && repo.is_some_and(|it| {
                        it.full_name.eq_ignore_ascii_case(self.client.repository())
                    })
            }));
            if last {
                return Ok(found
                    .into_iter()
                    .map(|it| it.into_proposal(self.client.repository()))
                    .collect());
            }
        }
        let came_back = format!("there are more than {} open ones", PAGES as usize * PER_PAGE);
        Err(Failure::new(self.client.place("list the pull requests"), came_back))
    }

    fn open(&self, wanted: &Wanted) -> Result<Proposal, Failure> {
        let body = json!({
            "title": wanted.title,
            "head": wanted.branch,
            "base": wanted.base,
            "body": wanted.body,
        });
        let pull: Pull = self.client.post("open a pull request", "pulls", &body)?;
        let proposal = pull.into_proposal(self.client.repository());
        self.furnish(&proposal, wanted).map_err(|failure| {
            failure.state(format!("pull request {} is open", proposal.address))
        })?;
        Ok(proposal)
    }

    fn revise(&self, proposal: &Proposal, wanted: &Wanted) -> Result<Vec<String>, Failure> {
        let mut body = serde_json::Map::new();
        let mut done = Vec::new();
        for (name, is, wanted) in [
            ("title", &proposal.title, &wanted.title),
            ("body", &proposal.body, &wanted.body),
            ("base", &proposal.base, &wanted.base),
        ] {
            if is.replace("\r\n", "\n").trim() != wanted.trim() {
                body.insert(name.to_owned(), json!(wanted));
                done.push(name.to_owned());
            }
        }
        if !body.is_empty() {
            let tried = format!("revise pull request {}", proposal.number);
            self.client.patch(
                &tried,
                &format!("pulls/{}", proposal.number),
                &Value::Object(body),
            )?;
        }
        done.extend(self.furnish(proposal, wanted)?);
        Ok(done)
    }

    fn declined(&self, branch: &str, commit: Id) -> Result<Option<Proposal>, Failure> {
        let repository = self.client.repository();
        let owner = repository.split('/').next().unwrap_or_default();
        let head = percent_encoded(&format!("{owner}:{branch}"));
        let path = format!(
            "pulls?state=closed&head={head}&sort=created&direction=desc&per_page={PER_PAGE}"
        );
        let closed: Vec<Pull> = self.client.get("list the closed pull requests", &path)?;
        let commit: String = commit.0.iter().map(|byte| format!("{byte:02x}")).collect();
        let same = |pull: &Pull| pull.head.sha == commit && pull.merged_at.is_none();
        // Of several, the last one opened tells what people think of it now.
        let Some(pull) = closed.into_iter().find(same) else { return Ok(None) };
        let tried = format!("read who closed pull request {}", pull.number);
        let issue: Issue = self.client.get(&tried, &format!("issues/{}", pull.number))?;
        // What its author closed had landed or was no longer asked for; now it is again.
        let by_people = issue.closed_by.is_some_and(|user| user.login != pull.author());
        Ok(by_people.then(|| pull.into_proposal(repository)))
    }

    fn close(&self, proposal: &Proposal, because: &str) -> Result<(), Failure> {
        let number = proposal.number;
        let tried = format!("close pull request {number}");
        self.client.post::<Value>(
            &tried,
            &format!("issues/{number}/comments"),
            &json!({ "body": because }),
        )?;
        self.client.patch(&tried, &format!("pulls/{number}"), &json!({ "state": "closed" }))?;
        Ok(())
    }
}

/// What is wanted and not there yet, ignoring case as the server does.
fn lacking(wanted: &[String], present: &[String]) -> Vec<String> {
    let there = |name: &&String| !present.iter().any(|it| it.eq_ignore_ascii_case(name));
    wanted.iter().filter(there).cloned().collect()
}
