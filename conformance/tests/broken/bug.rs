//! The bugs, of which a provider here has one.

/// What is wrong. Each is a mistake that an implementation has made or could make, and that a
/// handshake between two ends with the same mistake would not show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bug {
    /// Nothing: the decorator itself is sound.
    None,

    /// The two bytes of a record-number mask are exchanged.
    MaskLittleEndian,
    /// The first four bytes of the sample, ChaCha20's block counter, do not count.
    MaskWithoutCounter,
    /// Only this many bytes of a tag are compared; none at all with 0.
    TagBytesChecked(usize),
    /// A record that does not authenticate is refused and left decrypted.
    PlaintextLeft,
    /// The record number enters the nonce little end first.
    NonceLittleEndian,
    /// The nonce is the record number without the IV.
    NonceWithoutIv,
    /// The nonce is the same for every record.
    NonceConstant,
    /// A number may be used again.
    NumberReused,
    /// Additional data counts up to this many bytes.
    AadBytesCounted(usize),
    /// AES-128-CCM-8 has a tag of 16 bytes.
    Ccm8WithLongTag,
    /// Records of more than 16384 bytes are refused.
    LongRecordsRefused,

    /// A fork of a hash and its origin are one.
    ForkShared,
    /// Whoever asks for SHA-384 gets the beginning of SHA-512.
    Sha384OfSha512,
    /// HMAC sees the first piece of its input only.
    HmacOfFirstPiece,
    /// HKDF sees the first piece of its info only.
    HkdfOfFirstPiece,
    /// Labels begin with "tls13 ", whatever prefix is asked for.
    LabelsOfTls,
    /// The schedule salts with a secret and not with what is derived from it.
    ExtractWithoutDerived,

    /// An all-zero shared secret is a secret like any other.
    ZeroSecret,
    /// Compressed points of P-256 are taken.
    CompressedPoint,
    /// Every X25519 client has the same share.
    ClientShareReused,
    /// Every X25519 server has the same share.
    ServerShareReused,
    /// ML-KEM stands first in a share of SecP256r1MLKEM768.
    HybridExchanged,
    /// A share of a wrong length is a panic.
    LengthPanics,

    /// RSA-PSS signatures may have a salt of 20 bytes.
    PssSaltLength,
    /// ECDSA signatures may come in BER and with bytes behind.
    LooseSignature,
    /// RSASSA-PSS signatures verify with rsaEncryption keys.
    PssWithRsaKey,
    /// Every signing key shows another public key.
    PublicKeyOfAnother,
    /// A key asked for another algorithm signs with its own.
    SignsWithAny,

    /// Every envelope has the same nonce.
    EnvelopeNonceConstant,
    /// Envelopes are not bound to their additional data.
    EnvelopeWithoutAad,

    /// Random bytes are always the same.
    RandomConstant,
    /// The last byte of a random value is not drawn.
    RandomShort,
    /// A failure of the source of randomness is nobody's concern.
    RandomFailureHidden,
    /// A suite that is not listed is given out.
    UnlistedSuite,
    /// Two key exchanges at once disturb each other.
    NotForThreads,
}
