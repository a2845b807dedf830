//! The two record headers (RFC 9147 4).

use super::ContentType;
use super::codec::{Malformed, Reader};

/// Length in bytes of a `DTLSPlaintext` header.
pub const PLAINTEXT_HEADER_LEN: usize = 13;

/// Length in bytes of the unified header this stack sends without CID: flags, 16-bit sequence
/// number, length.
pub const CIPHERTEXT_HEADER_LEN: usize = 5;

/// The longest content of a record (RFC 8446 5.1).
pub const MAX_CONTENT_LEN: usize = 1 << 14;

/// The longest encrypted record (RFC 8446 5.2).
pub const MAX_ENCRYPTED_LEN: usize = MAX_CONTENT_LEN + 256;

const FIXED_BITS: u8 = 0b0010_0000;
const FIXED_MASK: u8 = 0b1110_0000;
const CID_BIT: u8 = 0b0001_0000;
const SEQUENCE_16_BIT: u8 = 0b0000_1000;
const LENGTH_BIT: u8 = 0b0000_0100;
const EPOCH_MASK: u8 = 0b0000_0011;

/// What the first byte of a record says about it (RFC 9147 4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordKind {
    /// A `DTLSPlaintext` record: alert, handshake or ACK.
    Plaintext,
    /// A protected record with the unified header.
    Ciphertext,
    /// Anything else: dropped like a record that does not deprotect.
    Unknown,
}

impl RecordKind {
    /// Tells records apart by their first byte.
    pub const fn of(first_byte: u8) -> Self {
        match first_byte {
            21 | 22 | 26 => Self::Plaintext,
            b if b & FIXED_MASK == FIXED_BITS => Self::Ciphertext,
            _ => Self::Unknown,
        }
    }
}

/// A plaintext record: header and the extent of its fragment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlaintextRecord<'a> {
    /// Content type.
    pub content_type: ContentType,
    /// The 16 bits of epoch on the wire; anything but 0 is not DTLS 1.3.
    pub epoch: u16,
    /// 48-bit sequence number.
    pub sequence: u64,
    /// The record's content.
    pub fragment: &'a [u8],
    /// Bytes of the datagram this record takes, header included.
    pub record_len: usize,
}

impl<'a> PlaintextRecord<'a> {
    /// Reads one record from the front of `datagram`. The version field is never looked at
    /// (RFC 9147 4).
    pub fn parse(datagram: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(datagram);
        let content_type = ContentType(reader.u8()?);
        reader.u16()?;
        let epoch = reader.u16()?;
        let [a, b, c, d, e, f] = *reader.array()?;
        let sequence = u64::from_be_bytes([0, 0, a, b, c, d, e, f]);
        let fragment = reader.vec16()?;
        if fragment.len() > MAX_CONTENT_LEN {
            return Err(Malformed);
        }
        let record_len = PLAINTEXT_HEADER_LEN + fragment.len();
        Ok(Self { content_type, epoch, sequence, fragment, record_len })
    }
}

/// A plaintext header of epoch 0, as it is sent.
pub const fn plaintext_header(
    content_type: ContentType,
    sequence: u64,
    len: u16,
) -> [u8; PLAINTEXT_HEADER_LEN] {
    let [_, _, a, b, c, d, e, f] = sequence.to_be_bytes();
    let [l0, l1] = len.to_be_bytes();
    [content_type.0, 0xfe, 0xfd, 0, 0, a, b, c, d, e, f, l0, l1]
}

/// The unified header of a protected record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CiphertextHeader {
    /// The low two bits of the epoch.
    pub epoch_bits: u8,
    /// Where the (masked) sequence number begins.
    pub sequence_at: usize,
    /// 1 or 2 bytes of sequence number.
    pub sequence_len: usize,
    /// Whether a connection ID is present; it stands between flags and sequence number.
    pub has_cid: bool,
    /// Length of the header: where the encrypted record begins.
    pub header_len: usize,
    /// Length of the encrypted record.
    pub encrypted_len: usize,
}

impl CiphertextHeader {
    /// Reads the header at the front of `datagram`. `cid_len` is the length of the connection
    /// ID we asked our peer to use. Without a length field the record takes the rest of the
    /// datagram.
    pub fn parse(datagram: &[u8], cid_len: usize) -> Result<Self, Malformed> {
        let mut reader = Reader::new(datagram);
        let flags = reader.u8()?;
        if flags & FIXED_MASK != FIXED_BITS {
            return Err(Malformed);
        }
        let has_cid = flags & CID_BIT != 0;
        let mut header_len = 1;
        if has_cid {
            reader.take(cid_len)?;
            header_len += cid_len;
        }
        let sequence_at = header_len;
        let sequence_len = if flags & SEQUENCE_16_BIT == 0 { 1 } else { 2 };
        reader.take(sequence_len)?;
        header_len += sequence_len;
        let encrypted_len = if flags & LENGTH_BIT == 0 {
            reader.rest().len()
        } else {
            header_len += 2;
            reader.vec16()?.len()
        };
        Ok(Self {
            epoch_bits: flags & EPOCH_MASK,
            sequence_at,
            sequence_len,
            has_cid,
            header_len,
            encrypted_len,
        })
    }
}

