//! Configurations: what both roles have in common, and the steps of their builders.

mod client;
mod failover;
mod fips;
mod server;
mod source;

use std::path::Path;
use std::sync::Arc;

use dtls_core::CommonConfig;

pub use client::{ClientConfig, ClientConfigBuilder, Dangerous, WantsClientCredential};
pub use failover::{FailedProvider, FailoverConfig, FailoverOptions, ProviderFailure, Standing};
pub use server::{ServerConfig, ServerConfigBuilder, WantsServerCredential};
pub use source::ConfigSource;

use crate::Error;
use crate::credential::CertifiedKey;
use crate::key_log::{KeyLog, KeyLogFile};

/// The environment variable that names the key log file, by the convention of browsers.
const KEY_LOG_VARIABLE: &str = "SSLKEYLOGFILE";

fn open_key_log(path: &Path) -> Result<Arc<dyn KeyLog>, Error> {
    Ok(Arc::new(KeyLogFile::open(path)?))
}

fn key_log_from_env() -> Result<Option<Arc<dyn KeyLog>>, Error> {
    match std::env::var_os(KEY_LOG_VARIABLE) {
        Some(path) if !path.is_empty() => open_key_log(Path::new(&path)).map(Some),
        _ => Ok(None),
    }
}

/// What the setters and queries that are written once need of a configuration.
trait Change: Sized {
    fn common(&mut self) -> &mut CommonConfig;
    fn check(&self) -> Result<(), Error>;
    /// Whether chains are judged by trust anchors.
    fn judges_chains(&self) -> bool;
    fn credential(&self) -> Option<&CertifiedKey>;

    fn checked(mut self, change: impl FnOnce(&mut CommonConfig)) -> Result<Self, Error> {
        change(self.common());
        self.check()?;
        Ok(self)
    }
}

/// The setters of both roles, written once.
macro_rules! common_setters {
    ($name:ident) => {
        impl $name {
            /// Application protocols (ALPN), best first. None to begin with.
            ///
            /// # Errors
            /// [`Error::Config`] for a name that is empty or longer than 255 bytes.
            pub fn alpn<P: Into<Vec<u8>>>(
                self,
                protocols: impl IntoIterator<Item = P>,
            ) -> Result<Self, Error> {
                let protocols = protocols.into_iter().map(Into::into).collect();
                self.checked(|common| common.alpn = protocols)
            }

            /// Cipher suites, best first. To begin with all the provider has, but for CCM_8.
            ///
            /// # Errors
            /// [`Error::Config`] when there is none, or one the provider lacks.
            pub fn cipher_suites(self, suites: &[CipherSuite]) -> Result<Self, Error> {
                self.checked(|common| common.cipher_suites = suites.to_vec())
            }

            /// Signatures accepted from the peer, best first. To begin with all the provider has.
            ///
            /// # Errors
            /// [`Error::Config`] when there is none, or one the provider lacks.
            pub fn signature_schemes(self, schemes: &[SignatureScheme]) -> Result<Self, Error> {
                self.checked(|common| common.signature_schemes = schemes.to_vec())
            }

            /// The largest datagram to send, in bytes of UDP payload: 1232 to begin with.
            ///
            /// # Errors
            /// [`Error::Config`] below [`dtls_core::MIN_MTU`].
            pub fn mtu(self, mtu: usize) -> Result<Self, Error> {
                self.checked(|common| common.mtu = mtu)
            }

            /// The timers of retransmission and acknowledgement.
            #[must_use]
            pub fn timers(mut self, timers: TimerConfig) -> Self {
                self.common().timers = timers;
                self
            }

            /// Hands the secrets of every connection to `log`. For debugging only.
            #[must_use]
            pub fn key_log(mut self, log: Arc<dyn KeyLog>) -> Self {
                self.common().key_log = true;
                self.key_log = Some(log);
                self
            }

            /// Appends the secrets of every connection to a file in the NSS key log format. For
            /// debugging only: who has the file reads the connections.
            ///
            /// # Errors
            /// [`Error::Io`] when the file cannot be opened.
            pub fn key_log_file(self, path: impl AsRef<Path>) -> Result<Self, Error> {
                let log = super::open_key_log(path.as_ref())?;
                Ok(self.key_log(log))
            }

            /// As [`Self::key_log_file`] with the file the environment variable `SSLKEYLOGFILE`
            /// names, if it names one. Without this call the variable is not looked at.
            ///
            /// # Errors
            /// [`Error::Io`] when the file cannot be opened.
            pub fn key_log_from_env(self) -> Result<Self, Error> {
                Ok(match super::key_log_from_env()? {
                    Some(log) => self.key_log(log),
                    None => self,
                })
            }

            /// Refuses certificates by these revocation lists. Each certificate of a chain then
            /// needs a current list of its issuer: one whose status is not known, and one whose
            /// list is out of date, is refused.
            ///
            /// # Errors
            /// [`Error::BadCrl`] when one cannot be read.
            pub fn revocation_lists(
                mut self,
                lists: &[CertificateRevocationListDer<'_>],
            ) -> Result<Self, Error> {
                self.set_crls(lists)?;
                Ok(self)
            }

            /// How far connections with this configuration are covered by FIPS validation: the
            /// least status of the suites, groups and signatures it lists, of our own key, and,
            /// where chains are judged by trust anchors, of everything the provider verifies.
            /// What the provider offers besides does not count. With a key log there is no status.
            ///
            /// This speaks of the services of a module, not of a validation of DTLS.
            pub fn fips(&self) -> FipsStatus {
                let judges_chains = self.judges_chains();
                super::fips::status(&self.core.common, judges_chains, self.credential())
            }

            /// The provider of all cryptography.
            pub fn provider(&self) -> &Arc<dyn CryptoProvider> {
                &self.core.common.provider
            }
        }
    };
}
use common_setters;
