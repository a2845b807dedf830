//! What is asked of an RSA key, whoever's it is.

use core::ops::RangeInclusive;

use dtls_crypto_api::HashAlgorithm;
use rsa::pkcs1::{RsaPssParamsOwned, RsaPssParamsRef};

use crate::hash::with_hash;

/// The sizes of modulus that are accepted, in bits. Below is too weak (NIST SP 800-131A); above,
/// a peer's chain would cost more time than it deserves.
pub(crate) const MODULUS_BITS: RangeInclusive<usize> = 2048..=8192;

/// Whether a key restricted to these parameters may sign with this hash in TLS 1.3. The salt
/// length in a key is a minimum (RFC 4055 1.2).
pub(crate) fn allows(restriction: &RsaPssParamsOwned, hash: HashAlgorithm) -> bool {
    let salt_len = u8::try_from(hash.output_len()).unwrap_or(u8::MAX);
    let wanted = with_hash!(hash, H => Ok(RsaPssParamsRef::new::<H>(salt_len)));
    wanted.is_ok_and(|wanted: RsaPssParamsRef<'_>| {
        let mask_hash = restriction.mask_gen.parameters.as_ref().map(|algorithm| algorithm.oid);
        restriction.hash.oid == wanted.hash.oid
            && restriction.mask_gen.oid == wanted.mask_gen.oid
            && mask_hash == wanted.mask_gen.parameters.map(|algorithm| algorithm.oid)
            && restriction.salt_len <= salt_len
    })
}
