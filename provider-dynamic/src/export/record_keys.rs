//! Record keys of an exported provider.

#![allow(unsafe_code, reason = "is called through pointers by the host")]

use dtls_crypto_api::{AeadAlgorithm, CryptoError, OpenKey, RecordSecrets, SealKey, Zeroize};

use super::border::{Fragile, Object, array, buffer, bytes, guard, hand_out, object_mut, place};
use super::provider::provider;
use crate::abi::{self, Buffer, Bytes, Outcome, Provider};

/// A key that seals records.
pub(super) struct ExportedSeal(Fragile<Box<dyn SealKey>>);

impl Object for ExportedSeal {
    type Opaque = abi::SealKey;
}

/// A key that opens records.
pub(super) struct ExportedOpen(Fragile<Box<dyn OpenKey>>);

impl Object for ExportedOpen {
    type Opaque = abi::OpenKey;
}

/// # Safety
/// The pointers are as the header says, for `'a`.
unsafe fn secrets<'a>(
    aead: u32,
    key: Bytes,
    iv: *const u8,
    record_number_key: Bytes,
) -> Result<RecordSecrets<'a>, CryptoError> {
    let aead = AeadAlgorithm::from_number(aead).ok_or(CryptoError::Unsupported("this AEAD"))?;
    // SAFETY: as the caller says.
    unsafe {
        let (key, iv, record_number_key) = (bytes(key)?, array(iv)?, bytes(record_number_key)?);
        Ok(RecordSecrets { aead, key, iv, record_number_key })
    }
}

/// # Safety
/// Unless it is null, `out` is a place for two bytes.
unsafe fn write_mask(
    out: *mut u8,
    mask: impl FnOnce() -> Result<[u8; 2], CryptoError>,
) -> Result<(), CryptoError> {
    let out = place(out.cast::<[u8; 2]>())?;
    // SAFETY: as the caller says.
    unsafe { out.write(mask()?) };
    Ok(())
}

pub(super) unsafe extern "C" fn seal_key_new(
    provider: *const Provider,
    aead: u32,
    key: Bytes,
    iv: *const u8,
    record_number_key: Bytes,
    out: *mut *mut abi::SealKey,
) -> Outcome {
    // SAFETY: as the header says.
    guard(|| unsafe {
        let secrets = secrets(aead, key, iv, record_number_key)?;
        let provider = self::provider(provider)?;
        hand_out(out, || Ok(ExportedSeal(Fragile::new(provider.seal_key(&secrets)?))))
    })
}

pub(super) unsafe extern "C" fn seal(
    key: *mut abi::SealKey,
    number: u64,
    aad: Bytes,
    record: Buffer,
) -> Outcome {
    // SAFETY: as the header says.
    guard(|| unsafe {
        let (aad, record) = (bytes(aad)?, buffer(record)?);
        object_mut::<ExportedSeal>(key)?.0.change(|key| key.seal(number, aad, record))
    })
}

pub(super) unsafe extern "C" fn seal_mask(
    key: *mut abi::SealKey,
    sample: *const u8,
    mask: *mut u8,
) -> Outcome {
    // SAFETY: as the header says.
    guard(|| unsafe {
        let (key, sample) = (object_mut::<ExportedSeal>(key)?, array(sample)?);
        write_mask(mask, || key.0.change(|key| key.record_number_mask(sample)))
    })
}

pub(super) unsafe extern "C" fn open_key_new(
    provider: *const Provider,
    aead: u32,
    key: Bytes,
    iv: *const u8,
    record_number_key: Bytes,
    out: *mut *mut abi::OpenKey,
) -> Outcome {
    // SAFETY: as the header says.
    guard(|| unsafe {
        let secrets = secrets(aead, key, iv, record_number_key)?;
        let provider = self::provider(provider)?;
        hand_out(out, || Ok(ExportedOpen(Fragile::new(provider.open_key(&secrets)?))))
    })
}

pub(super) unsafe extern "C" fn open(
    key: *mut abi::OpenKey,
    number: u64,
    aad: Bytes,
    record: Buffer,
) -> Outcome {
    // SAFETY: as the header says.
    guard(|| unsafe {
        let (aad, record) = (bytes(aad)?, buffer(record)?);
        let key = &mut object_mut::<ExportedOpen>(key)?.0;
        let record = Unopened(record);
        let (len, tag_len) =
            key.change(|key| Ok((key.open(number, aad, record.0)?, key.tag_len())))?;
        record.opened(len, tag_len)
    })
}

/// A record that is wiped unless it was opened: a provider that panics may have decrypted already.
struct Unopened<'a>(&'a mut [u8]);

impl Unopened<'_> {
    /// Lets the plaintext stand, of which the host knows the length.
    fn opened(mut self, len: usize, tag_len: usize) -> Result<(), CryptoError> {
        if self.0.len().checked_sub(tag_len) != Some(len) {
            return Err(CryptoError::Backend("the provider opened a record to a strange length"));
        }
        self.0 = &mut [];
        Ok(())
    }
}

impl Drop for Unopened<'_> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

pub(super) unsafe extern "C" fn open_mask(
    key: *mut abi::OpenKey,
    sample: *const u8,
    mask: *mut u8,
) -> Outcome {
    // SAFETY: as the header says.
    guard(|| unsafe {
        let (key, sample) = (object_mut::<ExportedOpen>(key)?, array(sample)?);
        write_mask(mask, || key.0.change(|key| key.record_number_mask(sample)))
    })
}
