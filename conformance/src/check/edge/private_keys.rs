//! Private keys that are damaged, contradict themselves or are of no use here. All are refused by
//! name; that a provider goes on with such a key, or panics, must not happen.

use dtls_crypto_api::pki_types::PrivateKeyDer;
use dtls_crypto_api::{CryptoError, CryptoProvider, Curve, SignatureAlgorithm};

use super::distinct_bytes;
use crate::check::der::{element, integer, sequence};
use crate::check::tally::{Case, During, Problem, Tally, Verdict, refused, same};
use crate::vectors::Foreign;

const OCTET_STRING: u8 = 4;
/// Where a bit lies in the modulus of an RSA key of 2048 bits, in either of its forms, and where
/// in one of its primes.
const IN_THE_MODULUS: usize = 100;
const IN_A_PRIME: usize = 600;

/// Keys that a provider may take: name and forms.
const KEYS: [(&str, &[&str]); 7] = [
    ("p256", &["pkcs8", "sec1"]),
    ("p384", &["pkcs8", "sec1"]),
    ("p521", &["pkcs8", "sec1"]),
    ("ed25519", &["pkcs8"]),
    ("ed448", &["pkcs8"]),
    ("rsa2048", &["pkcs8", "pkcs1"]),
    ("pss2048", &["pkcs8"]),
];

/// Whether the provider lists signatures of the kind that a key of this name makes.
fn signs_with(provider: &dyn CryptoProvider, name: &str) -> bool {
    use SignatureAlgorithm as S;
    provider.capabilities().sign.iter().any(|offered| match offered.id {
        S::Ecdsa(Curve::P256, _) => name == "p256",
        S::Ecdsa(Curve::P384, _) => name == "p384",
        S::Ecdsa(Curve::P521, _) => name == "p521",
        S::Ed25519 => name == "ed25519",
        S::Ed448 => name == "ed448",
        S::RsaPkcs1(_) | S::RsaPssRsae(_) | S::RsaPssPss(_) => {
            ["rsa2048", "pss2048"].contains(&name)
        }
        _ => false,
    })
}

pub(in crate::check) fn private_keys(tally: &mut Tally<'_>) -> Verdict {
    let (provider, foreign) = (tally.provider(), Foreign::load());
    for (name, forms) in KEYS {
        for form in forms {
            let key = foreign.get(&format!("{name}.{form}"));
            let loaded = match load(provider, form, key) {
                // A key of a kind that is not listed may be called bad as well.
                Err(CryptoError::Unsupported(_) | CryptoError::BadPrivateKey(_))
                    if !signs_with(provider, name) =>
                {
                    tally.not_offered(format_args!("private keys of {name}"), 1);
                    continue;
                }
                loaded => loaded,
            };
            tally.vector(&Case::new(format_args!("{name}, {form}")), || {
                loaded.during("load").map(drop)?;
                let key = provider.load_private_key(&der(form, key)).during("load")?;
                same("public key", key.public_key(), foreign.get(&format!("{name}.spki")))
            });
            for (what, wrong) in damaged(name, form, key) {
                refuse(tally, &format!("{name}, {form}, {what}"), form, &wrong);
            }
        }
    }
    for curve in [Curve::P256, Curve::P384, Curve::P521] {
        for (what, secret) in out_of_range(curve)? {
            let what = format!("{curve:?}, {what}");
            refuse(tally, &what, "pkcs8", &without_public_part(curve, &secret, &foreign)?);
        }
    }
    for name in ["x25519", "secp256k1", "rsa1024"] {
        refuse(tally, name, "pkcs8", foreign.get(&format!("{name}.pkcs8")));
    }
    for form in ["pkcs8", "sec1", "pkcs1"] {
        refuse(tally, &format!("noise as {form}"), form, &distinct_bytes(200));
        refuse(tally, &format!("nothing as {form}"), form, &[]);
        let huge = [&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], &[0; 64][..]].concat();
        refuse(tally, &format!("a length of 4 GiB as {form}"), form, &huge);
    }
    refuse(tally, "PKCS#8 as SEC1", "sec1", foreign.get("p256.pkcs8"));
    refuse(tally, "SEC1 as PKCS#8", "pkcs8", foreign.get("p256.sec1"));
    refuse(tally, "PKCS#8 as PKCS#1", "pkcs1", foreign.get("rsa2048.pkcs8"));
    refuse(tally, "a public key as PKCS#8", "pkcs8", foreign.get("p256.spki"));
    Ok(())
}

