//! ServerHello, HelloRetryRequest and EncryptedExtensions (RFC 8446 4.1.3, 4.1.4, 4.3.1).

use alloc::vec::Vec;

use super::client_hello::{
    KeyShareEntry, RANDOM_LEN, parse_cookie, parse_protocol_list, parse_whole,
};
use super::codec::{Malformed, Reader, put_u16, put_vec8, put_vec16};
use super::extension::{BadExtensions, ExtensionType, Extensions, put_extension};
use super::{DTLS12, DTLS13};

/// The random that makes a ServerHello a HelloRetryRequest: SHA-256 of "HelloRetryRequest".
pub const HELLO_RETRY_REQUEST_RANDOM: [u8; RANDOM_LEN] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// The last eight bytes of the random of a server that could speak DTLS 1.3 and chose DTLS 1.2.
pub const DOWNGRADE_TO_12: [u8; 8] = *b"DOWNGRD\x01";
/// The same for a server that chose DTLS 1.0.
pub const DOWNGRADE_TO_10: [u8; 8] = *b"DOWNGRD\x00";

/// A received ServerHello or HelloRetryRequest.
#[derive(Clone, Copy, Debug)]
pub struct ServerHello<'a> {
    /// Says nothing when `supported_versions` is present.
    pub legacy_version: u16,
    /// The server's random.
    pub random: &'a [u8; RANDOM_LEN],
    /// Must be empty in DTLS 1.3.
    pub legacy_session_id_echo: &'a [u8],
    /// The chosen suite.
    pub cipher_suite: u16,
    /// Must be zero.
    pub legacy_compression_method: u8,
    /// The extension block.
    pub extensions: Extensions<'a>,
}

impl<'a> ServerHello<'a> {
    /// Reads the body of a ServerHello.
    pub fn parse(body: &'a [u8]) -> Result<Self, BadExtensions> {
        let mut reader = Reader::new(body);
        let legacy_version = reader.u16()?;
        let random = reader.array()?;
        let legacy_session_id_echo = reader.vec8()?;
        if legacy_session_id_echo.len() > 32 {
            return Err(BadExtensions::Malformed);
        }
        let cipher_suite = reader.u16()?;
        let legacy_compression_method = reader.u8()?;
        let extensions = if reader.is_empty() {
            Extensions::default()
        } else {
            Extensions::parse(reader.vec16()?)?
        };
        reader.finish()?;
        Ok(Self {
            legacy_version,
            random,
            legacy_session_id_echo,
            cipher_suite,
            legacy_compression_method,
            extensions,
        })
    }

    /// Whether this is a HelloRetryRequest.
    pub fn is_hello_retry_request(&self) -> bool {
        *self.random == HELLO_RETRY_REQUEST_RANDOM
    }

    /// Whether the random ends in one of the downgrade sentinels.
    pub fn has_downgrade_sentinel(&self) -> bool {
        self.random.ends_with(&DOWNGRADE_TO_12) || self.random.ends_with(&DOWNGRADE_TO_10)
    }

    /// The version of `supported_versions`.
    pub fn selected_version(&self) -> Result<Option<u16>, Malformed> {
        self.extension(ExtensionType::SUPPORTED_VERSIONS, Reader::u16)
    }

    /// `key_share` of a ServerHello.
    pub fn key_share(&self) -> Result<Option<KeyShareEntry<'a>>, Malformed> {
        self.extension(ExtensionType::KEY_SHARE, KeyShareEntry::parse)
    }

    /// `key_share` of a HelloRetryRequest.
    pub fn selected_group(&self) -> Result<Option<u16>, Malformed> {
        self.extension(ExtensionType::KEY_SHARE, Reader::u16)
    }

    /// `cookie` of a HelloRetryRequest.
    pub fn cookie(&self) -> Result<Option<&'a [u8]>, Malformed> {
        self.extension(ExtensionType::COOKIE, parse_cookie)
    }

    fn extension<T>(
        &self,
        extension_type: ExtensionType,
        parse: impl FnOnce(&mut Reader<'a>) -> Result<T, Malformed>,
    ) -> Result<Option<T>, Malformed> {
        self.extensions.get(extension_type).map(|body| parse_whole(body, parse)).transpose()
    }
}

fn put_hello(
    out: &mut Vec<u8>,
    random: &[u8; RANDOM_LEN],
    cipher_suite: u16,
    extensions: impl FnOnce(&mut Vec<u8>),
) {
    put_u16(out, DTLS12);
    out.extend_from_slice(random);
    // The session ID is never echoed (RFC 9147 5).
    put_vec8(out, |_| ());
    put_u16(out, cipher_suite);
    out.push(0);
    put_vec16(out, |out| {
        put_extension(out, ExtensionType::SUPPORTED_VERSIONS, |out| put_u16(out, DTLS13));
        extensions(out);
    });
}

