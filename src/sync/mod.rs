//! Sync tools: what Flux or Argo CD must be given so that a cluster's folder is applied in order.
//!
//! A tool knows no engine; it is told which steps there are. Adding one is a file and a line in
//! [`all`].

mod argocd;
mod flux;

use crate::document::Sync as Settings;
use crate::object::{Object, Readiness};

/// Every sync tool there is.
pub fn all() -> Vec<Box<dyn Sync>> {
    vec![Box::new(argocd::ArgoCd), Box::new(flux::Flux)]
}

/// A folder to be applied, after the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step<'a> {
    /// `templates` or `policies`: the folder's and the object's name.
    pub name: &'a str,
    /// The step defines kinds that later steps use, and this tells when they can.
    pub defines: Option<Readiness>,
}

/// What is to be applied to one cluster.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    pub settings: &'a Settings,
    /// The cluster's folder within the repository.
    pub folder: &'a str,
    /// The branch that is followed.
    pub branch: &'a str,
    pub steps: &'a [Step<'a>],
}

pub trait Sync: std::marker::Sync + Send {
    fn id(&self) -> &'static str;

    /// The namespace it usually runs in.
    fn namespace(&self) -> &'static str;

    /// The label, and its value, of the Secrets by which the tool lists the clusters it syncs.
    fn lists_clusters(&self) -> Option<(&'static str, &'static str)> {
        None
    }

    /// The annotation by which an object stays where it is once it is no longer rendered.
    fn keeps(&self) -> (&'static str, &'static str);

    /// One object per step, with the name of its file.
    fn objects(&self, request: &Request<'_>) -> Vec<(String, Object)>;
}

const LABEL: (&str, &str) = ("app.kubernetes.io/managed-by", "ordinance");