/// The header of a protected record as this stack sends it: 16-bit sequence number and length,
/// before masking.
pub const fn ciphertext_header(
    epoch: u64,
    sequence: u64,
    encrypted_len: u16,
) -> [u8; CIPHERTEXT_HEADER_LEN] {
    let flags = FIXED_BITS | SEQUENCE_16_BIT | LENGTH_BIT | (epoch as u8 & EPOCH_MASK);
    let [.., s0, s1] = sequence.to_be_bytes();
    let [l0, l1] = encrypted_len.to_be_bytes();
    [flags, s0, s1, l0, l1]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    /// req: 9147-4.1-01, 9147-4.1-02, 9147-4.1-03
    #[test]
    fn the_first_byte_alone_decides_how_a_record_is_read() {
        for byte in 0..=255_u8 {
            let want = match byte {
                21 | 22 | 26 => RecordKind::Plaintext,
                32..=63 => RecordKind::Ciphertext,
                _ => RecordKind::Unknown,
            };
            assert_eq!(RecordKind::of(byte), want, "first byte {byte}");
        }
    }

    /// req: 9147-4-01, 9147-4-05
    #[test]
    fn a_plaintext_record_is_thirteen_bytes_and_its_fragment() {
        let mut bytes = plaintext_header(ContentType::HANDSHAKE, 0x0102_0304_0506, 3).to_vec();
        assert_eq!(bytes.len(), PLAINTEXT_HEADER_LEN);
        bytes.extend_from_slice(b"abcd");
        for version in [[0xfe, 0xfd], [0xfe, 0xff], [3, 3], [0, 0]] {
            bytes[1..3].copy_from_slice(&version);
            let record = PlaintextRecord::parse(&bytes).unwrap();
            assert_eq!(record.content_type, ContentType::HANDSHAKE);
            assert_eq!((record.epoch, record.sequence), (0, 0x0102_0304_0506));
            assert_eq!((record.fragment, record.record_len), (&b"abc"[..], 16));
        }
        assert_eq!(PlaintextRecord::parse(&bytes[..12]), Err(Malformed));
        assert_eq!(PlaintextRecord::parse(&bytes[..15]), Err(Malformed));
    }

    /// req: 9147-4-06, 9147-4-07, 9147-4-08, 9147-4-10, 9147-4-12
    #[rstest]
    #[case::all_fields(&[0x2f, 0, 1, 0, 2, 9, 9], 0, (3, 1, 2, false, 5, 2))]
    #[case::short_number(&[0x27, 1, 0, 2, 9, 9], 0, (3, 1, 1, false, 4, 2))]
    #[case::no_length(&[0x2a, 0, 1, 9, 9, 9, 9], 0, (2, 1, 2, false, 3, 4))]
    #[case::minimal(&[0x21, 1, 9, 9], 0, (1, 1, 1, false, 2, 2))]
    #[case::with_cid(&[0x3f, 7, 7, 7, 0, 1, 0, 1, 9], 3, (3, 4, 2, true, 8, 1))]
    fn every_variant_of_the_unified_header_is_read(
        #[case] bytes: &[u8],
        #[case] cid_len: usize,
        #[case] fields: (u8, usize, usize, bool, usize, usize),
    ) {
        let (epoch_bits, sequence_at, sequence_len, has_cid, header_len, encrypted_len) = fields;
        let want = CiphertextHeader {
            epoch_bits,
            sequence_at,
            sequence_len,
            has_cid,
            header_len,
            encrypted_len,
        };
        assert_eq!(CiphertextHeader::parse(bytes, cid_len), Ok(want));
    }

    /// req: 9147-C-01, 9147-4.3-02
    #[test]
    fn a_length_past_the_end_of_the_datagram_is_malformed() {
        assert_eq!(CiphertextHeader::parse(&[0x2f, 0, 1, 0, 3, 9, 9], 0), Err(Malformed));
        assert_eq!(CiphertextHeader::parse(&[0x2f, 0], 0), Err(Malformed));
        assert_eq!(CiphertextHeader::parse(&[0x3f, 1, 2], 8), Err(Malformed));
    }

    proptest! {
        #[test]
        fn what_is_sent_is_read_back(epoch in any::<u64>(), sequence in any::<u64>(), len in 0_u16..64) {
            let mut bytes = ciphertext_header(epoch, sequence, len).to_vec();
            bytes.resize(CIPHERTEXT_HEADER_LEN + usize::from(len), 0);
            let header = CiphertextHeader::parse(&bytes, 0).unwrap();
            prop_assert_eq!(u64::from(header.epoch_bits), epoch & 3);
            prop_assert_eq!(&bytes[1..3], &sequence.to_be_bytes()[6..]);
            prop_assert_eq!(header.encrypted_len, usize::from(len));
        }

        #[test]
        fn no_bytes_make_the_parsers_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40), cid_len in 0_usize..20) {
            let _ = PlaintextRecord::parse(&bytes);
            if let Ok(header) = CiphertextHeader::parse(&bytes, cid_len) {
                prop_assert!(header.header_len + header.encrypted_len <= bytes.len());
            }
        }
    }
}
