//! Versions of Kubernetes' own APIs that end, as data: which, and with which version of Kubernetes.

use crate::version::Version;

const TABLE: &str = include_str!("../../templates/kubernetes/removed-apis.tsv");

/// A version of an API that Kubernetes serves no longer, or will not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RemovedApi {
    /// `batch/v1beta1`.
    pub api_version: &'static str,
    pub kind: &'static str,
    /// The first Kubernetes without it.
    pub removed: Version,
    /// `batch/v1`; none where the kind itself goes, or nobody says.
    pub replacement: Option<&'static str>,
}

/// All of them, in the order in which they go.
pub fn removed_apis() -> impl Iterator<Item = RemovedApi> {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.filter_map(|line| {
        let mut columns = line.split('\t');
        let (api_version, kind) = (columns.next()?, columns.next()?);
        let removed = columns.next()?.parse().ok()?;
        let replacement = columns.next()?.rsplit_once('/').map(|(version, _)| version);
        Some(RemovedApi { api_version, kind, removed, replacement })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_read() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#')).count();
        let read: Vec<RemovedApi> = removed_apis().collect();
        assert_eq!(read.len(), lines);
        let job =
            read.iter().find(|one| (one.api_version, one.kind) == ("batch/v1beta1", "CronJob"));
        let job = job.unwrap();
        assert_eq!((job.removed, job.replacement), (Version::new(1, 25), Some("batch/v1")));
    }
}
