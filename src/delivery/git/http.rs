//! Git's smart protocol over HTTP.
//!
//! Every request goes to the remote's own host: a redirect is an error that says so, and never
//! carries the token anywhere. A token is not sent where it could be read on the way. Answers and
//! times are bounded, and whatever a server says is scrubbed before it is repeated.

#![expect(clippy::disallowed_methods, reason = "certificates are where the machine keeps them")]

use std::io::Write;
use std::time::Duration;

use git2::{Oid, Repository, Sort};
use ureq::tls::{PemItem, RootCerts, TlsConfig};

use super::address::Address;
use super::packet::{self, Advertisement};
use super::remote::{Change, Channel, References, missing, moved};
use crate::failure::Failure;

const RECEIVE: &str = "git-receive-pack";
const UPLOAD: &str = "git-upload-pack";
const AGENT: &str = concat!("agent=ordinance/", env!("CARGO_PKG_VERSION"));

/// How many of our commits a server is told of when we fetch.
const HAVES: usize = 256;
const ADVERTISEMENT_BYTES: u64 = 64 << 20;
const TALK: u64 = 4 << 10;
const REPORT_BYTES: u64 = 4 << 20;
const PACK_BYTES: u64 = 256 << 20;

/// A repository reached over HTTP.
pub(super) struct Http {
    agent: ureq::Agent,
    address: Address,
}

impl Http {
    pub(super) fn new(address: Address) -> Result<Self, Failure> {
        let tried = format!("push to {}", address.shown);
        if address.login.is_some() && address.in_the_clear() {
            return Err(Failure::new(tried, "the token could be read on the way there")
                .to_do("use an https address: git remote set-url NAME https://…")
                .state("nothing was sent"));
        }
        let mut tls = TlsConfig::builder();
        if let Some(file) = std::env::var_os("SSL_CERT_FILE") {
            tls = tls.root_certs(trusted(&file).map_err(|wrong| {
                Failure::new(format!("read the certificates of SSL_CERT_FILE, {file:?}"), wrong)
            })?);
        }
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_connect(Some(Duration::from_secs(20)))
            .timeout_recv_response(Some(Duration::from_secs(120)))
            .timeout_global(Some(Duration::from_secs(600)))
            .user_agent(concat!("git/ordinance-", env!("CARGO_PKG_VERSION")))
            .tls_config(tls.build());
        Ok(Self { agent: config.build().into(), address })
    }

    fn advertised(&self, service: &str) -> Result<Advertisement, Failure> {
        let tried = format!("read the branches of {}", self.address.shown);
        let url = format!("{}/info/refs?service={service}", self.address.shown);
        let mut request = self.agent.get(url);
        if let Some(login) = self.authorization() {
            request = request.header("Authorization", login);
        }
        let answer = self.answer(&tried, request.call(), ADVERTISEMENT_BYTES)?;
        Advertisement::parse(&answer, service).map_err(|wrong| {
            Failure::new(tried, self.scrubbed(&wrong))
                .to_do("see whether the address is that of a git repository")
        })
    }

    fn post(&self, tried: &str, service: &str, body: &[u8], most: u64) -> Result<Vec<u8>, Failure> {
        let mut request = self
            .agent
            .post(format!("{}/{service}", self.address.shown))
            .header("Content-Type", format!("application/x-{service}-request"))
            .header("Accept", format!("application/x-{service}-result"));
        if let Some(login) = self.authorization() {
            request = request.header("Authorization", login);
        }
        self.answer(tried, request.send(body), most)
    }

    /// The body of an answer that says yes.
    fn answer(
        &self,
        tried: &str,
        answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
        most: u64,
    ) -> Result<Vec<u8>, Failure> {
        let failed = |error: ureq::Error| {
            Failure::new(tried, self.scrubbed(&error.to_string()))
                .to_do("see whether the address is right and reachable from here")
        };
        let mut answer = answer.map_err(failed)?;
        let status = answer.status();
        if status.is_success() {
            return answer.body_mut().with_config().limit(most).read_to_vec().map_err(failed);
        }
        let to = answer.headers().get("location").and_then(|to| to.to_str().ok());
        let to = to.map(|to| format!(" to {}", self.scrubbed(to))).unwrap_or_default();
        let said = answer.body_mut().with_config().limit(TALK).lossy_utf8(true).read_to_string();
        let said = said.unwrap_or_default();
        let said = said.lines().next().unwrap_or_default().trim();
        let came_back = match said.is_empty() || said.starts_with('<') {
            true => status.to_string(),
            false => format!("{status}, {}", self.scrubbed(said)),
        };
        let with =
            if self.address.login.is_some() { "the token that was sent" } else { "no token" };
        Err(match status.as_u16() {
            300..=399 => Failure::new(tried, format!("{status}{to}"))
                .to_do("redirects are not followed; set the remote to where it is now"),
            401 | 403 | 404 => Failure::new(tried, came_back).to_do(format!(
                "with {with}, it may not be read or written; the token must be one that may \
                 write contents of this repository"
            )),
            _ => Failure::new(tried, came_back).to_do("try again later"),
        })
    }

