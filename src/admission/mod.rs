//! One neutral policy that can be judged, whatever engine its objects are for.
//!
//! Every engine reads its own objects back into a [`Policy`]: what it matches, the CEL it runs,
//! and the few habits in which engines differ, each a field with a name of its own. [`Compiled`]
//! then judges [`Prepared`] requests, so that a verdict comes from the bytes that were emitted and
//! from one evaluator.
//!
//! It names no engine, and it does not decide what a verdict leads to: whether a violation denies,
//! warns or is only noted are the policy's `actions`, and whether an error denies is its
//! `failure_policy`. A policy that cannot be judged for want of knowledge – a namespace whose
//! labels nobody stated – says so ([`Verdict::Unknown`]) and never passes.

mod judge;
mod matching;
mod policy;
mod request;
mod resource;

pub use judge::{Compiled, Flaw, Judgement, Verdict};
pub use matching::Glob;
pub use matching::{Match, Matching, Names, ResourceRule, Scope, Unnamespaced};
pub use policy::{Absent, Condition, FailurePolicy, Policy, Scan, Validation, Variable};
pub use request::{Gvk, Namespace, Operation, Prepared, Request, User};
pub use resource::{Resource, resource_of};

#[cfg(test)]
mod tests;