fn der<'a>(form: &str, key: &'a [u8]) -> PrivateKeyDer<'a> {
    match form {
        "sec1" => PrivateKeyDer::Sec1(key.into()),
        "pkcs1" => PrivateKeyDer::Pkcs1(key.into()),
        _ => PrivateKeyDer::Pkcs8(key.into()),
    }
}

fn load(provider: &dyn CryptoProvider, form: &str, key: &[u8]) -> Result<(), CryptoError> {
    provider.load_private_key(&der(form, key)).map(drop)
}

fn refuse(tally: &mut Tally<'_>, what: &str, form: &str, key: &[u8]) {
    let provider = tally.provider();
    tally.vector(&Case::new(what).input("key", key), || {
        let errors = [CryptoError::BadPrivateKey(""), CryptoError::Unsupported("")];
        refused("load", load(provider, form, key), &errors)
    });
}

fn damaged(name: &str, form: &str, key: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut list = vec![("a byte behind".to_owned(), [key, &[0]].concat())];
    for len in (1..key.len()).step_by(1 + key.len() / 24) {
        list.push((format!("cut to {len} bytes"), key[..len].to_vec()));
    }
    list.push(("one byte short".to_owned(), key[..key.len() - 1].to_vec()));
    let changed = |at: usize| {
        let mut key = key.to_vec();
        key[at] ^= 1;
        key
    };
    if name.starts_with('p') && !name.starts_with("pss") {
        // The public part comes last.
        list.push(("another public part".to_owned(), changed(key.len() - 1)));
    } else if name.ends_with("2048") {
        list.push(("a modulus that is no product".to_owned(), changed(IN_THE_MODULUS)));
        list.push(("another prime".to_owned(), changed(IN_A_PRIME)));
    } else if form == "pkcs8" {
        // An Edwards key's seed comes last, and its length is fixed.
        let (head, tail) = key.split_at(16);
        let mut short = [head, &tail[1..]].concat();
        let mut long = [head, tail, &[0]].concat();
        for (key, change) in [(&mut short, -1), (&mut long, 1)] {
            for length in [1, 13, 15] {
                key[length] = key[length].wrapping_add_signed(change);
            }
        }
        list.push(("a seed too short".to_owned(), short));
        list.push(("a seed too long".to_owned(), long));
    }
    list
}

/// Numbers that are no private key on the curve.
fn out_of_range(curve: Curve) -> Result<Vec<(&'static str, Vec<u8>)>, Problem> {
    let order = super::ecdsa_encodings::order(curve)?;
    let mut above = order.clone();
    above.iter_mut().last().into_iter().for_each(|byte| *byte += 1);
    let len = order.len();
    Ok(vec![("0", vec![0; len]), ("n", order), ("n + 1", above), ("all ones", vec![0xff; len])])
}

/// A PKCS#8 key (RFC 5958, RFC 5915) that holds nothing but the number.
fn without_public_part(curve: Curve, secret: &[u8], foreign: &Foreign) -> Result<Vec<u8>, Problem> {
    let (name, at) = match curve {
        Curve::P256 => ("p256.pkcs8", 6..27),
        Curve::P384 => ("p384.pkcs8", 6..24),
        _ => ("p521.pkcs8", 6..24),
    };
    let algorithm = foreign.get(name).get(at).during("algorithm of the key")?;
    let key = sequence(&[&integer(&[1]), &element(OCTET_STRING, secret)]);
    Ok(sequence(&[&integer(&[0]), algorithm, &element(OCTET_STRING, &key)]))
}
