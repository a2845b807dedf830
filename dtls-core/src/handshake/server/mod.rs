//! The server's handshake (RFC 8446 A.2):
//!
//! ```text
//! ClientHello (HelloRetryRequest at most once) -> (credential) -> (signature) -> our flight
//!   -> [Certificate -> (verdict) -> CertificateVerify] -> Finished -> complete
//! ```

mod authentication;
mod flight;
pub(crate) mod negotiate;
mod retry;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use dtls_crypto_api::{NamedGroup, SignatureScheme};

use super::client::expect_epoch;
use super::{Action, Actions, HANDSHAKE_EPOCH, Handshake, Suite, Transcript, WRONG_ANSWER};
use crate::config::ServerConfig;
use crate::connection::need::{Answer, CredentialRequest};
use crate::error::{Error, PeerMisbehaved};
use crate::flight::reassembly::Message;
use crate::key_schedule::TrafficSecrets;
use crate::wire::client_hello::RANDOM_LEN;
use crate::wire::handshake::HandshakeType;

/// A server's handshake under way.
#[derive(Debug)]
pub(crate) struct ServerHandshake {
    config: Arc<ServerConfig>,
    transcript: Transcript,
    client_random: [u8; RANDOM_LEN],
    alpn: Option<Box<[u8]>>,
    server_name: Option<String>,
    retried: bool,
    /// Whether the client sent `server_name`, which is then acknowledged.
    named: bool,
    state: State,
}

/// What a server that kept no state for the first ClientHello knows again from the cookie.
#[derive(Clone, Debug)]
pub(crate) struct CookieRetry {
    /// The suite the HelloRetryRequest named.
    pub(crate) suite: Suite,
    /// The group it asked for, if it did.
    pub(crate) group: Option<NamedGroup>,
    /// Hash of the first ClientHello.
    pub(crate) first_hello_hash: Vec<u8>,
    /// The body of the HelloRetryRequest.
    pub(crate) hello_retry_request: Vec<u8>,
}

/// What is known once our flight is sent.
#[derive(Debug)]
struct Keys {
    suite: Suite,
    group: NamedGroup,
    server_scheme: SignatureScheme,
    client_scheme: Option<SignatureScheme>,
    handshake: TrafficSecrets,
    exporter: crate::key_schedule::ExporterSecret,
}

#[derive(Debug)]
enum State {
    /// Waiting for a ClientHello; after a stateful HelloRetryRequest with what it has to keep.
    ClientHello(Option<Box<retry::FirstHello>>),
    Credential {
        offer: Box<flight::Offer>,
        request: CredentialRequest,
    },
    Signature(Box<flight::Half>),
    Certificate(Keys),
    Verdict {
        keys: Keys,
        public_key: Vec<u8>,
    },
    CertificateVerify {
        keys: Keys,
        public_key: Vec<u8>,
    },
    Finished(Keys),
    /// Complete, or failed in the middle of a step.
    Over,
}

impl ServerHandshake {
    /// A handshake that waits for a ClientHello. With `retry` the listener has sent a
    /// HelloRetryRequest already, and the first message will be the second ClientHello.
    pub(crate) fn start(
        config: Arc<ServerConfig>,
        retry: Option<&CookieRetry>,
    ) -> Result<Handshake, Error> {
        config.check()?;
        let provider = config.common.provider.clone();
        let (transcript, state) = match retry {
            None => (Transcript::new(), State::ClientHello(None)),
            Some(retry) => {
                let mut transcript = Transcript::after_retry(
                    provider.as_ref(),
                    retry.suite.hash,
                    &retry.first_hello_hash,
                )?;
                transcript.add(HandshakeType::SERVER_HELLO, &retry.hello_retry_request);
                let kept = retry::FirstHello::from_cookie(retry.suite, retry.group);
                (transcript, State::ClientHello(Some(Box::new(kept))))
            }
        };
        Ok(Handshake::Server(Box::new(Self {
            config,
            transcript,
            client_random: [0; RANDOM_LEN],
            alpn: None,
            server_name: None,
            retried: retry.is_some(),
            named: false,
            state,
        })))
    }

    pub(crate) fn advance(&mut self, message: &Message) -> Result<Actions, Error> {
        let state = core::mem::replace(&mut self.state, State::Over);
        let body = &message.body[..];
        match (state, message.msg_type) {
            (State::ClientHello(first), HandshakeType::CLIENT_HELLO) => {
                expect_epoch(message, 0)?;
                self.client_hello(first.as_deref(), body)
            }
            (State::Certificate(keys), HandshakeType::CERTIFICATE) => {
                expect_epoch(message, HANDSHAKE_EPOCH)?;
                self.certificate(keys, body)
            }
            (State::CertificateVerify { keys, public_key }, HandshakeType::CERTIFICATE_VERIFY) => {
                expect_epoch(message, HANDSHAKE_EPOCH)?;
                self.certificate_verify(keys, &public_key, body)
            }
            (State::Finished(keys), HandshakeType::FINISHED) => {
                expect_epoch(message, HANDSHAKE_EPOCH)?;
                self.finished(keys, body)
            }
            (_, other) => Err(PeerMisbehaved::UnexpectedMessage(other).into()),
        }
    }

    pub(crate) fn answer(&mut self, answer: Answer) -> Result<Actions, Error> {
        let state = core::mem::replace(&mut self.state, State::Over);
        match (state, answer) {
            (State::Credential { offer, request }, Answer::Credential(credential)) => {
                self.first_half(*offer, &request, credential)
            }
            (State::Signature(half), Answer::Signature(signature)) => {
                self.second_half(*half, signature.as_deref())
            }
            (State::Verdict { keys, public_key }, Answer::PeerCertificate(verdict)) => {
                verdict.map_err(Error::PeerCertificate)?;
                self.state = State::CertificateVerify { keys, public_key };
                Ok(Actions::new())
            }
            _ => Err(WRONG_ANSWER),
        }
    }

    pub(crate) fn state_name(&self) -> &'static str {
        match self.state {
            State::ClientHello(None) => "START",
            State::ClientHello(Some(_)) => "WAIT_SECOND_CH",
            State::Credential { .. } | State::Signature(_) => "RECVD_CH",
            State::Certificate(_) => "WAIT_CERT",
            State::Verdict { .. } => "WAIT_CERT_VERDICT",
            State::CertificateVerify { .. } => "WAIT_CV",
            State::Finished(_) => "WAIT_FINISHED",
            State::Over => "CONNECTED",
        }
    }

    /// Adds a message of ours to transcript and flight.
    fn send(&mut self, epoch: u64, msg_type: HandshakeType, body: Vec<u8>) -> Action {
        self.transcript.add(msg_type, &body);
        Action::Send { epoch, msg_type, body }
    }
}
