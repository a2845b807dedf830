//! The handshake header and its two forms: twelve bytes on the wire, four in the transcript
//! (RFC 9147 5.2).

use alloc::vec::Vec;

use super::codec::{Malformed, Reader, put_u16, put_u24};

/// Length in bytes of the handshake header on the wire.
pub const HANDSHAKE_HEADER_LEN: usize = 12;

/// Type of a handshake message (RFC 8446 B.3, RFC 9147 14).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HandshakeType(pub u8);

impl HandshakeType {
    /// ClientHello.
    pub const CLIENT_HELLO: Self = Self(1);
    /// ServerHello, and HelloRetryRequest by its random.
    pub const SERVER_HELLO: Self = Self(2);
    /// HelloVerifyRequest, which DTLS 1.3 does not use.
    pub const HELLO_VERIFY_REQUEST: Self = Self(3);
    /// NewSessionTicket.
    pub const NEW_SESSION_TICKET: Self = Self(4);
    /// EndOfEarlyData, which DTLS 1.3 does not use.
    pub const END_OF_EARLY_DATA: Self = Self(5);
    /// EncryptedExtensions.
    pub const ENCRYPTED_EXTENSIONS: Self = Self(8);
    /// RequestConnectionId.
    pub const REQUEST_CONNECTION_ID: Self = Self(9);
    /// NewConnectionId.
    pub const NEW_CONNECTION_ID: Self = Self(10);
    /// Certificate.
    pub const CERTIFICATE: Self = Self(11);
    /// CertificateRequest.
    pub const CERTIFICATE_REQUEST: Self = Self(13);
    /// CertificateVerify.
    pub const CERTIFICATE_VERIFY: Self = Self(15);
    /// Finished.
    pub const FINISHED: Self = Self(20);
    /// KeyUpdate.
    pub const KEY_UPDATE: Self = Self(24);
    /// The synthetic message that stands for ClientHello1 in a transcript.
    pub const MESSAGE_HASH: Self = Self(254);

    /// Whether the sender's keys change behind this message, so that nothing may follow it in
    /// its record (RFC 8446 5.1).
    pub const fn ends_epoch(self) -> bool {
        matches!(self, Self::CLIENT_HELLO | Self::SERVER_HELLO | Self::FINISHED | Self::KEY_UPDATE)
    }
}

/// One fragment of a handshake message as it was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fragment<'a> {
    /// Type of the whole message.
    pub msg_type: HandshakeType,
    /// Length in bytes of the whole message's body.
    pub length: u32,
    /// Number of the message.
    pub message_seq: u16,
    /// Where in the body this fragment begins.
    pub offset: u32,
    /// The fragment's part of the body.
    pub body: &'a [u8],
}

impl<'a> Fragment<'a> {
    /// Reads the next fragment; a record may hold several.
    pub fn parse(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        let msg_type = HandshakeType(reader.u8()?);
        let length = reader.u24()?;
        let message_seq = reader.u16()?;
        let offset = reader.u24()?;
        let body = reader.vec24()?;
        let end = u64::from(offset) + body.len() as u64;
        // A fragment without bytes only exists for a message without bytes (RFC 8446 5.1).
        if end > u64::from(length) || (body.is_empty() && length > 0) {
            return Err(Malformed);
        }
        Ok(Self { msg_type, length, message_seq, offset, body })
    }
}

/// Appends the wire header of one fragment.
pub fn put_fragment_header(
    out: &mut Vec<u8>,
    msg_type: HandshakeType,
    length: u32,
    message_seq: u16,
    offset: u32,
    fragment_length: u32,
) {
    out.push(msg_type.0);
    put_u24(out, length);
    put_u16(out, message_seq);
    put_u24(out, offset);
    put_u24(out, fragment_length);
}

/// The header a message has in the transcript: type and length only.
pub const fn transcript_header(msg_type: HandshakeType, length: u32) -> [u8; 4] {
    let [_, a, b, c] = length.to_be_bytes();
    [msg_type.0, a, b, c]
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn fragment(length: u32, offset: u32, body: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let len = body.len() as u32;
        put_fragment_header(&mut out, HandshakeType::FINISHED, length, 7, offset, len);
        out.extend_from_slice(body);
        out
    }

    /// req: 9147-5.2-01
    #[test]
    fn a_fragment_reads_back_as_written() {
        let bytes = fragment(300, 290, b"0123456789");
        assert_eq!(bytes[..12], [20, 0, 1, 44, 0, 7, 0, 1, 34, 0, 0, 10]);
        let read = Fragment::parse(&mut Reader::new(&bytes)).unwrap();
        assert_eq!(read.msg_type, HandshakeType::FINISHED);
        assert_eq!((read.length, read.message_seq, read.offset), (300, 7, 290));
        assert_eq!(read.body, b"0123456789");
    }

    /// req: 9147-5.5-09, 8446-5.1-02
    #[rstest]
    #[case::past_the_end(300, 291, b"0123456789", false)]
    #[case::offset_past_the_end(3, 4, b"", false)]
    #[case::empty_piece_of_something(3, 0, b"", false)]
    #[case::empty_message(0, 0, b"", true)]
    fn a_fragment_lies_within_its_message(
        #[case] length: u32,
        #[case] offset: u32,
        #[case] body: &[u8],
        #[case] good: bool,
    ) {
        let bytes = fragment(length, offset, body);
        assert_eq!(Fragment::parse(&mut Reader::new(&bytes)).is_ok(), good);
    }

    /// req: 9147-5.2-02
    #[test]
    fn the_transcript_header_is_four_bytes() {
        assert_eq!(transcript_header(HandshakeType::ENCRYPTED_EXTENSIONS, 36), [8, 0, 0, 36]);
    }
}
