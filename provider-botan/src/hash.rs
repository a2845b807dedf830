//! SHA-2, HMAC (RFC 2104) and HKDF (RFC 5869).

use botan::{HashFunction, MsgAuthCode};
use dtls_crypto_api::{CryptoError, Digest, HashAlgorithm, HashContext, Secret};
use zeroize::Zeroizing;

use crate::error::failed;

/// HKDF-Expand counts its blocks in one byte (RFC 5869 2.3).
const MAX_EXPAND_BLOCKS: usize = 255;

/// No hash here has a longer block, in bytes.
const MAX_BLOCK_LEN: usize = 128;

/// What Botan calls a hash and what is built upon it.
pub(crate) struct Names {
    hash: &'static str,
    hmac: &'static str,
    extract: &'static str,
    expand: &'static str,
}

fn names(algorithm: HashAlgorithm) -> Result<Names, CryptoError> {
    Ok(match algorithm {
        HashAlgorithm::Sha256 => Names {
            hash: "SHA-256",
            hmac: "HMAC(SHA-256)",
            extract: "HKDF-Extract(SHA-256)",
            expand: "HKDF-Expand(SHA-256)",
        },
        HashAlgorithm::Sha384 => Names {
            hash: "SHA-384",
            hmac: "HMAC(SHA-384)",
            extract: "HKDF-Extract(SHA-384)",
            expand: "HKDF-Expand(SHA-384)",
        },
        HashAlgorithm::Sha512 => Names {
            hash: "SHA-512",
            hmac: "HMAC(SHA-512)",
            extract: "HKDF-Extract(SHA-512)",
            expand: "HKDF-Expand(SHA-512)",
        },
        _ => return Err(CryptoError::Unsupported("this hash")),
    })
}

/// Begins a hash.
pub(crate) fn start(algorithm: HashAlgorithm) -> Result<Box<dyn HashContext>, CryptoError> {
    let hash = HashFunction::new(names(algorithm)?.hash).map_err(failed("this hash"))?;
    Ok(Box::new(Running { algorithm, hash }))
}

struct Running {
    algorithm: HashAlgorithm,
    hash: HashFunction,
}

/// Why the hash operations below cannot fail: the object exists, and Botan allocates nothing
/// for them that could run out.
const NEVER: &str = "a SHA-2 state that exists takes data, copies and finishes";

impl HashContext for Running {
    fn algorithm(&self) -> HashAlgorithm {
        self.algorithm
    }

    fn update(&mut self, data: &[u8]) {
        self.hash.update(data).expect(NEVER);
    }

    fn fork(&self) -> Box<dyn HashContext> {
        let hash = self.hash.duplicate().expect(NEVER);
        Box::new(Self { algorithm: self.algorithm, hash })
    }

    fn finish(mut self: Box<Self>) -> Digest {
        Digest::new(&self.hash.finish().expect(NEVER)).expect("no SHA-2 is longer than a Digest")
    }
}

/// HMAC over the concatenation of `data`.
pub(crate) fn hmac(
    algorithm: HashAlgorithm,
    key: &[u8],
    data: &[&[u8]],
) -> Result<Digest, CryptoError> {
    let mut mac = MsgAuthCode::new(names(algorithm)?.hmac).map_err(failed("HMAC"))?;
    with_short_key(algorithm, key, |key| mac.set_key(key).map_err(failed("HMAC")))?;
    for piece in data {
        mac.update(piece).map_err(failed("HMAC"))?;
    }
    let tag = Zeroizing::new(mac.finish().map_err(failed("HMAC"))?);
    Digest::new(&tag).ok_or(CryptoError::BadLength("HMAC output"))
}

/// HKDF-Extract. Botan takes an empty salt for one of zeros.
pub(crate) fn hkdf_extract(
    algorithm: HashAlgorithm,
    salt: &[u8],
    ikm: &[u8],
) -> Result<Secret, CryptoError> {
    let extract = names(algorithm)?.extract;
    let prk = with_short_key(algorithm, salt, |salt| {
        botan::kdf(extract, algorithm.output_len(), ikm, salt, &[])
            .map(Zeroizing::new)
            .map_err(failed("HKDF-Extract"))
    })?;
    Secret::new(&prk).ok_or(CryptoError::BadLength("hash output"))
}

/// HKDF-Expand.
pub(crate) fn hkdf_expand(
    algorithm: HashAlgorithm,
    prk: &Secret,
    info: &[&[u8]],
    out: &mut [u8],
) -> Result<(), CryptoError> {
    if out.len() > MAX_EXPAND_BLOCKS * algorithm.output_len() {
        return Err(CryptoError::BadLength("HKDF output"));
    }
    let okm = botan::kdf(names(algorithm)?.expand, out.len(), prk.expose(), &[], &info.concat())
        .map(Zeroizing::new)
        .map_err(failed("HKDF-Expand"))?;
    out.copy_from_slice(&okm);
    Ok(())
}

/// Botan limits the length of an HMAC key, differently from version to version. A key longer
/// than a block stands for its hash anyway (RFC 2104 2), so such a one is hashed here.
fn with_short_key<T>(
    algorithm: HashAlgorithm,
    key: &[u8],
    use_key: impl FnOnce(&[u8]) -> Result<T, CryptoError>,
) -> Result<T, CryptoError> {
    if key.len() <= MAX_BLOCK_LEN {
        return use_key(key);
    }
    let mut hash = HashFunction::new(names(algorithm)?.hash).map_err(failed("this hash"))?;
    hash.update(key).map_err(failed("this hash"))?;
    let short = Zeroizing::new(hash.finish().map_err(failed("this hash"))?);
    use_key(&short)
}
