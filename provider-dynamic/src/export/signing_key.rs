//! Private keys and signatures of an exported provider.

#![allow(unsafe_code, reason = "is called through pointers by the host")]

use std::sync::Arc;

use dtls_crypto_api::pki_types::PrivateKeyDer;
use dtls_crypto_api::{CryptoError, KeyKind, SignatureAlgorithm, SigningKey};

use super::border::{Object, bytes, guard, hand_out, hand_out_bytes, object, place};
use super::provider::provider;
use crate::abi::{self, Buffer, Bytes, Numbers, Outcome, Provider, der};

/// A private key, and what is asked of it once for all.
pub(super) struct Exported {
    key: Arc<dyn SigningKey>,
    algorithms: Box<[u32]>,
    public_key: Box<[u8]>,
}

impl Object for Exported {
    type Opaque = abi::SigningKey;
}

impl Exported {
    fn new(key: Arc<dyn SigningKey>) -> Self {
        let algorithms = key.algorithms().iter().map(|algorithm| algorithm.number()).collect();
        let public_key = key.public_key().into();
        Self { key, algorithms, public_key }
    }
}

fn signature_algorithm(number: u32) -> Result<SignatureAlgorithm, CryptoError> {
    SignatureAlgorithm::from_number(number)
        .ok_or(CryptoError::Unsupported("this signature algorithm"))
}

pub(super) unsafe extern "C" fn signing_key_load(
    provider: *const Provider,
    format: u32,
    key: Bytes,
    out: *mut *mut abi::SigningKey,
) -> Outcome {
    // SAFETY: as the header says.
    guard(|| unsafe {
        let (provider, key) = (self::provider(provider)?, bytes(key)?);
        let key = match format {
            der::PKCS8 => PrivateKeyDer::Pkcs8(key.into()),
            der::SEC1 => PrivateKeyDer::Sec1(key.into()),
            der::PKCS1 => PrivateKeyDer::Pkcs1(key.into()),
            _ => return Err(CryptoError::Unsupported("this encoding of private keys")),
        };
        hand_out(out, || Ok(Exported::new(provider.load_private_key(&key)?)))
    })
}

pub(super) unsafe extern "C" fn signing_key_generate(
    provider: *const Provider,
    kind: u32,
    pkcs8: *mut Buffer,
    out: *mut *mut abi::SigningKey,
) -> Outcome {
    // SAFETY: as the header says.
    guard(|| unsafe {
        place(out)?;
        let kind = KeyKind::from_number(kind).ok_or(CryptoError::Unsupported("this kind of key"));
        let made = self::provider(provider)?.generate_private_key(kind?)?;
        let key = Exported::new(made.key);
        // Nothing fails any more once the first of the two is handed out.
        hand_out_bytes(pkcs8, &made.pkcs8)?;
        hand_out(out, || Ok(key))
    })
}

pub(super) unsafe extern "C" fn signing_key_algorithms(key: *const abi::SigningKey) -> Numbers {
    // SAFETY: as the header says.
    let exported = unsafe { object::<Exported>(key) };
    exported.map_or(Numbers::EMPTY, |exported| Numbers {
        data: exported.algorithms.as_ptr(),
        len: exported.algorithms.len(),
    })
}

pub(super) unsafe extern "C" fn signing_key_public(key: *const abi::SigningKey) -> Bytes {
    // SAFETY: as the header says.
    let exported = unsafe { object::<Exported>(key) };
    exported.map_or(Bytes::EMPTY, |exported| Bytes::from_slice(&exported.public_key))
}

pub(super) unsafe extern "C" fn sign(
    key: *const abi::SigningKey,
    algorithm: u32,
    message: Bytes,
    signature: *mut Buffer,
) -> Outcome {
    // SAFETY: as the header says.
    guard(|| unsafe {
        let (exported, message) = (object::<Exported>(key)?, bytes(message)?);
        let made = exported.key.sign(signature_algorithm(algorithm)?, message)?;
        hand_out_bytes(signature, &made)
    })
}

pub(super) unsafe extern "C" fn verify(
    provider: *const Provider,
    algorithm: u32,
    public_key: Bytes,
    message: Bytes,
    signature: Bytes,
) -> Outcome {
    // SAFETY: as the header says.
    guard(|| unsafe {
        let (public_key, message, signature) =
            (bytes(public_key)?, bytes(message)?, bytes(signature)?);
        let algorithm = signature_algorithm(algorithm)?;
        let provider = self::provider(provider)?;
        provider.verify_signature(algorithm, &public_key.into(), message, signature)
    })
}
