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

#[cfg(all(test, feature = "rustcrypto"))]
mod tests {
    use std::thread;

    use dtls13::ServerConfig;
    use dtls13::provider::{Policy, Restricted};

    use super::super::authority;
    use super::*;

    const NAME: &str = "refusal.example";

    /// What `of_x25519` makes of a server with these groups.
    fn at_a_server_with(groups: &[NamedGroup]) -> Result<Option<String>, Failure> {
        let policy = Policy::new("of this test").groups(groups);
        let provider = Arc::new(Restricted::new(provider::rustcrypto(), policy));
        let made = authority::make(provider.as_ref(), NAME).unwrap();
        let config = ServerConfig::builder(provider).with_no_client_auth();
        let config = config.with_cert(made.chain, &made.key).unwrap();
        let server = Endpoint::server((Ipv4Addr::LOCALHOST, 0), config).unwrap();
        let address = server.local_address();
        thread::spawn(move || server.accept().and_then(dtls13::blocking::Incoming::accept));
        let mut roots = RootStore::new();
        roots.add(&made.authority).unwrap();
        of_x25519(address, NAME, roots)
    }

    #[test]
    fn a_server_without_x25519_refuses_with_an_alert() {
        let told = at_a_server_with(&[NamedGroup::SECP256R1]).unwrap().unwrap();
        assert!(told.contains("handshake_failure"), "{told}");
    }

    #[test]
    fn a_server_that_accepts_is_a_failure() {
        let error = at_a_server_with(&[NamedGroup::X25519]).unwrap_err();
        assert!(error.to_string().contains("agreed on X25519"), "{error}");
    }
}
