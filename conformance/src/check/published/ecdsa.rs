//! ECDSA: the signatures of RFC 6979 appendix A.2, verified with every hash on every curve. That
//! a provider makes the same ones is not asked: it may draw its nonces instead.

use dtls_crypto_api::{Curve, HashAlgorithm, SignatureAlgorithm};

use crate::check::der;
use crate::check::tally::{Case, During, Tally, Verdict};
use crate::vectors::{self, EcdsaKey};

impl EcdsaKey {
    /// The key that belongs to the curve.
    pub(in crate::check) fn of(curve: Curve) -> Self {
        let keys = vectors::published().ecdsa;
        match curve {
            Curve::P256 => keys.p256,
            Curve::P384 => keys.p384,
            _ => keys.p521,
        }
    }

    /// The public point in the form that TLS and certificates have it.
    pub(in crate::check) fn point(&self) -> Vec<u8> {
        [&[4], &self.x[..], &self.y[..]].concat()
    }
}

pub(in crate::check) fn ecdsa(tally: &mut Tally<'_>, curve: Curve) -> Verdict {
    let provider = tally.provider();
    let key = EcdsaKey::of(curve);
    let public = der::ec_public_key(curve, &key.point());
    for answer in &key.signatures {
        let hash = match answer.hash {
            256 => HashAlgorithm::Sha256,
            384 => HashAlgorithm::Sha384,
            _ => HashAlgorithm::Sha512,
        };
        let algorithm = SignatureAlgorithm::Ecdsa(curve, hash);
        if !provider.capabilities().can_verify(algorithm) {
            tally.not_offered(format_args!("{algorithm:?}"), 1);
            continue;
        }
        let signature = der::ecdsa_signature(&answer.r, &answer.s);
        let case = Case::new(&answer.name)
            .input("public key", &public)
            .input("message", &answer.message)
            .input("signature", &signature);
        tally.vector(&case, || {
            let public = public.as_slice().into();
            provider
                .verify_signature(algorithm, &public, &answer.message, &signature)
                .during("verify")
        });
    }
    Ok(())
}
