//! What is offered: what the library turns out to have, in our order of preference.

use dtls_crypto_api::{
    AeadAlgorithm, Capabilities, CipherSuite, Curve, Detail, FipsStatus, HashAlgorithm, KeyKind,
    NamedGroup, Offered, SignatureAlgorithm, hybrid,
};

use crate::ffi::{Library, LibraryText};
use crate::names::{self, CURVES, Group, HASHES};

/// What is wished for, of which the library has its part.
pub(crate) struct Wishes {
    /// Name of the provider.
    pub(crate) name: &'static str,
    /// In order of preference, as the other lists.
    pub(crate) suites: &'static [CipherSuite],
    pub(crate) groups: &'static [NamedGroup],
    /// Whether a hybrid is the library's own or put together from halves.
    pub(crate) hybrids: Hybrids,
    pub(crate) eddsa: bool,
    /// The status of everything offered.
    pub(crate) fips: FipsStatus,
}

/// Where hybrid groups come from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hybrids {
    /// Put together here from two halves of the library's.
    FromHalves,
    /// From the library as a whole: a FIPS module answers for it, and may refuse a half alone.
    Whole,
}

/// Everything there is.
pub(crate) const EVERYTHING: Wishes = Wishes {
    name: "openssl",
    suites: &SUITES,
    groups: &GROUPS,
    hybrids: Hybrids::FromHalves,
    eddsa: true,
    fips: FipsStatus::None,
};

/// What is approved. ChaCha20-Poly1305, X25519 and X448 are not, although modules before 3.5 let
/// the latter two pass as such. A tag of eight bytes SP 800-38C allows only after weighing the
/// risk, and RFC 9147 4.5.3 has weighed it.
pub(crate) const fn approved(fips: FipsStatus, eddsa: bool) -> Wishes {
    Wishes {
        name: "openssl-fips",
        suites: &[
            CipherSuite::TLS_AES_128_GCM_SHA256,
            CipherSuite::TLS_AES_256_GCM_SHA384,
            CipherSuite::TLS_AES_128_CCM_SHA256,
        ],
        groups: &[
            // The hybrids first whose halves are both approved; in the other the approved half,
            // ML-KEM, comes first, as SP 800-56C asks for.
            NamedGroup::SECP256R1MLKEM768,
            NamedGroup::X25519MLKEM768,
            NamedGroup::SECP256R1,
            NamedGroup::SECP384R1,
            NamedGroup::SECP521R1,
            NamedGroup::SECP384R1MLKEM1024,
        ],
        hybrids: Hybrids::Whole,
        eddsa,
        fips,
    }
}

/// All suites there are. RFC 9147 4.5.3 wants nobody to use the last one unasked.
const SUITES: [CipherSuite; 5] = [
    CipherSuite::TLS_AES_128_GCM_SHA256,
    CipherSuite::TLS_AES_256_GCM_SHA384,
    CipherSuite::TLS_CHACHA20_POLY1305_SHA256,
    CipherSuite::TLS_AES_128_CCM_SHA256,
    CipherSuite::TLS_AES_128_CCM_8_SHA256,
];

const GROUPS: [NamedGroup; 8] = [
    NamedGroup::X25519MLKEM768,
    NamedGroup::X25519,
    NamedGroup::SECP256R1,
    NamedGroup::SECP384R1,
    NamedGroup::SECP521R1,
    NamedGroup::X448,
    NamedGroup::SECP256R1MLKEM768,
    NamedGroup::SECP384R1MLKEM1024,
];

const KEM_HALVES: [NamedGroup; 2] = [NamedGroup::MLKEM768, NamedGroup::MLKEM1024];

/// Signatures of keys that have one algorithm only, with the key's kind.
const OWN_ALGORITHM: [(SignatureAlgorithm, KeyKind); 8] = [
    (SignatureAlgorithm::Ecdsa(Curve::P256, HashAlgorithm::Sha256), KeyKind::Ecdsa(Curve::P256)),
    (SignatureAlgorithm::Ed25519, KeyKind::Ed25519),
    (SignatureAlgorithm::Ecdsa(Curve::P384, HashAlgorithm::Sha384), KeyKind::Ecdsa(Curve::P384)),
    (SignatureAlgorithm::Ecdsa(Curve::P521, HashAlgorithm::Sha512), KeyKind::Ecdsa(Curve::P521)),
    (SignatureAlgorithm::Ed448, KeyKind::Ed448),
    (SignatureAlgorithm::MlDsa44, KeyKind::MlDsa44),
    (SignatureAlgorithm::MlDsa65, KeyKind::MlDsa65),
    (SignatureAlgorithm::MlDsa87, KeyKind::MlDsa87),
];

