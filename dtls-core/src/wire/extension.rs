//! The extension block and where each extension may stand (RFC 8446 4.2).

use alloc::vec::Vec;

use super::codec::{Malformed, Reader, put_u16, put_vec16};

/// Type of an extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExtensionType(pub u16);

impl ExtensionType {
    /// server_name (RFC 6066).
    pub const SERVER_NAME: Self = Self(0);
    /// max_fragment_length (RFC 6066).
    pub const MAX_FRAGMENT_LENGTH: Self = Self(1);
    /// status_request (RFC 6066).
    pub const STATUS_REQUEST: Self = Self(5);
    /// supported_groups.
    pub const SUPPORTED_GROUPS: Self = Self(10);
    /// signature_algorithms.
    pub const SIGNATURE_ALGORITHMS: Self = Self(13);
    /// use_srtp (RFC 5764).
    pub const USE_SRTP: Self = Self(14);
    /// application_layer_protocol_negotiation (RFC 7301).
    pub const ALPN: Self = Self(16);
    /// signed_certificate_timestamp (RFC 6962).
    pub const SIGNED_CERTIFICATE_TIMESTAMP: Self = Self(18);
    /// client_certificate_type (RFC 7250).
    pub const CLIENT_CERTIFICATE_TYPE: Self = Self(19);
    /// server_certificate_type (RFC 7250).
    pub const SERVER_CERTIFICATE_TYPE: Self = Self(20);
    /// padding (RFC 7685).
    pub const PADDING: Self = Self(21);
    /// record_size_limit (RFC 8449).
    pub const RECORD_SIZE_LIMIT: Self = Self(28);
    /// pre_shared_key.
    pub const PRE_SHARED_KEY: Self = Self(41);
    /// early_data.
    pub const EARLY_DATA: Self = Self(42);
    /// supported_versions.
    pub const SUPPORTED_VERSIONS: Self = Self(43);
    /// cookie.
    pub const COOKIE: Self = Self(44);
    /// psk_key_exchange_modes.
    pub const PSK_KEY_EXCHANGE_MODES: Self = Self(45);
    /// certificate_authorities.
    pub const CERTIFICATE_AUTHORITIES: Self = Self(47);
    /// oid_filters.
    pub const OID_FILTERS: Self = Self(48);
    /// post_handshake_auth.
    pub const POST_HANDSHAKE_AUTH: Self = Self(49);
    /// signature_algorithms_cert.
    pub const SIGNATURE_ALGORITHMS_CERT: Self = Self(50);
    /// key_share.
    pub const KEY_SHARE: Self = Self(51);
    /// connection_id (RFC 9146).
    pub const CONNECTION_ID: Self = Self(54);
    /// rrc (RFC 9853).
    pub const RRC: Self = Self(61);
}

/// A message that carries extensions, as a set of bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place(u8);

impl Place {
    /// ClientHello.
    pub const CLIENT_HELLO: Self = Self(1);
    /// ServerHello.
    pub const SERVER_HELLO: Self = Self(2);
    /// HelloRetryRequest.
    pub const HELLO_RETRY_REQUEST: Self = Self(4);
    /// EncryptedExtensions.
    pub const ENCRYPTED_EXTENSIONS: Self = Self(8);
    /// An entry of Certificate.
    pub const CERTIFICATE: Self = Self(16);
    /// CertificateRequest.
    pub const CERTIFICATE_REQUEST: Self = Self(32);
    /// NewSessionTicket.
    pub const NEW_SESSION_TICKET: Self = Self(64);
}

const fn places(all: &[Place]) -> u8 {
    let mut bits = 0;
    let mut rest = all;
    while let [first, tail @ ..] = rest {
        bits |= first.0;
        rest = tail;
    }
    bits
}

/// Where a known extension may stand (RFC 8446 4.2 and the RFCs of the extensions), or `None`
/// for one this stack does not know.
fn allowed_places(extension: ExtensionType) -> Option<u8> {
    use ExtensionType as E;
    const CH: Place = Place::CLIENT_HELLO;
    const SH: Place = Place::SERVER_HELLO;
    const HRR: Place = Place::HELLO_RETRY_REQUEST;
    const EE: Place = Place::ENCRYPTED_EXTENSIONS;
    const CT: Place = Place::CERTIFICATE;
    const CR: Place = Place::CERTIFICATE_REQUEST;
    const NST: Place = Place::NEW_SESSION_TICKET;
    Some(match extension {
        E::SERVER_NAME
        | E::MAX_FRAGMENT_LENGTH
        | E::SUPPORTED_GROUPS
        | E::USE_SRTP
        | E::ALPN
        | E::CLIENT_CERTIFICATE_TYPE
        | E::SERVER_CERTIFICATE_TYPE
        | E::RECORD_SIZE_LIMIT => places(&[CH, EE]),
        E::STATUS_REQUEST | E::SIGNED_CERTIFICATE_TIMESTAMP => places(&[CH, CR, CT]),
        E::SIGNATURE_ALGORITHMS | E::SIGNATURE_ALGORITHMS_CERT | E::CERTIFICATE_AUTHORITIES => {
            places(&[CH, CR])
        }
        E::OID_FILTERS => places(&[CR]),
        E::PADDING | E::PSK_KEY_EXCHANGE_MODES | E::POST_HANDSHAKE_AUTH => places(&[CH]),
        E::PRE_SHARED_KEY | E::CONNECTION_ID | E::RRC => places(&[CH, SH]),
        E::EARLY_DATA => places(&[CH, EE, NST]),
        E::COOKIE => places(&[CH, HRR]),
        E::SUPPORTED_VERSIONS | E::KEY_SHARE => places(&[CH, SH, HRR]),
        _ => return None,
    })
}

