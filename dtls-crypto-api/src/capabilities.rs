//! What a provider says it can do.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::code_points::{CipherSuite, NamedGroup};
use crate::signature::{KeyKind, SignatureAlgorithm};

/// How far an algorithm is covered by FIPS 140 validation. The order is the order of strength:
/// the status of a whole is the least of its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[non_exhaustive]
pub enum FipsStatus {
    /// No claim.
    #[default]
    None,
    /// The module is loaded and self-tested and the algorithm runs in its approved mode.
    ApprovedMode,
    /// As above, and whoever deployed it attests that this module is validated.
    AttestedValidated,
}

impl fmt::Display for FipsStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::ApprovedMode => "approved mode",
            Self::AttestedValidated => "approved mode, attested as validated",
        })
    }
}

/// One thing a provider offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offered<T> {
    /// What is offered.
    pub id: T,
    /// Its FIPS status.
    pub fips: FipsStatus,
    /// The library a part of it is borrowed from when the backend itself cannot do it.
    pub borrowed_from: Option<&'static str>,
}

impl<T> Offered<T> {
    /// An offer without FIPS claim and without borrowed parts.
    pub const fn new(id: T) -> Self {
        Self { id, fips: FipsStatus::None, borrowed_from: None }
    }
}

/// A fact about a backend that is shown to people and decided upon by nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// What it is about: `CPU features`, `FIPS module`, ….
    pub name: String,
    /// The fact, in the library's own words.
    pub value: String,
}

impl Detail {
    /// A detail of this name.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

/// The list of what a provider can do. Each list is in the provider's order of preference.
#[derive(Clone, Debug, Default)]
pub struct Capabilities {
    /// Short name: `rustcrypto`, `openssl`, `botan`, ….
    pub name: String,
    /// Version of the library behind it, as it reports itself.
    pub version: String,
    /// More about the library, for people: processor features in use, the name and version of a
    /// FIPS module, its certificate.
    pub details: Vec<Detail>,
    /// Cipher suites.
    pub cipher_suites: Vec<Offered<CipherSuite>>,
    /// Groups fit to be offered in a handshake, hybrids included.
    pub groups: Vec<Offered<NamedGroup>>,
    /// Bare ML-KEM parameter sets: the halves of hybrids. They are kept apart so that none is
    /// offered in a handshake unless somebody asked for it.
    pub kem_halves: Vec<Offered<NamedGroup>>,
    /// Signatures that can be verified.
    pub verify: Vec<Offered<SignatureAlgorithm>>,
    /// Signatures that can be made.
    pub sign: Vec<Offered<SignatureAlgorithm>>,
    /// Private keys that can be generated.
    pub generate: Vec<Offered<KeyKind>>,
}

impl Capabilities {
    /// Whether the suite is offered.
    pub fn has_suite(&self, suite: CipherSuite) -> bool {
        self.cipher_suites.iter().any(|o| o.id == suite)
    }

    /// Whether the group can be used, as a whole group or as a bare KEM.
    pub fn has_group(&self, group: NamedGroup) -> bool {
        self.groups.iter().chain(&self.kem_halves).any(|o| o.id == group)
    }

    /// Whether signatures of this kind can be verified.
    pub fn can_verify(&self, algorithm: SignatureAlgorithm) -> bool {
        self.verify.iter().any(|o| o.id == algorithm)
    }

    /// Whether signatures of this kind can be made.
    pub fn can_sign(&self, algorithm: SignatureAlgorithm) -> bool {
        self.sign.iter().any(|o| o.id == algorithm)
    }

    /// The least FIPS status of all suites, groups and signatures.
    pub fn fips(&self) -> FipsStatus {
        let suites = self.cipher_suites.iter().map(|o| o.fips);
        let groups = self.groups.iter().map(|o| o.fips);
        let signatures = self.verify.iter().chain(&self.sign).map(|o| o.fips);
        suites.chain(groups).chain(signatures).min().unwrap_or_default()
    }
}
