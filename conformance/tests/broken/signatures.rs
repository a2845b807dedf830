//! Signatures with a bug.

use std::sync::Arc;

use dtls_crypto_api::pki_types::SubjectPublicKeyInfoDer;
use dtls_crypto_api::{
    CryptoError, CryptoProvider, Curve, HashAlgorithm, KeyKind, SignatureAlgorithm, SigningKey,
};
use dtls_provider_rustcrypto::RustCryptoProvider;
use rsa::RsaPublicKey;
use rsa::pkcs8::DecodePublicKey;
use rsa::pss::Pss;
use rsa::traits::SignatureScheme;
use sha2::{Digest, Sha256};

use crate::bug::Bug;

/// What PSS takes when nobody says how long the salt is (RFC 8017 A.2.3).
const USUAL_SALT_LEN: usize = 20;

pub(crate) fn verify(
    bug: Bug,
    inner: &RustCryptoProvider,
    algorithm: SignatureAlgorithm,
    public_key: &SubjectPublicKeyInfoDer<'_>,
    message: &[u8],
    signature: &[u8],
) -> Result<(), CryptoError> {
    let verify = |algorithm, signature: &[u8]| {
        inner.verify_signature(algorithm, public_key, message, signature)
    };
    let honest = verify(algorithm, signature);
    match (bug, algorithm) {
        (Bug::PssSaltLength, SignatureAlgorithm::RsaPssRsae(HashAlgorithm::Sha256)) => {
            let key = RsaPublicKey::from_public_key_der(public_key.as_ref());
            let key = key.map_err(|_| CryptoError::BadPublicKey)?;
            let digest = Sha256::digest(message);
            let scheme = Pss::<Sha256>::new_with_salt(USUAL_SALT_LEN);
            honest.or_else(|error| scheme.verify(&key, &digest, signature).map_err(|_| error))
        }
        (Bug::LooseSignature, SignatureAlgorithm::Ecdsa(..)) => {
            honest.or_else(|error| verify(algorithm, &canonical(signature).ok_or(error)?))
        }
        (Bug::PssWithRsaKey, SignatureAlgorithm::RsaPssPss(hash)) => honest.or_else(|error| {
            verify(SignatureAlgorithm::RsaPssRsae(hash), signature).map_err(|_| error)
        }),
        _ => honest,
    }
}

/// The one encoding of the two numbers that stand at the beginning of a signature.
fn canonical(signature: &[u8]) -> Option<Vec<u8>> {
    let (body, _) = element(signature)?;
    let (r, rest) = element(body)?;
    let (s, _) = element(rest)?;
    let integer = |number: &[u8]| {
        let zeros = number.iter().take_while(|byte| **byte == 0).count();
        let mut number = number[zeros.min(number.len())..].to_vec();
        if number.first().is_none_or(|byte| *byte >= 0x80) {
            number.insert(0, 0);
        }
        [&[2, number.len() as u8], &number[..]].concat()
    };
    let body = [integer(r), integer(s)].concat();
    let header: &[u8] = if body.len() < 0x80 { &[0x30] } else { &[0x30, 0x81] };
    Some([header, &[body.len() as u8], &body].concat())
}

/// The content of an element, in whatever form its length is, and what stands behind it.
fn element(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (header, rest) = der.split_at_checked(2)?;
    let (len, rest) = match header[1] {
        short @ ..0x80 => (usize::from(short), rest),
        0x80 => (rest.len(), rest),
        long => {
            let (len, rest) = rest.split_at_checked(usize::from(long & 0x7f))?;
            (
                len.iter().try_fold(0_usize, |all, byte| {
                    all.checked_mul(256)?.checked_add(usize::from(*byte))
                })?,
                rest,
            )
        }
    };
    rest.split_at_checked(len)
}

/// A key with a bug.
#[derive(Debug)]
pub(crate) struct Key {
    bug: Bug,
    inner: Arc<dyn SigningKey>,
    public: Vec<u8>,
}

impl Key {
    pub(crate) fn new(
        bug: Bug,
        provider: &RustCryptoProvider,
        inner: Arc<dyn SigningKey>,
    ) -> Result<Self, CryptoError> {
        let public = match (bug, inner.algorithms()) {
            (Bug::PublicKeyOfAnother, [SignatureAlgorithm::Ecdsa(Curve::P256, _)]) => {
                let other = provider.generate_private_key(KeyKind::Ecdsa(Curve::P256))?;
                other.key.public_key().to_vec()
            }
            _ => inner.public_key().to_vec(),
        };
        Ok(Self { bug, inner, public })
    }
}

impl SigningKey for Key {
    fn algorithms(&self) -> &[SignatureAlgorithm] {
        self.inner.algorithms()
    }

    fn public_key(&self) -> &[u8] {
        &self.public
    }

    fn sign(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let own = self.algorithms()[0];
        self.inner.sign(if self.bug == Bug::SignsWithAny { own } else { algorithm }, message)
    }
}
