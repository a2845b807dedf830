//! Public keys that do not fit the algorithm, and such as are no keys.

use dtls_crypto_api::{CryptoError, Curve, HashAlgorithm, SignatureAlgorithm};
use pki_types::{AlgorithmIdentifier, alg_id};

use super::curve_points::bad_points;
use super::signature_algorithms;
use crate::check::der;
use crate::check::tally::{Case, During, Tally, Verdict, refused};
use crate::vectors::{FOREIGN_MESSAGE, Foreign};

/// Keys of every kind, each with a signature it made where it can make one.
const KEYS: [(&str, &str); 9] = [
    ("p256", "p256"),
    ("p384", "p384"),
    ("p521", "p521"),
    ("secp256k1", "secp256k1"),
    ("ed25519", "ed25519"),
    ("ed448", "ed448"),
    ("rsa2048", "rsae_sha256"),
    ("pss2048", "pss_sha256"),
    // Agrees on secrets and signs nothing.
    ("x25519", "ed25519"),
];

fn fits(key: &str, algorithm: SignatureAlgorithm) -> bool {
    match algorithm {
        SignatureAlgorithm::Ecdsa(Curve::P256, _) => key == "p256",
        SignatureAlgorithm::Ecdsa(Curve::P384, _) => key == "p384",
        SignatureAlgorithm::Ecdsa(_, _) => key == "p521",
        SignatureAlgorithm::Ed25519 => key == "ed25519",
        SignatureAlgorithm::Ed448 => key == "ed448",
        SignatureAlgorithm::RsaPkcs1(_) | SignatureAlgorithm::RsaPssRsae(_) => key == "rsa2048",
        SignatureAlgorithm::RsaPssPss(_) => key == "pss2048",
        _ => false,
    }
}

/// Every algorithm with every key that is not of its kind.
pub(in crate::check) fn keys_of_another_kind(tally: &mut Tally<'_>) -> Verdict {
    let (provider, foreign) = (tally.provider(), Foreign::load());
    for algorithm in signature_algorithms() {
        if !provider.capabilities().can_verify(algorithm) {
            tally.not_offered(format_args!("{algorithm:?}"), 1);
            continue;
        }
        for (key, signature) in KEYS.into_iter().filter(|(key, _)| !fits(key, algorithm)) {
            let public = foreign.get(&format!("{key}.spki"));
            let signature = foreign.get(&format!("{signature}.sig"));
            let case = Case::new(format_args!("{algorithm:?} with a key of {key}"))
                .input("public key", public)
                .input("signature", signature);
            tally.vector(&case, || {
                let verified = provider.verify_signature(
                    algorithm,
                    &public.into(),
                    FOREIGN_MESSAGE,
                    signature,
                );
                refused("key", verified, &[CryptoError::BadPublicKey])
            });
        }
    }
    Ok(())
}

