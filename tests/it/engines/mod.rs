//! The real engines, and what they say to what the binary renders.
//!
//! The binary is run as people run it, in policy repositories made for the purpose; the engines'
//! own command lines, kustomize and the published schemas then judge the files it wrote. Nothing
//! here calls the library to find a verdict. `tests/engines/build.sh` builds the tools, and
//! `ORDINANCE_ENGINES` names the folder they are in; where it is not set, the suite skips, except
//! in CI.

mod as_written;
mod asked;
mod bindings;
mod bites;
mod break_glass;
mod case_files;
mod cases;
mod corpus;
mod dates;
mod fleet;
mod gator;
mod gator_verify;
mod judges;
mod kept;
mod kubernetes;
mod kustomize;
mod kyverno;
mod made_up;
mod manifests;
mod native_compiles;
mod native_refuses;
mod native_schemas;
mod objects;
mod pod_security;
mod schemas;
mod scopes;
pub mod tools;
mod underway;
mod verdict;
