//! HKDF (RFC 5869) and the TLS 1.3 key schedule above it (RFC 8446 7.1), both by the library's own
//! functions: a FIPS module is validated for them as a whole.

use core::ffi::CStr;
use std::sync::Arc;

use dtls_crypto_api::{CryptoError, HashAlgorithm, Label, Secret};
use zeroize::Zeroizing;

use crate::ffi::{Failed, Kdf, Library, Params};
use crate::hash::NO_SUCH_HASH;
use crate::names;

const EXTRACT: &CStr = c"EXTRACT_ONLY";
const EXPAND: &CStr = c"EXPAND_ONLY";

/// HKDF-Expand counts its blocks in one byte (RFC 5869 2.3).
const MAX_EXPAND_BLOCKS: usize = 255;

/// The longest context that the library's TLS 1.3 function takes: the longest hash.
const MAX_LABEL_CONTEXT: usize = 64;

/// The longest label besides its prefix (RFC 8446 7.1).
const MAX_LABEL: usize = 249;

/// Both functions, fetched.
pub(crate) struct KeyDerivation {
    hkdf: Kdf,
    tls13: Kdf,
}

impl KeyDerivation {
    pub(crate) fn fetch(library: &Arc<Library>) -> Result<Self, Failed> {
        let (hkdf, tls13) = (Kdf::fetch(library, c"HKDF")?, Kdf::fetch(library, c"TLS13-KDF")?);
        Ok(Self { hkdf, tls13 })
    }

    pub(crate) fn hkdf_extract(
        &self,
        algorithm: HashAlgorithm,
        salt: &[u8],
        ikm: &[u8],
    ) -> Result<Secret, CryptoError> {
        let params = common(algorithm, EXTRACT)?.octets(c"key", ikm);
        // An empty salt means zeros, and so does none.
        let params = if salt.is_empty() { params } else { params.octets(c"salt", salt) };
        derive_secret(&self.hkdf, algorithm, &params, "HKDF-Extract")
    }

    pub(crate) fn hkdf_expand(
        &self,
        algorithm: HashAlgorithm,
        prk: &Secret,
        info: &[&[u8]],
        out: &mut [u8],
    ) -> Result<(), CryptoError> {
        if out.len() > MAX_EXPAND_BLOCKS * algorithm.output_len() {
            return Err(CryptoError::BadLength("HKDF output"));
        }
        if out.is_empty() {
            return Ok(());
        }
        let info = Zeroizing::new(info.concat());
        let params = common(algorithm, EXPAND)?.octets(c"key", prk.expose()).octets(c"info", &info);
        self.hkdf.derive(&params, out).map_err(|Failed| CryptoError::Backend("HKDF-Expand"))
    }

    /// Extracts, with `Derive-Secret(previous, "derived", "")` as the salt: the library's function
    /// computes that itself.
    pub(crate) fn schedule_extract(
        &self,
        algorithm: HashAlgorithm,
        prefix: [u8; 6],
        previous: Option<&Secret>,
        input: Option<&[u8]>,
    ) -> Result<Secret, CryptoError> {
        let mut params =
            common(algorithm, EXTRACT)?.octets(c"prefix", &prefix).octets(c"label", b"derived");
        // Either, left out, stands for zeros.
        if let Some(previous) = previous {
            params = params.octets(c"salt", previous.expose());
        }
        if let Some(input) = input {
            params = params.octets(c"key", input);
        }
        derive_secret(&self.tls13, algorithm, &params, "TLS 1.3 key schedule")
    }

    /// `HKDF-Expand-Label`, or `None` for a label that only plain HKDF can serve: one with a
    /// context longer than a hash, such as a long ticket nonce.
    pub(crate) fn schedule_expand(
        &self,
        algorithm: HashAlgorithm,
        secret: &Secret,
        label: &Label<'_>,
        out: &mut [u8],
    ) -> Result<Option<()>, CryptoError> {
        let fits = label.context.len() <= MAX_LABEL_CONTEXT && label.label.len() <= MAX_LABEL;
        if !fits || out.len() > MAX_EXPAND_BLOCKS * algorithm.output_len() || out.is_empty() {
            return Ok(None);
        }
        let params = common(algorithm, EXPAND)?
            .octets(c"key", secret.expose())
            .octets(c"prefix", label.prefix)
            .octets(c"label", label.label)
            .octets(c"data", label.context);
        let derived = self.tls13.derive(&params, out);
        derived.map(Some).map_err(|Failed| CryptoError::Backend("TLS 1.3 key schedule"))
    }
}

fn common(algorithm: HashAlgorithm, mode: &'static CStr) -> Result<Params<'static>, CryptoError> {
    let hash = names::hash(algorithm).ok_or(NO_SUCH_HASH)?;
    Ok(Params::new().text(c"mode", mode).text(c"digest", hash))
}

fn derive_secret(
    kdf: &Kdf,
    algorithm: HashAlgorithm,
    params: &Params<'_>,
    what: &'static str,
) -> Result<Secret, CryptoError> {
    let secret = Secret::zeros(algorithm.output_len());
    let mut secret = secret.ok_or(CryptoError::BadLength("hash output"))?;
    kdf.derive(params, secret.as_mut()).map_err(|Failed| CryptoError::Backend(what))?;
    Ok(secret)
}
