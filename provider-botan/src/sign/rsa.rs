//! RSA keys, from PKCS#8 and PKCS#1 (RFC 8017 A.1.2).

use botan::{MPI, Privkey};
use dtls_crypto_api::{CryptoError, HashAlgorithm, SignatureAlgorithm};
use pkcs1::{RsaPrivateKeyRef, UintRef};
use pkcs8::PrivateKeyInfoRef;
use spki::AlgorithmIdentifierRef;
use spki::der::Encode;
use spki::der::asn1::AnyRef;
use zeroize::Zeroizing;

use super::{Loaded, NOT_ENCODED, create};
use crate::error::refused;
use crate::random::Random;
use crate::rsa_key::{MODULUS_BITS, algorithms, has_accepted_size, is_sound};
use crate::{oid, public_key, scheme};

const MALFORMED: CryptoError =
    CryptoError::BadPrivateKey("it is no RSA key, or its numbers do not fit together");
const WRONG_SIZE: CryptoError =
    CryptoError::BadPrivateKey("the RSA modulus is not of 2048 to 8192 bits");

/// What the key's sizes are a multiple of, in bits: Botan makes no others.
const SIZE_STEP: u16 = 8;

const RSA_ENCRYPTION: AlgorithmIdentifierRef<'_> =
    AlgorithmIdentifierRef { oid: oid::RSA_ENCRYPTION, parameters: Some(AnyRef::NULL) };

pub(super) fn from_pkcs1(random: &Random, der: &[u8]) -> Result<Loaded, CryptoError> {
    new(random, RSA_ENCRYPTION, der)
}

pub(super) fn from_pkcs8(
    random: &Random,
    info: &PrivateKeyInfoRef<'_>,
) -> Result<Loaded, CryptoError> {
    let loaded = new(random, info.algorithm, info.private_key.as_bytes())?;
    let public = public_key::unwrap(&loaded.public)?;
    if info.public_key.is_some_and(|stored| stored.as_bytes() != Some(&public)) {
        return Err(MALFORMED);
    }
    Ok(loaded)
}

pub(super) fn generate(random: &Random, bits: u16) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    if !MODULUS_BITS.contains(&usize::from(bits)) || !bits.is_multiple_of(SIZE_STEP) {
        return Err(CryptoError::Unsupported("an RSA key of this size"));
    }
    create(random, "RSA", &bits.to_string())
}

/// `algorithm` goes into the public key as it is, so that it equals the certificate's.
fn new(
    random: &Random,
    algorithm: AlgorithmIdentifierRef<'_>,
    der: &[u8],
) -> Result<Loaded, CryptoError> {
    let numbers = RsaPrivateKeyRef::try_from(der).map_err(|_| MALFORMED)?;
    let public = numbers.public_key();
    // Before any arithmetic: a huge key would take long.
    if !has_accepted_size(&public) {
        return Err(WRONG_SIZE);
    }
    if !is_sound(&public) {
        return Err(MALFORMED);
    }
    let key = put_together(&numbers).map_err(refused(MALFORMED))?.ok_or(MALFORMED)?;
    let public = public.to_der().map_err(|_| NOT_ENCODED)?;
    let public = public_key::wrap(algorithm, &public)?;
    let algorithms = algorithms(&algorithm).or(Err(MALFORMED))?;
    // The sums do not tell whether the primes are any. Botan checks what it signs.
    let trial = SignatureAlgorithm::RsaPkcs1(HashAlgorithm::Sha256);
    scheme::sign(trial, &key, &mut random.generator()?, b"trial").map_err(|error| match error {
        CryptoError::RandomFailed => error,
        _ => MALFORMED,
    })?;
    Ok(Loaded { key, public, algorithms })
}

/// The key, if the numbers belong to each other (RFC 8017 3.2). From a whole key Botan takes them as
/// they come, so it is given the primes alone, and has to come to the other numbers. It does that
/// in a time that does not depend on them, which a division here would.
fn put_together(key: &RsaPrivateKeyRef<'_>) -> botan::Result<Option<Privkey>> {
    let number = |value: &UintRef<'_>| MPI::new_from_bytes(value.as_bytes());
    let (n, e, d) =
        (number(&key.modulus)?, number(&key.public_exponent)?, number(&key.private_exponent)?);
    let made = Privkey::load_rsa(&number(&key.prime1)?, &number(&key.prime2)?, &e)?;
    for (name, stored) in [
        ("n", &key.modulus),
        ("d1", &key.exponent1),
        ("d2", &key.exponent2),
        ("c", &key.coefficient),
    ] {
        if !made.get_field(name)?.equals(&number(stored)?)? {
            return Ok(None);
        }
    }
    // There is more than one private exponent to a key, all below the modulus.
    let fits = made.get_field("d")?.equals(&d)?
        || (key.private_exponent.as_bytes().len() <= key.modulus.as_bytes().len()
            && is_inverse(&n, &e, &d)?);
    Ok(fits.then_some(made))
}

/// Whether the one exponent takes back what the other does. One number that goes there and back
/// shows it: Botan does not sign with this exponent.
fn is_inverse(n: &MPI, e: &MPI, d: &MPI) -> botan::Result<bool> {
    let number = MPI::new_from_u32(2)?;
    MPI::powmod(&MPI::powmod(&number, e, n)?, d, n)?.equals(&number)
}
