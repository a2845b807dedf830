//! What this provider offers, in its order of preference: of all it knows how to ask for, that
//! which the linked library can do. Versions differ, and so do builds of one version.

use std::sync::{Arc, LazyLock};

use botan::{Cipher, CipherDirection, MPI, Pubkey, Verifier, Version};
use dtls_crypto_api::{
    AeadAlgorithm, Capabilities, CipherSuite, Curve, Detail, KeyKind, NamedGroup, Offered,
    SignatureAlgorithm, hybrid,
};

use crate::curve::NistCurve;
use crate::mask::CHACHA_BORROWED_FROM;
use crate::random::Random;
use crate::scheme::HASHES;
use crate::{aead, kx, sign};

/// The list, found out once in a process. It takes some twenty milliseconds: a key of nearly every
/// kind is made.
pub(crate) fn all() -> Arc<Capabilities> {
    static ALL: LazyLock<Arc<Capabilities>> = LazyLock::new(|| Arc::new(find_out()));
    ALL.clone()
}

fn find_out() -> Capabilities {
    let mut found = Capabilities { name: "botan".to_owned(), ..Capabilities::default() };
    match Version::current() {
        Ok(version) => {
            found.version = format!("{}.{}.{}", version.major, version.minor, version.patch);
            found.details = vec![
                Detail::new("library", version.string),
                Detail::new("C interface", version.ffi_api.to_string()),
            ];
        }
        // Nothing is offered by a library that does not even tell its version.
        Err(_) => return found,
    }
    let random = Random::system();
    found.cipher_suites = suites();
    (found.groups, found.kem_halves) = groups(&random);
    let kinds = kinds(&random);
    found.verify = offer(verify(&kinds));
    found.sign = offer(sign(&kinds));
    found.generate = offer(kinds);
    found
}

fn offer<T>(list: Vec<T>) -> Vec<Offered<T>> {
    list.into_iter().map(Offered::new).collect()
}

/// AES-128-CCM-8 stands last: RFC 9147 4.5.3 wants nobody to use it unasked.
fn suites() -> Vec<Offered<CipherSuite>> {
    let works = |aead| {
        aead::name(aead).is_ok_and(|name| Cipher::new(name, CipherDirection::Encrypt).is_ok())
    };
    let suites = [
        CipherSuite::TLS_AES_128_GCM_SHA256,
        CipherSuite::TLS_AES_256_GCM_SHA384,
        CipherSuite::TLS_CHACHA20_POLY1305_SHA256,
        CipherSuite::TLS_AES_128_CCM_SHA256,
        CipherSuite::TLS_AES_128_CCM_8_SHA256,
    ];
    let mut offers = offer(suites.into_iter().filter(|s| s.aead().is_some_and(works)).collect());
    for offered in &mut offers {
        if offered.id.aead() == Some(AeadAlgorithm::ChaCha20Poly1305) {
            offered.borrowed_from = Some(CHACHA_BORROWED_FROM);
        }
    }
    offers
}

/// The groups and, apart from them, the bare KEMs. A hybrid needs both its halves.
fn groups(random: &Random) -> (Vec<Offered<NamedGroup>>, Vec<Offered<NamedGroup>>) {
    let working = |groups: &[NamedGroup]| -> Vec<NamedGroup> {
        groups.iter().copied().filter(|group| kx::works(random, *group)).collect()
    };
    let kems = working(&[NamedGroup::MLKEM768, NamedGroup::MLKEM1024]);
    let curves = working(&[
        NamedGroup::X25519,
        NamedGroup::SECP256R1,
        NamedGroup::SECP384R1,
        NamedGroup::SECP521R1,
        NamedGroup::X448,
    ]);
    let has = |group: NamedGroup| kems.contains(&group) || curves.contains(&group);
    let whole = |group: &NamedGroup| hybrid::halves(*group).is_some_and(|(a, b)| has(a) && has(b));
    let first = [NamedGroup::X25519MLKEM768].into_iter().filter(whole);
    let last = [NamedGroup::SECP256R1MLKEM768, NamedGroup::SECP384R1MLKEM1024];
    let last = last.into_iter().filter(whole);
    let groups = first.chain(curves.iter().copied()).chain(last).collect();
    (offer(groups), offer(kems))
}

/// The kinds of key that can be made. Of RSA keys the usual sizes; every multiple of eight
/// between 2048 and 8192 can be made too.
fn kinds(random: &Random) -> Vec<KeyKind> {
    let all = [
        KeyKind::Ecdsa(Curve::P256),
        KeyKind::Ed25519,
        KeyKind::Ecdsa(Curve::P384),
        KeyKind::Ecdsa(Curve::P521),
        KeyKind::Rsa(2048),
        KeyKind::Rsa(3072),
        KeyKind::Rsa(4096),
        KeyKind::Ed448,
        KeyKind::MlDsa44,
        KeyKind::MlDsa65,
        KeyKind::MlDsa87,
    ];
    let works = |kind: &KeyKind| match kind {
        KeyKind::Rsa(_) => has_rsa(),
        kind => sign::generate(random, *kind).is_ok(),
    };
    all.into_iter().filter(works).collect()
}

/// Making an RSA key takes too long for a question; taking a number for one does not.
fn has_rsa() -> bool {
    let number = || Pubkey::load_rsa(&MPI::new_from_bytes(&[0xff; 256])?, &MPI::new_from_u32(3)?);
    let verifies = |key: &Pubkey, parameters| Verifier::new(key, parameters).is_ok();
    number().is_ok_and(|key| {
        verifies(&key, "PKCS1v15(SHA-256)") && verifies(&key, "PSS(SHA-256,MGF1,32)")
    })
}

/// What keys of these kinds sign, and the RSA keys of either kind.
fn sign(kinds: &[KeyKind]) -> Vec<SignatureAlgorithm> {
    let mut list: Vec<_> = kinds.iter().filter_map(|kind| own_algorithm(*kind)).collect();
    if kinds.iter().any(|kind| matches!(kind, KeyKind::Rsa(_))) {
        list.extend(HASHES.map(SignatureAlgorithm::RsaPssRsae));
        list.extend(HASHES.map(SignatureAlgorithm::RsaPssPss));
        list.extend(HASHES.map(SignatureAlgorithm::RsaPkcs1));
    }
    list
}

/// What can be signed, then the pairs of curve and hash that only chains hold.
fn verify(kinds: &[KeyKind]) -> Vec<SignatureAlgorithm> {
    let mut list = sign(kinds);
    for kind in kinds {
        if let KeyKind::Ecdsa(curve) = *kind {
            let pairs = HASHES.map(|hash| SignatureAlgorithm::Ecdsa(curve, hash));
            list.extend(pairs.into_iter().filter(|pair| pair.scheme().is_none()));
        }
    }
    list
}

/// The one algorithm of a key that has but one.
fn own_algorithm(kind: KeyKind) -> Option<SignatureAlgorithm> {
    match kind {
        KeyKind::Ecdsa(curve) => {
            NistCurve::of(curve).map(|curve| SignatureAlgorithm::Ecdsa(curve.id, curve.hash))
        }
        kind => sign::single_algorithm(kind),
    }
}
