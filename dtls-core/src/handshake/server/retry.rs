//! What has to be the same in both ClientHellos around a HelloRetryRequest (RFC 8446 4.1.2).

use alloc::vec::Vec;

use dtls_crypto_api::NamedGroup;

use super::negotiate::KeyExchangeChoice;
use crate::error::PeerMisbehaved;
use crate::handshake::Suite;
use crate::wire::client_hello::{ClientHello, RANDOM_LEN};
use crate::wire::extension::ExtensionType;

/// What is kept of the first ClientHello and our HelloRetryRequest.
#[derive(Debug)]
pub(super) struct FirstHello {
    suite: Suite,
    group: Option<NamedGroup>,
    /// Absent when the first hello was answered without state: then the cookie's hash and the
    /// transcript stand for it.
    kept: Option<Kept>,
}

#[derive(Debug)]
struct Kept {
    random: [u8; RANDOM_LEN],
    session_id: Vec<u8>,
    cipher_suites: Vec<u8>,
    /// Extensions that must not change, by type: a client may reorder them.
    extensions: Vec<(ExtensionType, Vec<u8>)>,
}

/// Extensions that a second ClientHello may change, add or leave out.
const MAY_CHANGE: [ExtensionType; 5] = [
    ExtensionType::KEY_SHARE,
    ExtensionType::COOKIE,
    ExtensionType::EARLY_DATA,
    ExtensionType::PRE_SHARED_KEY,
    ExtensionType::PADDING,
];

impl Kept {
    fn new(hello: &ClientHello<'_>) -> Self {
        let mut extensions: Vec<_> = hello
            .extensions
            .iter()
            .filter(|e| !MAY_CHANGE.contains(&e.extension_type))
            .map(|e| (e.extension_type, e.body.to_vec()))
            .collect();
        extensions.sort_unstable_by_key(|(kind, _)| *kind);
        Self {
            random: *hello.random,
            session_id: hello.legacy_session_id.to_vec(),
            cipher_suites: hello.cipher_suites.as_bytes().to_vec(),
            extensions,
        }
    }

    fn is_same(&self, hello: &ClientHello<'_>) -> bool {
        let other = Self::new(hello);
        self.random == other.random
            && self.session_id == other.session_id
            && self.cipher_suites == other.cipher_suites
            && self.extensions == other.extensions
    }
}

impl FirstHello {
    /// What is kept when this server itself sends a HelloRetryRequest for `group`.
    pub(super) fn new(hello: &ClientHello<'_>, suite: Suite, group: NamedGroup) -> Self {
        Self { suite, group: Some(group), kept: Some(Kept::new(hello)) }
    }

    /// What a cookie brings back.
    pub(super) const fn from_cookie(suite: Suite, group: Option<NamedGroup>) -> Self {
        Self { suite, group, kept: None }
    }

    /// What our HelloRetryRequest said: suite, and group if it asked for one.
    pub(super) const fn said(&self) -> (Suite, Option<NamedGroup>) {
        (self.suite, self.group)
    }

    /// Checks the second ClientHello against the first, and what was chosen now against what
    /// the HelloRetryRequest said.
    pub(super) fn check(
        &self,
        hello: &ClientHello<'_>,
        suite: Suite,
        choice: &KeyExchangeChoice<'_>,
        share_count: usize,
    ) -> Result<(), PeerMisbehaved> {
        let same = self.kept.as_ref().is_none_or(|kept| kept.is_same(hello));
        let early_data = hello.extensions.get(ExtensionType::EARLY_DATA).is_some();
        if !same || early_data || suite != self.suite {
            return Err(PeerMisbehaved::ClientHelloChanged);
        }
        let KeyExchangeChoice::Share { group, .. } = choice else {
            return Err(PeerMisbehaved::WrongKeyShareAfterRetry);
        };
        match self.group {
            Some(asked) if asked != *group || share_count != 1 => {
                Err(PeerMisbehaved::WrongKeyShareAfterRetry)
            }
            _ => Ok(()),
        }
    }
}
