//! The cookie: all that a server without state has to know again (RFC 9147 5.1, 11).
//!
//! ```text
//! issued (seconds, 4) | suite 2 | group 2 (0: none) | Hash(ClientHello1) | HMAC-SHA256 (32)
//! ```
//!
//! The MAC's key is made from the secret and the period of issue, so keys change by themselves
//! and every holder of the secret has the same; it also covers the client's address.

use alloc::vec::Vec;

use dtls_crypto_api::{
    CipherSuite, ConstantTimeEq, CryptoError, Digest, HashAlgorithm, NamedGroup, Secret, Zeroizing,
};

use super::Provider;
use crate::error::{Error, PeerMisbehaved};
use crate::handshake::Suite;
use crate::time::Now;
use crate::wire::codec::{Malformed, Reader, put_u16};

/// Seconds a cookie is good for: as long as a handshake may take by default.
const LIFETIME: u64 = 120;

/// Seconds of one MAC key. A cookie outlives its period by its lifetime at most.
const PERIOD: u64 = 120;

/// Seconds a cookie may come from the future: clocks of a fleet differ.
const CLOCK_SKEW: u64 = 4;

const MAC_LEN: usize = 32;

/// What a cookie says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cookie {
    pub(crate) suite: Suite,
    pub(crate) group: Option<NamedGroup>,
    pub(crate) first_hello_hash: Vec<u8>,
}

/// Seals and opens cookies.
pub(crate) struct CookieJar {
    secret: Zeroizing<[u8; 32]>,
}

impl core::fmt::Debug for CookieJar {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("CookieJar")
    }
}

impl CookieJar {
    pub(crate) const fn new(secret: Zeroizing<[u8; 32]>) -> Self {
        Self { secret }
    }

    /// The cookie for a client at `address`.
    pub(crate) fn seal(
        &self,
        provider: Provider<'_>,
        now: Now,
        address: &[u8],
        cookie: &Cookie,
    ) -> Result<Vec<u8>, CryptoError> {
        let issued = now.wall.as_secs();
        let mut out = Vec::new();
        out.extend_from_slice(&(issued as u32).to_be_bytes());
        put_u16(&mut out, cookie.suite.id.0);
        put_u16(&mut out, cookie.group.map_or(0, |group| group.0));
        out.extend_from_slice(&cookie.first_hello_hash);
        let mac = self.mac(provider, issued, address, &out)?;
        out.extend_from_slice(mac.as_ref());
        Ok(out)
    }

    /// Checks and reads a cookie that came from `address`.
    pub(crate) fn open(
        &self,
        provider: Provider<'_>,
        now: Now,
        address: &[u8],
        sealed: &[u8],
    ) -> Result<Cookie, Error> {
        let bad = || Error::PeerMisbehaved(PeerMisbehaved::BadCookie);
        let split = sealed.len().checked_sub(MAC_LEN).ok_or_else(bad)?;
        let (content, mac) = sealed.split_at_checked(split).ok_or_else(bad)?;
        let (issued, cookie) = read(content).map_err(|_| bad())?;
        let now = now.wall.as_secs();
        // The field holds the low 32 bits; the rest is that of a time near now.
        let issued = (now & !0xffff_ffff) | u64::from(issued);
        if issued > now + CLOCK_SKEW || now.saturating_sub(issued) > LIFETIME {
            return Err(bad());
        }
        let want = self.mac(provider, issued, address, content)?;
        if bool::from(want.as_ref().ct_eq(mac)) { Ok(cookie) } else { Err(bad()) }
    }

    fn mac(
        &self,
        provider: Provider<'_>,
        issued: u64,
        address: &[u8],
        content: &[u8],
    ) -> Result<Digest, CryptoError> {
        let hash = HashAlgorithm::Sha256;
        let period = (issued / PERIOD).to_be_bytes();
        let key = provider.hmac(hash, &self.secret[..], &[b"dtls13 cookie key", &period])?;
        let key = Secret::new(key.as_ref()).ok_or(CryptoError::BadLength("hash output"))?;
        let address_len = (address.len() as u64).to_be_bytes();
        provider.hmac(hash, key.expose(), &[&address_len, address, content])
    }
}

fn read(content: &[u8]) -> Result<(u32, Cookie), Malformed> {
    let mut reader = Reader::new(content);
    let issued = reader.u32()?;
    let suite = Suite::new(CipherSuite(reader.u16()?)).ok_or(Malformed)?;
    let group = match reader.u16()? {
        0 => None,
        group => Some(NamedGroup(group)),
    };
    let first_hello_hash = reader.take(suite.hash.output_len())?.to_vec();
    reader.finish()?;
    Ok((issued, Cookie { suite, group, first_hello_hash }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::time::Duration;
    use dtls_provider_rustcrypto::RustCryptoProvider;
    use proptest::prelude::*;

    fn at(seconds: u64) -> Now {
        Now { wall: Duration::from_secs(seconds), ..Now::default() }
    }

    fn cookie() -> Cookie {
        let suite = Suite::new(CipherSuite::TLS_AES_256_GCM_SHA384).unwrap();
        Cookie { suite, group: Some(NamedGroup::X25519), first_hello_hash: alloc::vec![7; 48] }
    }

    const START: u64 = 1_800_000_000;

    /// req: 9147-5.1-03, 9147-5.1-07, 9147-5.1-08, 9147-5.1-09, 9147-5.1-18, 9147-11-03, 9147-11-04
    #[test]
    fn a_cookie_is_bound_to_address_time_and_secret() {
        let provider = RustCryptoProvider::new();
        let jar = CookieJar::new(Zeroizing::new([1; 32]));
        let sealed = jar.seal(&provider, at(START), b"a:1", &cookie()).unwrap();
        let open = |jar: &CookieJar, seconds, address: &[u8]| {
            jar.open(&provider, at(seconds), address, &sealed)
        };
        assert_eq!(open(&jar, START, b"a:1"), Ok(cookie()));
        assert_eq!(open(&jar, START + LIFETIME, b"a:1"), Ok(cookie()));
        let bad = Err(Error::PeerMisbehaved(PeerMisbehaved::BadCookie));
        assert_eq!(open(&jar, START + LIFETIME + 1, b"a:1"), bad, "stale");
        assert_eq!(open(&jar, START - CLOCK_SKEW - 1, b"a:1"), bad, "from the future");
        assert_eq!(open(&jar, START, b"a:2"), bad, "another address");
        assert_eq!(
            open(&CookieJar::new(Zeroizing::new([2; 32])), START, b"a:1"),
            bad,
            "another secret"
        );
        assert_eq!(
            open(&CookieJar::new(Zeroizing::new([1; 32])), START, b"a:1"),
            Ok(cookie()),
            "a fleet"
        );
    }

    proptest! {
        #[test]
        fn no_changed_cookie_opens(at_byte in any::<prop::sample::Index>(), flip in 1_u8..=255, cut in 0_usize..100) {
            let provider = RustCryptoProvider::new();
            let jar = CookieJar::new(Zeroizing::new([1; 32]));
            let mut sealed = jar.seal(&provider, at(START), b"a", &cookie()).unwrap();
            prop_assert!(jar.open(&provider, at(START), b"a", &sealed[..cut.min(sealed.len() - 1)]).is_err());
            let at_byte = at_byte.index(sealed.len());
            sealed[at_byte] ^= flip;
            prop_assert!(jar.open(&provider, at(START), b"a", &sealed).is_err());
        }
    }
}
