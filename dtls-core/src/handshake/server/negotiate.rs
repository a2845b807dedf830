//! From a ClientHello to what both sides have in common (RFC 8446 4.1.1, 4.2, 9.2, RFC 9147
//! 5.3). No state: the listener asks the same questions before there is a connection.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use dtls_crypto_api::{NamedGroup, SignatureScheme};

use crate::config::ServerConfig;
use crate::connection::need::CredentialRequest;
use crate::error::{Error, InvalidMessage, PeerIncompatible, PeerMisbehaved};
use crate::handshake::Suite;
use crate::handshake::extensions::{bad_extension, bad_message, check_request};
use crate::wire::DTLS13;
use crate::wire::client_hello::{ClientHello, KeyShareEntry};
use crate::wire::extension::{ExtensionType, Place};
use crate::wire::handshake::HandshakeType;

/// What a ClientHello and our configuration lead to.
#[derive(Debug)]
pub(crate) struct Negotiated<'a> {
    pub(crate) suite: Suite,
    pub(crate) key_exchange: KeyExchangeChoice<'a>,
    pub(crate) alpn: Option<Vec<u8>>,
    pub(crate) request: CredentialRequest,
}

/// The group, and the client's share in it if it sent one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyExchangeChoice<'a> {
    Share { group: NamedGroup, share: &'a [u8] },
    Retry { group: NamedGroup },
}

/// Reads a ClientHello and checks that it is one for DTLS 1.3.
pub(crate) fn parse_hello(body: &[u8]) -> Result<ClientHello<'_>, Error> {
    let hello = ClientHello::parse(body).map_err(bad_message(HandshakeType::CLIENT_HELLO))?;
    // The version first: an older client's hello may break rules it does not know.
    let versions =
        hello.supported_versions().map_err(bad_extension(ExtensionType::SUPPORTED_VERSIONS))?;
    if !versions.is_some_and(|list| list.contains(DTLS13)) {
        return Err(PeerIncompatible::Dtls13Required.into());
    }
    if !hello.legacy_cookie.is_empty() {
        return Err(PeerMisbehaved::LegacyCookie.into());
    }
    if hello.legacy_compression_methods != [0] {
        return Err(PeerMisbehaved::LegacyCompression.into());
    }
    check_request(&hello.extensions, Place::CLIENT_HELLO)?;
    let psk = ExtensionType::PRE_SHARED_KEY;
    let has_psk = hello.extensions.get(psk).is_some();
    if has_psk && hello.extensions.iter().last().is_some_and(|e| e.extension_type != psk) {
        return Err(PeerMisbehaved::PskNotLast.into());
    }
    if has_psk && hello.extensions.get(ExtensionType::PSK_KEY_EXCHANGE_MODES).is_none() {
        let kind = ExtensionType::PSK_KEY_EXCHANGE_MODES;
        return Err(PeerMisbehaved::MissingExtension(kind).into());
    }
    if !has_psk && hello.extensions.get(ExtensionType::EARLY_DATA).is_some() {
        return Err(PeerMisbehaved::MisplacedExtension(ExtensionType::EARLY_DATA).into());
    }
    Ok(hello)
}

/// The suite both sides have. That of a HelloRetryRequest comes first; then ours is the order of
/// preference.
pub(crate) fn choose_suite(
    config: &ServerConfig,
    hello: &ClientHello<'_>,
    favourite: Option<Suite>,
) -> Result<Suite, Error> {
    let ours = &config.common.cipher_suites;
    let favourite = favourite.map(|suite| suite.id).filter(|suite| ours.contains(suite));
    let ours = favourite.into_iter().chain(ours.iter().copied());
    ours.filter(|suite| hello.cipher_suites.contains(suite.0))
        .find_map(Suite::new)
        .ok_or_else(|| PeerIncompatible::NoCommonCipherSuite.into())
}

