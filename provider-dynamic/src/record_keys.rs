//! Record keys of a plug-in's. Per record there is one call through a pointer for the AEAD and one
//! for the mask, and nothing is allocated.

#![allow(unsafe_code, reason = "calls a plug-in's functions")]

use std::sync::Arc;

use dtls_crypto_api::{
    AeadAlgorithm, CryptoError, OpenKey, RecordSecrets, SAMPLE_LEN, SealKey, Zeroize,
};

use crate::abi::{self, Buffer, Bytes};
use crate::answer::done;
use crate::instance::{Handle, Instance};

/// A key that seals records.
pub(crate) struct LoadedSealKey {
    handle: Handle<abi::SealKey>,
    aead: AeadAlgorithm,
    /// The plug-in watches the numbers as well. A repeated nonce gives the key away, so this does
    /// not rest on a check in a library that may have forgotten it.
    last: Option<u64>,
}

impl LoadedSealKey {
    pub(crate) fn new(
        instance: &Arc<Instance>,
        secrets: &RecordSecrets<'_>,
    ) -> Result<Self, CryptoError> {
        let functions = &instance.functions;
        // SAFETY: `seal_key_new` makes what `seal_key_free` frees; the provider is alive, and the
        // slices are for the time of the call.
        let handle = unsafe {
            Handle::make(instance, functions.seal_key_free, |out| {
                (functions.seal_key_new)(
                    instance.provider(),
                    secrets.aead.number(),
                    Bytes::from_slice(secrets.key),
                    secrets.iv.as_ptr(),
                    Bytes::from_slice(secrets.record_number_key),
                    out,
                )
            })
        }?;
        Ok(Self { handle, aead: secrets.aead, last: None })
    }
}

impl SealKey for LoadedSealKey {
    fn seal(&mut self, number: u64, aad: &[u8], buf: &mut [u8]) -> Result<(), CryptoError> {
        if self.last.is_some_and(|last| number <= last) {
            return Err(CryptoError::RecordNumberReused);
        }
        if buf.len() < self.tag_len() {
            return Err(CryptoError::BadLength("record"));
        }
        let seal = self.handle.functions().seal;
        let (aad, record) = (Bytes::from_slice(aad), Buffer::from_slice(buf));
        // SAFETY: the key is alive and used by nobody else, as is `buf`.
        unsafe { done(seal(self.handle.as_ptr(), number, aad, record)) }?;
        self.last = Some(number);
        Ok(())
    }

    fn record_number_mask(&mut self, sample: &[u8; SAMPLE_LEN]) -> Result<[u8; 2], CryptoError> {
        let (seal_mask, mut mask) = (self.handle.functions().seal_mask, [0; 2]);
        // SAFETY: as in `seal`; `sample` and `mask` are as long as the header says.
        unsafe { done(seal_mask(self.handle.as_ptr(), sample.as_ptr(), mask.as_mut_ptr())) }?;
        Ok(mask)
    }

    fn tag_len(&self) -> usize {
        self.aead.tag_len()
    }
}

/// A key that opens records.
pub(crate) struct LoadedOpenKey {
    handle: Handle<abi::OpenKey>,
    aead: AeadAlgorithm,
}

impl LoadedOpenKey {
    pub(crate) fn new(
        instance: &Arc<Instance>,
        secrets: &RecordSecrets<'_>,
    ) -> Result<Self, CryptoError> {
        let functions = &instance.functions;
        // SAFETY: as for `LoadedSealKey::new`.
        let handle = unsafe {
            Handle::make(instance, functions.open_key_free, |out| {
                (functions.open_key_new)(
                    instance.provider(),
                    secrets.aead.number(),
                    Bytes::from_slice(secrets.key),
                    secrets.iv.as_ptr(),
                    Bytes::from_slice(secrets.record_number_key),
                    out,
                )
            })
        }?;
        Ok(Self { handle, aead: secrets.aead })
    }
}

impl OpenKey for LoadedOpenKey {
    fn open(&mut self, number: u64, aad: &[u8], buf: &mut [u8]) -> Result<usize, CryptoError> {
        let Some(len) = buf.len().checked_sub(self.tag_len()) else {
            buf.zeroize();
            return Err(CryptoError::BadRecord);
        };
        let open = self.handle.functions().open;
        let (aad, record) = (Bytes::from_slice(aad), Buffer::from_slice(buf));
        // SAFETY: the key is alive and used by nobody else, as is `buf`.
        let opened = unsafe { done(open(self.handle.as_ptr(), number, aad, record)) };
        if let Err(error) = opened {
            // A plug-in leaves no plaintext either; this costs nothing that matters.
            buf.zeroize();
            return Err(error);
        }
        Ok(len)
    }

    fn record_number_mask(&mut self, sample: &[u8; SAMPLE_LEN]) -> Result<[u8; 2], CryptoError> {
        let (open_mask, mut mask) = (self.handle.functions().open_mask, [0; 2]);
        // SAFETY: as in `open`; `sample` and `mask` are as long as the header says.
        unsafe { done(open_mask(self.handle.as_ptr(), sample.as_ptr(), mask.as_mut_ptr())) }?;
        Ok(mask)
    }

    fn tag_len(&self) -> usize {
        self.aead.tag_len()
    }
}
