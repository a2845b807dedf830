//! ECDSA keys on the NIST curves, from PKCS#8 and SEC1 (RFC 5915).

use botan::{MPI, Privkey};
use dtls_crypto_api::{CryptoError, SignatureAlgorithm};
use pkcs8::PrivateKeyInfoRef;
use sec1::{EcParameters, EcPrivateKey};

use super::{Loaded, NO_SUCH_CURVE, NOT_PKCS8};
use crate::curve::NistCurve;
use crate::error::refused;
use crate::public_key;

const NOT_SEC1: CryptoError = CryptoError::BadPrivateKey("it is not SEC1");
const CONTRADICTORY: CryptoError =
    CryptoError::BadPrivateKey("its number is out of range or does not fit its public key");

/// PKCS#8 names the curve outside; inside may be a second name, which has to be the same.
pub(super) fn from_pkcs8(info: &PrivateKeyInfoRef<'_>) -> Result<Loaded, CryptoError> {
    let oid = info.algorithm.parameters_oid().map_err(|_| NOT_PKCS8)?;
    let curve = NistCurve::of_oid(oid).ok_or(NO_SUCH_CURVE)?;
    let key = EcPrivateKey::try_from(info.private_key.as_bytes()).map_err(|_| NOT_PKCS8)?;
    let inner = key.parameters.and_then(EcParameters::named_curve);
    if inner.is_some_and(|inner| inner != oid) {
        return Err(CryptoError::BadPrivateKey("it names two different curves"));
    }
    let outer_public = info.public_key.map(|public| public.as_bytes().ok_or(NOT_PKCS8));
    let publics = [key.public_key, outer_public.transpose()?];
    new(curve, key.private_key, publics.into_iter().flatten())
}

/// SEC1 names its curve in its parameters.
pub(super) fn from_sec1(der: &[u8]) -> Result<Loaded, CryptoError> {
    let key = EcPrivateKey::try_from(der).map_err(|_| NOT_SEC1)?;
    let oid = key.parameters.and_then(EcParameters::named_curve);
    let oid = oid.ok_or(CryptoError::BadPrivateKey("SEC1 without the name of a curve"))?;
    let curve = NistCurve::of_oid(oid).ok_or(NO_SUCH_CURVE)?;
    new(curve, key.private_key, key.public_key.into_iter())
}

/// The private number, and whatever public keys were stored with it.
fn new<'a>(
    curve: &NistCurve,
    number: &[u8],
    publics: impl Iterator<Item = &'a [u8]>,
) -> Result<Loaded, CryptoError> {
    // RFC 5915 3: as long as the order, leading zeros included.
    if number.len() != curve.field_len {
        return Err(CONTRADICTORY);
    }
    let number = MPI::new_from_bytes(number).map_err(refused(CONTRADICTORY))?;
    let is_zero = number.is_zero().map_err(refused(CONTRADICTORY))?;
    if is_zero {
        return Err(CONTRADICTORY);
    }
    // Refuses a number that is not below the order.
    let key = Privkey::load_ecdsa(&number, curve.name).map_err(refused(CONTRADICTORY))?;
    let loaded = Loaded::new(key, SignatureAlgorithm::Ecdsa(curve.id, curve.hash))?;
    let public = public_key::unwrap(&loaded.public)?;
    if !publics.into_iter().all(|stored| curve.is_same_point(stored, &public)) {
        return Err(CONTRADICTORY);
    }
    Ok(loaded)
}
