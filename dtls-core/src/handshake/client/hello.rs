//! ClientHello: what we offer, and what changes after a HelloRetryRequest (RFC 8446 4.1.2).

use alloc::boxed::Box;
use alloc::vec::Vec;

use dtls_crypto_api::{KeyExchange, NamedGroup};

use super::{ClientHandshake, State};
use crate::error::Error;
use crate::handshake::{Action, Actions, Suite};
use crate::wire::DTLS13;
use crate::wire::client_hello::{
    ClientHello, KeyShareEntry, put_alpn, put_client_hello, put_code_points, put_server_name,
};
use crate::wire::codec::{put_u16, put_vec8, put_vec16};
use crate::wire::extension::{ExtensionType, put_extension};
use crate::wire::handshake::{HANDSHAKE_HEADER_LEN, HandshakeType};
use crate::wire::header::PLAINTEXT_HEADER_LEN;

/// What is needed to understand the ServerHello.
pub(super) struct Offer {
    /// One half-done exchange for each share sent.
    pub(super) exchanges: Vec<Box<dyn KeyExchange>>,
    /// What a HelloRetryRequest fixed.
    pub(super) retry: Option<Retry>,
}

impl core::fmt::Debug for Offer {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Offer")
    }
}

/// What a HelloRetryRequest fixed for the ServerHello.
#[derive(Clone, Copy, Debug)]
pub(super) struct Retry {
    pub(super) suite: Suite,
    pub(super) group: Option<NamedGroup>,
}

impl ClientHandshake {
    /// Sends the first ClientHello: with shares if it then fits one datagram.
    pub(super) fn first_hello(&mut self) -> Result<Actions, Error> {
        let shares = &self.config.key_shares;
        let shares_len: usize =
            shares.iter().filter_map(|g| g.client_share_len()).map(|len| len + 4).sum();
        let mut without_shares = Vec::new();
        self.put_body(&mut without_shares, &[], None);
        let len = PLAINTEXT_HEADER_LEN + HANDSHAKE_HEADER_LEN + without_shares.len() + shares_len;
        let groups = if len <= self.config.common.mtu || self.config.split_first_hello {
            shares.clone()
        } else {
            Vec::new()
        };
        self.hello(&groups, Vec::new(), None, None)
    }

    fn put_body(
        &self,
        out: &mut Vec<u8>,
        exchanges: &[Box<dyn KeyExchange>],
        cookie: Option<&[u8]>,
    ) {
        let suites = self.config.common.cipher_suites.iter().map(|s| s.0);
        put_client_hello(out, &self.random, suites, |out| {
            self.put_extensions(out, exchanges, cookie);
        });
    }

    /// Sends a ClientHello with shares for `new_groups` and those already made in `exchanges`.
    pub(super) fn hello(
        &mut self,
        new_groups: &[NamedGroup],
        mut exchanges: Vec<Box<dyn KeyExchange>>,
        cookie: Option<&[u8]>,
        retry: Option<Retry>,
    ) -> Result<Actions, Error> {
        for group in new_groups {
            exchanges.push(self.config.common.provider.start_key_exchange(*group)?);
        }
        let mut body = Vec::new();
        self.put_body(&mut body, &exchanges, cookie);
        self.offered = ClientHello::parse(&body)
            .map(|hello| hello.extensions.iter().map(|e| e.extension_type).collect())
            .unwrap_or_default();
        self.state = State::ServerHello(Box::new(Offer { exchanges, retry }));
        let hello = self.send(0, HandshakeType::CLIENT_HELLO, body);
        Ok(Vec::from([hello, Action::SendFlight { timed: true }]))
    }

    /// The cookie stands first, so that the first fragment of a long ClientHello shows it to a
    /// server without state; the key shares, which make it long, stand last.
    fn put_extensions(
        &self,
        out: &mut Vec<u8>,
        exchanges: &[Box<dyn KeyExchange>],
        cookie: Option<&[u8]>,
    ) {
        let common = &self.config.common;
        if let Some(cookie) = cookie {
            put_extension(out, ExtensionType::COOKIE, |out| {
                put_vec16(out, |out| out.extend_from_slice(cookie));
            });
        }
        put_extension(out, ExtensionType::SUPPORTED_VERSIONS, |out| {
            put_vec8(out, |out| put_u16(out, DTLS13));
        });
        if let Some(name) = &self.server_name {
            put_server_name(out, name);
        }
        if !common.alpn.is_empty() {
            put_alpn(out, common.alpn.iter().map(Vec::as_slice));
        }
        put_extension(out, ExtensionType::SIGNATURE_ALGORITHMS, |out| {
            put_code_points(out, common.signature_schemes.iter().map(|s| s.0));
        });
        if !common.signature_schemes_cert.is_empty() {
            put_extension(out, ExtensionType::SIGNATURE_ALGORITHMS_CERT, |out| {
                put_code_points(out, common.signature_schemes_cert.iter().map(|s| s.0));
            });
        }
        put_extension(out, ExtensionType::SUPPORTED_GROUPS, |out| {
            put_code_points(out, common.groups.iter().map(|g| g.0));
        });
        put_extension(out, ExtensionType::KEY_SHARE, |out| {
            put_vec16(out, |out| {
                for exchange in exchanges {
                    KeyShareEntry { group: exchange.group().0, share: exchange.share() }.put(out);
                }
            });
        });
    }
}
