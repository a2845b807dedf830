//! Hashes of a plug-in's.

#![allow(unsafe_code, reason = "calls a plug-in's functions")]

use std::sync::Arc;

use dtls_crypto_api::{CryptoError, Digest, HashAlgorithm, HashContext};

use crate::abi::{self, Buffer, Bytes};
use crate::answer::done;
use crate::instance::{Handle, Instance};

/// A hash in the making.
pub(crate) struct LoadedHash {
    handle: Handle<abi::Hash>,
    algorithm: HashAlgorithm,
}

impl LoadedHash {
    pub(crate) fn begin(
        instance: &Arc<Instance>,
        algorithm: HashAlgorithm,
    ) -> Result<Self, CryptoError> {
        let functions = &instance.functions;
        // SAFETY: `hash_new` makes what `hash_free` frees, of a provider that is alive.
        let handle = unsafe {
            Handle::make(instance, functions.hash_free, |out| {
                (functions.hash_new)(instance.provider(), algorithm.number(), out)
            })
        }?;
        Ok(Self { handle, algorithm })
    }
}

/// The trait's hashes cannot fail once they are begun, since none can but for want of memory or a
/// module that has gone out of service. Going on with a wrong transcript would be worse than to
/// stop here.
fn cannot_go_on(error: CryptoError) -> ! {
    panic!("a hash in progress failed in a plug-in: {error}")
}

impl HashContext for LoadedHash {
    fn algorithm(&self) -> HashAlgorithm {
        self.algorithm
    }

    fn update(&mut self, data: &[u8]) {
        // SAFETY: the hash is alive and used by nobody else.
        unsafe {
            (self.handle.functions().hash_update)(self.handle.as_ptr(), Bytes::from_slice(data));
        }
    }

    fn fork(&self) -> Box<dyn HashContext> {
        let functions = self.handle.functions();
        // SAFETY: the hash is alive; its copy is an object like itself.
        let handle = unsafe {
            Handle::make(self.handle.instance(), functions.hash_free, |out| {
                (functions.hash_fork)(self.handle.as_ptr(), out)
            })
        };
        match handle {
            Ok(handle) => Box::new(Self { handle, algorithm: self.algorithm }),
            Err(error) => cannot_go_on(error),
        }
    }

    fn finish(self: Box<Self>) -> Digest {
        let mut out = [0; Digest::MAX_LEN];
        let out = out.get_mut(..self.algorithm.output_len()).unwrap_or_default();
        let (hash, instance) = self.handle.give_up();
        // SAFETY: the hash is alive and given away here; its plug-in lives until the end of this
        // function.
        let finished =
            unsafe { done((instance.functions.hash_finish)(hash, Buffer::from_slice(out))) };
        match finished.and_then(|()| Digest::new(out).ok_or(TOO_LONG)) {
            Ok(digest) => digest,
            Err(error) => cannot_go_on(error),
        }
    }
}

const TOO_LONG: CryptoError = CryptoError::BadLength("hash output");
