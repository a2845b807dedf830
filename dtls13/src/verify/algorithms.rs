//! The signatures in certificates, verified by the provider: webpki's view of it.
//!
//! webpki hands over the bits of a public key; the provider wants the whole
//! SubjectPublicKeyInfo, so it is put together again here.

use std::sync::Arc;

use dtls_core::crypto::pki_types::SubjectPublicKeyInfoDer;
use dtls_core::crypto::{CryptoProvider, Curve, HashAlgorithm, SignatureAlgorithm};
use pki_types::{AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm, alg_id};

use super::roots::{element, sequence};

/// One signature algorithm with one pair of identifiers.
#[derive(Clone, Debug)]
pub(crate) struct Algorithm {
    provider: Arc<dyn CryptoProvider>,
    kind: SignatureAlgorithm,
    public_key_id: AlgorithmIdentifier,
    signature_id: AlgorithmIdentifier,
}

impl Algorithm {
    pub(crate) fn as_webpki(&self) -> &dyn SignatureVerificationAlgorithm {
        self
    }
}

const BIT_STRING: u8 = 0x03;

impl SignatureVerificationAlgorithm for Algorithm {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        // The bit string begins with the number of bits that are not used.
        let key = element(BIT_STRING, &[&[0], public_key]);
        let info = sequence(&[sequence(&self.public_key_id), key].concat());
        let info = SubjectPublicKeyInfoDer::from(info);
        self.provider
            .verify_signature(self.kind, &info, message, signature)
            .map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.public_key_id
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.signature_id
    }
}

/// RSA signatures whose parameters are absent instead of NULL, which RFC 4055 5 wants accepted.
const RSA_PKCS1_SHA256_ABSENT: AlgorithmIdentifier = AlgorithmIdentifier::from_slice(&[
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b,
]);
const RSA_PKCS1_SHA384_ABSENT: AlgorithmIdentifier = AlgorithmIdentifier::from_slice(&[
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c,
]);
const RSA_PKCS1_SHA512_ABSENT: AlgorithmIdentifier = AlgorithmIdentifier::from_slice(&[
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d,
]);
/// An RSASSA-PSS key that may be used with any hash.
const RSA_PSS_ANY: AlgorithmIdentifier = AlgorithmIdentifier::from_slice(&[
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a,
]);

/// Everything the provider verifies and certificates use.
pub(crate) fn all(provider: &Arc<dyn CryptoProvider>) -> Vec<Algorithm> {
    let offered = provider.capabilities().verify.iter().map(|offered| offered.id);
    offered
        .flat_map(|kind| {
            identifiers(kind).into_iter().map(move |(public_key_id, signature_id)| Algorithm {
                provider: provider.clone(),
                kind,
                public_key_id,
                signature_id,
            })
        })
        .collect()
}

/// The identifiers of public key and signature under which certificates have the algorithm.
fn identifiers(algorithm: SignatureAlgorithm) -> Vec<(AlgorithmIdentifier, AlgorithmIdentifier)> {
    use SignatureAlgorithm as S;
    match algorithm {
        S::Ecdsa(curve, hash) => {
            let key = match curve {
                Curve::P256 => alg_id::ECDSA_P256,
                Curve::P384 => alg_id::ECDSA_P384,
                Curve::P521 => alg_id::ECDSA_P521,
                _ => return Vec::new(),
            };
            let signature = match hash {
                HashAlgorithm::Sha256 => alg_id::ECDSA_SHA256,
                HashAlgorithm::Sha384 => alg_id::ECDSA_SHA384,
                HashAlgorithm::Sha512 => alg_id::ECDSA_SHA512,
                _ => return Vec::new(),
            };
            vec![(key, signature)]
        }
        S::Ed25519 => vec![(alg_id::ED25519, alg_id::ED25519)],
        S::Ed448 => vec![(alg_id::ED448, alg_id::ED448)],
        S::RsaPkcs1(hash) => {
            let (present, absent) = match hash {
                HashAlgorithm::Sha256 => (alg_id::RSA_PKCS1_SHA256, RSA_PKCS1_SHA256_ABSENT),
                HashAlgorithm::Sha384 => (alg_id::RSA_PKCS1_SHA384, RSA_PKCS1_SHA384_ABSENT),
                HashAlgorithm::Sha512 => (alg_id::RSA_PKCS1_SHA512, RSA_PKCS1_SHA512_ABSENT),
                _ => return Vec::new(),
            };
            vec![(alg_id::RSA_ENCRYPTION, present), (alg_id::RSA_ENCRYPTION, absent)]
        }
        S::RsaPssRsae(hash) => {
            pss(hash).map(|signature| (alg_id::RSA_ENCRYPTION, signature)).into_iter().collect()
        }
        S::RsaPssPss(hash) => pss(hash).map_or_else(Vec::new, |signature| {
            vec![(signature, signature), (RSA_PSS_ANY, signature)]
        }),
        S::MlDsa44 => vec![(alg_id::ML_DSA_44, alg_id::ML_DSA_44)],
        S::MlDsa65 => vec![(alg_id::ML_DSA_65, alg_id::ML_DSA_65)],
        S::MlDsa87 => vec![(alg_id::ML_DSA_87, alg_id::ML_DSA_87)],
        _ => Vec::new(),
    }
}

fn pss(hash: HashAlgorithm) -> Option<AlgorithmIdentifier> {
    Some(match hash {
        HashAlgorithm::Sha256 => alg_id::RSA_PSS_SHA256,
        HashAlgorithm::Sha384 => alg_id::RSA_PSS_SHA384,
        HashAlgorithm::Sha512 => alg_id::RSA_PSS_SHA512,
        _ => return None,
    })
}

#[cfg(all(test, feature = "rustcrypto"))]
mod tests {
    use super::*;

    /// Identifiers under which certificates were signed with MD5 or SHA-1.
    const BROKEN: [&[u8]; 3] = [
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x04], // md5WithRSAEncryption
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05], // sha1WithRSAEncryption
        &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01],             // ecdsa-with-SHA1
    ];

    /// webpki refuses a signature whose identifier is not among these.
    /// req: 8446-4.4.2.4-02
    #[test]
    fn no_certificate_signed_with_md5_or_sha_1_is_accepted() {
        let accepted = all(&crate::provider::rustcrypto());
        assert!(!accepted.is_empty());
        for algorithm in accepted {
            let id: &[u8] = &algorithm.signature_id;
            assert!(!BROKEN.iter().any(|oid| id.windows(oid.len()).any(|w| w == *oid)));
        }
    }
}
