//! Numbers for what leaves Rust: the algorithms and errors of this crate as the C form of the
//! trait (`c/dtls_crypto_provider.h`) writes them.
//!
//! They never change. Where a registry has a number it is that one: hashes as in TLS 1.2
//! (RFC 5246 7.4.1.4.1), AEADs as in IANA's registry of AEAD algorithms (RFC 5116 6), curves as
//! TLS groups, signatures as TLS signature schemes. The matches here are exhaustive, so that a
//! new variant does not compile before it has its number.

use crate::capabilities::FipsStatus;
use crate::code_points::{AeadAlgorithm, HashAlgorithm, NamedGroup, SignatureScheme};
use crate::error::CryptoError;
use crate::signature::{Curve, KeyKind, SignatureAlgorithm};

/// Above all TLS code points: an ECDSA pair without a signature scheme is this, with the hash's
/// number in the second byte and the curve's in the last.
const ECDSA_PAIR: u32 = 0x0001_0000;

/// Above all TLS code points: an RSA key kind is this and the bits of its modulus.
const RSA_KEY: u32 = 0x0001_0000;

const HASHES: [HashAlgorithm; 3] =
    [HashAlgorithm::Sha256, HashAlgorithm::Sha384, HashAlgorithm::Sha512];
const CURVES: [Curve; 3] = [Curve::P256, Curve::P384, Curve::P521];

impl HashAlgorithm {
    /// The hash's number outside Rust.
    pub const fn number(self) -> u32 {
        match self {
            Self::Sha256 => 4,
            Self::Sha384 => 5,
            Self::Sha512 => 6,
        }
    }

    /// The hash with this number.
    pub fn from_number(number: u32) -> Option<Self> {
        HASHES.into_iter().find(|hash| hash.number() == number)
    }
}

impl AeadAlgorithm {
    /// The AEAD's number outside Rust.
    pub const fn number(self) -> u32 {
        match self {
            Self::Aes128Gcm => 1,
            Self::Aes256Gcm => 2,
            Self::Aes128Ccm => 3,
            Self::Aes128Ccm8 => 18,
            Self::ChaCha20Poly1305 => 29,
        }
    }

    /// The AEAD with this number.
    pub fn from_number(number: u32) -> Option<Self> {
        let all = [
            Self::Aes128Gcm,
            Self::Aes256Gcm,
            Self::Aes128Ccm,
            Self::Aes128Ccm8,
            Self::ChaCha20Poly1305,
        ];
        all.into_iter().find(|aead| aead.number() == number)
    }
}

impl Curve {
    const fn number(self) -> u32 {
        match self {
            Self::P256 => NamedGroup::SECP256R1.0 as u32,
            Self::P384 => NamedGroup::SECP384R1.0 as u32,
            Self::P521 => NamedGroup::SECP521R1.0 as u32,
        }
    }

    fn from_number(number: u32) -> Option<Self> {
        CURVES.into_iter().find(|curve| curve.number() == number)
    }
}

