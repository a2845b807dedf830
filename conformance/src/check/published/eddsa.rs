//! Ed25519 and Ed448 (RFC 8032). Both are deterministic, so a signature can be compared. Vectors
//! with a context or a prehash are of other algorithms, which TLS does not use.

use dtls_crypto_api::pki_types::PrivateKeyDer;
use dtls_crypto_api::{CryptoError, SignatureAlgorithm};
use pki_types::{AlgorithmIdentifier, alg_id};

use crate::check::der;
use crate::check::tally::{Case, During, Tally, Verdict, refused, same};
use crate::vectors::{self, EddsaAnswer};

/// What stands before the seed in a PKCS#8 key (RFC 8410 7).
const PKCS8_ED25519: &[u8] =
    &[0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
const PKCS8_ED448: &[u8] =
    &[0x30, 0x47, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x71, 4, 0x3b, 4, 0x39];

pub(in crate::check) fn ed25519(tally: &mut Tally<'_>) -> Verdict {
    let answers = vectors::published().ed25519;
    eddsa(tally, SignatureAlgorithm::Ed25519, (alg_id::ED25519, PKCS8_ED25519), &answers)
}

pub(in crate::check) fn ed448(tally: &mut Tally<'_>) -> Verdict {
    let answers = vectors::published().ed448;
    eddsa(tally, SignatureAlgorithm::Ed448, (alg_id::ED448, PKCS8_ED448), &answers)
}

fn eddsa(
    tally: &mut Tally<'_>,
    algorithm: SignatureAlgorithm,
    (identifier, pkcs8): (AlgorithmIdentifier, &[u8]),
    answers: &[EddsaAnswer],
) -> Verdict {
    let provider = tally.provider();
    for answer in answers {
        let public = der::public_key(identifier, &answer.public_key);
        let case = Case::new(&answer.name)
            .input("public key", &answer.public_key)
            .input("message", &answer.message)
            .input("signature", &answer.signature);
        tally.vector(&case, || {
            let spki = public.as_slice().into();
            let verify = |message: &[u8], signature: &[u8]| {
                provider.verify_signature(algorithm, &spki, message, signature)
            };
            verify(&answer.message, &answer.signature).during("verify")?;
            let longer = [&answer.message[..], &[0]].concat();
            let refusal = [CryptoError::BadSignature];
            refused("another message", verify(&longer, &answer.signature), &refusal)?;
            for at in [0, answer.signature.len() / 2, answer.signature.len() - 2] {
                let mut changed = answer.signature.to_vec();
                changed[at] ^= 1;
                let what = format_args!("the signature with byte {at} changed");
                refused(what, verify(&answer.message, &changed), &refusal)?;
            }
            Ok(())
        });
        if !provider.capabilities().can_sign(algorithm) {
            tally.not_offered("signing", 1);
            continue;
        }
        let key = [pkcs8, &answer.seed].concat();
        tally.vector(&case, || {
            let key = PrivateKeyDer::Pkcs8(key.into());
            let key = provider.load_private_key(&key).during("load the private key")?;
            same("public key", key.public_key(), &public)?;
            same(
                "signature",
                key.sign(algorithm, &answer.message).during("sign")?,
                &answer.signature,
            )
        });
    }
    Ok(())
}
