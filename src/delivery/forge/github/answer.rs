//! What the server answers, as far as it is used.

use serde::Deserialize;

use crate::delivery::forge::Proposal;

/// A pull request, as far as it is used.
#[derive(Deserialize)]
pub(super) struct Pull {
    pub(super) number: u64,
    pub(super) html_url: String,
    pub(super) title: String,
    pub(super) body: Option<String>,
    pub(super) user: Option<User>,
    pub(super) merged_at: Option<String>,
    pub(super) head: Head,
    pub(super) base: Base,
    #[serde(default)]
    pub(super) labels: Vec<Label>,
    #[serde(default)]
    pub(super) requested_reviewers: Vec<User>,
    #[serde(default)]
    pub(super) requested_teams: Vec<Team>,
}

#[derive(Deserialize)]
pub(super) struct Head {
    #[serde(rename = "ref")]
    pub(super) name: String,
    pub(super) sha: String,
    /// Absent once a fork is deleted.
    pub(super) repo: Option<Repo>,
}

#[derive(Deserialize)]
pub(super) struct Base {
    #[serde(rename = "ref")]
    pub(super) name: String,
}

#[derive(Deserialize)]
pub(super) struct Repo {
    pub(super) full_name: String,
}

#[derive(Deserialize)]
pub(super) struct User {
    pub(super) login: String,
}

#[derive(Deserialize)]
pub(super) struct Team {
    pub(super) slug: String,
}

#[derive(Deserialize)]
pub(super) struct Label {
    pub(super) name: String,
}

#[derive(Deserialize)]
pub(super) struct Review {
    pub(super) user: Option<User>,
}

/// The side of a pull request that it shares with an issue.
#[derive(Deserialize)]
pub(super) struct Issue {
    pub(super) closed_by: Option<User>,
}

impl Pull {
    pub(super) fn author(&self) -> &str {
        self.user.as_ref().map_or("", |user| &user.login)
    }

    /// The pull request as a proposal to this repository.
    pub(super) fn into_proposal(self, repository: &str) -> Proposal {
        let owner = repository.split('/').next().unwrap_or_default();
        let people = self.requested_reviewers.into_iter().map(|user| user.login);
        let teams = self.requested_teams.into_iter().map(|team| format!("{owner}/{}", team.slug));
        Proposal {
            number: self.number,
            address: self.html_url,
            branch: self.head.name,
            base: self.base.name,
            title: self.title,
            body: self.body.unwrap_or_default(),
            author: self.user.map(|user| user.login).unwrap_or_default(),
            labels: self.labels.into_iter().map(|label| label.name).collect(),
            reviewers: people.chain(teams).collect(),
        }
    }
}
