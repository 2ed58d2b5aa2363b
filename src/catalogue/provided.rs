//! What providers do by themselves of what frameworks recommend and admission cannot enforce, as
//! data: which recommendation, whose clusters, and where that is stated.

use crate::version::Version;

const TABLE: &str = include_str!("../../templates/provided/recommendations.tsv");

/// What stands for whatever is known of a cluster's network plugin.
pub const NETWORK_POLICIES: &str = "network-policies";

/// A recommendation that some clusters need nobody for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Provided {
    pub framework: &'static str,
    pub version: &'static str,
    pub recommendation: &'static str,
    /// None: whoever the provider is.
    pub provider: Option<&'static str>,
    /// The first minor version of Kubernetes on which it is so.
    pub from: Option<Version>,
    /// What is done, as a sentence; or [`NETWORK_POLICIES`].
    pub what: &'static str,
    pub source: &'static str,
}

/// All of them, in the order of their table.
pub fn provided() -> impl Iterator<Item = Provided> {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.filter_map(|line| {
        let columns: Vec<&str> = line.split('\t').collect();
        let [framework, version, recommendation, provider, from, what, source] = columns[..] else {
            return None;
        };
        let from = match from {
            "" => None,
            written => Some(written.parse().ok()?),
        };
        let provider = Some(provider).filter(|provider| *provider != "*");
        Some(Provided { framework, version, recommendation, provider, from, what, source })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{Extent, built_in, provider_names};
    use crate::document::{Admission, Known, Reader};
    use crate::text::Sources;

    #[test]
    fn every_line_is_of_a_recommendation_that_admission_cannot_enforce() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(provided().count(), lines);
        let mut sources = Sources::default();
        let known = Known { providers: provider_names(), ..Known::default() };
        let reader = Reader::new(&known);
        let mut found = crate::diagnostic::Diagnostics::default();
        let own = (crate::document::Read::default(), vec![]);
        let extent = Extent::WithoutCases;
        let catalogue =
            crate::catalogue::Catalogue::load(&mut sources, &reader, extent, own, &mut found);
        assert!(built_in().count() > 100 && !found.has_errors());
        for one in provided() {
            let document = catalogue.framework(one.framework, one.version).expect(one.version);
            let mut all = document.spec.recommendations.iter();
            let it = all.find(|it| it.id.value == one.recommendation).expect(one.recommendation);
            assert_eq!((it.admission, it.controls.len()), (Admission::None, 0), "{one:?}");
            assert!(one.provider.is_none_or(|name| catalogue.providers.contains_key(name)));
            assert_eq!(one.what == NETWORK_POLICIES, one.source.is_empty(), "{one:?}");
            assert!(one.source.is_empty() || one.source.starts_with("https://"), "{one:?}");
        }
    }
}
