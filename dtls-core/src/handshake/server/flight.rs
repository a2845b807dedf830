//! ClientHello in, our flight out: ServerHello to Finished, or a HelloRetryRequest (RFC 8446
//! 4.1.3 to 4.4.4).

use alloc::boxed::Box;
use alloc::vec::Vec;

use dtls_crypto_api::{KxResponse, NamedGroup, SignatureScheme};

use super::negotiate::{KeyExchangeChoice, Negotiated, negotiate, parse_hello};
use super::retry::FirstHello;
use super::{Keys, ServerHandshake, State};
use crate::config::ClientAuth;
use crate::connection::need::{Credential, CredentialRequest, NeedKind};
use crate::error::{Error, LocalError, PeerIncompatible, PeerMisbehaved};
use crate::handshake::certificate::{SERVER_CONTEXT, signed_content};
use crate::handshake::{
    APPLICATION_EPOCH, Action, Actions, HANDSHAKE_EPOCH, KeyLogLabel, Suite, key_log,
};
use crate::key_schedule::{EarlySecret, HandshakeSecret, TrafficSecrets};
use crate::wire::certificate::{put_certificate, put_certificate_request, put_certificate_verify};
use crate::wire::client_hello::{KeyShareEntry, RANDOM_LEN, put_alpn};
use crate::wire::codec::put_vec16;
use crate::wire::extension::{ExtensionType, put_extension};
use crate::wire::handshake::HandshakeType;
use crate::wire::server_hello::{put_hello_retry_request, put_server_hello};

/// What was agreed on, while the credential is being chosen.
#[derive(Debug)]
pub(super) struct Offer {
    suite: Suite,
    group: NamedGroup,
    response: KxResponse,
}

/// The first half of our flight, while its CertificateVerify is being signed.
#[derive(Debug)]
pub(super) struct Half {
    suite: Suite,
    group: NamedGroup,
    scheme: SignatureScheme,
    secret: HandshakeSecret,
    traffic: TrafficSecrets,
    actions: Actions,
}

impl ServerHandshake {
    pub(super) fn client_hello(
        &mut self,
        first: Option<&FirstHello>,
        body: &[u8],
    ) -> Result<Actions, Error> {
        let config = self.config.clone();
        let provider = config.common.provider.as_ref();
        let hello = parse_hello(body)?;
        let Negotiated { suite, key_exchange, alpn, request } =
            negotiate(&config, &hello, first.map(FirstHello::said))?;
        if let Some(first) = first {
            let shares = hello.key_shares().ok().flatten().map_or(0, |shares| shares.len());
            first.check(&hello, suite, &key_exchange, shares)?;
        } else if hello.extensions.get(ExtensionType::COOKIE).is_some() {
            // We gave none to this client in this handshake.
            return Err(PeerMisbehaved::BadCookie.into());
        }
        self.transcript.start(provider, suite.hash)?;
        self.transcript.add(HandshakeType::CLIENT_HELLO, body);
        let (group, share) = match key_exchange {
            KeyExchangeChoice::Share { group, share } => (group, share),
            KeyExchangeChoice::Retry { group } => {
                let kept = Box::new(FirstHello::new(&hello, suite, group));
                return self.hello_retry_request(suite, group, kept);
            }
        };
        let response = provider.encapsulate(group, share)?;
        self.client_random = *hello.random;
        self.alpn = alpn.map(Vec::into_boxed_slice);
        self.named = request.server_name.is_some();
        self.server_name.clone_from(&request.server_name);
        let offer = Box::new(Offer { suite, group, response });
        self.state = State::Credential { offer, request: request.clone() };
        Ok(Vec::from([Action::VersionAgreed, Action::Need(NeedKind::Credential(request))]))
    }

    /// Asks for a share in another group, and keeps what the second ClientHello must repeat.
    fn hello_retry_request(
        &mut self,
        suite: Suite,
        group: NamedGroup,
        kept: Box<FirstHello>,
    ) -> Result<Actions, Error> {
        let config = self.config.clone();
        self.transcript.retry(config.common.provider.as_ref(), suite.hash)?;
        self.retried = true;
        let mut body = Vec::new();
        put_hello_retry_request(&mut body, suite.id.0, Some(group.0), None);
        let message = self.send(0, HandshakeType::SERVER_HELLO, body);
        self.state = State::ClientHello(Some(kept));
        Ok(Vec::from([Action::VersionAgreed, message, Action::SendFlight { timed: false }]))
    }

