//! Every kind of key the provider makes: it loads again, signs whatever it says it can and nothing
//! else, and what it signs verifies, under its own public key only.

use dtls_crypto_api::pki_types::PrivateKeyDer;
use dtls_crypto_api::{
    CryptoError, CryptoProvider, Curve, KeyKind, SignatureAlgorithm, SigningKey,
};

use super::signature_algorithms;
use crate::check::tally::{Case, During, Tally, Verdict, holds, refused, same};

const MESSAGE: &[u8] = b"a message to be signed";

pub(in crate::check) fn generated_keys(tally: &mut Tally<'_>) -> Verdict {
    each(
        tally,
        &[
            KeyKind::Ecdsa(Curve::P256),
            KeyKind::Ecdsa(Curve::P384),
            KeyKind::Ecdsa(Curve::P521),
            KeyKind::Ed25519,
            KeyKind::Ed448,
            KeyKind::MlDsa44,
            KeyKind::MlDsa65,
            KeyKind::MlDsa87,
            KeyKind::Rsa(2048),
        ],
    )
}

/// The larger RSA keys take seconds.
pub(in crate::check) fn generated_rsa_keys(tally: &mut Tally<'_>) -> Verdict {
    each(tally, &[KeyKind::Rsa(3072), KeyKind::Rsa(4096)])
}

fn each(tally: &mut Tally<'_>, kinds: &[KeyKind]) -> Verdict {
    let provider = tally.provider();
    for kind in kinds {
        if !provider.capabilities().generate.iter().any(|offered| offered.id == *kind) {
            tally.not_offered(format_args!("{kind:?}"), 1);
            continue;
        }
        tally.chain(&Case::new(format_args!("{kind:?}")), |tally| {
            let made = provider.generate_private_key(*kind).during("generate")?;
            let other = provider.generate_private_key(*kind).during("generate another")?;
            tally.holds("two keys differ", made.key.public_key() != other.key.public_key())?;
            let der = PrivateKeyDer::Pkcs8(made.pkcs8.as_slice().into());
            let loaded = provider.load_private_key(&der).during("load")?;
            tally.same("public key", loaded.public_key(), made.key.public_key())?;
            let algorithms = made.key.algorithms();
            tally.holds("the same algorithms", loaded.algorithms() == algorithms)?;
            tally.holds("at least one algorithm", !algorithms.is_empty())?;
            for algorithm in algorithms {
                let capabilities = provider.capabilities();
                let listed = capabilities.can_sign(*algorithm);
                tally.holds(format_args!("{algorithm:?} is offered"), listed)?;
                tally.holds("and can be verified", capabilities.can_verify(*algorithm))?;
                signs(provider, *algorithm, &*made.key, &*loaded, other.key.public_key())?;
                signs(provider, *algorithm, &*loaded, &*made.key, other.key.public_key())?;
                tally.holds(format_args!("{algorithm:?} signs and verifies"), true)?;
            }
            for algorithm in signature_algorithms() {
                if !algorithms.contains(&algorithm) {
                    let errors = [CryptoError::Unsupported("")];
                    let what = format_args!("sign with {algorithm:?}");
                    refused(what, loaded.sign(algorithm, MESSAGE), &errors)?;
                    tally.holds(format_args!("{algorithm:?} is refused"), true)?;
                }
            }
            Ok(())
        });
    }
    Ok(())
}

/// What one key signs, the public key of the same key in the other's hands verifies.
fn signs(
    provider: &dyn CryptoProvider,
    algorithm: SignatureAlgorithm,
    signer: &dyn SigningKey,
    same_key: &dyn SigningKey,
    another: &[u8],
) -> Verdict {
    let refusal = [CryptoError::BadSignature];
    for message in [MESSAGE, &[], &[0x5a; 10_000]] {
        let what = format_args!("sign {} bytes with {algorithm:?}", message.len());
        let signature = signer.sign(algorithm, message).during(what)?;
        let verify = |key: &[u8], message: &[u8], signature: &[u8]| {
            provider.verify_signature(algorithm, &key.into(), message, signature)
        };
        let public = same_key.public_key();
        verify(public, message, &signature).during(format_args!("verify {algorithm:?}"))?;
        let longer = [message, &[0]].concat();
        refused("a longer message", verify(public, &longer, &signature), &refusal)?;
        refused("another key", verify(another, message, &signature), &refusal)?;
        for at in [signature.len() / 3, signature.len() - 1] {
            let mut changed = signature.clone();
            changed[at] ^= 1;
            let what = format_args!("the signature with byte {at} changed");
            refused(what, verify(public, message, &changed), &refusal)?;
        }
        for wrong in [&[], &signature[..signature.len() - 1], &[&signature[..], &[0]].concat()] {
            let what = format_args!("{} of {} bytes", wrong.len(), signature.len());
            refused(what, verify(public, message, wrong), &refusal)?;
        }
        if deterministic(algorithm) {
            same("signed again", signer.sign(algorithm, message).during("sign")?, signature)?;
        } else if matches!(
            algorithm,
            SignatureAlgorithm::RsaPssRsae(_) | SignatureAlgorithm::RsaPssPss(_)
        ) {
            // The salt is drawn anew each time.
            let again = signer.sign(algorithm, message).during("sign")?;
            holds("signed again, with another salt", again != signature)?;
        }
    }
    Ok(())
}

fn deterministic(algorithm: SignatureAlgorithm) -> bool {
    matches!(
        algorithm,
        SignatureAlgorithm::Ed25519 | SignatureAlgorithm::Ed448 | SignatureAlgorithm::RsaPkcs1(_)
    )
}
