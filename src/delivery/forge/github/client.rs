//! The conversation with the server, through octocrab.
//!
//! Asynchronous code ends here: a runtime of one thread turns each call into an ordinary one.
//! Waiting when told to wait, and not sending the token to anybody a redirect names, is octocrab's;
//! how long a call may take altogether, and that errors are scrubbed and whole sentences, is said
//! here.

use std::sync::Arc;
use std::time::Duration;

use octocrab::Octocrab;
use octocrab::service::middleware::retry::{NoOpRateLimitMetrics, RetryConfig};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::delivery::forge::Settings;
use crate::delivery::secret::Secret;
use crate::failure::Failure;

/// How long one call may take, waits that the server asks for included.
const PATIENCE: Duration = Duration::from_secs(180);

/// One repository of one server, and who is asking.
pub(super) struct Client {
    runtime: tokio::runtime::Runtime,
    client: Octocrab,
    host: String,
    repository: String,
    token: Secret,
}

impl Client {
    /// Checks where the token would go, and prepares the client; nothing is sent yet.
    pub(super) fn new(settings: &Settings, variable: &str) -> Result<Self, Failure> {
        let tried = format!("connect to {}", settings.url);
        let Some(token) = settings.token.clone() else {
            let tried = format!("open pull requests at {}", settings.url);
            return Err(Failure::new(tried, "there is no token").to_do(format!(
                "set {variable} to one that may write contents and pull requests"
            )));
        };
        let (owner, name) = settings.repository.split_once('/').unwrap_or_default();
        let plain = |text: &str| {
            !text.is_empty()
                && !text.starts_with('.')
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        };
        if !plain(owner) || !plain(name) {
            let came_back =
                format!("`{}` is not the name of a repository there", settings.repository);
            return Err(Failure::new(tried, came_back)
                .to_do("the git remote's address must end in OWNER/REPOSITORY"));
        }
        let (scheme, rest) = settings.url.split_once("://").unwrap_or_default();
        let host = rest.split('/').next().unwrap_or_default();
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        let here = matches!(name, "localhost" | "127.0.0.1" | "[::1]");
        if host.is_empty() || host.contains('@') || !(scheme == "https" || scheme == "http" && here)
        {
            return Err(Failure::new(
                tried,
                "the token is only sent over https, to a plain address",
            )
            .to_do("set delivery.forge.url to an address such as https://api.github.com"));
        }
        let failed =
            |error: &dyn std::fmt::Display| Failure::new(&tried, token.scrub(&error.to_string()));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| failed(&error))?;
        let retry = RetryConfig::HandleRateLimits {
            metrics: Arc::new(NoOpRateLimitMetrics),
            max_retries: 3,
            min_wait_seconds: 5,
            // Without a header that says so, a 403 is a refusal.
            retry_on_forbidden: false,
        };
        let client = {
            let _inside = runtime.enter();
            Octocrab::builder()
                .base_uri(settings.url.trim_end_matches('/'))
                .map_err(|error| failed(&error))?
                .personal_token(token.reveal().to_owned())
                .add_retry_config(retry)
                .set_connect_timeout(Some(Duration::from_secs(20)))
                .set_read_timeout(Some(Duration::from_secs(60)))
                .set_write_timeout(Some(Duration::from_secs(60)))
                .build()
                .map_err(|error| failed(&error))?
        };
        Ok(Self {
            runtime,
            client,
            host: host.to_owned(),
            repository: settings.repository.clone(),
            token,
        })
    }

    pub(super) fn get<T: DeserializeOwned>(&self, tried: &str, path: &str) -> Result<T, Failure> {
        let call = self.client.get(self.route(path), None::<&()>);
        self.finish(tried, call)
    }

    pub(super) fn post<T: DeserializeOwned>(
        &self,
        tried: &str,
        path: &str,
        body: &Value,
    ) -> Result<T, Failure> {
        self.finish(tried, self.client.post(self.route(path), Some(body)))
    }

    pub(super) fn patch(&self, tried: &str, path: &str, body: &Value) -> Result<Value, Failure> {
        self.finish(tried, self.client.patch(self.route(path), Some(body)))
    }

    fn route(&self, path: &str) -> String {
        format!("/repos/{}/{path}", self.repository)
    }

    fn finish<T>(
        &self,
        tried: &str,
        call: impl Future<Output = octocrab::Result<T>>,
    ) -> Result<T, Failure> {
        let limited = async { tokio::time::timeout(PATIENCE, call).await };
        match self.runtime.block_on(limited) {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(self.failure(tried, &error)),
            Err(_) => Err(Failure::new(
                self.place(tried),
                format!("there was no answer within {} s", PATIENCE.as_secs()),
            )
            .to_do("run the same command again later; it goes on where it stopped")),
        }
    }

    /// What was tried, and where.
    pub(super) fn place(&self, tried: &str) -> String {
        format!("{tried} of {} on {}", self.repository, self.host)
    }

    fn failure(&self, tried: &str, error: &octocrab::Error) -> Failure {
        let tried = self.place(tried);
        let octocrab::Error::GitHub { source, .. } = error else {
            // The first cause is the plain one: refused, not found, not trusted.
            let mut cause: &dyn std::error::Error = error;
            while let Some(next) = cause.source() {
                cause = next;
            }
            return Failure::new(tried, self.token.scrub(&cause.to_string()))
                .to_do("see whether the forge's address is right and reachable from here");
        };
        let status = source.status_code;
        let mut came_back = format!("{status}: {}", source.message);
        for detail in source.errors.iter().flatten() {
            let message = detail.get("message").and_then(Value::as_str).map(str::to_owned);
            came_back += &format!("; {}", message.unwrap_or_else(|| detail.to_string()));
        }
        let to_do = match status.as_u16() {
            401 => "the token is wrong or has expired",
            403 | 404 => "the token must be one that may write pull requests of this repository",
            422 => "see whether labels, reviewers and branches in the settings exist there",
            429 | 500.. => "run the same command again later; it goes on where it stopped",
            _ => "",
        };
        Failure::new(tried, self.token.scrub(&came_back)).to_do(to_do)
    }

    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// `OWNER/REPOSITORY`.
    pub(super) fn repository(&self) -> &str {
        &self.repository
    }
}
