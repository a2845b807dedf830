//! What is not in the capabilities is refused as such, by every function that could be asked; and
//! no list names anything twice.

use dtls_crypto_api::{CipherSuite, CryptoError, Curve, KeyKind, NamedGroup, Offered};

use super::{Keys, signature_algorithms};
use crate::check::tally::{Case, Tally, Verdict, holds, refused};
use crate::vectors::{FOREIGN_MESSAGE, Foreign};

const UNSUPPORTED: [CryptoError; 1] = [CryptoError::Unsupported("")];

/// A code point that is reserved for private use and known to nobody.
const UNKNOWN_GROUP: NamedGroup = NamedGroup(0xfe42);

pub(in crate::check) fn unoffered(tally: &mut Tally<'_>) -> Verdict {
    let provider = tally.provider();
    let capabilities = provider.capabilities();
    tally.vector(&Case::new("capabilities"), || {
        holds("no suite twice", distinct(&capabilities.cipher_suites))?;
        holds("no group twice", distinct(&capabilities.groups))?;
        holds("no half twice", distinct(&capabilities.kem_halves))?;
        holds("no signature to verify twice", distinct(&capabilities.verify))?;
        holds("no signature to make twice", distinct(&capabilities.sign))?;
        holds("no kind of key twice", distinct(&capabilities.generate))?;
        let halves = &capabilities.groups;
        let bare = halves.iter().all(|group| !is_bare_kem(group.id));
        holds("a bare KEM is a half and no group", bare)?;
        holds("a name", !capabilities.name.is_empty())?;
        holds("a version", !capabilities.version.is_empty())?;
        let known = capabilities.cipher_suites.iter().all(|suite| suite.id.aead().is_some());
        holds("suites that are known", known)?;
        let signs = capabilities.sign.iter().all(|offer| capabilities.can_verify(offer.id));
        holds("whatever is signed can be verified", signs)?;
        let again = provider.capabilities();
        let same = format!("{again:?}") == format!("{capabilities:?}");
        holds("the same answer every time", same)
    });
    for suite in CipherSuite::KNOWN.iter().filter(|suite| !capabilities.has_suite(**suite)) {
        let Some(aead) = suite.aead() else { continue };
        tally.vector(&Case::new(suite), || {
            let keys = Keys::new(aead);
            refused("seal_key", provider.seal_key(&keys.secrets()).map(drop), &UNSUPPORTED)?;
            refused("open_key", provider.open_key(&keys.secrets()).map(drop), &UNSUPPORTED)
        });
    }
    let groups = NamedGroup::KNOWN.iter().copied().chain([UNKNOWN_GROUP, NamedGroup(0)]);
    for group in groups.filter(|group| !capabilities.has_group(*group)) {
        tally.vector(&Case::new(group), || {
            let start = provider.start_key_exchange(group).map(drop);
            refused("start_key_exchange", start, &UNSUPPORTED)?;
            let share = vec![4; group.client_share_len().unwrap_or(32)];
            let response = provider.encapsulate(group, &share);
            refused("encapsulate", response, &UNSUPPORTED)
        });
    }
    let foreign = Foreign::load();
    let algorithms = signature_algorithms();
    for algorithm in algorithms.into_iter().filter(|alg| !capabilities.can_verify(*alg)) {
        tally.vector(&Case::new(format_args!("{algorithm:?}")), || {
            let key = foreign.get("p256.spki").into();
            let signature = foreign.get("p256.sig");
            let verified = provider.verify_signature(algorithm, &key, FOREIGN_MESSAGE, signature);
            refused("verify_signature", verified, &UNSUPPORTED)
        });
    }
    for kind in [
        KeyKind::Ecdsa(Curve::P256),
        KeyKind::Ecdsa(Curve::P384),
        KeyKind::Ecdsa(Curve::P521),
        KeyKind::Ed25519,
        KeyKind::Ed448,
        KeyKind::MlDsa44,
        KeyKind::MlDsa65,
        KeyKind::MlDsa87,
        KeyKind::Rsa(0),
        KeyKind::Rsa(512),
        KeyKind::Rsa(1024),
        KeyKind::Rsa(2048),
    ] {
        if capabilities.generate.iter().any(|offered| offered.id == kind) {
            continue;
        }
        tally.vector(&Case::new(format_args!("{kind:?}")), || {
            let made = provider.generate_private_key(kind).map(drop);
            refused("generate_private_key", made, &UNSUPPORTED)
        });
    }
    Ok(())
}

fn distinct<T: PartialEq>(list: &[Offered<T>]) -> bool {
    (1..list.len()).all(|at| !list[..at].iter().any(|earlier| earlier.id == list[at].id))
}

fn is_bare_kem(group: NamedGroup) -> bool {
    matches!(group, NamedGroup::MLKEM512 | NamedGroup::MLKEM768 | NamedGroup::MLKEM1024)
}
