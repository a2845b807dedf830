//! What becomes of a client that has nothing but X25519 at a server whose provider lacks it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use dtls13::blocking::Endpoint;
use dtls13::core::crypto::{CryptoProvider, NamedGroup};
use dtls13::{ClientConfig, Error, RootStore, provider};

use crate::failure::Failure;

/// Connects with another provider of this program, one that has X25519, and returns why that is
/// refused; nothing where no such provider was built in. It is a failure if the server accepts.
pub(super) fn of_x25519(
    server: SocketAddr,
    name: &str,
    roots: RootStore,
) -> Result<Option<String>, Failure> {
    let others = provider::all();
    let has_it =
        |other: &&Arc<dyn CryptoProvider>| other.capabilities().has_group(NamedGroup::X25519);
    let Some(other) = others.iter().find(has_it) else { return Ok(None) };
    let config = ClientConfig::builder(other.clone())
        .with_roots(roots)
        .with_no_client_auth()?
        .groups(&[NamedGroup::X25519])?;
    // An endpoint of its own: to each address it has one connection at most.
    let endpoint = Endpoint::bind((Ipv4Addr::LOCALHOST, 0))?;
    match endpoint.connect(server, name, &config) {
        Err(Error::Connection(error)) => Ok(Some(error.to_string())),
        Err(error) => Err(error.into()),
        Ok(_) => Err(Failure::Peer(String::from(
            "the server agreed on X25519, which its provider does not offer",
        ))),
    }
}
