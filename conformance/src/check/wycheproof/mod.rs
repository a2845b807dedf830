//! The groups of Project Wycheproof: vectors made to break implementations.
//!
//! A file says of each vector that it is valid, invalid or acceptable. A valid one has to
//! succeed and an invalid one has to be refused, with an error that says what was refused; an
//! acceptable one may do either, and when it succeeds the answer has to be the file's. Where
//! TLS 1.3 is stricter than the file, so is the group, and its file of code says why. What no
//! caller of the trait can ask for is skipped with its reason.
//!
//! Several files of vectors can make a group and several groups can share a file; each vector of
//! the files used is counted in exactly one group.

mod aead;
mod exchange;
mod mac;
mod ml_dsa;
mod ml_kem;
mod reference;
mod rsa;
mod signature;

use std::fmt;

use dtls_crypto_api::AeadAlgorithm::{
    Aes128Ccm, Aes128Ccm8, Aes128Gcm, Aes256Gcm, ChaCha20Poly1305,
};
use dtls_crypto_api::HashAlgorithm::{Sha256, Sha384, Sha512};
use dtls_crypto_api::SignatureAlgorithm::{
    Ecdsa, Ed448, Ed25519, MlDsa44, MlDsa65, MlDsa87, RsaPkcs1, RsaPssPss, RsaPssRsae,
};
use dtls_crypto_api::{CryptoError, Curve, NamedGroup};

use super::spec::Needs::{Aead, Group, Nothing, Sign, Verify};
use super::spec::group_table;
use super::tally::{Case, During, Problem};

/// What a vector goes by, and what its file says about it.
struct About {
    name: String,
    comment: String,
}

impl About {
    /// The vector with this number in this file. Its flags say what was done to it, so they
    /// stand behind its comment.
    fn new<F: fmt::Debug>(file: &str, tc_id: usize, comment: &str, flags: &[F]) -> Self {
        let name = format!("{file}, tcId {tc_id}");
        let flags: Vec<String> = flags.iter().map(|flag| format!("{flag:?}")).collect();
        let said = [comment, &flags.join(", ")];
        let said: Vec<&str> = said.into_iter().filter(|text| !text.is_empty()).collect();
        Self { name, comment: said.join("; ") }
    }

    fn case(&self) -> Case<'_> {
        Case::new(&self.name).comment(&self.comment)
    }
}

/// Reads a file of vectors of one kind, a module of the crate `wycheproof`, by the file's name.
macro_rules! load {
    ($kind:ident, $file:expr) => {{
        let name = $file.parse::<wycheproof::$kind::TestName>();
        let set = name.and_then(wycheproof::$kind::TestSet::load);
        $crate::check::tally::During::during(set, format_args!("vectors of {}", $file))
    }};
}
use load;

/// Tells what the provider does not offer from what it does wrong, where there is no capability
/// to ask beforehand.
fn offered<T>(what: &str, result: Result<T, CryptoError>) -> Result<T, Problem> {
    match result {
        Err(CryptoError::Unsupported(missing)) => Err(Problem::NotOffered(missing.to_owned())),
        other => other.during(what),
    }
}

const SOURCE: &str = "Wycheproof";
/// The groups that need [`TestAccess`](super::TestAccess).
const KNOWN_ANSWERS: &str = "Wycheproof, known answers";
const SIGNING: &str = "Wycheproof, signing";
const LARGE_KEYS: &str = "Wycheproof, 8192 bits";
const OTHER_PARAMETERS: &str = "Wycheproof, other parameters";

