//! What a connection asks its configuration, answered at once.

use std::sync::Arc;
use std::time::Duration;

use dtls_core::{Answer, KeyLogLine, NeedKind};
use pki_types::{CertificateDer, ServerName};

use crate::config::{ClientConfig, ServerConfig};
use crate::credential::CertifiedKey;
use crate::key_log::KeyLog;

/// The configuration of one connection, by role.
#[derive(Debug)]
pub(crate) enum Policy {
    Client { config: ClientConfig, name: ServerName<'static> },
    Server(ServerConfig),
}

impl Policy {
    fn credential(&self) -> Option<&Arc<CertifiedKey>> {
        match self {
            Self::Client { config, .. } => config.credential.as_ref(),
            Self::Server(config) => Some(&config.credential),
        }
    }

    fn key_log(&self) -> Option<&dyn KeyLog> {
        match self {
            Self::Client { config, .. } => config.key_log.as_deref(),
            Self::Server(config) => config.key_log.as_deref(),
        }
    }

    /// The answer to `need`; the peer's chain goes to `peer_chain`. `None` for a question this
    /// version does not know.
    pub(crate) fn answer(
        &self,
        need: &NeedKind,
        wall: Duration,
        peer_chain: &mut Vec<CertificateDer<'static>>,
    ) -> Option<Answer> {
        Some(match need {
            NeedKind::Credential(request) => {
                Answer::Credential(self.credential().and_then(|key| key.choose(request)))
            }
            NeedKind::Signature { scheme, message } => {
                Answer::Signature(self.credential().and_then(|key| key.sign(*scheme, message)))
            }
            NeedKind::PeerCertificate(peer) => {
                let verdict = match self {
                    Self::Client { config, name } => {
                        config.verifier.verify_server(&peer.chain, name, wall)
                    }
                    Self::Server(config) => match &config.verifier {
                        Some(verifier) => verifier.verify_client(&peer.chain, wall),
                        None => Ok(()),
                    },
                };
                *peer_chain = peer.chain.iter().cloned().map(CertificateDer::from).collect();
                Answer::PeerCertificate(verdict)
            }
            _ => return None,
        })
    }

    pub(crate) fn log(&self, line: &KeyLogLine) {
        if let Some(log) = self.key_log() {
            log.log(line.label.as_str(), &line.client_random, line.secret.expose());
        }
    }
}
