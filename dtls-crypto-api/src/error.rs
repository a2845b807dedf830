//! What can go wrong in a provider.

use core::fmt;

/// Why a provider could not do what it was asked for.
///
/// The protocol core turns each of these into the alert the situation calls for; a provider
/// only says what happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CryptoError {
    /// The provider does not offer this algorithm, group or key kind.
    Unsupported(&'static str),
    /// The record did not authenticate. No plaintext is left behind.
    BadRecord,
    /// A signature does not verify.
    BadSignature,
    /// The peer's key share is malformed: wrong length, not on the curve, not canonical, or it
    /// leads to an all-zero secret.
    BadKeyShare,
    /// A private key could not be decoded, or its parts contradict each other.
    BadPrivateKey(&'static str),
    /// A public key could not be decoded or is of another kind than the algorithm needs.
    BadPublicKey,
    /// An envelope did not open: it is forged, damaged, or sealed under another key.
    BadEnvelope,
    /// A buffer has a length the operation cannot work with.
    BadLength(&'static str),
    /// A record number was not above the last one sealed with this key.
    RecordNumberReused,
    /// The source of randomness failed.
    RandomFailed,
    /// The provider's self test found this part broken. Nothing the provider does is to be trusted.
    SelfTestFailed(&'static str),
    /// The library behind the provider failed for a reason of its own.
    Backend(&'static str),
}

impl fmt::Display for CryptoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsupported(what) => write!(f, "{what} is not offered by this provider"),
            Self::BadRecord => f.write_str("the record does not authenticate"),
            Self::BadSignature => f.write_str("the signature does not verify"),
            Self::BadKeyShare => f.write_str("the peer's key share is not valid"),
            Self::BadPrivateKey(why) => write!(f, "the private key is not usable: {why}"),
            Self::BadPublicKey => f.write_str("the public key is malformed or of the wrong kind"),
            Self::BadEnvelope => f.write_str("the sealed envelope does not open"),
            Self::BadLength(what) => write!(f, "{what} has an impossible length"),
            Self::RecordNumberReused => f.write_str("the record number was used before"),
            Self::RandomFailed => f.write_str("the source of randomness failed"),
            Self::SelfTestFailed(what) => write!(f, "the provider's self test failed: {what}"),
            Self::Backend(why) => write!(f, "the cryptographic library failed: {why}"),
        }
    }
}

impl core::error::Error for CryptoError {}
