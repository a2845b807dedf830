//! ClientHello (RFC 9147 5.3, RFC 8446 4.1.2) and the extensions that only it carries in full.

use alloc::vec::Vec;

use super::DTLS12;
use super::codec::{Malformed, Reader, U16List, put_u16, put_vec8, put_vec16};
use super::extension::{BadExtensions, ExtensionType, Extensions, put_extension};

/// Length in bytes of both hellos' random.
pub const RANDOM_LEN: usize = 32;

/// A received ClientHello.
#[derive(Clone, Copy, Debug)]
pub struct ClientHello<'a> {
    /// Always [`DTLS12`] from a conforming client; says nothing.
    pub legacy_version: u16,
    /// The client's random.
    pub random: &'a [u8; RANDOM_LEN],
    /// A session of an older version, or empty.
    pub legacy_session_id: &'a [u8],
    /// The cookie of older versions: must be empty.
    pub legacy_cookie: &'a [u8],
    /// Suites, best first.
    pub cipher_suites: U16List<'a>,
    /// Must be one zero byte.
    pub legacy_compression_methods: &'a [u8],
    /// The extension block.
    pub extensions: Extensions<'a>,
}

impl<'a> ClientHello<'a> {
    /// Reads the body of a ClientHello.
    pub fn parse(body: &'a [u8]) -> Result<Self, BadExtensions> {
        let mut reader = Reader::new(body);
        let legacy_version = reader.u16()?;
        let random = reader.array()?;
        let legacy_session_id = reader.vec8()?;
        if legacy_session_id.len() > 32 {
            return Err(BadExtensions::Malformed);
        }
        let legacy_cookie = reader.vec8()?;
        let cipher_suites = U16List::new(reader.vec16()?)?;
        let legacy_compression_methods = reader.vec8()?;
        if legacy_compression_methods.is_empty() {
            return Err(BadExtensions::Malformed);
        }
        // Clients of older versions may leave the block out altogether.
        let extensions = if reader.is_empty() {
            Extensions::default()
        } else {
            Extensions::parse(reader.vec16()?)?
        };
        reader.finish()?;
        Ok(Self {
            legacy_version,
            random,
            legacy_session_id,
            legacy_cookie,
            cipher_suites,
            legacy_compression_methods,
            extensions,
        })
    }

    /// `supported_versions`, best first.
    pub fn supported_versions(&self) -> Result<Option<U16List<'a>>, Malformed> {
        self.extension(ExtensionType::SUPPORTED_VERSIONS, |reader| U16List::new(reader.vec8()?))
    }

    /// A list of 16-bit code points: `supported_groups`, `signature_algorithms`,
    /// `signature_algorithms_cert`.
    pub fn code_points(
        &self,
        extension_type: ExtensionType,
    ) -> Result<Option<U16List<'a>>, Malformed> {
        self.extension(extension_type, |reader| U16List::new(reader.vec16()?))
    }

    /// `key_share`: the entries in order.
    pub fn key_shares(&self) -> Result<Option<Vec<KeyShareEntry<'a>>>, Malformed> {
        self.extension(ExtensionType::KEY_SHARE, |reader| {
            let mut list = Reader::new(reader.vec16()?);
            let mut shares = Vec::new();
            while !list.is_empty() {
                shares.push(KeyShareEntry::parse(&mut list)?);
            }
            Ok(shares)
        })
    }

    /// `cookie`.
    pub fn cookie(&self) -> Result<Option<&'a [u8]>, Malformed> {
        self.extension(ExtensionType::COOKIE, parse_cookie)
    }

    /// The host name of `server_name`, if there is one.
    pub fn server_name(&self) -> Result<Option<&'a [u8]>, Malformed> {
        let names = self.extension(ExtensionType::SERVER_NAME, |reader| {
            let mut list = Reader::new(reader.vec16()?);
            let mut host_name = None;
            if list.is_empty() {
                return Err(Malformed);
            }
            while !list.is_empty() {
                let name_type = list.u8()?;
                let name = list.vec16()?;
                if name_type == 0 {
                    // One name of each type (RFC 6066 3).
                    if name.is_empty() || host_name.replace(name).is_some() {
                        return Err(Malformed);
                    }
                }
            }
            Ok(host_name)
        })?;
        Ok(names.flatten())
    }

    /// The application protocols of ALPN, best first.
    pub fn alpn(&self) -> Result<Option<Vec<&'a [u8]>>, Malformed> {
        self.extension(ExtensionType::ALPN, parse_protocol_list)
    }

    /// The distinguished names of `certificate_authorities`.
    pub fn certificate_authorities(&self) -> Result<Option<Vec<&'a [u8]>>, Malformed> {
        self.extension(ExtensionType::CERTIFICATE_AUTHORITIES, parse_distinguished_names)
    }

    fn extension<T>(
        &self,
        extension_type: ExtensionType,
        parse: impl FnOnce(&mut Reader<'a>) -> Result<T, Malformed>,
    ) -> Result<Option<T>, Malformed> {
        self.extensions.get(extension_type).map(|body| parse_whole(body, parse)).transpose()
    }
}

