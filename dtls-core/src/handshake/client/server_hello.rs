//! ServerHello, HelloRetryRequest and EncryptedExtensions on the client (RFC 8446 4.1.3, 4.1.4,
//! 4.3.1, RFC 9147 5).

use alloc::vec::Vec;

use dtls_crypto_api::NamedGroup;

use super::hello::{Offer, Retry};
use super::{ClientHandshake, Keys, State};
use crate::error::{Error, PeerIncompatible, PeerMisbehaved};
use crate::handshake::extensions::{bad_extension, bad_message, check_answer};
use crate::handshake::{Action, Actions, HANDSHAKE_EPOCH, KeyLogLabel, Suite, key_log};
use crate::key_schedule::EarlySecret;
use crate::wire::DTLS13;
use crate::wire::extension::{ExtensionType, Place};
use crate::wire::handshake::HandshakeType;
use crate::wire::server_hello::{EncryptedExtensions, ServerHello};

impl ClientHandshake {
    pub(super) fn server_hello(&mut self, offer: Offer, body: &[u8]) -> Result<Actions, Error> {
        let hello = ServerHello::parse(body).map_err(bad_message(HandshakeType::SERVER_HELLO))?;
        let suite = self.check_hello(&hello)?;
        if hello.is_hello_retry_request() {
            return self.hello_retry_request(offer, suite, &hello, body);
        }
        check_answer(&hello.extensions, Place::SERVER_HELLO, |e| self.offered.contains(&e))?;
        if offer.retry.is_some_and(|retry| retry.suite != suite) {
            return Err(PeerMisbehaved::CipherSuiteChanged.into());
        }
        let share = hello
            .key_share()
            .map_err(bad_extension(ExtensionType::KEY_SHARE))?
            .ok_or(PeerMisbehaved::MissingExtension(ExtensionType::KEY_SHARE))?;
        let group = NamedGroup(share.group);
        if offer.retry.and_then(|retry| retry.group).is_some_and(|asked| asked != group) {
            return Err(PeerMisbehaved::GroupChanged.into());
        }
        let exchange = offer
            .exchanges
            .into_iter()
            .find(|exchange| exchange.group() == group)
            .ok_or(PeerMisbehaved::KeyShareForUnofferedGroup(group))?;
        let shared_secret = exchange.complete(share.share)?;

        let provider = self.config.common.provider.clone();
        let provider = provider.as_ref();
        self.transcript.start(provider, suite.hash)?;
        self.transcript.add(HandshakeType::SERVER_HELLO, body);
        let secret = EarlySecret::new(provider, suite.hash, None)?
            .into_handshake_secret(provider, &shared_secret)?;
        let traffic = secret.traffic_secrets(provider, &self.transcript.current()?)?;
        let aead = suite.aead;
        let actions = Vec::from([
            Action::VersionAgreed,
            key_log(KeyLogLabel::ClientHandshake, &self.random, &traffic.client),
            key_log(KeyLogLabel::ServerHandshake, &self.random, &traffic.server),
            Action::ReadKeys { epoch: HANDSHAKE_EPOCH, secret: traffic.server.clone(), aead },
            Action::WriteKeys { epoch: HANDSHAKE_EPOCH, secret: traffic.client.clone(), aead },
        ]);
        self.state = State::EncryptedExtensions(Keys { suite, group, secret, traffic });
        Ok(actions)
    }

    /// What ServerHello and HelloRetryRequest have in common.
    fn check_hello(&self, hello: &ServerHello<'_>) -> Result<Suite, Error> {
        let version =
            hello.selected_version().map_err(bad_extension(ExtensionType::SUPPORTED_VERSIONS))?;
        match version {
            Some(DTLS13) => {}
            Some(other) => return Err(PeerMisbehaved::UnofferedVersion(other).into()),
            None if hello.has_downgrade_sentinel() => return Err(PeerMisbehaved::Downgrade.into()),
            None => return Err(PeerIncompatible::Dtls13Required.into()),
        }
        if !hello.legacy_session_id_echo.is_empty() {
            return Err(PeerMisbehaved::SessionIdEchoed.into());
        }
        if hello.legacy_compression_method != 0 {
            return Err(PeerMisbehaved::LegacyCompression.into());
        }
        let suite = self.config.common.cipher_suites.iter().find(|s| s.0 == hello.cipher_suite);
        suite.copied().and_then(Suite::new).ok_or_else(|| {
            let suite = dtls_crypto_api::CipherSuite(hello.cipher_suite);
            PeerMisbehaved::UnofferedCipherSuite(suite).into()
        })
    }

    fn hello_retry_request(
        &mut self,
        offer: Offer,
        suite: Suite,
        hello: &ServerHello<'_>,
        body: &[u8],
    ) -> Result<Actions, Error> {
        if offer.retry.is_some() {
            return Err(PeerMisbehaved::SecondRetry.into());
        }
        check_answer(&hello.extensions, Place::HELLO_RETRY_REQUEST, |e| {
            // The cookie is the one extension that comes unasked (RFC 8446 4.2).
            e == ExtensionType::COOKIE || self.offered.contains(&e)
        })?;
        let cookie = hello.cookie().map_err(bad_extension(ExtensionType::COOKIE))?;
        let group = hello
            .selected_group()
            .map_err(bad_extension(ExtensionType::KEY_SHARE))?
            .map(NamedGroup);
        if let Some(group) = group {
            let offered = self.config.common.groups.contains(&group);
            if !offered || offer.exchanges.iter().any(|exchange| exchange.group() == group) {
                return Err(PeerMisbehaved::RetryForWrongGroup(group).into());
            }
        } else if cookie.is_none() {
            return Err(PeerMisbehaved::RetryWithoutChange.into());
        }
        self.retried = true;
        let provider = self.config.common.provider.clone();
        self.transcript.retry(provider.as_ref(), suite.hash)?;
        self.transcript.add(HandshakeType::SERVER_HELLO, body);
        // A new group replaces all shares; otherwise they stay as they were.
        let exchanges = if group.is_some() { Vec::new() } else { offer.exchanges };
        let retry = Some(Retry { suite, group });
        let mut actions = Vec::from([Action::VersionAgreed]);
        actions.extend(self.hello(group.as_slice(), exchanges, cookie, retry)?);
        Ok(actions)
    }

    pub(super) fn encrypted_extensions(
        &mut self,
        keys: Keys,
        body: &[u8],
    ) -> Result<Actions, Error> {
        let message = EncryptedExtensions::parse(body)
            .map_err(bad_message(HandshakeType::ENCRYPTED_EXTENSIONS))?;
        check_answer(&message.extensions, Place::ENCRYPTED_EXTENSIONS, |e| {
            self.offered.contains(&e)
        })?;
        if message.extensions.get(ExtensionType::SERVER_NAME).is_some_and(|b| !b.is_empty()) {
            return Err(bad_extension(ExtensionType::SERVER_NAME)(crate::wire::codec::Malformed));
        }
        if let Some(name) = message.alpn().map_err(bad_extension(ExtensionType::ALPN))? {
            if !self.config.common.alpn.iter().any(|offered| offered == name) {
                return Err(PeerMisbehaved::UnofferedAlpn.into());
            }
            self.alpn = Some(name.into());
        }
        self.transcript.add(HandshakeType::ENCRYPTED_EXTENSIONS, body);
        self.state = State::CertificateOrRequest(keys);
        Ok(Actions::new())
    }
}
