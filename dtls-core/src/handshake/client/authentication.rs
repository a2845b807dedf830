//! The server's certificate and Finished, and our own answer (RFC 8446 4.3.2, 4.4).

use alloc::boxed::Box;
use alloc::vec::Vec;

use dtls_crypto_api::{Digest, SignatureScheme};

use super::{ClientHandshake, Keys, State};
use crate::connection::need::{Credential, CredentialRequest, NeedKind, PeerCertificate};
use crate::connection::summary::Summary;
use crate::error::{Error, InvalidMessage, LocalError, PeerMisbehaved};
use crate::handshake::certificate::{
    CLIENT_CONTEXT, SERVER_CONTEXT, leaf_public_key, read_chain, signed_content,
    verify_certificate_verify, verify_finished,
};
use crate::handshake::extensions::{bad_extension, bad_message, check_request};
use crate::handshake::{
    APPLICATION_EPOCH, Action, Actions, HANDSHAKE_EPOCH, KeyLogLabel, Outcome, key_log,
};
use crate::key_schedule::{ExporterSecret, TrafficSecrets};
use crate::wire::certificate::{CertificateRequest, put_certificate, put_certificate_verify};
use crate::wire::client_hello::parse_whole;
use crate::wire::codec::{Reader, U16List};
use crate::wire::extension::{ExtensionType, Place};
use crate::wire::handshake::HandshakeType;

/// What is known once the server's Finished is in.
#[derive(Debug)]
pub(super) struct Closing {
    keys: FinalKeys,
    /// Messages of our flight so far.
    actions: Actions,
}

#[derive(Debug)]
struct FinalKeys {
    suite: crate::handshake::Suite,
    group: dtls_crypto_api::NamedGroup,
    handshake: TrafficSecrets,
    application: TrafficSecrets,
    exporter: ExporterSecret,
}

impl ClientHandshake {
    pub(super) fn certificate_request(
        &mut self,
        keys: Keys,
        body: &[u8],
    ) -> Result<Actions, Error> {
        let request = CertificateRequest::parse(body)
            .map_err(bad_message(HandshakeType::CERTIFICATE_REQUEST))?;
        if !request.request_context.is_empty() {
            return Err(PeerMisbehaved::WrongRequestContext.into());
        }
        check_request(&request.extensions, Place::CERTIFICATE_REQUEST)?;
        self.request = Some(credential_request(&request)?);
        self.transcript.add(HandshakeType::CERTIFICATE_REQUEST, body);
        self.state = State::Certificate(keys);
        Ok(Actions::new())
    }

    pub(super) fn certificate(&mut self, keys: Keys, body: &[u8]) -> Result<Actions, Error> {
        let chain = read_chain(body, &[], |e| self.offered.contains(&e))?;
        if chain.is_empty() {
            return Err(InvalidMessage::EmptyCertificate.into());
        }
        let public_key = leaf_public_key(&chain)?;
        self.transcript.add(HandshakeType::CERTIFICATE, body);
        self.state = State::Verdict { keys, public_key };
        let server_name = self.server_name.clone();
        let need = NeedKind::PeerCertificate(PeerCertificate { chain, server_name });
        Ok(Vec::from([Action::Need(need)]))
    }

    pub(super) fn certificate_verify(
        &mut self,
        keys: Keys,
        public_key: &[u8],
        body: &[u8],
    ) -> Result<Actions, Error> {
        let transcript_hash = self.transcript.current()?;
        let scheme = verify_certificate_verify(
            &self.config.common,
            body,
            public_key,
            SERVER_CONTEXT,
            &transcript_hash,
        )?;
        self.server_scheme = Some(scheme);
        self.transcript.add(HandshakeType::CERTIFICATE_VERIFY, body);
        self.state = State::Finished(keys);
        Ok(Actions::new())
    }

    pub(super) fn finished(&mut self, keys: Keys, body: &[u8]) -> Result<Actions, Error> {
        let provider = self.config.common.provider.clone();
        let provider = provider.as_ref();
        let transcript_hash = self.transcript.current()?;
        verify_finished(provider, body, &keys.traffic.server, &transcript_hash)?;
        self.transcript.add(HandshakeType::FINISHED, body);
        let transcript_hash: Digest = self.transcript.current()?;
        let Keys { suite, group, secret, traffic } = keys;
        let main = secret.into_main_secret(provider)?;
        let application = main.traffic_secrets(provider, &transcript_hash)?;
        let exporter = main.exporter_secret(provider, &transcript_hash)?;
        let keys = FinalKeys { suite, group, handshake: traffic, application, exporter };
        let closing = Closing { keys, actions: Actions::new() };
        let Some(request) = self.request.clone() else { return self.close(closing, None) };
        self.state = State::Credential(Box::new(closing));
        Ok(Vec::from([Action::Need(NeedKind::Credential(request))]))
    }

