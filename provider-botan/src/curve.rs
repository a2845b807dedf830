//! The three NIST curves: what Botan and the standards call them, and the form of their points.

use dtls_crypto_api::{Curve, HashAlgorithm};
use spki::ObjectIdentifier;

use crate::oid;

/// First byte of an uncompressed point (SEC 1 2.3.3); the other forms have no place in TLS 1.3.
const UNCOMPRESSED: u8 = 4;

/// First byte of a compressed point whose y is even; it is one more where y is odd.
const COMPRESSED: u8 = 2;

/// One of the NIST curves.
pub(crate) struct NistCurve {
    pub(crate) id: Curve,
    /// Botan's name.
    pub(crate) name: &'static str,
    pub(crate) oid: ObjectIdentifier,
    /// The hash TLS 1.3 pairs the curve with (RFC 8446 4.2.3).
    pub(crate) hash: HashAlgorithm,
    /// Length in bytes of a coordinate and of a private key.
    pub(crate) field_len: usize,
}

pub(crate) const P256: NistCurve = NistCurve {
    id: Curve::P256,
    name: "secp256r1",
    oid: oid::P256,
    hash: HashAlgorithm::Sha256,
    field_len: 32,
};

pub(crate) const P384: NistCurve = NistCurve {
    id: Curve::P384,
    name: "secp384r1",
    oid: oid::P384,
    hash: HashAlgorithm::Sha384,
    field_len: 48,
};

pub(crate) const P521: NistCurve = NistCurve {
    id: Curve::P521,
    name: "secp521r1",
    oid: oid::P521,
    hash: HashAlgorithm::Sha512,
    field_len: 66,
};

impl NistCurve {
    /// The curve with this number, if it is one of the three.
    pub(crate) fn of(id: Curve) -> Option<&'static Self> {
        [&P256, &P384, &P521].into_iter().find(|curve| curve.id == id)
    }

    /// The curve with this object identifier, if it is one of the three.
    pub(crate) fn of_oid(oid: ObjectIdentifier) -> Option<&'static Self> {
        [&P256, &P384, &P521].into_iter().find(|curve| curve.oid == oid)
    }

    /// Whether these bytes have the form of an uncompressed point. Whether it is on the curve,
    /// Botan checks when it takes the point.
    pub(crate) fn is_uncompressed(&self, point: &[u8]) -> bool {
        point.len() == 1 + 2 * self.field_len && point.first() == Some(&UNCOMPRESSED)
    }

    /// Whether `stored`, compressed or not (SEC 1 2.3.3), is the point that `uncompressed` is.
    pub(crate) fn is_same_point(&self, stored: &[u8], uncompressed: &[u8]) -> bool {
        let (Some((form, x)), Some(y)) = (stored.split_first(), uncompressed.last()) else {
            return false;
        };
        let is_compressed = *form == COMPRESSED | (y & 1)
            && x.len() == self.field_len
            && uncompressed.get(1..=self.field_len) == Some(x);
        stored == uncompressed || is_compressed
    }
}
