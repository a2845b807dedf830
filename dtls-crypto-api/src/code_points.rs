//! The code points a provider is asked for: suites, groups, signature schemes, hashes, AEADs.

use core::fmt;

use crate::signature::{Curve, SignatureAlgorithm};

/// A hash function of the key schedule or of a signature (FIPS 180-4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum HashAlgorithm {
    /// SHA-256, 32-byte output.
    Sha256,
    /// SHA-384, 48-byte output.
    Sha384,
    /// SHA-512, 64-byte output. No cipher suite uses it; signatures do.
    Sha512,
}

impl HashAlgorithm {
    /// Output length in bytes.
    pub const fn output_len(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

/// The authenticated encryption of a cipher suite, together with its record-number mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum AeadAlgorithm {
    /// AES-128-GCM, 16-byte tag (RFC 5116).
    Aes128Gcm,
    /// AES-256-GCM, 16-byte tag (RFC 5116).
    Aes256Gcm,
    /// ChaCha20-Poly1305, 16-byte tag (RFC 8439).
    ChaCha20Poly1305,
    /// AES-128-CCM, 16-byte tag (RFC 3610, RFC 6655).
    Aes128Ccm,
    /// AES-128-CCM with an 8-byte tag (RFC 6655).
    Aes128Ccm8,
}

impl AeadAlgorithm {
    /// Length in bytes of the AEAD key; the record-number key has the same (RFC 9147 4.2.3).
    pub const fn key_len(self) -> usize {
        match self {
            Self::Aes128Gcm | Self::Aes128Ccm | Self::Aes128Ccm8 => 16,
            Self::Aes256Gcm | Self::ChaCha20Poly1305 => 32,
        }
    }

    /// Length in bytes of the authentication tag.
    pub const fn tag_len(self) -> usize {
        match self {
            Self::Aes128Ccm8 => 8,
            _ => 16,
        }
    }
}

macro_rules! code_point {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $konst:ident = $value:literal, $text:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u16);

        impl $name {
            $($(#[$vdoc])* pub const $konst: Self = Self($value);)*

            /// All values this crate knows by name.
            pub const KNOWN: &'static [Self] = &[$(Self::$konst),*];

            /// The registered name, or `None` for a value this crate does not know.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($value => Some($text),)*
                    _ => None,
                }
            }

            /// The value with this registered name; upper and lower case are the same.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::KNOWN
                    .iter()
                    .copied()
                    .find(|v| v.name().is_some_and(|n| n.eq_ignore_ascii_case(name)))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.name() {
                    Some(name) => f.write_str(name),
                    None => write!(f, "{:#06x}", self.0),
                }
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

code_point! {
    /// A TLS 1.3 cipher suite (RFC 8446 B.4). Values without a name here can be carried but not used.
    CipherSuite {
        /// AES-128-GCM with SHA-256.
        TLS_AES_128_GCM_SHA256 = 0x1301, "TLS_AES_128_GCM_SHA256";
        /// AES-256-GCM with SHA-384.
        TLS_AES_256_GCM_SHA384 = 0x1302, "TLS_AES_256_GCM_SHA384";
        /// ChaCha20-Poly1305 with SHA-256.
        TLS_CHACHA20_POLY1305_SHA256 = 0x1303, "TLS_CHACHA20_POLY1305_SHA256";
        /// AES-128-CCM with SHA-256.
        TLS_AES_128_CCM_SHA256 = 0x1304, "TLS_AES_128_CCM_SHA256";
        /// AES-128-CCM with an 8-byte tag. RFC 9147 4.5.3 forbids it without extra forgery
        /// protection, so nothing offers it unless it was asked for by name.
        TLS_AES_128_CCM_8_SHA256 = 0x1305, "TLS_AES_128_CCM_8_SHA256";
    }
}

impl CipherSuite {
    /// The hash of the suite's key schedule and transcript.
    pub const fn hash(self) -> Option<HashAlgorithm> {
        match self {
            Self::TLS_AES_256_GCM_SHA384 => Some(HashAlgorithm::Sha384),
            Self::TLS_AES_128_GCM_SHA256
            | Self::TLS_CHACHA20_POLY1305_SHA256
            | Self::TLS_AES_128_CCM_SHA256
            | Self::TLS_AES_128_CCM_8_SHA256 => Some(HashAlgorithm::Sha256),
            _ => None,
        }
    }