/// Appends the body of a ServerHello.
pub fn put_server_hello(
    out: &mut Vec<u8>,
    random: &[u8; RANDOM_LEN],
    cipher_suite: u16,
    key_share: &KeyShareEntry<'_>,
) {
    put_hello(out, random, cipher_suite, |out| {
        put_extension(out, ExtensionType::KEY_SHARE, |out| key_share.put(out));
    });
}

/// Appends the body of a HelloRetryRequest. The same arguments give the same bytes: a stateless
/// server rebuilds it from the cookie.
pub fn put_hello_retry_request(
    out: &mut Vec<u8>,
    cipher_suite: u16,
    selected_group: Option<u16>,
    cookie: Option<&[u8]>,
) {
    put_hello(out, &HELLO_RETRY_REQUEST_RANDOM, cipher_suite, |out| {
        if let Some(group) = selected_group {
            put_extension(out, ExtensionType::KEY_SHARE, |out| put_u16(out, group));
        }
        if let Some(cookie) = cookie {
            put_extension(out, ExtensionType::COOKIE, |out| {
                put_vec16(out, |out| out.extend_from_slice(cookie));
            });
        }
    });
}

/// A received EncryptedExtensions.
#[derive(Clone, Copy, Debug)]
pub struct EncryptedExtensions<'a> {
    /// The extension block.
    pub extensions: Extensions<'a>,
}

impl<'a> EncryptedExtensions<'a> {
    /// Reads the body of EncryptedExtensions.
    pub fn parse(body: &'a [u8]) -> Result<Self, BadExtensions> {
        let block = parse_whole(body, Reader::vec16)?;
        Ok(Self { extensions: Extensions::parse(block)? })
    }

    /// The one protocol the server chose.
    pub fn alpn(&self) -> Result<Option<&'a [u8]>, Malformed> {
        let Some(body) = self.extensions.get(ExtensionType::ALPN) else { return Ok(None) };
        match parse_whole(body, parse_protocol_list)?[..] {
            [name] => Ok(Some(name)),
            _ => Err(Malformed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// req: 9147-5-01, 9147bis-5-02, 9147-5.4-01, 8446-4.1.3-04, 8446-4.2.1-05
    #[test]
    fn our_server_hello_echoes_no_session_and_names_the_version() {
        let mut body = Vec::new();
        let share = KeyShareEntry { group: 0x1d, share: &[3; 32] };
        put_server_hello(&mut body, &[1; 32], 0x1301, &share);
        let read = ServerHello::parse(&body).unwrap();
        assert_eq!(read.legacy_version, 0xfefd);
        assert!(read.legacy_session_id_echo.is_empty());
        assert_eq!(read.legacy_compression_method, 0);
        assert_eq!(read.selected_version(), Ok(Some(0xfefc)));
        assert_eq!(read.key_share(), Ok(Some(share)));
        assert!(!read.is_hello_retry_request());
    }

    /// req: 8446-4.1.3-01, 8446-4.1.4-01
    #[test]
    fn a_retry_request_is_known_by_its_random() {
        let mut body = Vec::new();
        put_hello_retry_request(&mut body, 0x1302, Some(0x17), Some(b"cookie"));
        let read = ServerHello::parse(&body).unwrap();
        assert!(read.is_hello_retry_request());
        assert_eq!(read.selected_version(), Ok(Some(DTLS13)));
        assert_eq!(read.selected_group(), Ok(Some(0x17)));
        assert_eq!(read.cookie(), Ok(Some(&b"cookie"[..])));
        let mut again = Vec::new();
        put_hello_retry_request(&mut again, 0x1302, Some(0x17), Some(b"cookie"));
        assert_eq!(body, again);
    }

    /// req: 9147-5.3-03
    #[test]
    fn downgrade_sentinels_are_the_end_of_the_random() {
        for (tail, found) in
            [(*b"DOWNGRD\x01", true), (*b"DOWNGRD\x00", true), (*b"DOWNGRD\x02", false)]
        {
            let mut random = [9; 32];
            random[24..].copy_from_slice(&tail);
            let mut body = Vec::new();
            put_server_hello(&mut body, &random, 0x1301, &KeyShareEntry { group: 1, share: &[1] });
            assert_eq!(ServerHello::parse(&body).unwrap().has_downgrade_sentinel(), found);
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_parsers_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(read) = ServerHello::parse(&bytes) {
                let _ = (read.key_share(), read.selected_group(), read.cookie(), read.selected_version());
            }
            if let Ok(read) = EncryptedExtensions::parse(&bytes) {
                let _ = read.alpn();
            }
        }
    }
}
