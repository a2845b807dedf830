//! The self test of backends whose library has none.

use crate::code_points::{AeadAlgorithm, HashAlgorithm, NamedGroup};
use crate::error::CryptoError;
use crate::label::Label;
use crate::provider::CryptoProvider;
use crate::record_keys::{IV_LEN, RecordSecrets, SAMPLE_LEN};
use crate::signature::KeyKind;

/// The early secret of a handshake without a PSK (RFC 8448 3).
const EARLY_SECRET: [u8; 32] = [
    0x33, 0xad, 0x0a, 0x1c, 0x60, 0x7e, 0xc0, 0x3b, 0x09, 0xe6, 0xcd, 0x98, 0x93, 0x68, 0x0c, 0xe2,
    0x10, 0xad, 0xf3, 0x00, 0xaa, 0x1f, 0x26, 0x60, 0xe1, 0xb2, 0x2e, 0x10, 0xf1, 0x70, 0xf9, 0x2a,
];

/// What "derived" makes of it under the label prefix of DTLS 1.3.
const DERIVED: [u8; 32] = [
    0xb1, 0x7b, 0xce, 0x94, 0x51, 0xee, 0x8b, 0xc6, 0xe8, 0xae, 0xbc, 0x0a, 0xa9, 0xe9, 0x82, 0x95,
    0x67, 0x7a, 0x4a, 0x6a, 0x91, 0xf7, 0x84, 0x40, 0x83, 0x31, 0x46, 0xe4, 0x65, 0xf2, 0xff, 0x95,
];

/// A short test of every kind of work: known answers of the key schedule; a record sealed, opened
/// and refused once it is damaged, per suite; a key exchange per group; a signature; and two
/// random draws that differ. It is a check of health; `dtls-conformance` is the proof.
///
/// # Errors
/// [`CryptoError::SelfTestFailed`] with the part that is broken.
pub fn self_test<P: CryptoProvider + ?Sized>(provider: &P) -> Result<(), CryptoError> {
    test(random(provider), "random")?;
    test(schedule(provider), "key schedule")?;
    for suite in &provider.capabilities().cipher_suites {
        if let Some(aead) = suite.id.aead() {
            test(record(provider, aead), suite.id.name().unwrap_or("record protection"))?;
        }
    }
    for group in &provider.capabilities().groups {
        test(key_exchange(provider, group.id), group.id.name().unwrap_or("key exchange"))?;
    }
    // Making an RSA key takes too long for a self test.
    let kinds = provider.capabilities().generate.iter().map(|offered| offered.id);
    if let Some(kind) = kinds.into_iter().find(|kind| !matches!(kind, KeyKind::Rsa(_))) {
        test(signature(provider, kind), "signature")?;
    }
    Ok(())
}

/// A part is broken when it errs, and when it gives a wrong answer.
fn test(result: Result<bool, CryptoError>, what: &'static str) -> Result<(), CryptoError> {
    match result {
        Ok(true) => Ok(()),
        Ok(false) | Err(_) => Err(CryptoError::SelfTestFailed(what)),
    }
}

fn random<P: CryptoProvider + ?Sized>(provider: &P) -> Result<bool, CryptoError> {
    let (mut a, mut b) = ([0; 32], [0; 32]);
    provider.random(&mut a)?;
    provider.random(&mut b)?;
    Ok(a != b && a != [0; 32])
}

fn schedule<P: CryptoProvider + ?Sized>(provider: &P) -> Result<bool, CryptoError> {
    let hash = HashAlgorithm::Sha256;
    let label = Label::dtls13(b"derived", &[]);
    let early = provider.schedule_extract(hash, label.prefix, None, None)?;
    let empty = provider.hash(hash)?.finish();
    let mut derived = [0; 32];
    let label = Label { context: empty.as_ref(), ..label };
    provider.schedule_expand(hash, &early, &label, &mut derived)?;
    Ok(early.expose() == EARLY_SECRET && derived == DERIVED)
}

fn record<P: CryptoProvider + ?Sized>(
    provider: &P,
    aead: AeadAlgorithm,
) -> Result<bool, CryptoError> {
    const TEXT: &[u8; 32] = b"a sealed record of a self test!!";
    let (key, number_key, iv) = ([0x11; 32], [0x22; 32], [0x33; IV_LEN]);
    let secrets = RecordSecrets {
        aead,
        key: key.get(..aead.key_len()).unwrap_or(&key),
        iv: &iv,
        record_number_key: number_key.get(..aead.key_len()).unwrap_or(&number_key),
    };
    let (mut seal, mut open) = (provider.seal_key(&secrets)?, provider.open_key(&secrets)?);
    let mut room = [0; TEXT.len() + 16];
    let sealed = room.get_mut(..TEXT.len() + aead.tag_len()).ok_or(CryptoError::BadRecord)?;
    if let Some(text) = sealed.get_mut(..TEXT.len()) {
        text.copy_from_slice(TEXT);
    }
    seal.seal(7, b"header", sealed)?;
    let hidden = sealed.get(..TEXT.len()) != Some(TEXT);

    let sample = sealed.first_chunk::<SAMPLE_LEN>().ok_or(CryptoError::BadRecord)?;
    let same_mask = seal.record_number_mask(sample)? == open.record_number_mask(sample)?;

    let mut damaged = room;
    let damaged = damaged.get_mut(..TEXT.len() + aead.tag_len()).ok_or(CryptoError::BadRecord)?;
    if let Some(byte) = damaged.last_mut() {
        *byte ^= 1;
    }
    let refused = open.open(7, b"header", damaged) == Err(CryptoError::BadRecord);

    let sealed = room.get_mut(..TEXT.len() + aead.tag_len()).ok_or(CryptoError::BadRecord)?;
    let len = open.open(7, b"header", sealed)?;
    Ok(hidden && same_mask && refused && sealed.get(..len) == Some(TEXT))
}

fn key_exchange<P: CryptoProvider + ?Sized>(
    provider: &P,
    group: NamedGroup,
) -> Result<bool, CryptoError> {
    let client = provider.start_key_exchange(group)?;
    let server = provider.encapsulate(group, client.share())?;
    let secret = client.complete(&server.share)?;
    Ok(secret.expose() == server.secret.expose() && !secret.is_empty())
}

fn signature<P: CryptoProvider + ?Sized>(provider: &P, kind: KeyKind) -> Result<bool, CryptoError> {
    let key = provider.generate_private_key(kind)?.key;
    let algorithm = key.algorithms().first().ok_or(CryptoError::Unsupported("signing"))?;
    let signature = key.sign(*algorithm, b"self test")?;
    let public = key.public_key().into();
    provider.verify_signature(*algorithm, &public, b"self test", &signature)?;
    let other = provider.verify_signature(*algorithm, &public, b"another", &signature);
    Ok(other == Err(CryptoError::BadSignature))
}
