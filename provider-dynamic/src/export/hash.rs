//! Hashes, HMAC, HKDF and the key schedule of an exported provider.

#![allow(unsafe_code, reason = "is called through pointers by the host")]

use dtls_crypto_api::{CryptoError, HashAlgorithm, HashContext, Label};

use super::border::{
    Fragile, Object, array, buffer, bytes, fill, guard, guard_silently, hand_out, object,
    object_mut, optional, pieces, secret, take,
};
use super::provider::provider;
use crate::abi::{self, Buffer, Bytes, Outcome, Provider};

/// A hash in the making.
pub(super) struct Exported(Fragile<Box<dyn HashContext>>);

impl Object for Exported {
    type Opaque = abi::Hash;
}

fn algorithm(hash: u32) -> Result<HashAlgorithm, CryptoError> {
    HashAlgorithm::from_number(hash).ok_or(CryptoError::Unsupported("this hash"))
}

pub(super) unsafe extern "C" fn hash_new(
    provider: *const Provider,
    hash: u32,
    out: *mut *mut abi::Hash,
) -> Outcome {
    // SAFETY: as the header says.
    guard(|| unsafe {
        let provider = self::provider(provider)?;
        hand_out(out, || Ok(Exported(Fragile::new(provider.hash(algorithm(hash)?)?))))
    })
}

pub(super) unsafe extern "C" fn hash_update(hash: *mut abi::Hash, data: Bytes) {
    // SAFETY: as the header says.
    guard_silently(|| unsafe {
        let hash = &mut object_mut::<Exported>(hash)?.0;
        match bytes(data) {
            Ok(data) => hash.change(|hash| {
                hash.update(data);
                Ok(())
            }),
            Err(error) => {
                // A hash that has missed something has no value any more.
                hash.break_off();
                Err(error)
            }
        }
    });
}

pub(super) unsafe extern "C" fn hash_fork(
    hash: *const abi::Hash,
    out: *mut *mut abi::Hash,
) -> Outcome {
    // SAFETY: as the header says.
    guard(|| unsafe {
        let hash = object::<Exported>(hash)?.0.get()?;
        hand_out(out, || Ok(Exported(Fragile::new(hash.fork()))))
    })
}

pub(super) unsafe extern "C" fn hash_finish(hash: *mut abi::Hash, out: Buffer) -> Outcome {
    // SAFETY: as the header says.
    guard(|| unsafe {
        let hash = take::<Exported>(hash)?.0.into_inner()?;
        fill(out, hash.finish().as_ref())
    })
}

pub(super) unsafe extern "C" fn hmac(
    provider: *const Provider,
    hash: u32,
    key: Bytes,
    data: *const Bytes,
    data_len: usize,
    out: Buffer,
) -> Outcome {
    // SAFETY: as the header says.
    guard(|| unsafe {
        let (key, data) = (bytes(key)?, pieces(data, data_len)?);
        let digest = self::provider(provider)?.hmac(algorithm(hash)?, key, &data)?;
        fill(out, digest.as_ref())
    })
}

pub(super) unsafe extern "C" fn hkdf_extract(
    provider: *const Provider,
    hash: u32,
    salt: Bytes,
    ikm: Bytes,
    out: Buffer,
) -> Outcome {
    // SAFETY: as the header says.
    guard(|| unsafe {
        let (salt, ikm) = (bytes(salt)?, bytes(ikm)?);
        let prk = self::provider(provider)?.hkdf_extract(algorithm(hash)?, salt, ikm)?;
        fill(out, prk.expose())
    })
}

pub(super) unsafe extern "C" fn hkdf_expand(
    provider: *const Provider,
    hash: u32,
    prk: Bytes,
    info: *const Bytes,
    info_len: usize,
    out: Buffer,
) -> Outcome {
    // SAFETY: as the header says.
    guard(|| unsafe {
        let (prk, info, out) = (secret(prk)?, pieces(info, info_len)?, buffer(out)?);
        self::provider(provider)?.hkdf_expand(algorithm(hash)?, &prk, &info, out)
    })
}

pub(super) unsafe extern "C" fn schedule_extract(
    provider: *const Provider,
    hash: u32,
    prefix: *const u8,
    previous: *const Bytes,
    input: *const Bytes,
    out: Buffer,
) -> Outcome {
    // SAFETY: as the header says.
    guard(|| unsafe {
        let previous = optional(previous)?.map(|previous| secret(Bytes::from_slice(previous)));
        let previous = previous.transpose()?;
        let (prefix, input) = (array(prefix)?, optional(input)?);
        let next = self::provider(provider)?.schedule_extract(
            algorithm(hash)?,
            prefix,
            previous.as_ref(),
            input,
        )?;
        fill(out, next.expose())
    })
}

pub(super) unsafe extern "C" fn schedule_expand(
    provider: *const Provider,
    hash: u32,
    secret: Bytes,
    prefix: *const u8,
    label: Bytes,
    context: Bytes,
    out: Buffer,
) -> Outcome {
    // SAFETY: as the header says.
    guard(|| unsafe {
        let secret = self::secret(secret)?;
        let label =
            Label { prefix: array(prefix)?, label: bytes(label)?, context: bytes(context)? };
        let out = buffer(out)?;
        self::provider(provider)?.schedule_expand(algorithm(hash)?, &secret, &label, out)
    })
}
