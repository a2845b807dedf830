//! As much DER (X.690) as it takes to write the keys and signatures of a vector, right or wrong.

use dtls_crypto_api::Curve;
use pki_types::{AlgorithmIdentifier, alg_id};

/// Element types of a key or signature.
pub(super) const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
pub(super) const SEQUENCE: u8 = 0x30;

/// One element.
pub(super) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let len = content.len();
    let length = match len {
        0..=0x7f => vec![len as u8],
        0x80..=0xff => vec![0x81, len as u8],
        _ => vec![0x82, (len >> 8) as u8, len as u8],
    };
    [&[tag], &length[..], content].concat()
}

/// A sequence of these elements.
pub(super) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    element(SEQUENCE, &parts.concat())
}

/// The content of the integer with this magnitude, big end first.
pub(super) fn magnitude(number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let digits = &number[zeros.min(number.len().saturating_sub(1))..];
    let sign: &[u8] = if digits.first().is_some_and(|byte| *byte >= 0x80) { &[0] } else { &[] };
    [sign, digits].concat()
}

/// The integer with this magnitude.
pub(super) fn integer(number: &[u8]) -> Vec<u8> {
    element(INTEGER, &magnitude(number))
}

/// An ECDSA signature.
pub(super) fn ecdsa_signature(r: &[u8], s: &[u8]) -> Vec<u8> {
    sequence(&[&integer(r), &integer(s)])
}

/// A SubjectPublicKeyInfo (RFC 5280 4.1).
pub(super) fn public_key(algorithm: AlgorithmIdentifier, key: &[u8]) -> Vec<u8> {
    let key = element(BIT_STRING, &[&[0], key].concat());
    sequence(&[&sequence(&[algorithm.as_ref()]), &key])
}

/// The SubjectPublicKeyInfo of a point on a curve (RFC 5480).
pub(super) fn ec_public_key(curve: Curve, point: &[u8]) -> Vec<u8> {
    let algorithm = match curve {
        Curve::P256 => alg_id::ECDSA_P256,
        Curve::P384 => alg_id::ECDSA_P384,
        _ => alg_id::ECDSA_P521,
    };
    public_key(algorithm, point)
}
