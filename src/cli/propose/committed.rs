//! What the commit of a proposal holds beside what is rendered: the full report, and trailers.

use super::hex;
use crate::change::{Change, Entry};
use crate::name::digest;
use crate::report::{Proposal, report_path, reports_folder};
use crate::source::git::Commit;
use crate::tree::Base;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The folder of the clusters' documents; its id is the digest of the inventory.
const INVENTORY: &str = "clusters";

/// By path below their folder.
type Files = Vec<(String, Arc<[u8]>)>;

/// The folder of full reports, with that of this proposal; the error names a file of others that
/// could not be kept as it is.
pub fn reports(commit: &Commit, branch: &str, proposal: &Proposal<'_>) -> Result<Files, String> {
    let output = &proposal.known.output;
    let (path, folder) = (report_path(branch, output), reports_folder(output));
    let own = path.strip_prefix(folder).unwrap_or(&path).trim_start_matches('/').to_owned();
    let others = commit.files(folder).into_iter().filter(|(path, _)| *path != own);
    let others = others.map(|(path, _)| {
        let path_below = format!("{folder}/{path}");
        let bytes = commit.bytes(&path_below).ok_or(path_below)?;
        Ok((path, Arc::from(bytes)))
    });
    let mut files: Files = others.collect::<Result<_, String>>()?;
    files.push((own, proposal.report().into_bytes().into()));
    Ok(files)
}

/// What programs are told of a commit: the inputs, the inventory among them, and what it does, which
/// is the same for the same changes on whichever clusters.
pub fn trailers(commit: &Commit, change: &Change) -> Vec<(&'static str, String)> {
    let mut trailers = vec![("Intent-Commit", hex(commit.id()))];
    let inventory = commit.folder_id(INVENTORY);
    trailers.extend(inventory.map(|id| ("Inventory-Digest", hex(id))));
    let all: BTreeSet<String> = change.entries.iter().map(Entry::fingerprint).collect();
    let all: Vec<String> = all.into_iter().collect();
    trailers.push(("Render-Fingerprint", digest(all.join("\n").as_bytes())[..16].to_owned()));
    trailers
}
