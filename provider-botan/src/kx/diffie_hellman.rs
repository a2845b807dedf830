//! ECDH on the NIST curves, X25519 and X448 (RFC 8446 4.2.8.2, 7.4.2; RFC 7748).

use botan::Privkey;
use dtls_crypto_api::{
    ConstantTimeEq, CryptoError, KeyExchange, KxResponse, NamedGroup, SharedSecret,
};
use zeroize::Zeroizing;

use super::{NO_SUCH_GROUP, new_key};
use crate::curve::{self, NistCurve};
use crate::error::{failed, refused};
use crate::random::Random;

/// How a group is asked for and what its shares are.
enum Form {
    /// Uncompressed points of this curve.
    Nist(&'static NistCurve),
    /// Bare coordinates; this is Botan's name of the algorithm.
    Montgomery(&'static str),
}

impl Form {
    fn of(group: NamedGroup) -> Result<Self, CryptoError> {
        Ok(match group {
            NamedGroup::SECP256R1 => Self::Nist(&curve::P256),
            NamedGroup::SECP384R1 => Self::Nist(&curve::P384),
            NamedGroup::SECP521R1 => Self::Nist(&curve::P521),
            NamedGroup::X25519 => Self::Montgomery("X25519"),
            NamedGroup::X448 => Self::Montgomery("X448"),
            _ => return Err(NO_SUCH_GROUP),
        })
    }
}

/// A key pair used for one exchange.
pub(super) struct DiffieHellman {
    group: NamedGroup,
    form: Form,
    key: Privkey,
    share: Vec<u8>,
}

impl DiffieHellman {
    pub(super) fn new(random: &Random, group: NamedGroup) -> Result<Self, CryptoError> {
        let form = Form::of(group)?;
        let key = match form {
            Form::Nist(curve) => new_key(random, "ECDH", curve.name)?,
            Form::Montgomery(algorithm) => new_key(random, algorithm, "")?,
        };
        Self::with_key(group, form, key)
    }

    /// With a private key from outside (RFC 7748 5; for a NIST curve big end first).
    #[cfg(any(test, feature = "test-access"))]
    pub(super) fn with_scalar(group: NamedGroup, scalar: &[u8]) -> Result<Self, CryptoError> {
        const BAD_SCALAR: CryptoError = CryptoError::BadLength("private key");
        let form = Form::of(group)?;
        let len = match form {
            Form::Nist(curve) => curve.field_len,
            // A coordinate is as long as a scalar, and not every loader below looks.
            Form::Montgomery(_) => group.client_share_len().unwrap_or(0),
        };
        if scalar.len() != len {
            return Err(BAD_SCALAR);
        }
        let key = match form {
            Form::Nist(curve) => botan::MPI::new_from_bytes(scalar)
                .and_then(|scalar| Privkey::load_ecdh(&scalar, curve.name)),
            Form::Montgomery("X25519") => Privkey::load_x25519(scalar),
            Form::Montgomery(_) => Privkey::load_x448(scalar),
        };
        Self::with_key(group, form, key.map_err(failed("this private key"))?)
    }

    fn with_key(group: NamedGroup, form: Form, key: Privkey) -> Result<Self, CryptoError> {
        let share = key.key_agreement_key().map_err(failed("encoding a key share"))?;
        Ok(Self { group, form, key, share })
    }

    fn agree(&self, peer_share: &[u8]) -> Result<SharedSecret, CryptoError> {
        check_form(self.group, &self.form, peer_share)?;
        // `Raw`, with nothing asked of the length, is the whole coordinate.
        let shared = self
            .key
            .agree(peer_share, 0, &[], "Raw")
            .map(Zeroizing::new)
            .map_err(refused(CryptoError::BadKeyShare))?;
        // RFC 8446 7.4.2. Not every version of Botan looks for itself. On a NIST curve a zero
        // is a coordinate like any other.
        let zeros = [0; 56];
        let is_zero = shared.ct_eq(zeros.get(..shared.len()).unwrap_or(&[]));
        if matches!(self.form, Form::Montgomery(_)) && bool::from(is_zero) {
            return Err(CryptoError::BadKeyShare);
        }
        SharedSecret::new(&shared).ok_or(CryptoError::BadLength("shared secret"))
    }
}

/// Botan also takes compressed points; TLS 1.3 does not.
fn check_form(group: NamedGroup, form: &Form, peer_share: &[u8]) -> Result<(), CryptoError> {
    let fits = match form {
        Form::Nist(curve) => curve.is_uncompressed(peer_share),
        Form::Montgomery(_) => group.client_share_len() == Some(peer_share.len()),
    };
    fits.then_some(()).ok_or(CryptoError::BadKeyShare)
}

pub(super) fn respond(
    random: &Random,
    group: NamedGroup,
    peer_share: &[u8],
) -> Result<KxResponse, CryptoError> {
    // What has a wrong form costs no key.
    check_form(group, &Form::of(group)?, peer_share)?;
    let pair = DiffieHellman::new(random, group)?;
    let secret = pair.agree(peer_share)?;
    Ok(KxResponse { share: pair.share, secret })
}

impl KeyExchange for DiffieHellman {
    fn group(&self) -> NamedGroup {
        self.group
    }

    fn share(&self) -> &[u8] {
        &self.share
    }

    fn complete(self: Box<Self>, peer_share: &[u8]) -> Result<SharedSecret, CryptoError> {
        self.agree(peer_share)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        let digits: Vec<_> = text.chars().map(|c| c.to_digit(16).unwrap() as u8).collect();
        digits.chunks(2).map(|pair| pair[0] * 16 + pair[1]).collect()
    }

    /// RFC 7748 5.2, and 6.2 from Alice's side.
    #[rstest]
    #[case(
        NamedGroup::X25519,
        "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
        "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
        "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"
    )]
    #[case::high_bit_set(
        NamedGroup::X25519,
        "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
        "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
        "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"
    )]
    #[case(
        NamedGroup::X448,
        "9a8f4925d1519f5775cf46b04b5800d4ee9ee8bae8bc5565d498c28dd9c9baf574a9419744897391006382a6f127ab1d9ac2d8c0a598726b",
        "3eb7a829b0cd20f5bcfc0b599b6feccf6da4627107bdb0d4f345b43027d8b972fc3e34fb4232a13ca706dcb57aec3dae07bdc1c67bf33609",
        "07fff4181ac6cc95ec1c16a94a0f74d12da232ce40a77552281d282bb60c0b56fd2464c335543936521c24403085d59a449a5037514a879d"
    )]
    fn a_secret_is_that_of_rfc_7748(
        #[case] group: NamedGroup,
        #[case] scalar: &str,
        #[case] share: &str,
        #[case] want: &str,
    ) {
        let pair = DiffieHellman::with_scalar(group, &hex(scalar)).unwrap();
        assert_eq!(pair.agree(&hex(share)).unwrap().expose(), hex(want));
    }

    /// RFC 5903 8.1 to 8.3: the initiator's scalar, the responder's point, the x coordinate.
    #[rstest]
    #[case(
        NamedGroup::SECP256R1,
        "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433",
        "04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf6356fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab",
        "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de"
    )]
    #[case(
        NamedGroup::SECP384R1,
        "099f3c7034d4a2c699884d73a375a67f7624ef7c6b3c0f160647b67414dce655e35b538041e649ee3faef896783ab194",
        "04e558dbef53eecde3d3fccfc1aea08a89a987475d12fd950d83cfa41732bc509d0d1ac43a0336def96fda41d0774a3571dcfbec7aacf3196472169e838430367f66eebe3c6e70c416dd5f0c68759dd1fff83fa40142209dff5eaad96db9e6386c",
        "11187331c279962d93d604243fd592cb9d0a926f422e47187521287e7156c5c4d603135569b9e9d09cf5d4a270f59746"
    )]
    #[case(
        NamedGroup::SECP521R1,
        "0037ade9319a89f4dabdb3ef411aaccca5123c61acab57b5393dce47608172a095aa85a30fe1c2952c6771d937ba9777f5957b2639bab072462f68c27a57382d4a52",
        "0400d0b3975ac4b799f5bea16d5e13e9af971d5e9b984c9f39728b5e5739735a219b97c356436adc6e95bb0352f6be64a6c2912d4ef2d0433ced2b6171640012d9460f015c68226383956e3bd066e797b623c27ce0eac2f551a10c2c724d9852077b87220b6536c5c408a1d2aebb8e86d678ae49cb57091f4732296579ab44fcd17f0fc56a",
        "01144c7d79ae6956bc8edb8e7c787c4521cb086fa64407f97894e5e6b2d79b04d1427e73ca4baa240a34786859810c06b3c715a3a8cc3151f2bee417996d19f3ddea"
    )]
    // Not of the RFC: a coordinate that begins with a zero byte, which is kept (RFC 8446 7.4.2).
    #[case::leading_zero(
        NamedGroup::SECP256R1,
        "b9895a6d1d1cd5222752e724a6d61810fcfbf19af8e2188363a251c0cc760a42",
        "046549e7d16f917fac85c7fe99f382ec84a8241d9a419d661e5da7b6609e076a541fb30dfa7710cc9800cbfaa2adb510b9ee28bc2996cbd75a53d1b895d335c9da",
        "002c5aa09819eb292e9a0622ce9283d2f95c77ca941ef6b85d94ee675602151a"
    )]
    fn a_secret_is_that_of_rfc_5903(
        #[case] group: NamedGroup,
        #[case] scalar: &str,
        #[case] share: &str,
        #[case] want: &str,
    ) {
        let pair = DiffieHellman::with_scalar(group, &hex(scalar)).unwrap();
        assert_eq!(pair.agree(&hex(share)).unwrap().expose(), hex(want));
    }
}
