//! Key exchange: Diffie-Hellman and KEMs (RFC 8446 4.2.8, 7.4.2). Hybrids are put together from
//! their halves, unless the library is used for the whole.

use std::sync::Arc;

use dtls_crypto_api::{CryptoError, KeyExchange, KxResponse, NamedGroup, SharedSecret};

use crate::ffi::{Failed, Key, KeyParts, Library, Params};
use crate::names::{self, Group};

pub(crate) const NO_SUCH_GROUP: CryptoError = CryptoError::Unsupported("this key exchange group");

/// First byte of an uncompressed point (SEC 1 2.3.3); the others have no place in TLS 1.3.
const UNCOMPRESSED: u8 = 4;

/// A key pair used for one exchange.
struct Exchange {
    group: NamedGroup,
    key: Key,
    share: Vec<u8>,
}

/// The client's first step.
pub(crate) fn start(
    library: &Arc<Library>,
    group: NamedGroup,
) -> Result<Box<dyn KeyExchange>, CryptoError> {
    Ok(Box::new(Exchange::generate(library, group)?))
}

/// The server's only step.
pub(crate) fn encapsulate(
    library: &Arc<Library>,
    group: NamedGroup,
    peer_share: &[u8],
) -> Result<KxResponse, CryptoError> {
    // The peer's mistakes cost the least when they are found first.
    let peer = public_key(library, group, peer_share)?;
    if is_kem(group) {
        return encapsulate_for(&peer, &Params::new());
    }
    let pair = Exchange::generate(library, group)?;
    Ok(KxResponse { secret: pair.agree(&peer)?, share: pair.share })
}

fn encapsulate_for(peer: &Key, params: &Params<'_>) -> Result<KxResponse, CryptoError> {
    let made = peer.encapsulate(params);
    let made = made.map_err(|Failed| CryptoError::Backend("key encapsulation"))?;
    Ok(KxResponse { secret: to_secret(&made.secret)?, share: made.ciphertext })
}

/// The client's first step with a private key from outside.
#[cfg(feature = "test-access")]
pub(crate) fn with_key(group: NamedGroup, key: Key) -> Result<Box<dyn KeyExchange>, Failed> {
    let share = key.public_bytes()?;
    Ok(Box::new(Exchange { group, key, share }))
}

/// The server's only step, for a KEM, with its randomness from outside.
#[cfg(feature = "test-access")]
pub(crate) fn encapsulate_with(
    library: &Arc<Library>,
    group: NamedGroup,
    peer_share: &[u8],
    randomness: &[u8],
) -> Result<KxResponse, CryptoError> {
    let peer = public_key(library, group, peer_share)?;
    encapsulate_for(&peer, &Params::new().octets(c"ikme", randomness))
}

fn is_kem(group: NamedGroup) -> bool {
    matches!(names::group(group), Some(Group::Kem(_) | Group::Hybrid(_)))
}

/// The peer's share as a key: of the right length, and on its curve.
fn public_key(library: &Arc<Library>, group: NamedGroup, share: &[u8]) -> Result<Key, CryptoError> {
    let name = names::group(group).ok_or(NO_SUCH_GROUP)?;
    if group.client_share_len() != Some(share.len()) {
        return Err(CryptoError::BadKeyShare);
    }
    let key = match name {
        Group::Nist(curve) => nist_point(library, curve, share),
        Group::Montgomery(kind) | Group::Kem(kind) | Group::Hybrid(kind) => {
            Key::from_public_bytes(library, kind, share)
        }
    };
    key.map_err(|Failed| CryptoError::BadKeyShare)
}

/// A public key on a NIST curve from an uncompressed point.
pub(crate) fn nist_point(
    library: &Arc<Library>,
    curve: &'static core::ffi::CStr,
    point: &[u8],
) -> Result<Key, Failed> {
    if point.first() != Some(&UNCOMPRESSED) {
        return Err(Failed);
    }
    let params = Params::new().text(c"group", curve).octets(c"pub", point);
    Key::from_params(library, names::EC, KeyParts::Public, &params)
}

fn to_secret(bytes: &[u8]) -> Result<SharedSecret, CryptoError> {
    SharedSecret::new(bytes).ok_or(CryptoError::BadLength("shared secret"))
}

impl Exchange {
    fn generate(library: &Arc<Library>, group: NamedGroup) -> Result<Self, CryptoError> {
        let params = Params::new();
        let (kind, params) = match names::group(group).ok_or(NO_SUCH_GROUP)? {
            Group::Nist(curve) => (names::EC, params.text(c"group", curve)),
            Group::Montgomery(kind) | Group::Kem(kind) | Group::Hybrid(kind) => (kind, params),
        };
        let made = Key::generate(library, kind, &params);
        let made = made.and_then(|key| key.public_bytes().map(|share| (key, share)));
        let (key, share) = made.map_err(|Failed| CryptoError::Backend("key generation"))?;
        Ok(Self { group, key, share })
    }