group_table! { $ wycheproof_tests
    aes_128_gcm_wycheproof: "AES-128-GCM", SOURCE, Aead(Aes128Gcm), Quick
        => |tally| aead::aead(tally, "aes_gcm", Aes128Gcm);
    aes_256_gcm_wycheproof: "AES-256-GCM", SOURCE, Aead(Aes256Gcm), Quick
        => |tally| aead::aead(tally, "aes_gcm", Aes256Gcm);
    chacha20_poly1305_wycheproof: "ChaCha20-Poly1305", SOURCE, Aead(ChaCha20Poly1305), Quick
        => |tally| aead::aead(tally, "chacha20_poly1305", ChaCha20Poly1305);
    aes_128_ccm_wycheproof: "AES-128-CCM", SOURCE, Aead(Aes128Ccm), Quick
        => |tally| aead::aead(tally, "aes_ccm", Aes128Ccm);
    aes_128_ccm_8_wycheproof: "AES-128-CCM-8", SOURCE, Aead(Aes128Ccm8), Quick
        => |tally| aead::aead(tally, "aes_ccm", Aes128Ccm8);

    hmac_sha256_wycheproof: "HMAC-SHA-256", SOURCE, Nothing, Quick
        => |tally| mac::hmac(tally, "hmac_sha256", Sha256);
    hmac_sha384_wycheproof: "HMAC-SHA-384", SOURCE, Nothing, Quick
        => |tally| mac::hmac(tally, "hmac_sha384", Sha384);
    hmac_sha512_wycheproof: "HMAC-SHA-512", SOURCE, Nothing, Quick
        => |tally| mac::hmac(tally, "hmac_sha512", Sha512);
    hkdf_sha256_wycheproof: "HKDF-SHA-256", SOURCE, Nothing, Quick
        => |tally| mac::hkdf(tally, "hkdf_sha256", Sha256);
    hkdf_sha384_wycheproof: "HKDF-SHA-384", SOURCE, Nothing, Quick
        => |tally| mac::hkdf(tally, "hkdf_sha384", Sha384);
    hkdf_sha512_wycheproof: "HKDF-SHA-512", SOURCE, Nothing, Quick
        => |tally| mac::hkdf(tally, "hkdf_sha512", Sha512);

    x25519_wycheproof: "X25519", SOURCE, Group(NamedGroup::X25519), Quick
        => |tally| exchange::keys(tally, &exchange::FUNCTION_X25519);
    x25519_known_answers: "X25519", KNOWN_ANSWERS, Group(NamedGroup::X25519), Quick
        => |tally| exchange::known_answers(tally, &exchange::FUNCTION_X25519);
    x448_wycheproof: "X448", SOURCE, Group(NamedGroup::X448), Quick
        => |tally| exchange::keys(tally, &exchange::FUNCTION_X448);
    x448_known_answers: "X448", KNOWN_ANSWERS, Group(NamedGroup::X448), Quick
        => |tally| exchange::known_answers(tally, &exchange::FUNCTION_X448);
    ecdh_p256_wycheproof: "ECDH P-256", SOURCE, Group(NamedGroup::SECP256R1), Quick
        => |tally| exchange::keys(tally, &exchange::FUNCTION_P256);
    ecdh_p256_known_answers: "ECDH P-256", KNOWN_ANSWERS, Group(NamedGroup::SECP256R1), Quick
        => |tally| exchange::known_answers(tally, &exchange::FUNCTION_P256);
    ecdh_p384_wycheproof: "ECDH P-384", SOURCE, Group(NamedGroup::SECP384R1), Quick
        => |tally| exchange::keys(tally, &exchange::FUNCTION_P384);
    ecdh_p384_known_answers: "ECDH P-384", KNOWN_ANSWERS, Group(NamedGroup::SECP384R1), Quick
        => |tally| exchange::known_answers(tally, &exchange::FUNCTION_P384);
    ecdh_p521_wycheproof: "ECDH P-521", SOURCE, Group(NamedGroup::SECP521R1), Quick
        => |tally| exchange::keys(tally, &exchange::FUNCTION_P521);
    ecdh_p521_known_answers: "ECDH P-521", KNOWN_ANSWERS, Group(NamedGroup::SECP521R1), Quick
        => |tally| exchange::known_answers(tally, &exchange::FUNCTION_P521);
    ml_kem_768_wycheproof: "ML-KEM-768", SOURCE, Group(NamedGroup::MLKEM768), Quick
        => |tally| ml_kem::keys(tally, &ml_kem::ML_KEM_768);
    ml_kem_768_known_answers: "ML-KEM-768", KNOWN_ANSWERS, Group(NamedGroup::MLKEM768), Quick
        => |tally| ml_kem::known_answers(tally, &ml_kem::ML_KEM_768);
    ml_kem_1024_wycheproof: "ML-KEM-1024", SOURCE, Group(NamedGroup::MLKEM1024), Quick
        => |tally| ml_kem::keys(tally, &ml_kem::ML_KEM_1024);
    ml_kem_1024_known_answers: "ML-KEM-1024", KNOWN_ANSWERS, Group(NamedGroup::MLKEM1024), Quick
        => |tally| ml_kem::known_answers(tally, &ml_kem::ML_KEM_1024);

    ecdsa_p256_sha256_wycheproof:
        "ECDSA P-256 SHA-256", SOURCE, Verify(Ecdsa(Curve::P256, Sha256)), Quick
        => |tally| signature::ecdsa(tally, "ecdsa_secp256r1_sha256", Curve::P256, Sha256);
    ecdsa_p256_sha512_wycheproof:
        "ECDSA P-256 SHA-512", SOURCE, Verify(Ecdsa(Curve::P256, Sha512)), Quick
        => |tally| signature::ecdsa(tally, "ecdsa_secp256r1_sha512", Curve::P256, Sha512);
    ecdsa_p384_sha256_wycheproof:
        "ECDSA P-384 SHA-256", SOURCE, Verify(Ecdsa(Curve::P384, Sha256)), Quick
        => |tally| signature::ecdsa(tally, "ecdsa_secp384r1_sha256", Curve::P384, Sha256);
    ecdsa_p384_sha384_wycheproof:
        "ECDSA P-384 SHA-384", SOURCE, Verify(Ecdsa(Curve::P384, Sha384)), Quick
        => |tally| signature::ecdsa(tally, "ecdsa_secp384r1_sha384", Curve::P384, Sha384);
    ecdsa_p384_sha512_wycheproof:
        "ECDSA P-384 SHA-512", SOURCE, Verify(Ecdsa(Curve::P384, Sha512)), Quick
        => |tally| signature::ecdsa(tally, "ecdsa_secp384r1_sha512", Curve::P384, Sha512);
    ecdsa_p521_sha512_wycheproof:
        "ECDSA P-521 SHA-512", SOURCE, Verify(Ecdsa(Curve::P521, Sha512)), Quick
        => |tally| signature::ecdsa(tally, "ecdsa_secp521r1_sha512", Curve::P521, Sha512);
    ed25519_wycheproof: "Ed25519", SOURCE, Verify(Ed25519), Quick
        => |tally| signature::eddsa(tally, "ed25519", Ed25519);
    ed448_wycheproof: "Ed448", SOURCE, Verify(Ed448), Quick
        => |tally| signature::eddsa(tally, "ed448", Ed448);

    rsa_pkcs1_sha256_wycheproof: "RSA-PKCS1 SHA-256", SOURCE, Verify(RsaPkcs1(Sha256)), Quick
        => |tally| rsa::pkcs1(tally, &rsa::PKCS1_SHA256, Sha256);
    rsa_pkcs1_sha384_wycheproof: "RSA-PKCS1 SHA-384", SOURCE, Verify(RsaPkcs1(Sha384)), Quick
        => |tally| rsa::pkcs1(tally, &rsa::PKCS1_SHA384, Sha384);
    rsa_pkcs1_sha512_wycheproof: "RSA-PKCS1 SHA-512", SOURCE, Verify(RsaPkcs1(Sha512)), Quick
        => |tally| rsa::pkcs1(tally, &rsa::PKCS1_SHA512, Sha512);
    rsa_pkcs1_sha256_large_wycheproof:
        "RSA-PKCS1 SHA-256", LARGE_KEYS, Verify(RsaPkcs1(Sha256)), Quick
        => |tally| rsa::pkcs1(tally, &rsa::PKCS1_SHA256_LARGE, Sha256);
    rsa_pkcs1_sha384_large_wycheproof:
        "RSA-PKCS1 SHA-384", LARGE_KEYS, Verify(RsaPkcs1(Sha384)), Quick
        => |tally| rsa::pkcs1(tally, &rsa::PKCS1_SHA384_LARGE, Sha384);
    rsa_pkcs1_sha512_large_wycheproof:
        "RSA-PKCS1 SHA-512", LARGE_KEYS, Verify(RsaPkcs1(Sha512)), Quick
        => |tally| rsa::pkcs1(tally, &rsa::PKCS1_SHA512_LARGE, Sha512);
    rsa_pss_rsae_sha256_wycheproof:
        "RSA-PSS SHA-256", SOURCE, Verify(RsaPssRsae(Sha256)), Quick
        => |tally| rsa::pss(tally, &rsa::PSS_RSAE, Sha256);
    rsa_pss_rsae_sha384_wycheproof:
        "RSA-PSS SHA-384", SOURCE, Verify(RsaPssRsae(Sha384)), Quick
        => |tally| rsa::pss(tally, &rsa::PSS_RSAE, Sha384);
    rsa_pss_rsae_sha512_wycheproof:
        "RSA-PSS SHA-512", SOURCE, Verify(RsaPssRsae(Sha512)), Quick
        => |tally| rsa::pss(tally, &rsa::PSS_RSAE, Sha512);
    rsa_pss_rsae_other_wycheproof:
        "RSA-PSS", OTHER_PARAMETERS, Verify(RsaPssRsae(Sha256)), Quick
        => |tally| rsa::pss_with_other_parameters(tally, &rsa::PSS_RSAE);
    rsa_pss_pss_sha256_wycheproof:
        "RSA-PSS SHA-256, RSASSA-PSS key", SOURCE, Verify(RsaPssPss(Sha256)), Quick
        => |tally| rsa::pss(tally, &rsa::PSS_PSS, Sha256);
    rsa_pss_pss_sha384_wycheproof:
        "RSA-PSS SHA-384, RSASSA-PSS key", SOURCE, Verify(RsaPssPss(Sha384)), Quick
        => |tally| rsa::pss(tally, &rsa::PSS_PSS, Sha384);
    rsa_pss_pss_sha512_wycheproof:
        "RSA-PSS SHA-512, RSASSA-PSS key", SOURCE, Verify(RsaPssPss(Sha512)), Quick
        => |tally| rsa::pss(tally, &rsa::PSS_PSS, Sha512);
    rsa_pss_pss_other_wycheproof:
        "RSA-PSS, RSASSA-PSS key", OTHER_PARAMETERS, Verify(RsaPssPss(Sha256)), Quick
        => |tally| rsa::pss_with_other_parameters(tally, &rsa::PSS_PSS);

    ml_dsa_44_wycheproof: "ML-DSA-44", SOURCE, Verify(MlDsa44), Quick
        => |tally| ml_dsa::verify(tally, &ml_dsa::ML_DSA_44);
    ml_dsa_44_signing_wycheproof: "ML-DSA-44", SIGNING, Sign(MlDsa44), Quick
        => |tally| ml_dsa::sign(tally, &ml_dsa::ML_DSA_44);
    ml_dsa_65_wycheproof: "ML-DSA-65", SOURCE, Verify(MlDsa65), Quick
        => |tally| ml_dsa::verify(tally, &ml_dsa::ML_DSA_65);
    ml_dsa_65_signing_wycheproof: "ML-DSA-65", SIGNING, Sign(MlDsa65), Quick
        => |tally| ml_dsa::sign(tally, &ml_dsa::ML_DSA_65);
    ml_dsa_87_wycheproof: "ML-DSA-87", SOURCE, Verify(MlDsa87), Quick
        => |tally| ml_dsa::verify(tally, &ml_dsa::ML_DSA_87);
    ml_dsa_87_signing_wycheproof: "ML-DSA-87", SIGNING, Sign(MlDsa87), Quick
        => |tally| ml_dsa::sign(tally, &ml_dsa::ML_DSA_87);
}