/// Keys cut, lengthened, and put together wrongly. The signature with them is a good one.
pub(in crate::check) fn damaged_public_keys(tally: &mut Tally<'_>) -> Verdict {
    use HashAlgorithm::{Sha256, Sha384, Sha512};
    let (provider, foreign) = (tally.provider(), Foreign::load());
    for (algorithm, key, signature) in [
        (SignatureAlgorithm::Ecdsa(Curve::P256, Sha256), "p256", "p256"),
        (SignatureAlgorithm::Ecdsa(Curve::P384, Sha384), "p384", "p384"),
        (SignatureAlgorithm::Ecdsa(Curve::P521, Sha512), "p521", "p521"),
        (SignatureAlgorithm::Ed25519, "ed25519", "ed25519"),
        (SignatureAlgorithm::Ed448, "ed448", "ed448"),
        (SignatureAlgorithm::RsaPkcs1(Sha256), "rsa2048", "pkcs1_sha256"),
        (SignatureAlgorithm::RsaPssRsae(Sha256), "rsa2048", "rsae_sha256"),
        (SignatureAlgorithm::RsaPssPss(Sha256), "pss2048", "pss_sha256"),
    ] {
        if !provider.capabilities().can_verify(algorithm) {
            tally.not_offered(format_args!("{algorithm:?}"), 1);
            continue;
        }
        let right = foreign.get(&format!("{key}.spki"));
        let signature = foreign.get(&format!("{signature}.sig"));
        let verify = |public: &[u8]| {
            provider.verify_signature(algorithm, &public.into(), FOREIGN_MESSAGE, signature)
        };
        tally.vector(&Case::new(format_args!("{algorithm:?}, as it should be")), || {
            verify(right).during("verify")
        });
        for (what, public) in damaged(algorithm, right)? {
            let case =
                Case::new(format_args!("{algorithm:?}, {what}")).input("public key", &public);
            tally.vector(&case, || refused("key", verify(&public), &[CryptoError::BadPublicKey]));
        }
    }
    for (algorithm, signature) in [
        (SignatureAlgorithm::RsaPkcs1(Sha256), "pkcs1_1024"),
        (SignatureAlgorithm::RsaPssRsae(Sha256), "rsae_1024"),
    ] {
        if provider.capabilities().can_verify(algorithm) {
            let public = foreign.get("rsa1024.spki");
            let signature = foreign.get(&format!("{signature}.sig"));
            let case = Case::new(format_args!("{algorithm:?}, a modulus of 1024 bits"))
                .comment("too weak for anything (NIST SP 800-131A)")
                .input("public key", public);
            tally.vector(&case, || {
                let verified = provider.verify_signature(
                    algorithm,
                    &public.into(),
                    FOREIGN_MESSAGE,
                    signature,
                );
                refused("key", verified, &[CryptoError::BadPublicKey])
            });
        }
    }
    Ok(())
}

fn damaged(
    algorithm: SignatureAlgorithm,
    right: &[u8],
) -> Result<Vec<(String, Vec<u8>)>, crate::check::Problem> {
    let named = |what: &str, key: Vec<u8>| (what.to_owned(), key);
    let mut list = vec![
        named("empty", Vec::new()),
        named("one byte", vec![0x30]),
        named("an empty sequence", der::sequence(&[])),
        named("a byte behind", [right, &[0]].concat()),
        named("a set instead of a sequence", [&[0x31], &right[1..]].concat()),
        named("zeros", vec![0; right.len()]),
        named("ones", vec![0xff; right.len()]),
    ];
    for len in (2..right.len()).step_by(1 + right.len() / 24) {
        list.push((format!("cut to {len} bytes"), right[..len].to_vec()));
    }
    list.push(named("one byte short", right[..right.len() - 1].to_vec()));
    match algorithm {
        SignatureAlgorithm::Ecdsa(curve, _) => {
            for (what, point) in bad_points(curve)? {
                // RFC 5480 2.2 lets certificates hold compressed points; who reads them may.
                if !what.starts_with("compressed") || what.ends_with("padded") {
                    list.push((what.to_owned(), der::ec_public_key(curve, &point)));
                }
            }
        }
        SignatureAlgorithm::Ed25519 | SignatureAlgorithm::Ed448 => {
            let (identifier, len) = match algorithm {
                SignatureAlgorithm::Ed25519 => (alg_id::ED25519, 32),
                _ => (alg_id::ED448, 57),
            };
            // RFC 8410 3: the parameters are absent.
            let key = &right[right.len() - len..];
            let with_null = [identifier.as_ref(), &[5, 0]].concat();
            let bits = der::element(3, &[&[0], key].concat());
            let with_null = der::sequence(&[&der::sequence(&[&with_null]), &bits]);
            list.push(named("with parameters", with_null));
            list.push(named("a key too short", public(identifier, &key[1..])));
            list.push(named("a key too long", public(identifier, &[key, &[0]].concat())));
        }
        _ => {}
    }
    Ok(list)
}

fn public(identifier: AlgorithmIdentifier, key: &[u8]) -> Vec<u8> {
    der::public_key(identifier, key)
}
