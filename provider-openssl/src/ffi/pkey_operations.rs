//! What is done with keys: agreement, encapsulation, signatures.

use core::ffi::CStr;
use core::ptr;

use openssl_sys as sys;
use zeroize::Zeroizing;

use super::digest::HashState;
use super::error::{Failed, check};
use super::pkey::{Key, Operation};
use super::{Params, bindings};

/// A ciphertext and the secret in it.
pub(crate) struct Encapsulated {
    pub(crate) ciphertext: Vec<u8>,
    pub(crate) secret: Zeroizing<Vec<u8>>,
}

impl Key {
    /// Diffie-Hellman. Fails for a peer key of another kind, and where the result is all zeros.
    ///
    /// The peer's point is on its curve, or it would not be a [`Key`]; that is all there is to
    /// check on curves of cofactor 1, so it is not multiplied by the order once more. With a FIPS
    /// module it is: NIST SP 800-56A 5.6.2 wants the assurance from the module.
    pub(crate) fn agree(&self, peer: &Key) -> Result<Zeroizing<Vec<u8>>, Failed> {
        let validate_in_module = i32::from(self.library().module.is_some());
        let operation = Operation::with_key(self)?;
        let raw = operation.as_ptr();
        let mut len = 0;
        // SAFETY: valid arguments; without a buffer the length is told, and then the buffer has it.
        unsafe {
            check(sys::EVP_PKEY_derive_init(raw))?;
            check(sys::EVP_PKEY_derive_set_peer_ex(raw, peer.as_ptr(), validate_in_module))?;
            check(sys::EVP_PKEY_derive(raw, ptr::null_mut(), &raw mut len))?;
            let mut secret = Zeroizing::new(vec![0; len]);
            check(sys::EVP_PKEY_derive(raw, secret.as_mut_ptr(), &raw mut len))?;
            secret.truncate(len);
            Ok(secret)
        }
    }

    /// Makes a secret for the holder of this public key.
    pub(crate) fn encapsulate(&self, params: &Params<'_>) -> Result<Encapsulated, Failed> {
        let operation = Operation::with_key(self)?;
        let raw = operation.as_ptr();
        let (mut ciphertext_len, mut secret_len) = (0, 0);
        // SAFETY: as in `agree`, with two buffers.
        unsafe {
            check(sys::EVP_PKEY_encapsulate_init(raw, params.as_ptr()))?;
            let (lens, none) = ((&raw mut ciphertext_len, &raw mut secret_len), ptr::null_mut());
            check(sys::EVP_PKEY_encapsulate(raw, none, lens.0, none, lens.1))?;
            let mut ciphertext = vec![0; ciphertext_len];
            let mut secret = Zeroizing::new(vec![0; secret_len]);
            let outputs = (ciphertext.as_mut_ptr(), secret.as_mut_ptr());
            check(sys::EVP_PKEY_encapsulate(raw, outputs.0, lens.0, outputs.1, lens.1))?;
            ciphertext.truncate(ciphertext_len);
            secret.truncate(secret_len);
            Ok(Encapsulated { ciphertext, secret })
        }
    }

    /// The secret in a ciphertext.
    pub(crate) fn decapsulate(&self, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, Failed> {
        let operation = Operation::with_key(self)?;
        let raw = operation.as_ptr();
        let (input, input_len) = (ciphertext.as_ptr(), ciphertext.len());
        let mut len = 0;
        // SAFETY: as in `agree`; the ciphertext is valid for its length.
        unsafe {
            check(sys::EVP_PKEY_decapsulate_init(raw, ptr::null()))?;
            let none = ptr::null_mut();
            check(sys::EVP_PKEY_decapsulate(raw, none, &raw mut len, input, input_len))?;
            let mut secret = Zeroizing::new(vec![0; len]);
            let out = secret.as_mut_ptr();
            check(sys::EVP_PKEY_decapsulate(raw, out, &raw mut len, input, input_len))?;
            secret.truncate(len);
            Ok(secret)
        }
    }

    /// Signs `message`; `hash` is `None` for algorithms that have their own.
    pub(crate) fn sign(
        &self,
        hash: Option<&CStr>,
        params: &Params<'_>,
        message: &[u8],
    ) -> Result<Vec<u8>, Failed> {
        let mut state = HashState::new(self.library())?;
        let (library, hash) = (self.library(), hash.map_or(ptr::null(), CStr::as_ptr));
        let (data, data_len) = (message.as_ptr(), message.len());
        let mut len = 0;
        // SAFETY: as in `agree`; the context takes its own reference to the key, and the parameters
        // live through the call that reads them.
        unsafe {
            let raw = state.context();
            check(bindings::EVP_DigestSignInit_ex(
                raw,
                ptr::null_mut(),
                hash,
                library.context(),
                library.properties(),
                self.as_ptr(),
                params.as_ptr(),
            ))?;
            check(sys::EVP_DigestSign(raw, ptr::null_mut(), &raw mut len, data, data_len))?;
            let mut signature = vec![0; len];
            let out = signature.as_mut_ptr();
            check(sys::EVP_DigestSign(raw, out, &raw mut len, data, data_len))?;
            signature.truncate(len);
            Ok(signature)
        }
    }

    /// Whether `signature` is one over `message`.
    pub(crate) fn verify(
        &self,
        hash: Option<&CStr>,
        params: &Params<'_>,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), Failed> {
        let mut state = HashState::new(self.library())?;
        let (library, hash) = (self.library(), hash.map_or(ptr::null(), CStr::as_ptr));
        // SAFETY: as in `sign`; both inputs are valid for their lengths.
        unsafe {
            let raw = state.context();
            check(bindings::EVP_DigestVerifyInit_ex(
                raw,
                ptr::null_mut(),
                hash,
                library.context(),
                library.properties(),
                self.as_ptr(),
                params.as_ptr(),
            ))?;
            let (data, data_len) = (message.as_ptr(), message.len());
            check(sys::EVP_DigestVerify(raw, signature.as_ptr(), signature.len(), data, data_len))
        }
    }
}
