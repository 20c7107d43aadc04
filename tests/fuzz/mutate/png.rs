//! The checksums of a changed PNG made right again.

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Leaves what is no PNG as it is.
pub fn seal(bytes: &mut [u8]) {
    if !bytes.starts_with(SIGNATURE) {
        return;
    }
    let mut rest = &mut bytes[SIGNATURE.len()..];
    while let Some((length, body)) = rest.split_first_chunk_mut() {
        let named = (u32::from_be_bytes(*length) as usize).saturating_add(4);
        let Some((named, after)) = body.split_at_mut_checked(named) else { return };
        let Some((sum, next)) = after.split_first_chunk_mut() else { return };
        *sum = crc(named).to_be_bytes();
        rest = next;
    }
}

/// CRC-32 of IEEE 802.3, a bit at a time.
fn crc(bytes: &[u8]) -> u32 {
    let shift = |sum: u32, _| (sum >> 1) ^ (0xedb8_8320 * (sum & 1));
    !bytes.iter().fold(u32::MAX, |sum, &byte| (0..8).fold(sum ^ u32::from(byte), shift))
}

#[test]
fn the_checksum_is_that_of_the_format() {
    // Of every PNG's last chunk, which is empty.
    assert_eq!(crc(b"IEND"), 0xae42_6082);
}