impl SignatureAlgorithm {
    /// The algorithm's number outside Rust: its TLS signature scheme where there is one.
    pub const fn number(self) -> u32 {
        use HashAlgorithm::{Sha256, Sha384, Sha512};
        let scheme = match self {
            Self::Ecdsa(Curve::P256, Sha256) => SignatureScheme::ECDSA_SECP256R1_SHA256,
            Self::Ecdsa(Curve::P384, Sha384) => SignatureScheme::ECDSA_SECP384R1_SHA384,
            Self::Ecdsa(Curve::P521, Sha512) => SignatureScheme::ECDSA_SECP521R1_SHA512,
            Self::Ecdsa(curve, hash) => return ECDSA_PAIR | hash.number() << 8 | curve.number(),
            Self::Ed25519 => SignatureScheme::ED25519,
            Self::Ed448 => SignatureScheme::ED448,
            Self::RsaPkcs1(Sha256) => SignatureScheme::RSA_PKCS1_SHA256,
            Self::RsaPkcs1(Sha384) => SignatureScheme::RSA_PKCS1_SHA384,
            Self::RsaPkcs1(Sha512) => SignatureScheme::RSA_PKCS1_SHA512,
            Self::RsaPssRsae(Sha256) => SignatureScheme::RSA_PSS_RSAE_SHA256,
            Self::RsaPssRsae(Sha384) => SignatureScheme::RSA_PSS_RSAE_SHA384,
            Self::RsaPssRsae(Sha512) => SignatureScheme::RSA_PSS_RSAE_SHA512,
            Self::RsaPssPss(Sha256) => SignatureScheme::RSA_PSS_PSS_SHA256,
            Self::RsaPssPss(Sha384) => SignatureScheme::RSA_PSS_PSS_SHA384,
            Self::RsaPssPss(Sha512) => SignatureScheme::RSA_PSS_PSS_SHA512,
            Self::MlDsa44 => SignatureScheme::MLDSA44,
            Self::MlDsa65 => SignatureScheme::MLDSA65,
            Self::MlDsa87 => SignatureScheme::MLDSA87,
        };
        scheme.0 as u32
    }

    /// The algorithm with this number.
    pub fn from_number(number: u32) -> Option<Self> {
        if let Ok(scheme) = u16::try_from(number) {
            return SignatureScheme(scheme).algorithm();
        }
        let curve = Curve::from_number(number & 0xff)?;
        let hash = HashAlgorithm::from_number(number >> 8 & 0xff)?;
        Some(Self::Ecdsa(curve, hash)).filter(|algorithm| algorithm.number() == number)
    }
}

impl KeyKind {
    /// The key kind's number outside Rust: a curve's group, a scheme for keys that know only one,
    /// 0x10000 and the bits of the modulus for RSA.
    pub const fn number(self) -> u32 {
        match self {
            Self::Ecdsa(curve) => curve.number(),
            Self::Ed25519 => SignatureAlgorithm::Ed25519.number(),
            Self::Ed448 => SignatureAlgorithm::Ed448.number(),
            Self::Rsa(bits) => RSA_KEY | bits as u32,
            Self::MlDsa44 => SignatureAlgorithm::MlDsa44.number(),
            Self::MlDsa65 => SignatureAlgorithm::MlDsa65.number(),
            Self::MlDsa87 => SignatureAlgorithm::MlDsa87.number(),
        }
    }

    /// The key kind with this number.
    pub fn from_number(number: u32) -> Option<Self> {
        if number & !0xffff == RSA_KEY {
            return Some(Self::Rsa((number & 0xffff) as u16));
        }
        let named = [Self::Ed25519, Self::Ed448, Self::MlDsa44, Self::MlDsa65, Self::MlDsa87];
        let curves = CURVES.into_iter().map(Self::Ecdsa);
        named.into_iter().chain(curves).find(|kind| kind.number() == number)
    }
}

impl FipsStatus {
    /// The status's number outside Rust.
    pub const fn number(self) -> u32 {
        match self {
            Self::None => 0,
            Self::ApprovedMode => 1,
            Self::AttestedValidated => 2,
        }
    }

    /// The status with this number.
    pub fn from_number(number: u32) -> Option<Self> {
        let all = [Self::None, Self::ApprovedMode, Self::AttestedValidated];
        all.into_iter().find(|status| status.number() == number)
    }
}

impl CryptoError {
    /// The error's number outside Rust, never 0.
    pub const fn number(&self) -> u32 {
        match self {
            Self::Unsupported(_) => 1,
            Self::BadRecord => 2,
            Self::BadSignature => 3,
            Self::BadKeyShare => 4,
            Self::BadPrivateKey(_) => 5,
            Self::BadPublicKey => 6,
            Self::BadEnvelope => 7,
            Self::BadLength(_) => 8,
            Self::RecordNumberReused => 9,
            Self::RandomFailed => 10,
            Self::SelfTestFailed(_) => 11,
            Self::Backend(_) => 12,
        }
    }

