//! What a connection asks its configuration, answered at once.
//!
//! The endpoints use this by themselves. Who drives a [`dtls_core::Connection`] over a transport
//! of their own uses it to answer the connection's [`Need`](dtls_core::Need)s.

use std::sync::Arc;
use std::time::Duration;

use dtls_core::{Answer, KeyLogLine, NeedKind};
use pki_types::ServerName;

use crate::Error;
use crate::config::{ClientConfig, ServerConfig};
use crate::credential::CertifiedKey;
use crate::key_log::KeyLog;

/// Answers the questions of one connection from its configuration.
#[derive(Clone, Debug)]
pub struct Answers {
    role: Role,
}

#[derive(Clone, Debug)]
enum Role {
    Client { config: ClientConfig, name: ServerName<'static> },
    Server(ServerConfig),
}

impl Answers {
    /// For a client's connection to the server of this name: a host name or an IP address.
    ///
    /// # Errors
    /// [`Error::InvalidServerName`].
    pub fn client(config: ClientConfig, name: &str) -> Result<Self, Error> {
        let name = ServerName::try_from(name.to_owned())
            .map_err(|_| Error::InvalidServerName(name.to_owned()))?;
        Ok(Self { role: Role::Client { config, name } })
    }

    /// For a server's connection.
    pub fn server(config: ServerConfig) -> Self {
        Self { role: Role::Server(config) }
    }

    /// The host name a client asks for in its ClientHello. An IP address is verified, but not
    /// asked for (RFC 6066 3).
    pub fn asked_name(&self) -> Option<String> {
        match &self.role {
            Role::Client { name: ServerName::DnsName(host), .. } => {
                Some(host.as_ref().trim_end_matches('.').to_ascii_lowercase())
            }
            _ => None,
        }
    }

    /// What both roles have in their configurations.
    #[cfg(any(feature = "blocking", feature = "tokio"))]
    pub(crate) fn common(&self) -> &dtls_core::CommonConfig {
        match &self.role {
            Role::Client { config, .. } => &config.core.common,
            Role::Server(config) => &config.core.common,
        }
    }

    fn credential(&self) -> Option<&Arc<CertifiedKey>> {
        match &self.role {
            Role::Client { config, .. } => config.credential.as_ref(),
            Role::Server(config) => Some(&config.credential),
        }
    }

    fn key_log(&self) -> Option<&dyn KeyLog> {
        match &self.role {
            Role::Client { config, .. } => config.key_log.as_deref(),
            Role::Server(config) => config.key_log.as_deref(),
        }
    }

    /// The answer to `need`, where `wall` is the time since the Unix epoch. `None` for a question
    /// this version does not know.
    pub fn answer(&self, need: &NeedKind, wall: Duration) -> Option<Answer> {
        Some(match need {
            NeedKind::Credential(request) => {
                Answer::Credential(self.credential().and_then(|key| key.choose(request)))
            }
            NeedKind::Signature { scheme, message } => {
                Answer::Signature(self.credential().and_then(|key| key.sign(*scheme, message)))
            }
            NeedKind::PeerCertificate(peer) => {
                let verdict = match &self.role {
                    Role::Client { config, name } => {
                        config.verifier.verify_server(&peer.chain, name, wall)
                    }
                    Role::Server(config) => match &config.verifier {
                        Some(verifier) => verifier.verify_client(&peer.chain, wall),
                        None => Ok(()),
                    },
                };
                Answer::PeerCertificate(verdict)
            }
            _ => return None,
        })
    }

    /// Hands a secret to the configuration's key log, if it has one.
    pub fn log(&self, line: &KeyLogLine) {
        if let Some(log) = self.key_log() {
            log.log(line.label.as_str(), &line.client_random, line.secret.expose());
        }
    }
}
