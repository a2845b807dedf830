//! Labels of the key schedule (RFC 8446 7.1, RFC 9147 5.9).

/// The label prefix of DTLS 1.3: six bytes, no blank (RFC 9147 5.9).
pub const DTLS13_PREFIX: &[u8; 6] = b"dtls13";

/// The label prefix of TLS 1.3. Only tests need it: it lets a provider be checked against the
/// published traces of RFC 8448.
pub const TLS13_PREFIX: &[u8; 6] = b"tls13 ";

/// The parts of an `HkdfLabel`: the provider joins them (see [`crate::generic`]).
#[derive(Clone, Copy, Debug)]
pub struct Label<'a> {
    /// The protocol's prefix, [`DTLS13_PREFIX`] in this stack.
    pub prefix: &'a [u8; 6],
    /// The label without its prefix, at most 249 bytes.
    pub label: &'a [u8],
    /// The context, usually a transcript hash or empty; at most 255 bytes.
    pub context: &'a [u8],
}

impl<'a> Label<'a> {
    /// A DTLS 1.3 label.
    pub const fn dtls13(label: &'a [u8], context: &'a [u8]) -> Self {
        Self { prefix: DTLS13_PREFIX, label, context }
    }
}