    /// The suite's record protection.
    pub const fn aead(self) -> Option<AeadAlgorithm> {
        match self {
            Self::TLS_AES_128_GCM_SHA256 => Some(AeadAlgorithm::Aes128Gcm),
            Self::TLS_AES_256_GCM_SHA384 => Some(AeadAlgorithm::Aes256Gcm),
            Self::TLS_CHACHA20_POLY1305_SHA256 => Some(AeadAlgorithm::ChaCha20Poly1305),
            Self::TLS_AES_128_CCM_SHA256 => Some(AeadAlgorithm::Aes128Ccm),
            Self::TLS_AES_128_CCM_8_SHA256 => Some(AeadAlgorithm::Aes128Ccm8),
            _ => None,
        }
    }
}

code_point! {
    /// A key exchange group (RFC 8446 4.2.7, RFC 9846, the ECDHE-ML-KEM hybrids).
    NamedGroup {
        /// NIST P-256: shares of 65 bytes, uncompressed.
        SECP256R1 = 0x0017, "P-256";
        /// NIST P-384: shares of 97 bytes.
        SECP384R1 = 0x0018, "P-384";
        /// NIST P-521: shares of 133 bytes.
        SECP521R1 = 0x0019, "P-521";
        /// X25519: shares of 32 bytes.
        X25519 = 0x001d, "X25519";
        /// X448: shares of 56 bytes.
        X448 = 0x001e, "X448";
        /// ML-KEM-512 alone.
        MLKEM512 = 0x0200, "MLKEM512";
        /// ML-KEM-768 alone: the half of two hybrids.
        MLKEM768 = 0x0201, "MLKEM768";
        /// ML-KEM-1024 alone: the half of one hybrid.
        MLKEM1024 = 0x0202, "MLKEM1024";
        /// P-256 first, then ML-KEM-768: shares of 1249 and 1153 bytes.
        SECP256R1MLKEM768 = 0x11eb, "SecP256r1MLKEM768";
        /// ML-KEM-768 first, then X25519: shares of 1216 and 1120 bytes.
        X25519MLKEM768 = 0x11ec, "X25519MLKEM768";
        /// P-384 first, then ML-KEM-1024: shares of 1665 bytes both ways.
        SECP384R1MLKEM1024 = 0x11ed, "SecP384r1MLKEM1024";
    }
}

impl NamedGroup {
    /// Length in bytes of the client's share, `None` for a group this crate does not know.
    pub const fn client_share_len(self) -> Option<usize> {
        Some(match self {
            Self::SECP256R1 => 65,
            Self::SECP384R1 => 97,
            Self::SECP521R1 => 133,
            Self::X25519 => 32,
            Self::X448 => 56,
            Self::MLKEM512 => 800,
            Self::MLKEM768 => 1184,
            Self::MLKEM1024 => 1568,
            Self::SECP256R1MLKEM768 => 65 + 1184,
            Self::X25519MLKEM768 => 1184 + 32,
            Self::SECP384R1MLKEM1024 => 97 + 1568,
            _ => return None,
        })
    }

    /// Length in bytes of the server's share, `None` for a group this crate does not know.
    pub const fn server_share_len(self) -> Option<usize> {
        Some(match self {
            Self::MLKEM512 => 768,
            Self::MLKEM768 => 1088,
            Self::MLKEM1024 => 1568,
            Self::SECP256R1MLKEM768 => 65 + 1088,
            Self::X25519MLKEM768 => 1088 + 32,
            Self::SECP384R1MLKEM1024 => 97 + 1568,
            other => return other.client_share_len(),
        })
    }

