//! The client's certificate and Finished (RFC 8446 4.4).

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::{Keys, ServerHandshake, State};
use crate::config::ClientAuth;
use crate::connection::need::{NeedKind, PeerCertificate};
use crate::connection::summary::Summary;
use crate::error::{Error, PeerIncompatible};
use crate::handshake::certificate::{
    CLIENT_CONTEXT, leaf_public_key, read_chain, verify_certificate_verify, verify_finished,
};
use crate::handshake::{Action, Actions, Outcome};
use crate::wire::handshake::HandshakeType;

impl ServerHandshake {
    pub(super) fn certificate(&mut self, keys: Keys, body: &[u8]) -> Result<Actions, Error> {
        let chain = read_chain(body, &[], |_| false)?;
        self.transcript.add(HandshakeType::CERTIFICATE, body);
        if chain.is_empty() {
            if self.config.client_auth == ClientAuth::Required {
                return Err(PeerIncompatible::ClientCertificateRequired.into());
            }
            self.state = State::Finished(keys);
            return Ok(Actions::new());
        }
        let public_key = leaf_public_key(&chain)?;
        self.state = State::Verdict { keys, public_key };
        let need = NeedKind::PeerCertificate(PeerCertificate { chain, server_name: None });
        Ok(Vec::from([Action::Need(need)]))
    }

    pub(super) fn certificate_verify(
        &mut self,
        mut keys: Keys,
        public_key: &[u8],
        body: &[u8],
    ) -> Result<Actions, Error> {
        let transcript_hash = self.transcript.current()?;
        let scheme = verify_certificate_verify(
            &self.config.common,
            body,
            public_key,
            CLIENT_CONTEXT,
            &transcript_hash,
        )?;
        keys.client_scheme = Some(scheme);
        self.transcript.add(HandshakeType::CERTIFICATE_VERIFY, body);
        self.state = State::Finished(keys);
        Ok(Actions::new())
    }

    pub(super) fn finished(&mut self, keys: Keys, body: &[u8]) -> Result<Actions, Error> {
        let config = self.config.clone();
        let provider = config.common.provider.as_ref();
        let transcript_hash = self.transcript.current()?;
        verify_finished(provider, body, &keys.handshake.client, &transcript_hash)?;
        let summary = Summary {
            cipher_suite: keys.suite.id,
            group: keys.group,
            server_scheme: keys.server_scheme,
            client_scheme: keys.client_scheme,
            alpn: self.alpn.take(),
            server_name: self.server_name.take().map(Into::into),
            retried: self.retried,
        };
        let outcome = Outcome { summary, suite: keys.suite, exporter: keys.exporter };
        Ok(Vec::from([Action::Complete(Box::new(outcome))]))
    }
}