    /// ServerHello to Certificate, once it is known which certificate.
    pub(super) fn first_half(
        &mut self,
        offer: Offer,
        asked: &CredentialRequest,
        credential: Option<Credential>,
    ) -> Result<Actions, Error> {
        let credential = credential.ok_or(PeerIncompatible::NoCertificate)?;
        if credential.chain.is_empty() || !asked.schemes.contains(&credential.scheme) {
            return Err(Error::Local(LocalError::CredentialScheme));
        }
        let config = self.config.clone();
        let provider = config.common.provider.as_ref();
        let Offer { suite, group, response } = offer;

        let mut random = [0; RANDOM_LEN];
        provider.random(&mut random)?;
        let mut body = Vec::new();
        let share = KeyShareEntry { group: group.0, share: &response.share };
        put_server_hello(&mut body, &random, suite.id.0, &share);
        let server_hello = self.send(0, HandshakeType::SERVER_HELLO, body);
        let secret = EarlySecret::new(provider, suite.hash, None)?
            .into_handshake_secret(provider, &response.secret)?;
        let traffic = secret.traffic_secrets(provider, &self.transcript.current()?)?;
        let aead = suite.aead;
        let mut actions = Vec::from([
            server_hello,
            key_log(KeyLogLabel::ClientHandshake, &self.client_random, &traffic.client),
            key_log(KeyLogLabel::ServerHandshake, &self.client_random, &traffic.server),
            Action::ReadKeys { epoch: HANDSHAKE_EPOCH, secret: traffic.client.clone(), aead },
            Action::WriteKeys { epoch: HANDSHAKE_EPOCH, secret: traffic.server.clone(), aead },
        ]);

        let body = self.encrypted_extensions();
        actions.push(self.send(HANDSHAKE_EPOCH, HandshakeType::ENCRYPTED_EXTENSIONS, body));
        if config.client_auth != ClientAuth::None {
            let mut body = Vec::new();
            put_certificate_request(
                &mut body,
                &[],
                config.common.signature_schemes.iter().map(|s| s.0),
                config.common.signature_schemes_cert.iter().map(|s| s.0),
                &config.authorities,
            );
            actions.push(self.send(HANDSHAKE_EPOCH, HandshakeType::CERTIFICATE_REQUEST, body));
        }
        let mut body = Vec::new();
        put_certificate(&mut body, &[], credential.chain.iter());
        actions.push(self.send(HANDSHAKE_EPOCH, HandshakeType::CERTIFICATE, body));

        let message = signed_content(SERVER_CONTEXT, &self.transcript.current()?);
        let scheme = credential.scheme;
        let half = Half { suite, group, scheme, secret, traffic, actions };
        self.state = State::Signature(Box::new(half));
        Ok(Vec::from([Action::Need(NeedKind::Signature { scheme, message })]))
    }

    fn encrypted_extensions(&self) -> Vec<u8> {
        let mut body = Vec::new();
        put_vec16(&mut body, |out| {
            if self.named {
                put_extension(out, ExtensionType::SERVER_NAME, |_| ());
            }
            if let Some(name) = &self.alpn {
                put_alpn(out, [&name[..]]);
            }
        });
        body
    }

    /// CertificateVerify and Finished, once the signature is there.
    pub(super) fn second_half(
        &mut self,
        half: Half,
        signature: Option<&[u8]>,
    ) -> Result<Actions, Error> {
        let signature = signature.ok_or(Error::Local(LocalError::SigningFailed))?;
        let config = self.config.clone();
        let provider = config.common.provider.as_ref();
        let Half { suite, group, scheme, secret, traffic, mut actions } = half;
        let mut body = Vec::new();
        put_certificate_verify(&mut body, scheme.0, signature);
        actions.push(self.send(HANDSHAKE_EPOCH, HandshakeType::CERTIFICATE_VERIFY, body));
        let verify_data = traffic.server.finished(provider, &self.transcript.current()?)?;
        let body = verify_data.as_ref().to_vec();
        actions.push(self.send(HANDSHAKE_EPOCH, HandshakeType::FINISHED, body));

        let transcript_hash = self.transcript.current()?;
        let main = secret.into_main_secret(provider)?;
        let TrafficSecrets { client, server } = main.traffic_secrets(provider, &transcript_hash)?;
        let exporter = main.exporter_secret(provider, &transcript_hash)?;
        let random = &self.client_random;
        let aead = suite.aead;
        actions.extend([
            Action::SendFlight { timed: true },
            key_log(KeyLogLabel::ClientTraffic, random, &client),
            key_log(KeyLogLabel::ServerTraffic, random, &server),
            Action::KeyLog {
                label: KeyLogLabel::Exporter,
                client_random: *random,
                secret: exporter.secret().clone(),
            },
            Action::WriteKeys { epoch: APPLICATION_EPOCH, secret: server, aead },
            Action::ReadKeys { epoch: APPLICATION_EPOCH, secret: client, aead },
        ]);
        let keys = Keys {
            suite,
            group,
            server_scheme: scheme,
            client_scheme: None,
            handshake: traffic,
            exporter,
        };
        self.state = if config.client_auth == ClientAuth::None {
            State::Finished(keys)
        } else {
            State::Certificate(keys)
        };
        Ok(actions)
    }
}
