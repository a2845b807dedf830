//! How Botan is told which signature is meant.

use botan::{Privkey, Pubkey, RandomNumberGenerator, Signer, Verifier};
use dtls_crypto_api::{CryptoError, HashAlgorithm, SignatureAlgorithm};

use crate::error::failed_drawing;

/// The three hashes of signatures.
pub(crate) const HASHES: [HashAlgorithm; 3] =
    [HashAlgorithm::Sha256, HashAlgorithm::Sha384, HashAlgorithm::Sha512];

/// Botan's parameters of a signature algorithm.
struct Parameters {
    sign: &'static str,
    verify: &'static str,
    /// ECDSA's two numbers stand in DER (RFC 3279 2.2.3), not side by side.
    der: bool,
}

fn parameters(algorithm: SignatureAlgorithm) -> Result<Parameters, CryptoError> {
    use HashAlgorithm::{Sha256, Sha384, Sha512};
    let (name, der) = match algorithm {
        SignatureAlgorithm::Ecdsa(_, Sha256) => ("SHA-256", true),
        SignatureAlgorithm::Ecdsa(_, Sha384) => ("SHA-384", true),
        SignatureAlgorithm::Ecdsa(_, Sha512) => ("SHA-512", true),
        SignatureAlgorithm::Ed25519 | SignatureAlgorithm::Ed448 => ("Pure", false),
        SignatureAlgorithm::RsaPkcs1(Sha256) => ("PKCS1v15(SHA-256)", false),
        SignatureAlgorithm::RsaPkcs1(Sha384) => ("PKCS1v15(SHA-384)", false),
        SignatureAlgorithm::RsaPkcs1(Sha512) => ("PKCS1v15(SHA-512)", false),
        // The salt is exactly as long as the hash (RFC 8446 4.2.3).
        SignatureAlgorithm::RsaPssRsae(Sha256) | SignatureAlgorithm::RsaPssPss(Sha256) => {
            ("PSS(SHA-256,MGF1,32)", false)
        }
        SignatureAlgorithm::RsaPssRsae(Sha384) | SignatureAlgorithm::RsaPssPss(Sha384) => {
            ("PSS(SHA-384,MGF1,48)", false)
        }
        SignatureAlgorithm::RsaPssRsae(Sha512) | SignatureAlgorithm::RsaPssPss(Sha512) => {
            ("PSS(SHA-512,MGF1,64)", false)
        }
        // Hedged: fresh randomness goes into every signature (FIPS 204 3.4).
        SignatureAlgorithm::MlDsa44 | SignatureAlgorithm::MlDsa65 | SignatureAlgorithm::MlDsa87 => {
            return Ok(Parameters { sign: "Randomized", verify: "", der: false });
        }
        _ => return Err(CryptoError::Unsupported("this signature algorithm")),
    };
    Ok(Parameters { sign: name, verify: name, der })
}

/// Signs `message`, not its hash.
pub(crate) fn sign(
    algorithm: SignatureAlgorithm,
    key: &Privkey,
    rng: &mut RandomNumberGenerator,
    message: &[u8],
) -> Result<Vec<u8>, CryptoError> {
    let Parameters { sign, der, .. } = parameters(algorithm)?;
    let signed = if der {
        Signer::new_with_der_formatted_signatures(key, sign).and_then(|mut signer| {
            signer.update(message)?;
            signer.finish(rng)
        })
    } else {
        key.sign(message, sign, rng)
    };
    signed.map_err(failed_drawing("signing"))
}

/// Verifies a signature with a key of the right kind.
pub(crate) fn verify(
    algorithm: SignatureAlgorithm,
    key: &Pubkey,
    message: &[u8],
    signature: &[u8],
) -> Result<(), CryptoError> {
    let Parameters { verify, der, .. } = parameters(algorithm)?;
    let verified = if der {
        Verifier::new_with_der_formatted_signatures(key, verify).and_then(|mut verifier| {
            verifier.update(message)?;
            verifier.finish(signature)
        })
    } else {
        key.verify(message, signature, verify)
    };
    match verified {
        Ok(true) => Ok(()),
        // A signature whose form is wrong may also come back as an error.
        Ok(false) | Err(_) => Err(CryptoError::BadSignature),
    }
}
