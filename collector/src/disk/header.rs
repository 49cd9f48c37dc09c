//! How every file of ours begins: which kind it is and of which version, so that every program
//! can tell a newer version from damage.

/// Bytes of a header: magic, version, checksum of both. This part never changes.
pub const HEADER_BYTES: usize = 16;

/// The header of a file of this kind and version.
pub fn header_of(magic: [u8; 8], version: u32) -> [u8; HEADER_BYTES] {
    let mut header = [0; HEADER_BYTES];
    header[..8].copy_from_slice(&magic);
    header[8..12].copy_from_slice(&version.to_le_bytes());
    let checksum = crc32fast::hash(&header[..12]);
    header[12..].copy_from_slice(&checksum.to_le_bytes());
    header
}

/// The version that a header of this kind names; `None` where it is not one.
pub fn read_header(magic: [u8; 8], header: &[u8; HEADER_BYTES]) -> Option<u32> {
    let [_, _, _, _, _, _, _, _, v0, v1, v2, v3, ..] = *header;
    let version = u32::from_le_bytes([v0, v1, v2, v3]);
    (*header == header_of(magic, version)).then_some(version)
}
