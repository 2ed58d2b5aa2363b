//! Bringing new objects to disk: a few as loose files, many as one pack.
//!
//! The pack is made here because libgit2 has no cheap way to write just *these* objects: from its
//! memory store it repacks whatever is reachable, its pack builder searches for deltas, and what
//! takes a finished pack unpacks and hashes all of it again to index it. Each of these costs more
//! than all the rest of a render. `git gc` finds the deltas in its own time.

#![expect(clippy::disallowed_methods, reason = "bringing objects to disk is what this is for")]

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};
use git2::{ObjectType, Oid, Repository};
use rayon::prelude::*;
use sha1::{Digest, Sha1};

use super::index::{self, Entry};

/// From how many objects on a pack is cheaper than a file for each.
const PACK_FROM: usize = 200;
/// How many objects are compressed before they are handed on, to bound memory.
const AT_ONCE: usize = 2_000;

/// An object that only memory has.
pub(super) struct Object {
    pub(super) id: Oid,
    pub(super) kind: ObjectType,
    pub(super) bytes: Arc<[u8]>,
}

/// Writes exactly these objects, each once, and nothing that they refer to.
pub(super) fn write(repository: &Repository, objects: &[&Object]) -> Result<(), git2::Error> {
    if objects.len() >= PACK_FROM {
        let folder = repository.commondir().join("objects").join("pack");
        return stream(&folder, objects).map_err(|error| git2::Error::from_str(&error.to_string()));
    }
    let odb = repository.odb()?;
    for object in objects {
        odb.write(object.kind, &object.bytes)?;
    }
    Ok(())
}

/// Writes the pack beside its place, and gives it its name when it is whole.
fn stream(folder: &Path, objects: &[&Object]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    // `git gc` removes what begins so, should this run not live to do it.
    let unfinished = |end: &str| folder.join(format!("tmp_ordinance_{}.{end}", std::process::id()));
    let (pack, listing) = (unfinished("pack"), unfinished("idx"));
    let written = pack_file(&pack, objects).and_then(|(entries, trailer)| {
        fs::write(&listing, index::bytes(entries, &trailer))?;
        let name: String = trailer.iter().map(|byte| format!("{byte:02x}")).collect();
        for (from, end) in [(&pack, "pack"), (&listing, "idx")] {
            let mut permissions = fs::metadata(from)?.permissions();
            permissions.set_readonly(true);
            fs::set_permissions(from, permissions)?;
            // Git looks for the index first, so the pack is there before it.
            fs::rename(from, folder.join(format!("pack-{name}.{end}")))?;
        }
        Ok(())
    });
    if written.is_err() {
        let _ = (fs::remove_file(&pack), fs::remove_file(&listing));
    }
    written
}

/// Writes the objects; returns what the index says of them, and the digest the pack ends in.
fn pack_file(path: &Path, objects: &[&Object]) -> io::Result<(Vec<Entry>, [u8; 20])> {
    let count = u32::try_from(objects.len())
        .map_err(|_| io::Error::other("there are too many objects for one pack"))?;
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let mut digest = Sha1::new();
    let mut add = |bytes: &[u8]| {
        digest.update(bytes);
        file.write_all(bytes)
    };
    add(b"PACK\0\0\0\x02")?;
    add(&count.to_be_bytes())?;
    let mut offset = 12;
    let mut entries = Vec::with_capacity(objects.len());
    for objects in objects.chunks(AT_ONCE) {
        let packed: Vec<(Vec<u8>, u32)> =
            objects.par_iter().map(|object| packed(object)).collect::<Result<_, _>>()?;
        for (object, (bytes, checksum)) in objects.iter().zip(packed) {
            let mut id = [0; 20];
            id.copy_from_slice(&object.id.as_bytes()[..20]);
            entries.push(Entry { id, checksum, offset });
            offset += bytes.len() as u64;
            add(&bytes)?;
        }
    }
    let trailer: [u8; 20] = digest.finalize().into();
    file.write_all(&trailer)?;
    file.flush()?;
    Ok((entries, trailer))
}

/// One object as a pack holds it: kind and size, then the compressed bytes; and their checksum.
fn packed(object: &Object) -> io::Result<(Vec<u8>, u32)> {
    let kind: u8 = match object.kind {
        ObjectType::Commit => 1,
        ObjectType::Tree => 2,
        ObjectType::Blob => 3,
        _ => return Err(io::Error::other("only commits, trees and files are written")),
    };
    let mut packed = Vec::with_capacity(object.bytes.len() / 2 + 16);
    let mut size = object.bytes.len();
    let mut byte = (kind << 4) | (size & 0x0f) as u8;
    size >>= 4;
    while size > 0 {
        packed.push(byte | 0x80);
        byte = (size & 0x7f) as u8;
        size >>= 7;
    }
    packed.push(byte);
    let mut encoder = ZlibEncoder::new(packed, Compression::fast());
    encoder.write_all(&object.bytes)?;
    let packed = encoder.finish()?;
    let mut checksum = Crc::new();
    checksum.update(&packed);
    Ok((packed, checksum.sum()))
}