    pub(super) fn show_credential(
        &mut self,
        mut closing: Box<Closing>,
        credential: Option<Credential>,
    ) -> Result<Actions, Error> {
        let chain = credential.as_ref().map_or(&[][..], |c| &c.chain);
        let mut body = Vec::new();
        put_certificate(&mut body, &[], chain);
        let certificate = self.send(HANDSHAKE_EPOCH, HandshakeType::CERTIFICATE, body);
        closing.actions.push(certificate);
        let Some(credential) = credential else {
            return self.close(*closing, None);
        };
        let asked = self.request.take().unwrap_or_default();
        if credential.chain.is_empty() || !asked.schemes.contains(&credential.scheme) {
            return Err(Error::Local(LocalError::CredentialScheme));
        }
        let message = signed_content(CLIENT_CONTEXT, &self.transcript.current()?);
        let scheme = credential.scheme;
        self.state = State::Signature(closing, scheme);
        Ok(Vec::from([Action::Need(NeedKind::Signature { scheme, message })]))
    }

    pub(super) fn show_signature(
        &mut self,
        mut closing: Closing,
        scheme: SignatureScheme,
        signature: Option<&[u8]>,
    ) -> Result<Actions, Error> {
        let signature = signature.ok_or(Error::Local(LocalError::SigningFailed))?;
        let mut body = Vec::new();
        put_certificate_verify(&mut body, scheme.0, signature);
        let verify = self.send(HANDSHAKE_EPOCH, HandshakeType::CERTIFICATE_VERIFY, body);
        closing.actions.push(verify);
        self.close(closing, Some(scheme))
    }

    /// Sends Finished and completes.
    fn close(
        &mut self,
        closing: Closing,
        client_scheme: Option<SignatureScheme>,
    ) -> Result<Actions, Error> {
        let provider = self.config.common.provider.clone();
        let provider = provider.as_ref();
        let Closing { keys, mut actions } = closing;
        let transcript_hash = self.transcript.current()?;
        let verify_data = keys.handshake.client.finished(provider, &transcript_hash)?;
        let body = verify_data.as_ref().to_vec();
        actions.push(self.send(HANDSHAKE_EPOCH, HandshakeType::FINISHED, body));
        let aead = keys.suite.aead;
        let TrafficSecrets { client, server } = keys.application;
        let summary = Summary {
            cipher_suite: keys.suite.id,
            group: keys.group,
            server_scheme: self.server_scheme.unwrap_or(SignatureScheme(0)),
            client_scheme,
            alpn: self.alpn.take(),
            server_name: self.server_name.take().map(Into::into),
            retried: self.retried,
        };
        let exporter_secret = keys.exporter.secret().clone();
        actions.extend([
            Action::SendFlight { timed: true },
            key_log(KeyLogLabel::ClientTraffic, &self.random, &client),
            key_log(KeyLogLabel::ServerTraffic, &self.random, &server),
            Action::KeyLog {
                label: KeyLogLabel::Exporter,
                client_random: self.random,
                secret: exporter_secret,
            },
            Action::ReadKeys { epoch: APPLICATION_EPOCH, secret: server, aead },
            Action::WriteKeys { epoch: APPLICATION_EPOCH, secret: client, aead },
            Action::Complete(Box::new(Outcome {
                summary,
                suite: keys.suite,
                exporter: keys.exporter,
            })),
        ]);
        Ok(actions)
    }
}

/// What a CertificateRequest asks for.
fn credential_request(request: &CertificateRequest<'_>) -> Result<CredentialRequest, Error> {
    let kind = ExtensionType::SIGNATURE_ALGORITHMS;
    let schemes = request
        .signature_algorithms()
        .map_err(bad_extension(kind))?
        .ok_or(PeerMisbehaved::MissingExtension(kind))?;
    let kind = ExtensionType::SIGNATURE_ALGORITHMS_CERT;
    let schemes_cert = match request.extensions.get(kind) {
        Some(body) => {
            parse_whole(body, Reader::vec16).and_then(U16List::new).map_err(bad_extension(kind))?
        }
        None => schemes,
    };
    let authorities = request
        .certificate_authorities()
        .map_err(bad_extension(ExtensionType::CERTIFICATE_AUTHORITIES))?
        .unwrap_or_default();
    Ok(CredentialRequest {
        server_name: None,
        alpn: Vec::new(),
        schemes: schemes
            .iter()
            .map(SignatureScheme)
            .filter(|s| s.allowed_in_certificate_verify())
            .collect(),
        schemes_cert: schemes_cert.iter().map(SignatureScheme).collect(),
        authorities: authorities.into_iter().map(<[u8]>::to_vec).collect(),
    })
}
