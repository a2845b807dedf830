//! What the three NIST curves have in common here: private keys and points, drawn and decoded.

use alloc::vec::Vec;

use dtls_crypto_api::{CryptoError, Curve, HashAlgorithm, NamedGroup};
use ecdsa::{DigestAlgorithm, Signature};
use p256::NistP256;
use p256::elliptic_curve::ops::Invert;
use p256::elliptic_curve::sec1::{FromSec1Point, ModulusSize, ToSec1Point, ValidatePublicKey};
use p256::elliptic_curve::subtle::CtOption;
use p256::elliptic_curve::{CurveArithmetic, FieldBytes, PublicKey, Scalar, SecretKey};
use p384::NistP384;
use p521::NistP521;
use pkcs8::AssociatedOid;
use zeroize::Zeroizing;

use crate::random::RandomSource;

/// First byte of an uncompressed point (SEC 1 2.3.3); the others have no place in TLS 1.3.
const UNCOMPRESSED: u8 = 4;

/// How often a scalar is drawn before the source is held to be broken. Less than one draw in
/// 2^32 has to be repeated on P-256, and fewer on the others.
const MAX_DRAWS: usize = 8;

/// One of the NIST curves.
pub(crate) trait NistCurve:
    CurveArithmetic<
        AffinePoint: FromSec1Point<Self> + ToSec1Point<Self>,
        FieldBytesSize: ModulusSize,
        Scalar: Invert<Output = CtOption<Scalar<Self>>>,
    > + DigestAlgorithm
    + AssociatedOid
    + ValidatePublicKey
    + Send
    + Sync
    + 'static
{
    /// Its name in key exchange.
    const GROUP: NamedGroup;
    /// What its keys sign: TLS 1.3 pairs each curve with one hash (RFC 8446 4.2.3), which is
    /// also [`DigestAlgorithm::Digest`].
    const SIGNS: (Curve, HashAlgorithm);
    /// The bits of a scalar's first byte that can be set.
    const TOP_BYTE_MASK: u8;

    /// Decodes a signature from strict DER: minimal lengths and integers, nothing after it,
    /// both numbers in 1..order.
    fn decode_signature(der: &[u8]) -> Option<Signature<Self>>;

    /// Encodes a signature as DER.
    fn encode_signature(signature: &Signature<Self>) -> Vec<u8>;
}

macro_rules! nist_curve {
    ($curve:ty, $group:ident, $name:ident, $hash:ident, $top_byte_mask:literal) => {
        impl NistCurve for $curve {
            const GROUP: NamedGroup = NamedGroup::$group;
            const SIGNS: (Curve, HashAlgorithm) = (Curve::$name, HashAlgorithm::$hash);
            const TOP_BYTE_MASK: u8 = $top_byte_mask;

            fn decode_signature(der: &[u8]) -> Option<Signature<Self>> {
                Signature::from_der(der).ok()
            }

            fn encode_signature(signature: &Signature<Self>) -> Vec<u8> {
                signature.to_der().as_bytes().to_vec()
            }
        }
    };
}

nist_curve!(NistP256, SECP256R1, P256, Sha256, 0xff);
nist_curve!(NistP384, SECP384R1, P384, Sha384, 0xff);
// 521 bits in 66 bytes.
nist_curve!(NistP521, SECP521R1, P521, Sha512, 0x01);

/// Draws a private key, uniform in 1..order (FIPS 186-5 A.2.2, by rejection).
pub(crate) fn random_key<C: NistCurve>(
    random: &dyn RandomSource,
) -> Result<SecretKey<C>, CryptoError> {
    let mut scalar = Zeroizing::new(FieldBytes::<C>::default());
    for _ in 0..MAX_DRAWS {
        random.fill(&mut scalar)?;
        if let Some(top) = scalar.first_mut() {
            *top &= C::TOP_BYTE_MASK;
        }
        if let Ok(key) = SecretKey::from_bytes(&scalar) {
            return Ok(key);
        }
    }
    Err(CryptoError::RandomFailed)
}

/// Decodes an uncompressed point that is on the curve and not the point at infinity.
pub(crate) fn decode_point<C: NistCurve>(bytes: &[u8]) -> Option<PublicKey<C>> {
    let expected_len = C::GROUP.client_share_len()?;
    if bytes.len() != expected_len || bytes.first() != Some(&UNCOMPRESSED) {
        return None;
    }
    PublicKey::from_sec1_bytes(bytes).ok()
}
