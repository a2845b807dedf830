//! SHA-2 and HMAC (RFC 2104).

use std::sync::Arc;

use dtls_crypto_api::{CryptoError, Digest, HashAlgorithm, HashContext};

use crate::ffi::{Failed, Hash, HashState, Library, MAX_HASH_LEN, Mac, Params};
use crate::names;

/// What a hash that the library lacks is answered with.
pub(crate) const NO_SUCH_HASH: CryptoError = CryptoError::Unsupported("this hash");

/// A hash function and its HMAC, as far as the library has them.
struct Pair {
    algorithm: HashAlgorithm,
    hash: Hash,
    hmac: Mac,
}

/// The hashes that the library has.
pub(crate) struct Hashes(Vec<Pair>);

impl Hashes {
    pub(crate) fn fetch(library: &Arc<Library>) -> Self {
        let pair = |algorithm| {
            let name = names::hash(algorithm)?;
            let hash = Hash::fetch(library, name).ok()?;
            let hmac = Mac::fetch(library, c"HMAC", &Params::new().text(c"digest", name)).ok()?;
            Some(Pair { algorithm, hash, hmac })
        };
        Self(names::HASHES.into_iter().filter_map(pair).collect())
    }

    pub(crate) fn has(&self, algorithm: HashAlgorithm) -> bool {
        self.pair(algorithm).is_ok()
    }

    fn pair(&self, algorithm: HashAlgorithm) -> Result<&Pair, CryptoError> {
        self.0.iter().find(|pair| pair.algorithm == algorithm).ok_or(NO_SUCH_HASH)
    }

    pub(crate) fn start(
        &self,
        algorithm: HashAlgorithm,
    ) -> Result<Box<dyn HashContext>, CryptoError> {
        let state = self.pair(algorithm)?.hash.start();
        let state = state.map_err(|Failed| CryptoError::Backend("beginning a hash"))?;
        Ok(Box::new(Running { algorithm, state }))
    }

    /// HMAC over the concatenation of `data`.
    pub(crate) fn hmac(
        &self,
        algorithm: HashAlgorithm,
        key: &[u8],
        data: &[&[u8]],
    ) -> Result<Digest, CryptoError> {
        let hmac = &self.pair(algorithm)?.hmac;
        let mut out = [0; MAX_HASH_LEN];
        let mut run = || {
            let mut mac = hmac.key(key)?;
            for piece in data {
                mac.update(piece)?;
            }
            mac.finish(&mut out)
        };
        let len = run().map_err(|Failed| CryptoError::Backend("HMAC"))?;
        out.get(..len).and_then(Digest::new).ok_or(CryptoError::BadLength("hash output"))
    }
}

struct Running {
    algorithm: HashAlgorithm,
    state: HashState,
}

impl Running {
    /// A hash that was begun fails for two reasons only: memory is out, or a FIPS module has put
    /// itself out of service. The trait has no error here, as no other library needs one, and any
    /// value given instead would be a transcript hash that is not one. So this stops, as running
    /// out of memory does elsewhere in Rust.
    fn must<T>(result: Result<T, Failed>) -> T {
        result.unwrap_or_else(|Failed| {
            panic!("OpenSSL cannot hash: out of memory, or its FIPS module is in the error state")
        })
    }
}

impl HashContext for Running {
    fn algorithm(&self) -> HashAlgorithm {
        self.algorithm
    }

    fn update(&mut self, data: &[u8]) {
        Self::must(self.state.update(data));
    }

    fn fork(&self) -> Box<dyn HashContext> {
        Box::new(Self { algorithm: self.algorithm, state: Self::must(self.state.fork()) })
    }

    fn finish(self: Box<Self>) -> Digest {
        let mut out = [0; MAX_HASH_LEN];
        let len = Self::must(self.state.finish(&mut out));
        let digest = out.get(..len).and_then(Digest::new);
        digest.unwrap_or_else(|| unreachable!("no SHA-2 is longer than a Digest"))
    }
}
