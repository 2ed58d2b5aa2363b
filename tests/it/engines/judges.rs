//! Every tool together with the target it judges for.

use super::fleet::Target;
use super::gator::Gator;
use super::kubernetes::Kubernetes;
use super::kyverno::{Kyverno, Shape};
use super::tools::Tools;
use super::verdict::Judge;

/// Runs something with each gator; it ends early where one is not there.
pub fn for_each_gator(run: impl Fn(Target, &dyn Judge)) {
    for (version, binary) in [("3.17.1", "gator-3.17"), ("3.23.1", "gator-3.23")] {
        let Some(tools) = Tools::with(&[binary]) else { return };
        let target = Target { engine: "gatekeeper", version, kubernetes: "1.34" };
        run(target, &Gator { tools, binary });
    }
}

/// Runs something with each shape that a kyverno judges; it ends early where one is not there.
pub fn for_each_kyverno(run: impl Fn(Target, &dyn Judge)) {
    let all = [
        ("kyverno", "1.12.6", "kyverno-1.12", Shape::ClusterPolicy),
        ("kyverno", "1.15.3", "kyverno-1.19", Shape::ClusterPolicy),
        ("kyverno", "1.19.0", "kyverno-1.19", Shape::ValidatingPolicy),
        ("native", "", "kyverno-1.19", Shape::Native),
    ];
    for (engine, version, binary, shape) in all {
        let Some(tools) = Tools::with(&[binary]) else { return };
        let target = Target { engine, version, kubernetes: "1.34" };
        run(target, &Kyverno { tools, binary, shape });
    }
}

/// Runs something with each minor of Kubernetes; it ends early where one is not there.
pub fn for_each_kubernetes(run: impl Fn(Target, &dyn Judge)) {
    for (kubernetes, binary) in [("1.30", "admission-1.30"), ("1.37", "admission-1.37")] {
        let Some(tools) = Tools::with(&[binary]) else { return };
        let target = Target { engine: "native", version: "", kubernetes };
        run(target, &Kubernetes { tools, binary });
    }
}
