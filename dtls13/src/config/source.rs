//! Who chooses the configuration of a new connection.

use std::sync::Arc;

use super::{ClientConfig, ServerConfig};
use crate::Error;

/// Chooses the configuration, and so the provider, of each *new* connection. A connection keeps
/// what it began with.
///
/// An endpoint takes one wherever it takes a configuration: a configuration itself, which chooses
/// itself; a [`FailoverConfig`](crate::FailoverConfig); a closure, `|| Ok(config)`; or what you
/// write. So an application can change certificates or move to another provider without a new
/// socket.
///
/// It does not see who connects. For a configuration by server name or address, look at
/// `Incoming` and call its `accept_with`.
///
/// ```
/// # #[cfg(all(feature = "blocking", feature = "rustcrypto"))]
/// # fn main() -> Result<(), dtls13::Error> {
/// use dtls13::blocking::Endpoint;
/// use dtls13::{ClientConfig, ConfigSource, Error, provider};
/// use std::sync::{Arc, RwLock};
///
/// /// A configuration that can be exchanged while the endpoint works.
/// struct Current(RwLock<ClientConfig>);
///
/// impl ConfigSource<ClientConfig> for Current {
///     fn config(&self) -> Result<ClientConfig, Error> {
///         Ok(self.0.read().unwrap().clone())
///     }
/// }
///
/// let pinned = |sha256| {
///     let builder = ClientConfig::builder(provider::rustcrypto());
///     builder.with_pinned_fingerprint(sha256).with_no_client_auth()
/// };
/// let current = Current(RwLock::new(pinned([1; 32])?));
/// *current.0.write().unwrap() = pinned([2; 32])?;
/// let connect = |endpoint: &Endpoint, to| endpoint.connect(to, "server.example", &current);
/// # let _ = connect;
/// # Ok(())
/// # }
/// # #[cfg(not(all(feature = "blocking", feature = "rustcrypto")))]
/// # fn main() {}
/// ```
pub trait ConfigSource<C>: Send + Sync {
    /// The configuration for a connection that begins now.
    ///
    /// A client's endpoint asks once for each connection. A server's endpoint asks on its own
    /// thread or task for each datagram of a client without connection, forged ones included:
    /// answer at once, and answer with clones of one configuration as long as it does not change.
    ///
    /// # Errors
    /// Then there is no connection now: connecting fails with this error, and a server is silent,
    /// so that its clients try again.
    fn config(&self) -> Result<C, Error>;
}

impl ConfigSource<Self> for ClientConfig {
    fn config(&self) -> Result<Self, Error> {
        Ok(self.clone())
    }
}

impl ConfigSource<Self> for ServerConfig {
    fn config(&self) -> Result<Self, Error> {
        Ok(self.clone())
    }
}

impl<C, S: ConfigSource<C> + ?Sized> ConfigSource<C> for Arc<S> {
    fn config(&self) -> Result<C, Error> {
        self.as_ref().config()
    }
}

impl<C, F: Fn() -> Result<C, Error> + Send + Sync> ConfigSource<C> for F {
    fn config(&self) -> Result<C, Error> {
        self()
    }
}
