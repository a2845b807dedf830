//! ECDSA signatures in encodings other than the one DER has, and numbers out of range: one
//! signature, one form (RFC 3279 2.2.3, X.690 8.3, 10.1). What is accepted in two forms lets
//! anybody make a second signature of the first.

use dtls_crypto_api::{CryptoError, Curve, HashAlgorithm, SignatureAlgorithm};

use crate::check::der::{self, INTEGER, element, integer, magnitude, sequence};
use crate::check::tally::{Case, During, Problem, Tally, Verdict, refused};
use crate::vectors::{Bytes, EcdsaKey};

/// The order of each curve's group.
const ORDERS: [&str; 3] = [
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
    "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
    "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
];

pub(in crate::check) fn ecdsa_encodings(tally: &mut Tally<'_>, curve: Curve) -> Verdict {
    let provider = tally.provider();
    let (hash, bits) = match curve {
        Curve::P256 => (HashAlgorithm::Sha256, 256),
        Curve::P384 => (HashAlgorithm::Sha384, 384),
        _ => (HashAlgorithm::Sha512, 512),
    };
    let algorithm = SignatureAlgorithm::Ecdsa(curve, hash);
    let key = EcdsaKey::of(curve);
    let public = der::ec_public_key(curve, &key.point());
    let answer = key.signatures.iter().find(|answer| answer.hash == bits).during("signature")?;
    let (r, s) = (&answer.r[..], &answer.s[..]);
    let verify = |signature: &[u8]| {
        let public = public.as_slice().into();
        provider.verify_signature(algorithm, &public, &answer.message, signature)
    };
    let right = der::ecdsa_signature(r, s);
    tally.vector(&Case::new("as it should be").input("signature", &right), || {
        verify(&right).during("verify")
    });
    for (what, signature) in wrong(curve, r, s)? {
        let case = Case::new(what)
            .input("public key", &public)
            .input("message", &answer.message)
            .input("signature", &signature);
        tally.vector(&case, || {
            refused("signature", verify(&signature), &[CryptoError::BadSignature])
        });
    }
    Ok(())
}

/// The order of the curve's group, as long as the field, big end first.
pub(super) fn order(curve: Curve) -> Result<Vec<u8>, Problem> {
    let order = match curve {
        Curve::P256 => ORDERS[0],
        Curve::P384 => ORDERS[1],
        _ => ORDERS[2],
    };
    Ok(Bytes::from_hex(order).during("order")?.to_vec())
}

fn wrong(curve: Curve, r: &[u8], s: &[u8]) -> Result<Vec<(&'static str, Vec<u8>)>, Problem> {
    let n = order(curve)?;
    let (der_r, der_s) = (integer(r), integer(s));
    let right = sequence(&[&der_r, &der_s]);
    let body = [&der_r[..], &der_s].concat();
    let raw_integer = |content: &[u8]| element(INTEGER, content);
    let of = |r: &[u8], s: &[u8]| sequence(&[&raw_integer(r), &raw_integer(s)]);
    let (mag_r, mag_s) = (magnitude(r), magnitude(s));
    let zero_in_front = |number: &[u8]| [&[0], number].concat();
    let long = |tag: u8, content: &[u8], extra: usize| {
        let len = (content.len() as u64).to_be_bytes();
        let bytes = if content.len() > 0xff { 2 } else { 1 } + extra;
        [&[tag, 0x80 | bytes as u8], &len[len.len() - bytes..], content].concat()
    };
    // One byte of length is the short form when it is below 128 and the long one from there.
    let extra = |content: &[u8]| usize::from(content.len() > 0x7f);
    let zeros = vec![0; r.len()];
    let mut list = vec![
        ("empty", Vec::new()),
        ("the sequence's length in a longer form", long(der::SEQUENCE, &body, extra(&body))),
        ("the sequence's length in seven bytes", long(der::SEQUENCE, &body, 6)),
        ("r's length in a longer form", {
            sequence(&[&long(INTEGER, &mag_r, extra(&mag_r)), &der_s])
        }),
        ("s's length in a longer form", {
            sequence(&[&der_r, &long(INTEGER, &mag_s, extra(&mag_s))])
        }),
        ("indefinite length", [&[0x30, 0x80], &body[..], &[0, 0]].concat()),
        ("indefinite length without an end", [&[0x30, 0x80], &body[..]].concat()),
        ("a zero in front of r", of(&zero_in_front(&mag_r), &mag_s)),
        ("a zero in front of s", of(&mag_r, &zero_in_front(&mag_s))),
        ("a byte behind", [&right[..], &[0]].concat()),
        ("a NULL behind", [&right[..], &[5, 0]].concat()),
        ("the signature twice", right.repeat(2)),
        ("a third number", sequence(&[&der_r, &der_s, &integer(&[1])])),
        ("a NULL inside", sequence(&[&der_r, &der_s, &[5, 0]])),
        ("s missing", sequence(&[&der_r])),
        ("both missing", sequence(&[])),
        ("r empty", of(&[], &mag_s)),
        ("s empty", of(&mag_r, &[])),
        ("r of 0", of(&[0], &mag_s)),
        ("s of 0", of(&mag_r, &[0])),
        ("both 0", of(&[0], &[0])),
        ("both 1", of(&[1], &[1])),
        ("r of n", sequence(&[&integer(&n), &der_s])),
        ("s of n", sequence(&[&der_r, &integer(&n)])),
        ("both n", sequence(&[&integer(&n), &integer(&n)])),
        ("r + n", sequence(&[&integer(&sum(r, &n)), &der_s])),
        ("s + n", sequence(&[&der_r, &integer(&sum(s, &n))])),
        ("r and s exchanged", sequence(&[&der_s, &der_r])),
        ("r || s without DER", [r, s].concat()),
        ("zeros without DER", [&zeros[..], &zeros].concat()),
        ("a set instead of a sequence", [&[0x31], &right[1..]].concat()),
        ("r as an octet string", sequence(&[&element(4, &mag_r), &der_s])),
        ("r as an enumerated", sequence(&[&element(10, &mag_r), &der_s])),
        ("one byte short", right[..right.len() - 1].to_vec()),
        ("cut in half", right[..right.len() / 2].to_vec()),
        ("the header alone", right[..2].to_vec()),
    ];
    // Without the zero that tells it is positive, a number whose highest bit is set is another.
    for (what, number, is_r) in [("r negative", &mag_r, true), ("s negative", &mag_s, false)] {
        if let Some((0, negative)) = number.split_first() {
            let negative = if is_r { of(negative, &mag_s) } else { of(&mag_r, negative) };
            list.push((what, negative));
        }
    }
    Ok(list)
}

/// The sum of two numbers of one length, big end first.
fn sum(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut carry = 0;
    let mut digits: Vec<u8> = (a.iter().rev().zip(b.iter().rev()))
        .map(|(a, b)| {
            carry += u16::from(*a) + u16::from(*b);
            let digit = carry as u8;
            carry >>= 8;
            digit
        })
        .collect();
    digits.push(carry as u8);
    digits.reverse();
    digits
}