/// Of RSA keys the usual sizes; any between 2048 and 8192 bits can be made.
const RSA_KEYS: [KeyKind; 3] = [KeyKind::Rsa(2048), KeyKind::Rsa(3072), KeyKind::Rsa(4096)];

/// Looks at the library. `hashes` and `aeads` tell what was fetched from it already.
pub(crate) fn discover(
    library: &Library,
    wishes: &Wishes,
    hashes: impl Fn(HashAlgorithm) -> bool,
    aeads: impl Fn(AeadAlgorithm) -> bool,
) -> Capabilities {
    let mut suites = wishes.suites.to_vec();
    suites.retain(|suite| suite.hash().is_some_and(&hashes) && suite.aead().is_some_and(&aeads));

    let has_half = |group: NamedGroup| has_group(library, group);
    let mut kem_halves = KEM_HALVES.to_vec();
    kem_halves.retain(|group| has_half(*group));
    let mut groups = wishes.groups.to_vec();
    groups.retain(|group| match hybrid::halves(*group) {
        Some((first, second)) if wishes.hybrids == Hybrids::FromHalves => {
            has_half(first) && has_half(second)
        }
        _ => has_half(*group),
    });

    let has_signature = |algorithm: &SignatureAlgorithm| {
        names::signature(*algorithm)
            .is_some_and(|(key, name)| library.has_key_type(key) && library.has_signature(name))
    };
    let is_eddsa = |kind| matches!(kind, KeyKind::Ed25519 | KeyKind::Ed448);
    let mut own = OWN_ALGORITHM.to_vec();
    own.retain(|(algorithm, kind)| (wishes.eddsa || !is_eddsa(*kind)) && has_signature(algorithm));
    let mut sign: Vec<_> = own.iter().map(|(algorithm, _)| *algorithm).collect();
    sign.extend(rsa());
    sign.retain(has_signature);
    // Then the pairs that only chains hold.
    let pairs = CURVES.iter().flat_map(|c| HASHES.map(|hash| SignatureAlgorithm::Ecdsa(*c, hash)));
    let mut verify = sign.clone();
    verify.extend(pairs.filter(|pair| pair.scheme().is_none() && has_signature(pair)));

    let mut generate: Vec<_> = own.iter().map(|(_, kind)| *kind).collect();
    if sign.iter().any(|algorithm| matches!(algorithm, SignatureAlgorithm::RsaPssRsae(_))) {
        // Behind the curves' keys, which are made faster.
        let curves = generate.iter().take_while(|kind| **kind != KeyKind::Ed448).count();
        generate.splice(curves..curves, RSA_KEYS);
    }

    Capabilities {
        name: wishes.name.to_owned(),
        version: Library::text(LibraryText::Version),
        details: details(),
        cipher_suites: offer(suites, wishes.fips),
        groups: offer(groups, wishes.fips),
        kem_halves: offer(kem_halves, wishes.fips),
        verify: offer(verify, wishes.fips),
        sign: offer(sign, wishes.fips),
        generate: offer(generate, wishes.fips),
    }
}

/// Facts about libcrypto, whatever is fetched from it.
fn details() -> Vec<Detail> {
    let features = Library::text(LibraryText::CpuFeatures);
    // `CPUINFO: OPENSSL_ia32cap=0x…`; the library says nothing where it looks for nothing.
    let features = features.strip_prefix("CPUINFO:").map_or(features.as_str(), str::trim);
    vec![Detail::new("CPU features", features)]
}

fn rsa() -> impl Iterator<Item = SignatureAlgorithm> {
    let kinds = [
        SignatureAlgorithm::RsaPssRsae,
        SignatureAlgorithm::RsaPssPss,
        SignatureAlgorithm::RsaPkcs1,
    ];
    kinds.into_iter().flat_map(|kind| HASHES.map(kind))
}

fn offer<T>(list: Vec<T>, fips: FipsStatus) -> Vec<Offered<T>> {
    list.into_iter().map(|id| Offered { fips, ..Offered::new(id) }).collect()
}

/// Whether the library can do this group by itself.
fn has_group(library: &Library, group: NamedGroup) -> bool {
    match names::group(group) {
        Some(Group::Nist(_)) => {
            library.has_key_type(names::EC) && library.has_key_exchange(c"ECDH")
        }
        Some(Group::Montgomery(kind)) => {
            library.has_key_type(kind) && library.has_key_exchange(kind)
        }
        Some(Group::Kem(kind) | Group::Hybrid(kind)) => {
            library.has_key_type(kind) && library.has_kem(kind)
        }
        None => false,
    }
}