    /// The words that come with the error, for the errors that have some.
    pub const fn reason(&self) -> Option<&'static str> {
        match self {
            Self::Unsupported(reason)
            | Self::BadPrivateKey(reason)
            | Self::BadLength(reason)
            | Self::SelfTestFailed(reason)
            | Self::Backend(reason) => Some(reason),
            Self::BadRecord
            | Self::BadSignature
            | Self::BadKeyShare
            | Self::BadPublicKey
            | Self::BadEnvelope
            | Self::RecordNumberReused
            | Self::RandomFailed => None,
        }
    }

    /// The error with this number; `reason` goes into the errors that have one.
    pub fn from_number(number: u32, reason: &'static str) -> Option<Self> {
        let all = [
            Self::Unsupported(reason),
            Self::BadRecord,
            Self::BadSignature,
            Self::BadKeyShare,
            Self::BadPrivateKey(reason),
            Self::BadPublicKey,
            Self::BadEnvelope,
            Self::BadLength(reason),
            Self::RecordNumberReused,
            Self::RandomFailed,
            Self::SelfTestFailed(reason),
            Self::Backend(reason),
        ];
        all.into_iter().find(|error| error.number() == number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_has_the_number_of_its_scheme_and_every_number_its_signature() {
        for scheme in SignatureScheme::KNOWN {
            let algorithm = scheme.algorithm().unwrap();
            assert_eq!(algorithm.number(), u32::from(scheme.0));
            assert_eq!(SignatureAlgorithm::from_number(scheme.0.into()), Some(algorithm));
        }
        for curve in CURVES {
            for hash in HASHES {
                let pair = SignatureAlgorithm::Ecdsa(curve, hash);
                assert_eq!(SignatureAlgorithm::from_number(pair.number()), Some(pair));
            }
        }
        let p256_with_sha384 = SignatureAlgorithm::Ecdsa(Curve::P256, HashAlgorithm::Sha384);
        assert_eq!(p256_with_sha384.number(), 0x0001_0517);
    }

    #[test]
    fn a_number_names_nothing_twice_and_a_strange_one_nothing_at_all() {
        // P-256 with SHA-256 has a scheme, so its pair form does not stand for it as well.
        for number in [0, 0x0403_0403, 0x0001_0417, 0x0001_0718, 0x0002_0517, u32::MAX] {
            assert_eq!(SignatureAlgorithm::from_number(number), None, "{number:#x}");
        }
        for number in [0, 7, u32::MAX] {
            assert_eq!(HashAlgorithm::from_number(number), None, "{number:#x}");
        }
        assert_eq!(AeadAlgorithm::from_number(0), None);
        assert_eq!(KeyKind::from_number(0x0002_0800), None);
        assert_eq!(FipsStatus::from_number(3), None);
        assert_eq!(CryptoError::from_number(0, ""), None);
        assert_eq!(CryptoError::from_number(13, ""), None);
    }

    #[test]
    fn numbers_lead_back_to_where_they_came_from() {
        for hash in HASHES {
            assert_eq!(HashAlgorithm::from_number(hash.number()), Some(hash));
        }
        for number in [1, 2, 3, 18, 29] {
            assert_eq!(AeadAlgorithm::from_number(number).map(AeadAlgorithm::number), Some(number));
        }
        for number in [0x17, 0x18, 0x19, 0x0807, 0x0808, 0x0904, 0x0905, 0x0906, 0x0001_0c00] {
            assert_eq!(KeyKind::from_number(number).map(KeyKind::number), Some(number));
        }
        assert_eq!(KeyKind::from_number(0x0001_0c00), Some(KeyKind::Rsa(3072)));
        for number in 0..3 {
            assert_eq!(FipsStatus::from_number(number).map(FipsStatus::number), Some(number));
        }
        for number in 1..=12 {
            let error = CryptoError::from_number(number, "the reason").unwrap();
            assert_eq!(error.number(), number);
            assert!(error.reason().is_none_or(|reason| reason == "the reason"));
        }
    }
}