    fn agree(&self, peer: &Key) -> Result<SharedSecret, CryptoError> {
        // Of a valid peer key, what can go wrong is an all-zero result.
        let secret = self.key.agree(peer).map_err(|Failed| CryptoError::BadKeyShare)?;
        to_secret(&secret)
    }
}

impl KeyExchange for Exchange {
    fn group(&self) -> NamedGroup {
        self.group
    }

    fn share(&self) -> &[u8] {
        &self.share
    }

    fn complete(self: Box<Self>, peer_share: &[u8]) -> Result<SharedSecret, CryptoError> {
        if self.group.server_share_len() != Some(peer_share.len()) {
            return Err(CryptoError::BadKeyShare);
        }
        if is_kem(self.group) {
            // A ciphertext of the right length always gives a secret, if not the peer's: ML-KEM
            // rejects implicitly, and the Finished messages then disagree.
            let secret = self.key.decapsulate(peer_share);
            return to_secret(&secret.map_err(|Failed| CryptoError::BadKeyShare)?);
        }
        let peer = public_key(self.key.library(), self.group, peer_share)?;
        self.agree(&peer)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        let digits: Vec<_> = text.chars().map(|c| c.to_digit(16).unwrap() as u8).collect();
        digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
    }

    /// An exchange with a scalar of the test's; the public half goes unused.
    fn with_scalar(group: NamedGroup, scalar: &str) -> Exchange {
        let library = Arc::new(Library::default_context());
        let mut scalar = hex(scalar);
        let key = match names::group(group).unwrap() {
            Group::Nist(curve) => {
                scalar.reverse();
                // OpenSSL wants a public key beside the private one, whatever it is.
                let point = Exchange::generate(&library, group).unwrap().share;
                let params = Params::new().text(c"group", curve).octets(c"pub", &point);
                let params = params.unsigned(c"priv", &scalar);
                Key::from_params(&library, names::EC, KeyParts::Private, &params)
            }
            Group::Montgomery(kind) => {
                let params = Params::new().octets(c"priv", &scalar);
                Key::from_params(&library, kind, KeyParts::Private, &params)
            }
            _ => unreachable!("only Diffie-Hellman has scalars"),
        };
        Exchange { group, key: key.unwrap(), share: Vec::new() }
    }

    /// RFC 7748 5.2, and scalars and points (from another implementation) whose product's x
    /// coordinate begins with a zero byte.
    ///
    /// req: 8446-7.4.2-02
    #[rstest]
    #[case(
        NamedGroup::X25519,
        "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
        "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
        "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"
    )]
    #[case(
        NamedGroup::X448,
        "3d262fddf9ec8e88495266fea19a34d28882acef045104d0d1aae121700a779c984c24f8cdd78fbff44943eba368f54b29259a4f1c600ad3",
        "06fce640fa3487bfda5f6cf2d5263f8aad88334cbd07437f020f08f9814dc031ddbdc38c19c6da2583fa5429db94ada18aa7a7fb4ef8a086",
        "ce3e4ff95a60dc6697da1db1d85e6afbdf79b50a2412d7546d5f239fe14fbaadeb445fc66a01b0779d98223961111e21766282f73dd96b6f"
    )]
    #[case(
        NamedGroup::SECP256R1,
        "b9895a6d1d1cd5222752e724a6d61810fcfbf19af8e2188363a251c0cc760a42",
        "046549e7d16f917fac85c7fe99f382ec84a8241d9a419d661e5da7b6609e076a541fb30dfa7710cc9800cbfaa2adb510b9ee28bc2996cbd75a53d1b895d335c9da",
        "002c5aa09819eb292e9a0622ce9283d2f95c77ca941ef6b85d94ee675602151a"
    )]
    #[case(
        NamedGroup::SECP521R1,
        "00f444cb588e535fe78ceb365ec74c11bc5945abdcdcc11c0bec6ad3f744599f806097b77d3f9cda266640d69503514c3701d61a565079b0fb443c197add71f81fcd",
        "04000c62fab0b9dfb1a7acdf82d128896d8c6ebba72c912982eaa8743a4b90ee026648e4d1e42f1f441e017d9854af4cb06f9eb3c75d6578beaedfebc0558e278ae1b301867e0ab638ff8cebb56a8ac5f348d249919d8b27a0e4714af32d1383008653d07df55ba22260a4898b99f1b1251f0d0bc0a7aff5038512f7e9f33f8184f2d4f245",
        "000001a2edea777690d50134afdcefffc0c30c0b2bd9b6122c203cc9dbf80e5ef3014d6d31ca5159cbadf753e21047758094e19bf05bfb832668da0bbfacc7bdbae4"
    )]
    fn a_known_scalar_and_share_give_the_known_secret(
        #[case] group: NamedGroup,
        #[case] scalar: &str,
        #[case] share: &str,
        #[case] want: &str,
    ) {
        let secret = Box::new(with_scalar(group, scalar)).complete(&hex(share)).unwrap();
        assert_eq!(secret.expose(), hex(want));
    }
}