    /// Whether the group joins a classical and a post-quantum half.
    pub const fn is_hybrid(self) -> bool {
        matches!(self, Self::SECP256R1MLKEM768 | Self::X25519MLKEM768 | Self::SECP384R1MLKEM1024)
    }
}

code_point! {
    /// A TLS 1.3 signature scheme (RFC 8446 4.2.3). In TLS 1.3 an ECDSA scheme fixes the curve.
    SignatureScheme {
        /// RSASSA-PKCS1-v1_5 with SHA-256: certificates only.
        RSA_PKCS1_SHA256 = 0x0401, "rsa_pkcs1_sha256";
        /// RSASSA-PKCS1-v1_5 with SHA-384: certificates only.
        RSA_PKCS1_SHA384 = 0x0501, "rsa_pkcs1_sha384";
        /// RSASSA-PKCS1-v1_5 with SHA-512: certificates only.
        RSA_PKCS1_SHA512 = 0x0601, "rsa_pkcs1_sha512";
        /// ECDSA on P-256 with SHA-256.
        ECDSA_SECP256R1_SHA256 = 0x0403, "ecdsa_secp256r1_sha256";
        /// ECDSA on P-384 with SHA-384.
        ECDSA_SECP384R1_SHA384 = 0x0503, "ecdsa_secp384r1_sha384";
        /// ECDSA on P-521 with SHA-512.
        ECDSA_SECP521R1_SHA512 = 0x0603, "ecdsa_secp521r1_sha512";
        /// RSASSA-PSS with an rsaEncryption key and SHA-256.
        RSA_PSS_RSAE_SHA256 = 0x0804, "rsa_pss_rsae_sha256";
        /// RSASSA-PSS with an rsaEncryption key and SHA-384.
        RSA_PSS_RSAE_SHA384 = 0x0805, "rsa_pss_rsae_sha384";
        /// RSASSA-PSS with an rsaEncryption key and SHA-512.
        RSA_PSS_RSAE_SHA512 = 0x0806, "rsa_pss_rsae_sha512";
        /// Ed25519.
        ED25519 = 0x0807, "ed25519";
        /// Ed448.
        ED448 = 0x0808, "ed448";
        /// RSASSA-PSS with an RSASSA-PSS key and SHA-256.
        RSA_PSS_PSS_SHA256 = 0x0809, "rsa_pss_pss_sha256";
        /// RSASSA-PSS with an RSASSA-PSS key and SHA-384.
        RSA_PSS_PSS_SHA384 = 0x080a, "rsa_pss_pss_sha384";
        /// RSASSA-PSS with an RSASSA-PSS key and SHA-512.
        RSA_PSS_PSS_SHA512 = 0x080b, "rsa_pss_pss_sha512";
        /// ML-DSA-44.
        MLDSA44 = 0x0904, "mldsa44";
        /// ML-DSA-65.
        MLDSA65 = 0x0905, "mldsa65";
        /// ML-DSA-87.
        MLDSA87 = 0x0906, "mldsa87";
    }
}

impl SignatureScheme {
    /// The one signature algorithm that this scheme names in a CertificateVerify, or `None` for
    /// an unknown scheme. Each scheme maps to exactly one, so what a certificate chain may hold
    /// never loosens what the handshake accepts.
    pub const fn algorithm(self) -> Option<SignatureAlgorithm> {
        use HashAlgorithm::{Sha256, Sha384, Sha512};
        Some(match self {
            Self::RSA_PKCS1_SHA256 => SignatureAlgorithm::RsaPkcs1(Sha256),
            Self::RSA_PKCS1_SHA384 => SignatureAlgorithm::RsaPkcs1(Sha384),
            Self::RSA_PKCS1_SHA512 => SignatureAlgorithm::RsaPkcs1(Sha512),
            Self::ECDSA_SECP256R1_SHA256 => SignatureAlgorithm::Ecdsa(Curve::P256, Sha256),
            Self::ECDSA_SECP384R1_SHA384 => SignatureAlgorithm::Ecdsa(Curve::P384, Sha384),
            Self::ECDSA_SECP521R1_SHA512 => SignatureAlgorithm::Ecdsa(Curve::P521, Sha512),
            Self::RSA_PSS_RSAE_SHA256 => SignatureAlgorithm::RsaPssRsae(Sha256),
            Self::RSA_PSS_RSAE_SHA384 => SignatureAlgorithm::RsaPssRsae(Sha384),
            Self::RSA_PSS_RSAE_SHA512 => SignatureAlgorithm::RsaPssRsae(Sha512),
            Self::RSA_PSS_PSS_SHA256 => SignatureAlgorithm::RsaPssPss(Sha256),
            Self::RSA_PSS_PSS_SHA384 => SignatureAlgorithm::RsaPssPss(Sha384),
            Self::RSA_PSS_PSS_SHA512 => SignatureAlgorithm::RsaPssPss(Sha512),
            Self::ED25519 => SignatureAlgorithm::Ed25519,
            Self::ED448 => SignatureAlgorithm::Ed448,
            Self::MLDSA44 => SignatureAlgorithm::MlDsa44,
            Self::MLDSA65 => SignatureAlgorithm::MlDsa65,
            Self::MLDSA87 => SignatureAlgorithm::MlDsa87,
            _ => return None,
        })
    }

    /// Whether TLS 1.3 allows the scheme in CertificateVerify (RFC 8446 4.2.3): PKCS#1 v1.5 is
    /// for certificates only.
    pub const fn allowed_in_certificate_verify(self) -> bool {
        !matches!(self, Self::RSA_PKCS1_SHA256 | Self::RSA_PKCS1_SHA384 | Self::RSA_PKCS1_SHA512)
            && self.algorithm().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn names_round_trip() {
        for suite in CipherSuite::KNOWN {
            assert_eq!(CipherSuite::from_name(&suite.to_string()), Some(*suite));
            assert!(suite.hash().is_some() && suite.aead().is_some());
        }
        for group in NamedGroup::KNOWN {
            assert_eq!(NamedGroup::from_name(&group.to_string().to_lowercase()), Some(*group));
            assert!(group.client_share_len().is_some());
        }
        for scheme in SignatureScheme::KNOWN {
            assert_eq!(scheme.algorithm().and_then(SignatureAlgorithm::scheme), Some(*scheme));
        }
        assert_eq!(CipherSuite(0x1306).to_string(), "0x1306");
    }

    /// req: ecdhe-mlkem-4.1-01, ecdhe-mlkem-4.1-02, ecdhe-mlkem-4.1-03
    #[test]
    fn hybrid_share_lengths_are_those_of_the_specification() {
        let lens = |g: NamedGroup| (g.client_share_len(), g.server_share_len());
        assert_eq!(lens(NamedGroup::X25519MLKEM768), (Some(1216), Some(1120)));
        assert_eq!(lens(NamedGroup::SECP256R1MLKEM768), (Some(1249), Some(1153)));
        assert_eq!(lens(NamedGroup::SECP384R1MLKEM1024), (Some(1665), Some(1665)));
    }
}
