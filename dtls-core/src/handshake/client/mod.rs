//! The client's handshake (RFC 8446 A.1). The states follow the server's flight:
//!
//! ```text
//! ServerHello (HelloRetryRequest at most once) -> EncryptedExtensions
//!   -> [CertificateRequest] -> Certificate -> (verdict) -> CertificateVerify -> Finished
//!   -> [(credential) -> (signature)] -> complete
//! ```

mod authentication;
mod hello;
mod server_hello;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use dtls_crypto_api::{NamedGroup, SignatureScheme};

use super::{Action, Actions, Handshake, Suite, Transcript, WRONG_ANSWER};
use crate::config::ClientConfig;
use crate::connection::need::{Answer, CredentialRequest};
use crate::error::{Error, PeerMisbehaved};
use crate::flight::reassembly::Message;
use crate::key_schedule::{HandshakeSecret, TrafficSecrets};
use crate::wire::client_hello::RANDOM_LEN;
use crate::wire::extension::ExtensionType;
use crate::wire::handshake::HandshakeType;

/// A client's handshake under way.
#[derive(Debug)]
pub(crate) struct ClientHandshake {
    config: Arc<ClientConfig>,
    server_name: Option<String>,
    random: [u8; RANDOM_LEN],
    transcript: Transcript,
    /// Extensions of the newest ClientHello.
    offered: Vec<ExtensionType>,
    retried: bool,
    alpn: Option<Box<[u8]>>,
    /// The server's CertificateRequest, if it sent one.
    request: Option<CredentialRequest>,
    server_scheme: Option<SignatureScheme>,
    state: State,
}

/// What is known once the ServerHello is in.
#[derive(Debug)]
struct Keys {
    suite: Suite,
    group: NamedGroup,
    secret: HandshakeSecret,
    traffic: TrafficSecrets,
}

#[derive(Debug)]
enum State {
    ServerHello(Box<hello::Offer>),
    EncryptedExtensions(Keys),
    CertificateOrRequest(Keys),
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
    Credential(Box<authentication::Closing>),
    Signature(Box<authentication::Closing>, SignatureScheme),
    /// Complete, or failed in the middle of a step.
    Over,
}

impl ClientHandshake {
    /// A handshake and its first flight.
    pub(crate) fn start(
        config: Arc<ClientConfig>,
        server_name: Option<String>,
    ) -> Result<(Handshake, Actions), Error> {
        config.check()?;
        let mut random = [0; RANDOM_LEN];
        config.common.provider.random(&mut random)?;
        let mut client = Self {
            config,
            server_name,
            random,
            transcript: Transcript::new(),
            offered: Vec::new(),
            retried: false,
            alpn: None,
            request: None,
            server_scheme: None,
            state: State::Over,
        };
        let actions = client.first_hello()?;
        Ok((Handshake::Client(Box::new(client)), actions))
    }

    pub(crate) fn advance(&mut self, message: &Message) -> Result<Actions, Error> {
        let state = core::mem::replace(&mut self.state, State::Over);
        let body = &message.body[..];
        match (state, message.msg_type) {
            (State::ServerHello(offer), HandshakeType::SERVER_HELLO) => {
                expect_epoch(message, 0)?;
                self.server_hello(*offer, body)
            }
            (State::ServerHello(_), HandshakeType::HELLO_VERIFY_REQUEST) => {
                Err(crate::error::PeerIncompatible::HelloVerifyRequest.into())
            }
            (State::EncryptedExtensions(keys), HandshakeType::ENCRYPTED_EXTENSIONS) => {
                expect_epoch(message, super::HANDSHAKE_EPOCH)?;
                self.encrypted_extensions(keys, body)
            }
            (State::CertificateOrRequest(keys), HandshakeType::CERTIFICATE_REQUEST) => {
                expect_epoch(message, super::HANDSHAKE_EPOCH)?;
                self.certificate_request(keys, body)
            }
            (
                State::CertificateOrRequest(keys) | State::Certificate(keys),
                HandshakeType::CERTIFICATE,
            ) => {
                expect_epoch(message, super::HANDSHAKE_EPOCH)?;
                self.certificate(keys, body)
            }
            (State::CertificateVerify { keys, public_key }, HandshakeType::CERTIFICATE_VERIFY) => {
                expect_epoch(message, super::HANDSHAKE_EPOCH)?;
                self.certificate_verify(keys, &public_key, body)
            }
            (State::Finished(keys), HandshakeType::FINISHED) => {
                expect_epoch(message, super::HANDSHAKE_EPOCH)?;
                self.finished(keys, body)
            }
            (_, other) => Err(PeerMisbehaved::UnexpectedMessage(other).into()),
        }
    }

    pub(crate) fn answer(&mut self, answer: Answer) -> Result<Actions, Error> {
        let state = core::mem::replace(&mut self.state, State::Over);
        match (state, answer) {
            (State::Verdict { keys, public_key }, Answer::PeerCertificate(verdict)) => {
                verdict.map_err(Error::PeerCertificate)?;
                self.state = State::CertificateVerify { keys, public_key };
                Ok(Actions::new())
            }
            (State::Credential(closing), Answer::Credential(credential)) => {
                self.show_credential(closing, credential)
            }
            (State::Signature(closing, scheme), Answer::Signature(signature)) => {
                self.show_signature(*closing, scheme, signature.as_deref())
            }
            _ => Err(WRONG_ANSWER),
        }
    }

    pub(crate) fn state_name(&self) -> &'static str {
        match self.state {
            State::ServerHello(_) => "WAIT_SH",
            State::EncryptedExtensions(_) => "WAIT_EE",
            State::CertificateOrRequest(_) => "WAIT_CERT_CR",
            State::Certificate(_) => "WAIT_CERT",
            State::Verdict { .. } => "WAIT_CERT_VERDICT",
            State::CertificateVerify { .. } => "WAIT_CV",
            State::Finished(_) => "WAIT_FINISHED",
            State::Credential(_) | State::Signature(..) => "WAIT_CREDENTIAL",
            State::Over => "CONNECTED",
        }
    }

    /// Adds a message of ours to transcript and flight.
    fn send(&mut self, epoch: u64, msg_type: HandshakeType, body: Vec<u8>) -> Action {
        self.transcript.add(msg_type, &body);
        Action::Send { epoch, msg_type, body }
    }
}

/// A message of one epoch must not come in another.
pub(crate) fn expect_epoch(message: &Message, epoch: u64) -> Result<(), PeerMisbehaved> {
    if message.epoch == epoch {
        Ok(())
    } else {
        Err(PeerMisbehaved::WrongEpoch { message: message.msg_type, epoch: message.epoch })
    }
}
