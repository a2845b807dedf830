//! Private keys of a plug-in's.

#![allow(unsafe_code, reason = "calls a plug-in's functions")]

use std::fmt;
use std::sync::Arc;

use dtls_crypto_api::pki_types::PrivateKeyDer;
use dtls_crypto_api::{
    CryptoError, GeneratedKey, KeyKind, SignatureAlgorithm, SigningKey, Zeroizing,
};

use crate::abi::{self, Buffer, Bytes, der};
use crate::answer::{MAX_BYTES, Owned, STRANGE_BYTES, copy, done};
use crate::capabilities::MAX_ENTRIES;
use crate::instance::{Handle, Instance};

/// A loaded private key.
pub(crate) struct LoadedSigningKey {
    handle: Handle<abi::SigningKey>,
    algorithms: Vec<SignatureAlgorithm>,
    public_key: Vec<u8>,
}

// SAFETY: the header lets several threads use a signing key at once; the rest is never changed.
unsafe impl Sync for LoadedSigningKey {}

impl LoadedSigningKey {
    pub(crate) fn load(
        instance: &Arc<Instance>,
        key: &PrivateKeyDer<'_>,
    ) -> Result<Self, CryptoError> {
        let format = match key {
            PrivateKeyDer::Pkcs8(_) => der::PKCS8,
            PrivateKeyDer::Sec1(_) => der::SEC1,
            PrivateKeyDer::Pkcs1(_) => der::PKCS1,
            _ => return Err(CryptoError::Unsupported("this encoding of private keys")),
        };
        let functions = &instance.functions;
        // SAFETY: `signing_key_load` makes what `signing_key_free` frees; the provider is alive,
        // and the key is for the time of the call.
        let handle = unsafe {
            Handle::make(instance, functions.signing_key_free, |out| {
                let key = Bytes::from_slice(key.secret_der());
                (functions.signing_key_load)(instance.provider(), format, key, out)
            })
        }?;
        Self::new(handle)
    }

    /// Asks what the key can do and which public key is its, once for all.
    fn new(handle: Handle<abi::SigningKey>) -> Result<Self, CryptoError> {
        let functions = handle.functions();
        // SAFETY: the key is alive, and the list that belongs to it is copied at once.
        let algorithms = unsafe {
            let numbers = (functions.signing_key_algorithms)(handle.as_ptr());
            if numbers.len > MAX_ENTRIES {
                return Err(STRANGE_BYTES);
            }
            let numbers = abi::slice(numbers.data, numbers.len).ok_or(STRANGE_BYTES)?;
            // As with capabilities: what a later plug-in has is passed over.
            numbers.iter().copied().filter_map(SignatureAlgorithm::from_number).collect()
        };
        // SAFETY: as above.
        let public_key =
            unsafe { copy((functions.signing_key_public)(handle.as_ptr()), MAX_BYTES) }?;
        Ok(Self { handle, algorithms, public_key })
    }
}

impl SigningKey for LoadedSigningKey {
    fn algorithms(&self) -> &[SignatureAlgorithm] {
        &self.algorithms
    }

    fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    fn sign(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let (functions, mut signature) = (self.handle.functions(), Buffer::EMPTY);
        let (number, message) = (algorithm.number(), Bytes::from_slice(message));
        // SAFETY: the key is alive, and what is pointed to is for the time of the call.
        unsafe {
            done((functions.sign)(self.handle.as_ptr(), number, message, &raw mut signature))?;
            Owned::new(functions, signature).to_vec(MAX_BYTES)
        }
    }
}

impl fmt::Debug for LoadedSigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("algorithms", &self.algorithms)
            .field("plugin", self.handle.instance())
            .finish_non_exhaustive()
    }
}

/// Makes a private key.
pub(crate) fn generate(
    instance: &Arc<Instance>,
    kind: KeyKind,
) -> Result<GeneratedKey, CryptoError> {
    let (functions, mut pkcs8) = (&instance.functions, Buffer::EMPTY);
    let mut key = std::ptr::null_mut();
    // SAFETY: the provider is alive, and what is pointed to is for the time of the call. A
    // successful one returned both the bytes and the object.
    let (pkcs8, handle) = unsafe {
        done((functions.signing_key_generate)(
            instance.provider(),
            kind.number(),
            &raw mut pkcs8,
            &raw mut key,
        ))?;
        (Owned::new(functions, pkcs8), Handle::new(instance, key, functions.signing_key_free))
    };
    let key = Arc::new(LoadedSigningKey::new(handle?)?);
    Ok(GeneratedKey { pkcs8: Zeroizing::new(pkcs8.to_vec(MAX_BYTES)?), key })
}
