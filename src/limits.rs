//! How much hostile input is read before it is refused.
//!
//! Every number here bounds memory or time; none of them is meant to be met by honest input.

/// The largest single input file, in bytes.
pub const FILE_BYTES: usize = 4 << 20;

/// The largest single file of a snapshot, in bytes: what a whole cluster answers in one list.
pub const SNAPSHOT_BYTES: usize = 256 << 20;

/// The most values one file of a snapshot may have, keys aside.
pub const SNAPSHOT_NODES: usize = 20_000_000;

/// The most files read from one repository.
pub const FILES: usize = 200_000;

/// The deepest nesting of YAML.
pub const YAML_DEPTH: usize = 64;

/// The most nodes one YAML file may have once its aliases are followed.
pub const YAML_NODES: usize = 250_000;

/// The most aliases one YAML file may use.
pub const YAML_ALIASES: usize = 1_000;

/// The longest rendered message, in characters.
pub const MESSAGE_CHARACTERS: usize = 1_000;

/// How many offenders a message names before it counts the rest.
pub const OFFENDERS_NAMED: usize = 10;

/// The longest DNS name, as Kubernetes takes it for its objects (RFC 1123).
pub const DNS_NAME: usize = 253;

/// The most that an advisory hands to its control, in bytes: it becomes a part of one expression.
pub const ADVISORY_BYTES: usize = 60_000;

/// The longest name of a rendered object.
pub const OBJECT_NAME: usize = 50;

/// The longest text that replacing in an expression may make, in bytes: ten times what an API
/// server takes for an object.
pub const REPLACED_BYTES: usize = 32 << 20;

/// How many minor versions an upgrade of Kubernetes may lead at most.
pub const MINORS_AHEAD: u32 = 12;