    fn authorization(&self) -> Option<String> {
        self.address.login.as_ref().map(|(user, secret)| secret.basic(user))
    }

    fn scrubbed(&self, text: &str) -> String {
        match &self.address.login {
            Some((_, secret)) => secret.scrub(text),
            None => text.to_owned(),
        }
    }
}

impl Channel for Http {
    fn references(&self) -> Result<References, Failure> {
        // Asked as one who wants to push: whoever may not is told before anything is made.
        Ok(self.advertised(RECEIVE)?.references)
    }

    fn fetch(&self, local: &Repository, tips: &[(String, Oid)]) -> Result<(), Failure> {
        let tried = format!("fetch from {}", self.address.shown);
        let can = self.advertised(UPLOAD)?;
        let abilities: Vec<&str> = ["side-band-64k", "ofs-delta", "no-progress"]
            .into_iter()
            .filter(|ability| can.can(ability))
            .chain([AGENT])
            .collect();
        let mut body = Vec::new();
        for (number, (_, tip)) in tips.iter().enumerate() {
            let abilities = if number == 0 { abilities.join(" ") } else { String::new() };
            packet::write(&mut body, format!("want {tip} {abilities}").trim_end().as_bytes());
        }
        packet::flush(&mut body);
        for have in haves(local) {
            packet::write(&mut body, format!("have {have}").as_bytes());
        }
        packet::write(&mut body, b"done");
        let answer = self.post(&tried, UPLOAD, &body, PACK_BYTES)?;
        let failed = |wrong: String| Failure::new(tried.clone(), self.scrubbed(&wrong));
        if !can.can("side-band-64k") {
            return Err(failed("the server is too old to be asked".into()));
        }
        let (pack, _) = packet::sides(&answer).map_err(failed)?;
        store(local, &pack).map_err(|error| failed(error.message().to_owned()))
    }

    fn push(&self, local: &Repository, change: &Change<'_>) -> Result<(), Failure> {
        let tried = format!("push `{}` to {}", change.reference, self.address.shown);
        let can = self.advertised(RECEIVE)?;
        if can.references.get(change.reference).copied() != change.old {
            return Err(moved(change.reference, &self.address.shown));
        }
        let side_bands = can.can("side-band-64k");
        let bands = if side_bands { " side-band-64k" } else { "" };
        let old = change.old.unwrap_or(Oid::ZERO_SHA1);
        let (new, reference) = (change.new, change.reference);
        let mut body = Vec::new();
        let command = format!("{old} {new} {reference}\0 report-status{bands} {AGENT}");
        packet::write(&mut body, command.as_bytes());
        packet::flush(&mut body);
        let pack = missing(local, &[new], change.known)
            .map_err(|error| Failure::new(&tried, error.message()).state("nothing was sent"))?;
        body.extend_from_slice(&pack);
        let unsure = "it is not known whether the push was taken; running again finds out";
        let answer = self
            .post(&tried, RECEIVE, &body, REPORT_BYTES)
            .map_err(|failure| failure.state(unsure))?;
        let (report, talk) = match side_bands {
            true => packet::sides(&answer),
            false => Ok((answer, String::new())),
        }
        .map_err(|wrong| Failure::new(&tried, self.scrubbed(&wrong)).state(unsure))?;
        packet::report(&report).map_err(|why| {
            let talk = if talk.is_empty() { talk } else { format!("\n{talk}") };
            Failure::new(&tried, self.scrubbed(&format!("{why}{talk}")))
                .to_do("see which rules the server has for this branch")
                .state("the remote's branch is as it was")
        })
    }
}

/// Commits the server may have too, newest first.
fn haves(local: &Repository) -> Vec<Oid> {
    let walk = || -> Result<Vec<Oid>, git2::Error> {
        let mut walk = local.revwalk()?;
        walk.set_sorting(Sort::TIME)?;
        walk.push_glob("refs/heads/*")?;
        walk.push_glob("refs/remotes/*")?;
        // A detached head is on no branch; without a commit there is none.
        let _ = walk.push_head();
        walk.take(HAVES).collect()
    };
    // Without them the answer is larger, and no less right.
    walk().unwrap_or_default()
}

fn store(local: &Repository, pack: &[u8]) -> Result<(), git2::Error> {
    let odb = local.odb()?;
    let mut writer = odb.packwriter()?;
    writer.write_all(pack).map_err(|error| git2::Error::from_str(&error.to_string()))?;
    writer.commit()?;
    Ok(())
}

fn trusted(file: &std::ffi::OsStr) -> Result<RootCerts, String> {
    let text = std::fs::read(file).map_err(|error| error.to_string())?;
    let certificates: Vec<_> = ureq::tls::parse_pem(&text)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    match certificates.is_empty() {
        true => Err("it holds no certificate".into()),
        false => Ok(RootCerts::from(certificates)),
    }
}