/// Parses all of `body`.
pub fn parse_whole<'a, T>(
    body: &'a [u8],
    parse: impl FnOnce(&mut Reader<'a>) -> Result<T, Malformed>,
) -> Result<T, Malformed> {
    let mut reader = Reader::new(body);
    let value = parse(&mut reader)?;
    reader.finish()?;
    Ok(value)
}

/// Reads the body of a `cookie` extension.
pub fn parse_cookie<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8], Malformed> {
    let cookie = reader.vec16()?;
    if cookie.is_empty() { Err(Malformed) } else { Ok(cookie) }
}

/// Reads an ALPN protocol list: not empty, and no name is (RFC 7301 3.1).
pub fn parse_protocol_list<'a>(reader: &mut Reader<'a>) -> Result<Vec<&'a [u8]>, Malformed> {
    let mut list = Reader::new(reader.vec16()?);
    let mut names = Vec::new();
    while !list.is_empty() {
        names.push(list.vec8()?);
    }
    if names.is_empty() || names.iter().any(|n| n.is_empty()) {
        return Err(Malformed);
    }
    Ok(names)
}

/// Reads the distinguished names of `certificate_authorities`: at least one.
pub fn parse_distinguished_names<'a>(reader: &mut Reader<'a>) -> Result<Vec<&'a [u8]>, Malformed> {
    let mut list = Reader::new(reader.vec16()?);
    let mut names = Vec::new();
    while !list.is_empty() {
        names.push(list.vec16()?);
    }
    if names.is_empty() || names.iter().any(|n| n.is_empty()) {
        return Err(Malformed);
    }
    Ok(names)
}

/// A group and a share in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyShareEntry<'a> {
    /// The group's code point.
    pub group: u16,
    /// The share.
    pub share: &'a [u8],
}

impl<'a> KeyShareEntry<'a> {
    /// Reads one entry.
    pub fn parse(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        let group = reader.u16()?;
        let share = reader.vec16()?;
        if share.is_empty() { Err(Malformed) } else { Ok(Self { group, share }) }
    }

    /// Appends the entry.
    pub fn put(&self, out: &mut Vec<u8>) {
        put_u16(out, self.group);
        put_vec16(out, |out| out.extend_from_slice(self.share));
    }
}

/// Appends the body of a ClientHello for DTLS 1.3 alone: no session, no legacy cookie, the null
/// compression (RFC 9147 5.3).
pub fn put_client_hello(
    out: &mut Vec<u8>,
    random: &[u8; RANDOM_LEN],
    cipher_suites: impl IntoIterator<Item = u16>,
    extensions: impl FnOnce(&mut Vec<u8>),
) {
    put_u16(out, DTLS12);
    out.extend_from_slice(random);
    put_vec8(out, |_| ());
    put_vec8(out, |_| ());
    put_code_points(out, cipher_suites);
    put_vec8(out, |out| out.push(0));
    put_vec16(out, extensions);
}

/// Appends a list of 16-bit code points behind a two-byte length.
pub fn put_code_points(out: &mut Vec<u8>, values: impl IntoIterator<Item = u16>) {
    put_vec16(out, |out| values.into_iter().for_each(|v| put_u16(out, v)));
}

/// Appends `server_name` with a host name.
pub fn put_server_name(out: &mut Vec<u8>, host_name: &str) {
    put_extension(out, ExtensionType::SERVER_NAME, |out| {
        put_vec16(out, |out| {
            out.push(0);
            put_vec16(out, |out| out.extend_from_slice(host_name.as_bytes()));
        });
    });
}

/// Appends ALPN with these protocols.
pub fn put_alpn<'p>(out: &mut Vec<u8>, protocols: impl IntoIterator<Item = &'p [u8]>) {
    put_extension(out, ExtensionType::ALPN, |out| {
        put_vec16(out, |out| {
            for name in protocols {
                put_vec8(out, |out| out.extend_from_slice(name));
            }
        });
    });
}

