//! The trait, answered by the functions of a plug-in.

#![allow(unsafe_code, reason = "calls a plug-in's functions")]

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use dtls_crypto_api::pki_types::{PrivateKeyDer, SubjectPublicKeyInfoDer};
use dtls_crypto_api::{
    Capabilities, CryptoError, CryptoProvider, Digest, Envelope, GeneratedKey, HashAlgorithm,
    HashContext, KeyExchange, KeyKind, KxResponse, Label, NamedGroup, OpenKey, RecordSecrets,
    SealKey, Secret, SignatureAlgorithm, SigningKey,
};

use crate::abi::{Buffer, Bytes, Entry};
use crate::answer::done;
use crate::envelope::LoadedEnvelope;
use crate::error::LoadError;
use crate::hash::LoadedHash;
use crate::instance::Instance;
use crate::key_exchange::{self, LoadedKeyExchange};
use crate::record_keys::{LoadedOpenKey, LoadedSealKey};
use crate::signing_key::{self, LoadedSigningKey};

/// A provider in a shared library.
///
/// The library stays loaded as long as this or anything made with it is in use, and is unloaded
/// after that. Loading the same file again gives another, independent provider.
pub struct DynamicProvider {
    instance: Arc<Instance>,
    capabilities: Capabilities,
}

impl DynamicProvider {
    /// Loads the shared library at `path` and makes its provider. A path without a folder is
    /// looked for in the current one, never in the system's library folders.
    ///
    /// This runs code of the library with all rights of the program, as it is with any library
    /// the program is linked to: no check that can be made beforehand makes it safe to load a
    /// file that somebody else may have put there. So take `path` from the program's own
    /// configuration, and let nobody write the file or its folder who may not replace the
    /// program itself. What a plug-in answers is checked, which finds mistakes and not malice.
    ///
    /// # Errors
    /// What is wrong with the file or with what it holds.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, LoadError> {
        let (instance, capabilities) = Instance::open(path.as_ref())?;
        Ok(Self { instance, capabilities })
    }

    /// Makes the provider of a plug-in that is linked into the program, where libraries cannot be
    /// loaded or need not be. `name` stands for the file in errors.
    ///
    /// # Errors
    /// As for [`Self::load`].
    ///
    /// # Safety
    /// `entry` keeps to what the header says of `dtls_crypto_plugin`, and its table's functions to
    /// what it says of them.
    pub unsafe fn linked(name: &str, entry: Entry) -> Result<Self, LoadError> {
        // SAFETY: the caller vouches for the entry, and code that is linked in stays in memory.
        let (instance, capabilities) = unsafe { Instance::start(Path::new(name), entry, None) }?;
        Ok(Self { instance, capabilities })
    }

    /// The file that was loaded, as it was asked for.
    pub fn file(&self) -> &Path {
        self.instance.file()
    }
}

impl fmt::Debug for DynamicProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DynamicProvider")
            .field("name", &self.capabilities.name)
            .field("plugin", &self.instance)
            .finish_non_exhaustive()
    }
}

/// As many bytes as the hash puts out, written by `call`.
fn hash_output(
    algorithm: HashAlgorithm,
    call: impl FnOnce(Buffer) -> Result<(), CryptoError>,
) -> Result<Secret, CryptoError> {
    let mut out = Secret::zeros(algorithm.output_len()).ok_or(TOO_LONG)?;
    call(Buffer::from_slice(out.as_mut()))?;
    Ok(out)
}

const TOO_LONG: CryptoError = CryptoError::BadLength("hash output");

/// Pieces as C sees them.
fn pieces(slices: &[&[u8]]) -> Vec<Bytes> {
    slices.iter().map(|slice| Bytes::from_slice(slice)).collect()
}

impl CryptoProvider for DynamicProvider {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn self_test(&self) -> Result<(), CryptoError> {
        // SAFETY: the provider is alive.
        unsafe { done((self.instance.functions.self_test)(self.instance.provider())) }
    }

    fn random(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        let random = self.instance.functions.random;
        // SAFETY: the provider is alive, and `out` is ours for the time of the call.
        unsafe { done(random(self.instance.provider(), Buffer::from_slice(out))) }
    }

    fn hash(&self, algorithm: HashAlgorithm) -> Result<Box<dyn HashContext>, CryptoError> {
        Ok(Box::new(LoadedHash::begin(&self.instance, algorithm)?))
    }

    fn hmac(
        &self,
        algorithm: HashAlgorithm,
        key: &[u8],
        data: &[&[u8]],
    ) -> Result<Digest, CryptoError> {
        let (provider, hmac) = (self.instance.provider(), self.instance.functions.hmac);
        let (key, data) = (Bytes::from_slice(key), pieces(data));
        // SAFETY: the provider is alive, and all slices are for the time of the call.
        let out = hash_output(algorithm, |out| unsafe {
            done(hmac(provider, algorithm.number(), key, data.as_ptr(), data.len(), out))
        })?;
        Digest::new(out.expose()).ok_or(TOO_LONG)
    }

