//! The index of a pack, in git's version 2: where each object lies, by its id.
//!
//! It is written from what was packed, so that nothing has to be unpacked again to be counted.

use sha1::{Digest, Sha1};

/// One packed object: its id, the checksum of its packed bytes, and where they begin.
pub(super) struct Entry {
    pub(super) id: [u8; 20],
    pub(super) checksum: u32,
    pub(super) offset: u64,
}

/// Offsets from here on do not fit beside their marker, and stand in a table of their own.
const LARGE: u64 = 1 << 31;

/// The bytes of the index of a pack that ends in `trailer`.
pub(super) fn bytes(mut entries: Vec<Entry>, trailer: &[u8; 20]) -> Vec<u8> {
    entries.sort_unstable_by_key(|entry| entry.id);
    let mut bytes = Vec::with_capacity(1_100 + entries.len() * 28);
    bytes.extend_from_slice(b"\xfftOc\0\0\0\x02");
    let mut below = 0;
    for first in 0..=u8::MAX {
        below += entries[below..].iter().take_while(|entry| entry.id[0] == first).count();
        bytes.extend_from_slice(&small(below));
    }
    for entry in &entries {
        bytes.extend_from_slice(&entry.id);
    }
    for entry in &entries {
        bytes.extend_from_slice(&entry.checksum.to_be_bytes());
    }
    let mut large: Vec<u64> = vec![];
    for entry in &entries {
        if entry.offset < LARGE {
            bytes.extend_from_slice(&small(entry.offset as usize));
        } else {
            bytes.extend_from_slice(&small(LARGE as usize | large.len()));
            large.push(entry.offset);
        }
    }
    for offset in large {
        bytes.extend_from_slice(&offset.to_be_bytes());
    }
    bytes.extend_from_slice(trailer);
    let digest = Sha1::digest(&bytes);
    bytes.extend_from_slice(&digest);
    bytes
}

/// Four bytes; a pack has fewer than 2³² objects.
fn small(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(bytes: &[u8], at: usize) -> u32 {
        u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap())
    }

    #[test]
    fn ids_are_sorted_and_large_offsets_have_their_own_table() {
        let entry = |first: u8, offset| Entry { id: [first; 20], checksum: 7, offset };
        let far = LARGE + 5;
        let bytes = bytes(vec![entry(9, far), entry(3, 12), entry(3, 40)], &[1; 20]);
        let fanout = |first: usize| number(&bytes, 8 + first * 4);
        assert_eq!((fanout(2), fanout(3), fanout(8), fanout(9), fanout(255)), (0, 2, 2, 3, 3));
        let offsets = 8 + 1024 + 3 * 24;
        assert_eq!(number(&bytes, offsets), 12);
        assert_eq!(number(&bytes, offsets + 8), LARGE as u32);
        assert_eq!(bytes[offsets + 12..offsets + 20], far.to_be_bytes());
        assert_eq!(bytes.len(), offsets + 20 + 40);
    }
}