/// Appends `certificate_authorities`. An empty list is malformed, so nothing is written then.
pub fn put_certificate_authorities<'n>(out: &mut Vec<u8>, names: &'n [impl AsRef<[u8]> + 'n]) {
    if names.is_empty() {
        return;
    }
    put_extension(out, ExtensionType::CERTIFICATE_AUTHORITIES, |out| {
        put_vec16(out, |out| {
            for name in names {
                put_vec16(out, |out| out.extend_from_slice(name.as_ref()));
            }
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn hello(extensions: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
        let mut out = Vec::new();
        put_client_hello(&mut out, &[7; 32], [0x1301, 0x1302], extensions);
        out
    }

    /// req: 9147-5.1-04, 9147-5.3-01, 9147-5.3-05, 9147-5.3-06, 9147-5.3-09, 8446-4.1.2-06
    #[test]
    fn our_client_hello_has_empty_legacy_fields() {
        let bytes = hello(|_| ());
        let read = ClientHello::parse(&bytes).unwrap();
        assert_eq!(bytes[..2], [0xfe, 0xfd]);
        assert_eq!(read.legacy_version, DTLS12);
        assert_eq!((read.legacy_session_id, read.legacy_cookie), (&[][..], &[][..]));
        assert_eq!(read.legacy_compression_methods, [0]);
        assert!(read.cipher_suites.iter().eq([0x1301, 0x1302]));
    }

    #[test]
    fn extensions_of_a_client_hello_read_back_as_written() {
        let share = KeyShareEntry { group: 0x1d, share: &[9; 32] };
        let bytes = hello(|out| {
            put_server_name(out, "example.com");
            put_alpn(out, [&b"coap"[..], b"h3"]);
            put_certificate_authorities(out, &[&b"one"[..], b"two"]);
            put_extension(out, ExtensionType::KEY_SHARE, |out| {
                put_vec16(out, |out| share.put(out));
            });
            put_extension(out, ExtensionType::COOKIE, |out| put_vec16(out, |out| out.push(5)));
        });
        let read = ClientHello::parse(&bytes).unwrap();
        assert_eq!(read.server_name(), Ok(Some(&b"example.com"[..])));
        assert_eq!(read.alpn(), Ok(Some(vec_of(&[b"coap", b"h3"]))));
        assert_eq!(read.certificate_authorities(), Ok(Some(vec_of(&[b"one", b"two"]))));
        assert_eq!(read.key_shares().unwrap().unwrap(), [share]);
        assert_eq!(read.cookie(), Ok(Some(&[5][..])));
        assert!(read.supported_versions().unwrap().is_none());
    }

    fn vec_of<'a>(names: &[&'a [u8]]) -> Vec<&'a [u8]> {
        names.to_vec()
    }

    #[rstest]
    #[case::empty_alpn_list(ExtensionType::ALPN, &[0, 0])]
    #[case::empty_alpn_name(ExtensionType::ALPN, &[0, 1, 0])]
    #[case::trailing_alpn(ExtensionType::ALPN, &[0, 2, 1, 65, 0])]
    #[case::empty_cookie(ExtensionType::COOKIE, &[0, 0])]
    #[case::empty_share(ExtensionType::KEY_SHARE, &[0, 4, 0, 29, 0, 0])]
    #[case::no_name(ExtensionType::SERVER_NAME, &[0, 0])]
    #[case::empty_name(ExtensionType::SERVER_NAME, &[0, 3, 0, 0, 0])]
    #[case::two_host_names(ExtensionType::SERVER_NAME, &[0, 8, 0, 0, 1, 65, 0, 0, 1, 66])]
    #[case::no_versions(ExtensionType::SUPPORTED_VERSIONS, &[0])]
    #[case::odd_versions(ExtensionType::SUPPORTED_VERSIONS, &[3, 0xfe, 0xfc, 0xfe])]
    #[case::no_authorities(ExtensionType::CERTIFICATE_AUTHORITIES, &[0, 0])]
    fn a_crooked_extension_is_malformed(#[case] kind: ExtensionType, #[case] body: &[u8]) {
        let bytes = hello(|out| put_extension(out, kind, |out| out.extend_from_slice(body)));
        let read = ClientHello::parse(&bytes).unwrap();
        let failed = match kind {
            ExtensionType::ALPN => read.alpn().is_err(),
            ExtensionType::COOKIE => read.cookie().is_err(),
            ExtensionType::KEY_SHARE => read.key_shares().is_err(),
            ExtensionType::SERVER_NAME => read.server_name().is_err(),
            ExtensionType::SUPPORTED_VERSIONS => read.supported_versions().is_err(),
            _ => read.certificate_authorities().is_err(),
        };
        assert!(failed);
    }

    #[test]
    fn trailing_bytes_are_malformed() {
        let mut bytes = hello(|_| ());
        bytes.push(0);
        assert_eq!(ClientHello::parse(&bytes).unwrap_err(), BadExtensions::Malformed);
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_parser_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..200), keep in 0_usize..80) {
            let good = hello(|out| put_server_name(out, "a"));
            bytes.splice(0..0, good[..keep.min(good.len())].iter().copied());
            if let Ok(read) = ClientHello::parse(&bytes) {
                let _ = (read.alpn(), read.cookie(), read.key_shares(), read.server_name());
            }
        }
    }
}