/// Whether a known extension may stand in `place`; `None` for an unknown one.
pub fn may_stand_in(extension: ExtensionType, place: Place) -> Option<bool> {
    allowed_places(extension).map(|places| places & place.0 != 0)
}

/// One received extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extension<'a> {
    /// Its type.
    pub extension_type: ExtensionType,
    /// Its body.
    pub body: &'a [u8],
}

/// A well-formed block of extensions without the leading length.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extensions<'a>(&'a [u8]);

/// What is wrong with an extension block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadExtensions {
    /// The block or an extension in it does not add up.
    Malformed,
    /// A type occurs twice.
    Duplicate(ExtensionType),
}

impl From<Malformed> for BadExtensions {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}

impl<'a> Extensions<'a> {
    /// Checks that `block` is a sequence of extensions in which no type occurs twice.
    pub fn parse(block: &'a [u8]) -> Result<Self, BadExtensions> {
        let mut reader = Reader::new(block);
        let mut types = Vec::new();
        while !reader.is_empty() {
            types.push(reader.u16()?);
            reader.vec16()?;
        }
        // Sorted first: a block can hold 16,000 extensions, too many to compare each with each.
        types.sort_unstable();
        let twice = types.iter().zip(types.iter().skip(1)).find(|(a, b)| a == b);
        match twice {
            Some((duplicate, _)) => Err(BadExtensions::Duplicate(ExtensionType(*duplicate))),
            None => Ok(Self(block)),
        }
    }

    /// The extensions in the order they stand.
    pub fn iter(&self) -> impl Iterator<Item = Extension<'a>> + use<'a> {
        let mut reader = Reader::new(self.0);
        core::iter::from_fn(move || {
            let extension_type = ExtensionType(reader.u16().ok()?);
            Some(Extension { extension_type, body: reader.vec16().ok()? })
        })
    }

    /// The body of the extension of this type.
    pub fn get(&self, extension_type: ExtensionType) -> Option<&'a [u8]> {
        self.iter().find(|e| e.extension_type == extension_type).map(|e| e.body)
    }
}

/// Appends one extension.
pub fn put_extension(
    out: &mut Vec<u8>,
    extension_type: ExtensionType,
    body: impl FnOnce(&mut Vec<u8>),
) {
    put_u16(out, extension_type.0);
    put_vec16(out, body);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// req: 8446-4.2-04
    #[test]
    fn a_type_that_occurs_twice_is_found() {
        let mut block = Vec::new();
        for t in [10, 43, 10] {
            put_extension(&mut block, ExtensionType(t), |out| out.push(1));
        }
        let want = BadExtensions::Duplicate(ExtensionType::SUPPORTED_GROUPS);
        assert_eq!(Extensions::parse(&block).unwrap_err(), want);
    }

    #[test]
    fn answers_to_connection_id_and_rrc_stand_in_server_hello() {
        for e in [ExtensionType::CONNECTION_ID, ExtensionType::RRC] {
            assert_eq!(may_stand_in(e, Place::SERVER_HELLO), Some(true));
            assert_eq!(may_stand_in(e, Place::ENCRYPTED_EXTENSIONS), Some(false));
        }
        assert_eq!(may_stand_in(ExtensionType(0x0a0a), Place::CLIENT_HELLO), None);
    }

    proptest! {
        #[test]
        fn extensions_read_back_as_written(bodies in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..20), 0..20)) {
            let mut block = Vec::new();
            for (i, body) in bodies.iter().enumerate() {
                put_extension(&mut block, ExtensionType(i as u16), |out| out.extend_from_slice(body));
            }
            let read = Extensions::parse(&block).unwrap();
            prop_assert!(read.iter().map(|e| e.body).eq(bodies.iter().map(|b| &b[..])));
        }
    }
}
