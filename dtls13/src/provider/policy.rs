//! What a provider may be used for.

use std::borrow::Cow;

use dtls_core::crypto::{
    Capabilities, CipherSuite, Detail, FipsStatus, KeyKind, NamedGroup, Offered, SignatureAlgorithm,
};

/// Which suites, groups and signatures a [`Restricted`](super::Restricted) provider offers. A
/// policy only takes away: what the provider behind it lacks, no policy adds.
///
/// Hash functions have no list of their own: they come with suites and signatures.
///
/// ```
/// use dtls13::core::crypto::CipherSuite;
/// use dtls13::provider::Policy;
///
/// let policy = Policy::new("post-quantum with 256-bit keys")
///     .groups(Policy::POST_QUANTUM_GROUPS)
///     .cipher_suites(&[
///         CipherSuite::TLS_AES_256_GCM_SHA384,
///         CipherSuite::TLS_CHACHA20_POLY1305_SHA256,
///     ]);
/// ```
#[derive(Clone, Debug)]
pub struct Policy {
    name: Cow<'static, str>,
    /// `None` where everything is allowed.
    cipher_suites: Option<Vec<CipherSuite>>,
    groups: Option<Vec<NamedGroup>>,
    signatures: Option<Vec<SignatureAlgorithm>>,
    fips: FipsStatus,
}

impl Policy {
    /// Groups that resist a quantum computer: the hybrids, and ML-KEM alone.
    pub const POST_QUANTUM_GROUPS: &'static [NamedGroup] = &[
        NamedGroup::X25519MLKEM768,
        NamedGroup::SECP256R1MLKEM768,
        NamedGroup::SECP384R1MLKEM1024,
        NamedGroup::MLKEM512,
        NamedGroup::MLKEM768,
        NamedGroup::MLKEM1024,
    ];

    /// A policy that allows everything, to be narrowed.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self {
            name: name.into(),
            cipher_suites: None,
            groups: None,
            signatures: None,
            fips: FipsStatus::None,
        }
    }

    /// The algorithms of the Commercial National Security Algorithm Suite 2.0: AES-256-GCM with
    /// SHA-384, ML-KEM-1024, ML-DSA-87.
    ///
    /// The hybrid with P-384 is allowed, since its ML-KEM half is the suite's own; it is what a
    /// configuration offers by itself. ML-KEM-1024 alone is offered where `groups` of the
    /// configuration asks for it. Certificates must be signed with ML-DSA-87 all the way up. A
    /// network in transition widens this with [`Self::signatures`].
    pub fn cnsa_2_0() -> Self {
        Self::new("CNSA 2.0")
            .cipher_suites(&[CipherSuite::TLS_AES_256_GCM_SHA384])
            .groups(&[NamedGroup::MLKEM1024, NamedGroup::SECP384R1MLKEM1024])
            .signatures(&[SignatureAlgorithm::MlDsa87])
    }

    /// Only what the provider says runs in the approved mode of a FIPS module. With a provider
    /// that has no such module nothing is left.
    pub fn fips() -> Self {
        Self::new("FIPS").at_least(FipsStatus::ApprovedMode)
    }

    /// Only key exchange that resists a quantum computer, so that what is recorded today stays
    /// secret. Suites and signatures are not touched: a signature has to hold only at the moment
    /// of the handshake, and hardly any certificate is post-quantum yet.
    pub fn post_quantum() -> Self {
        Self::new("post-quantum key exchange").groups(Self::POST_QUANTUM_GROUPS)
    }

    /// What the policy is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Allows these suites and no others.
    #[must_use]
    pub fn cipher_suites(mut self, suites: &[CipherSuite]) -> Self {
        self.cipher_suites = Some(suites.to_vec());
        self
    }

    /// Allows these groups and no others. That a hybrid is allowed does not allow its halves.
    #[must_use]
    pub fn groups(mut self, groups: &[NamedGroup]) -> Self {
        self.groups = Some(groups.to_vec());
        self
    }

    /// Allows these signatures and no others, in certificates as in handshakes.
    #[must_use]
    pub fn signatures(mut self, algorithms: &[SignatureAlgorithm]) -> Self {
        self.signatures = Some(algorithms.to_vec());
        self
    }

    /// Allows only what has at least this FIPS status.
    #[must_use]
    pub const fn at_least(mut self, status: FipsStatus) -> Self {
        self.fips = status;
        self
    }

    /// What of `all` the policy allows, in the same order.
    pub(super) fn apply(&self, all: &Capabilities) -> Capabilities {
        let mut details = all.details.clone();
        details.push(Detail::new("policy", self.name()));
        let kind = |kind: &KeyKind| match &self.signatures {
            None => true,
            Some(allowed) => allowed.iter().any(|algorithm| is_made_with(*algorithm, *kind)),
        };
        Capabilities {
            name: all.name.clone(),
            version: all.version.clone(),
            details,
            cipher_suites: self
                .filter(&all.cipher_suites, |id| within(self.cipher_suites.as_ref(), id)),
            groups: self.filter(&all.groups, |id| within(self.groups.as_ref(), id)),
            kem_halves: self.filter(&all.kem_halves, |id| within(self.groups.as_ref(), id)),
            verify: self.filter(&all.verify, |id| within(self.signatures.as_ref(), id)),
            sign: self.filter(&all.sign, |id| within(self.signatures.as_ref(), id)),
            generate: self.filter(&all.generate, kind),
        }
    }

    fn filter<T: Copy>(&self, all: &[Offered<T>], allows: impl Fn(&T) -> bool) -> Vec<Offered<T>> {
        let kept = |offered: &&Offered<T>| offered.fips >= self.fips && allows(&offered.id);
        all.iter().filter(kept).copied().collect()
    }
}

fn within<T: PartialEq>(allowed: Option<&Vec<T>>, id: &T) -> bool {
    allowed.is_none_or(|allowed| allowed.contains(id))
}

/// Whether a key of this kind makes such signatures.
fn is_made_with(algorithm: SignatureAlgorithm, kind: KeyKind) -> bool {
    use SignatureAlgorithm as S;
    match kind {
        KeyKind::Ecdsa(curve) => matches!(algorithm, S::Ecdsa(of, _) if of == curve),
        KeyKind::Ed25519 => algorithm == S::Ed25519,
        KeyKind::Ed448 => algorithm == S::Ed448,
        KeyKind::Rsa(_) => {
            matches!(algorithm, S::RsaPkcs1(_) | S::RsaPssRsae(_) | S::RsaPssPss(_))
        }
        KeyKind::MlDsa44 => algorithm == S::MlDsa44,
        KeyKind::MlDsa65 => algorithm == S::MlDsa65,
        KeyKind::MlDsa87 => algorithm == S::MlDsa87,
        _ => false,
    }
}