/// The group both sides have. A share that is already there beats a better group that would
/// cost a round trip.
pub(crate) fn choose_group<'a>(
    config: &ServerConfig,
    hello: &ClientHello<'a>,
    favourite: Option<NamedGroup>,
) -> Result<KeyExchangeChoice<'a>, Error> {
    let missing = |kind| Error::PeerMisbehaved(PeerMisbehaved::MissingExtension(kind));
    let groups = hello
        .code_points(ExtensionType::SUPPORTED_GROUPS)
        .map_err(bad_extension(ExtensionType::SUPPORTED_GROUPS))?
        .ok_or_else(|| missing(ExtensionType::SUPPORTED_GROUPS))?;
    let shares = hello
        .key_shares()
        .map_err(bad_extension(ExtensionType::KEY_SHARE))?
        .ok_or_else(|| missing(ExtensionType::KEY_SHARE))?;
    let mut supported: Vec<u16> = groups.iter().collect();
    supported.sort_unstable();
    check_shares(&shares, |group| supported.binary_search(&group).is_ok())?;
    let ours = &config.common.groups;
    let favourite = favourite.filter(|group| ours.contains(group));
    let ordered = || favourite.iter().chain(ours);
    let share = ordered().find_map(|group| shares.iter().find(|s| s.group == group.0));
    if let Some(KeyShareEntry { group, share }) = share {
        return Ok(KeyExchangeChoice::Share { group: NamedGroup(*group), share });
    }
    match ordered().find(|group| groups.contains(group.0)) {
        Some(group) => Ok(KeyExchangeChoice::Retry { group: *group }),
        None => Err(PeerIncompatible::NoCommonGroup.into()),
    }
}

/// Each share is in a group the client supports, and in each group there is one at most.
fn check_shares(
    shares: &[KeyShareEntry<'_>],
    supported: impl Fn(u16) -> bool,
) -> Result<(), PeerMisbehaved> {
    let mut groups: Vec<u16> = shares.iter().map(|s| s.group).collect();
    let all_supported = groups.iter().all(|group| supported(*group));
    groups.sort_unstable();
    groups.dedup();
    if all_supported && groups.len() == shares.len() {
        Ok(())
    } else {
        Err(PeerMisbehaved::InconsistentKeyShares)
    }
}

/// All of it. `retry` is what a HelloRetryRequest of this handshake said.
pub(crate) fn negotiate<'a>(
    config: &ServerConfig,
    hello: &ClientHello<'a>,
    retry: Option<(Suite, Option<NamedGroup>)>,
) -> Result<Negotiated<'a>, Error> {
    let suite = choose_suite(config, hello, retry.map(|(suite, _)| suite))?;
    let kind = ExtensionType::SIGNATURE_ALGORITHMS;
    let schemes = hello
        .code_points(kind)
        .map_err(bad_extension(kind))?
        .ok_or(PeerMisbehaved::MissingExtension(kind))?;
    let kind = ExtensionType::SIGNATURE_ALGORITHMS_CERT;
    let schemes_cert = hello.code_points(kind).map_err(bad_extension(kind))?.unwrap_or(schemes);
    let key_exchange = choose_group(config, hello, retry.and_then(|(_, group)| group))?;
    let authorities = hello
        .certificate_authorities()
        .map_err(bad_extension(ExtensionType::CERTIFICATE_AUTHORITIES))?
        .unwrap_or_default();
    let (alpn, offered_alpn) = choose_alpn(config, hello)?;
    let request = CredentialRequest {
        server_name: server_name(hello)?,
        alpn: offered_alpn,
        schemes: schemes
            .iter()
            .map(SignatureScheme)
            .filter(|s| s.allowed_in_certificate_verify())
            .collect(),
        schemes_cert: schemes_cert.iter().map(SignatureScheme).collect(),
        authorities: authorities.into_iter().map(<[u8]>::to_vec).collect(),
    };
    Ok(Negotiated { suite, key_exchange, alpn, request })
}

/// The host name of the ClientHello.
pub(crate) fn server_name(hello: &ClientHello<'_>) -> Result<Option<String>, Error> {
    let bad = bad_extension(ExtensionType::SERVER_NAME);
    let Some(name) = hello.server_name().map_err(&bad)? else { return Ok(None) };
    // A host name is ASCII (RFC 6066 3).
    match core::str::from_utf8(name) {
        Ok(name) if name.is_ascii() => Ok(Some(name.to_owned())),
        _ => Err(InvalidMessage::Extension(ExtensionType::SERVER_NAME).into()),
    }
}

type Alpn = (Option<Vec<u8>>, Vec<Vec<u8>>);

/// Our favourite among the protocols the client offers, and all it offers. A server without
/// protocols of its own ignores the extension (RFC 7301 3.2).
fn choose_alpn(config: &ServerConfig, hello: &ClientHello<'_>) -> Result<Alpn, Error> {
    let offered = hello.alpn().map_err(bad_extension(ExtensionType::ALPN))?.unwrap_or_default();
    let all: Vec<_> = offered.iter().map(|name| name.to_vec()).collect();
    let ours = &config.common.alpn;
    if ours.is_empty() || offered.is_empty() {
        return Ok((None, all));
    }
    match ours.iter().find(|name| offered.contains(&name.as_slice())) {
        Some(name) => Ok((Some(name.clone()), all)),
        None => Err(PeerIncompatible::NoCommonAlpn.into()),
    }
}
