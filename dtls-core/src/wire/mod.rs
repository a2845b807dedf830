//! What stands on the wire: pure encoding, no state, no cryptography. Parsing gives borrowed
//! views over the received bytes; encoding appends to a buffer.

pub mod ack;
pub mod alert;
pub mod certificate;
pub mod client_hello;
pub mod codec;
pub mod extension;
pub mod handshake;
pub mod header;
pub mod post_handshake;
pub mod server_hello;

/// Content type of a record (RFC 8446 B.1, RFC 9147 14).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ContentType(pub u8);

impl ContentType {
    /// An alert.
    pub const ALERT: Self = Self(21);
    /// Handshake messages.
    pub const HANDSHAKE: Self = Self(22);
    /// Application data.
    pub const APPLICATION_DATA: Self = Self(23);
    /// An ACK (RFC 9147 7).
    pub const ACK: Self = Self(26);
}

/// DTLS 1.3 in `supported_versions` (RFC 9147 5.3).
pub const DTLS13: u16 = 0xfefc;
/// DTLS 1.2: the value of every `legacy_version` field.
pub const DTLS12: u16 = 0xfefd;

/// A 128-bit record number: ordered by epoch, then by sequence number (RFC 9147 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordNumber {
    /// The epoch.
    pub epoch: u64,
    /// The sequence number within the epoch.
    pub sequence: u64,
}

impl RecordNumber {
    /// The number with this epoch and sequence.
    pub const fn new(epoch: u64, sequence: u64) -> Self {
        Self { epoch, sequence }
    }
}
