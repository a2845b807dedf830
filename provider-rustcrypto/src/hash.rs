//! SHA-2, HMAC (RFC 2104) and HKDF (RFC 5869).

use alloc::boxed::Box;

use dtls_crypto_api::{CryptoError, Digest, HashAlgorithm, HashContext, Secret};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Digest as _;
use sha2::{Sha256, Sha384, Sha512};
use zeroize::Zeroize;

/// What a hash outside [`HashAlgorithm`]'s three is answered with.
pub(crate) const NO_SUCH_HASH: CryptoError = CryptoError::Unsupported("this hash");

/// HKDF-Expand counts its blocks in one byte (RFC 5869 2.3).
const MAX_EXPAND_BLOCKS: usize = 255;

/// Runs `$body` with `$hash` standing for the hash type that `$algorithm` names.
macro_rules! with_hash {
    ($algorithm:expr, $hash:ident => $body:expr) => {
        match $algorithm {
            dtls_crypto_api::HashAlgorithm::Sha256 => {
                type $hash = sha2::Sha256;
                $body
            }
            dtls_crypto_api::HashAlgorithm::Sha384 => {
                type $hash = sha2::Sha384;
                $body
            }
            dtls_crypto_api::HashAlgorithm::Sha512 => {
                type $hash = sha2::Sha512;
                $body
            }
            _ => Err($crate::hash::NO_SUCH_HASH),
        }
    };
}
pub(crate) use with_hash;

/// The hash of `data` in one go.
pub(crate) fn digest(algorithm: HashAlgorithm, data: &[u8]) -> Result<Digest, CryptoError> {
    with_hash!(algorithm, H => to_digest(&H::digest(data)))
}

fn to_digest(bytes: &[u8]) -> Result<Digest, CryptoError> {
    Digest::new(bytes).ok_or(CryptoError::BadLength("hash output"))
}

/// Begins a hash.
pub(crate) fn start(algorithm: HashAlgorithm) -> Result<Box<dyn HashContext>, CryptoError> {
    Ok(Box::new(match algorithm {
        HashAlgorithm::Sha256 => Running::Sha256(Sha256::new()),
        HashAlgorithm::Sha384 => Running::Sha384(Sha384::new()),
        HashAlgorithm::Sha512 => Running::Sha512(Sha512::new()),
        _ => return Err(NO_SUCH_HASH),
    }))
}

#[derive(Clone)]
enum Running {
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
}

impl HashContext for Running {
    fn algorithm(&self) -> HashAlgorithm {
        match self {
            Self::Sha256(_) => HashAlgorithm::Sha256,
            Self::Sha384(_) => HashAlgorithm::Sha384,
            Self::Sha512(_) => HashAlgorithm::Sha512,
        }
    }

    fn update(&mut self, data: &[u8]) {
        match self {
            Self::Sha256(hash) => hash.update(data),
            Self::Sha384(hash) => hash.update(data),
            Self::Sha512(hash) => hash.update(data),
        }
    }

    fn fork(&self) -> Box<dyn HashContext> {
        Box::new(self.clone())
    }

    fn finish(self: Box<Self>) -> Digest {
        let mut out = [0; Digest::MAX_LEN];
        let len = self.algorithm().output_len();
        let (out, _) = out.split_at_mut(len);
        match *self {
            Self::Sha256(hash) => out.copy_from_slice(&hash.finalize()),
            Self::Sha384(hash) => out.copy_from_slice(&hash.finalize()),
            Self::Sha512(hash) => out.copy_from_slice(&hash.finalize()),
        }
        Digest::new(out).unwrap_or_else(|| unreachable!("no SHA-2 is longer than a Digest"))
    }
}

/// HMAC over the concatenation of `data`.
pub(crate) fn hmac(
    algorithm: HashAlgorithm,
    key: &[u8],
    data: &[&[u8]],
) -> Result<Digest, CryptoError> {
    with_hash!(algorithm, H => {
        let mut mac = keyed::<Hmac<H>>(key)?;
        for piece in data {
            mac.update(piece);
        }
        to_digest(&mac.finalize().into_bytes())
    })
}

/// HKDF-Extract. HMAC pads its key with zeros, so an empty salt and one of zeros are the same.
pub(crate) fn hkdf_extract(
    algorithm: HashAlgorithm,
    salt: &[u8],
    ikm: &[u8],
) -> Result<Secret, CryptoError> {
    with_hash!(algorithm, H => {
        let mut mac = keyed::<Hmac<H>>(salt)?;
        mac.update(ikm);
        let mut prk = mac.finalize().into_bytes();
        let secret = Secret::new(&prk).ok_or(CryptoError::BadLength("hash output"));
        prk.as_mut_slice().zeroize();
        secret
    })
}

/// HKDF-Expand. The key is set up once and its state copied for each block.
pub(crate) fn hkdf_expand(
    algorithm: HashAlgorithm,
    prk: &Secret,
    info: &[&[u8]],
    out: &mut [u8],
) -> Result<(), CryptoError> {
    let hash_len = algorithm.output_len();
    if out.len() > MAX_EXPAND_BLOCKS * hash_len {
        return Err(CryptoError::BadLength("HKDF output"));
    }
    with_hash!(algorithm, H => {
        let keyed = keyed::<Hmac<H>>(prk.expose())?;
        let mut block = sha2::digest::Output::<H>::default();
        // `zip` ends with the output: at most 255 chunks, as checked above.
        for (counter, chunk) in (1..=u8::MAX).zip(out.chunks_mut(hash_len)) {
            let mut mac = keyed.clone();
            if counter > 1 {
                mac.update(&block);
            }
            for piece in info {
                mac.update(piece);
            }
            mac.update(&[counter]);
            block = mac.finalize().into_bytes();
            for (to, from) in chunk.iter_mut().zip(&block) {
                *to = *from;
            }
        }
        block.as_mut_slice().zeroize();
        Ok(())
    })
}

/// An HMAC with its key in place; any key length is fine.
fn keyed<M: KeyInit>(key: &[u8]) -> Result<M, CryptoError> {
    M::new_from_slice(key).map_err(|_| CryptoError::BadLength("HMAC key"))
}