    fn hkdf_extract(
        &self,
        algorithm: HashAlgorithm,
        salt: &[u8],
        ikm: &[u8],
    ) -> Result<Secret, CryptoError> {
        let (provider, extract) = (self.instance.provider(), self.instance.functions.hkdf_extract);
        let (salt, ikm) = (Bytes::from_slice(salt), Bytes::from_slice(ikm));
        // SAFETY: as in `hmac`.
        hash_output(algorithm, |out| unsafe {
            done(extract(provider, algorithm.number(), salt, ikm, out))
        })
    }

    fn hkdf_expand(
        &self,
        algorithm: HashAlgorithm,
        prk: &Secret,
        info: &[&[u8]],
        out: &mut [u8],
    ) -> Result<(), CryptoError> {
        let expand = self.instance.functions.hkdf_expand;
        let info = pieces(info);
        // SAFETY: as in `hmac`.
        unsafe {
            done(expand(
                self.instance.provider(),
                algorithm.number(),
                Bytes::from_slice(prk.expose()),
                info.as_ptr(),
                info.len(),
                Buffer::from_slice(out),
            ))
        }
    }

    fn schedule_extract(
        &self,
        algorithm: HashAlgorithm,
        prefix: &[u8; 6],
        previous: Option<&Secret>,
        input: Option<&[u8]>,
    ) -> Result<Secret, CryptoError> {
        let extract = self.instance.functions.schedule_extract;
        let previous = previous.map(|previous| Bytes::from_slice(previous.expose()));
        let input = input.map(Bytes::from_slice);
        // SAFETY: as in `hmac`; the two that may be missing are null then.
        hash_output(algorithm, |out| unsafe {
            done(extract(
                self.instance.provider(),
                algorithm.number(),
                prefix.as_ptr(),
                pointer(previous.as_ref()),
                pointer(input.as_ref()),
                out,
            ))
        })
    }

    fn schedule_expand(
        &self,
        algorithm: HashAlgorithm,
        secret: &Secret,
        label: &Label<'_>,
        out: &mut [u8],
    ) -> Result<(), CryptoError> {
        let expand = self.instance.functions.schedule_expand;
        // SAFETY: as in `hmac`.
        unsafe {
            done(expand(
                self.instance.provider(),
                algorithm.number(),
                Bytes::from_slice(secret.expose()),
                label.prefix.as_ptr(),
                Bytes::from_slice(label.label),
                Bytes::from_slice(label.context),
                Buffer::from_slice(out),
            ))
        }
    }

    fn seal_key(&self, secrets: &RecordSecrets<'_>) -> Result<Box<dyn SealKey>, CryptoError> {
        Ok(Box::new(LoadedSealKey::new(&self.instance, secrets)?))
    }

    fn open_key(&self, secrets: &RecordSecrets<'_>) -> Result<Box<dyn OpenKey>, CryptoError> {
        Ok(Box::new(LoadedOpenKey::new(&self.instance, secrets)?))
    }

    fn start_key_exchange(&self, group: NamedGroup) -> Result<Box<dyn KeyExchange>, CryptoError> {
        Ok(Box::new(LoadedKeyExchange::start(&self.instance, group)?))
    }

    fn encapsulate(&self, group: NamedGroup, peer_share: &[u8]) -> Result<KxResponse, CryptoError> {
        key_exchange::encapsulate(&self.instance, group, peer_share)
    }

    fn load_private_key(
        &self,
        der: &PrivateKeyDer<'_>,
    ) -> Result<Arc<dyn SigningKey>, CryptoError> {
        Ok(Arc::new(LoadedSigningKey::load(&self.instance, der)?))
    }

    fn generate_private_key(&self, kind: KeyKind) -> Result<GeneratedKey, CryptoError> {
        signing_key::generate(&self.instance, kind)
    }

    fn verify_signature(
        &self,
        algorithm: SignatureAlgorithm,
        public_key: &SubjectPublicKeyInfoDer<'_>,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        let verify = self.instance.functions.verify;
        // SAFETY: as in `hmac`.
        unsafe {
            done(verify(
                self.instance.provider(),
                algorithm.number(),
                Bytes::from_slice(public_key),
                Bytes::from_slice(message),
                Bytes::from_slice(signature),
            ))
        }
    }

    fn envelope(&self, key: &[u8; 32]) -> Result<Arc<dyn Envelope>, CryptoError> {
        Ok(Arc::new(LoadedEnvelope::new(&self.instance, key)?))
    }
}

/// A pointer that is null where there is nothing.
fn pointer(bytes: Option<&Bytes>) -> *const Bytes {
    bytes.map_or(std::ptr::null(), std::ptr::from_ref)
}
