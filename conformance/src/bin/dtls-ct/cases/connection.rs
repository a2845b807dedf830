//! Whole connections on a marking provider: cookie, handshake, Finished, data, key update,
//! exporter, close.

use std::ops::Range;
use std::sync::Arc;

use dtls_conformance::pair::{Identity, MAX_DATAGRAM, START};
use dtls_core::wire::client_hello::ClientHello;
use dtls_core::wire::handshake::HANDSHAKE_HEADER_LEN;
use dtls_core::wire::header::PLAINTEXT_HEADER_LEN;
use dtls_core::{
    ClientConfig, Connection, CookiePolicy, Error, Inbound, Listener, PathId, PeerMisbehaved,
    ServerConfig, Verdict,
};
use dtls_crypto_api::{CipherSuite, NamedGroup, Zeroizing};

use super::{Failure, Provider, hold, suites};
use crate::marking::{Marking, Marks, Plaintext};
use crate::secrets::{is_secret, public, public_value, secret, secret_copy};

const ADDRESS: &[u8] = &[192, 0, 2, 1, 0x12, 0x34];
const GROUP: NamedGroup = NamedGroup::SECP256R1;
const WORDS: &[u8] = b"what is said here stays here";

/// More datagrams than any handshake takes.
const MAX_ROUNDS: usize = 100;

/// Length in bytes of the MAC a cookie ends with.
const COOKIE_MAC_LEN: usize = 32;

struct Ends {
    client: Connection,
    server: Option<Connection>,
    door: Listener,
    config: Arc<ServerConfig>,
    identity: Identity,
}

impl Ends {
    fn new(client: &Provider, server: &Provider, suite: CipherSuite) -> Result<Self, Failure> {
        let mut client_config = ClientConfig::new(client.clone());
        let mut server_config = ServerConfig::new(server.clone());
        for common in [&mut client_config.common, &mut server_config.common] {
            common.cipher_suites = vec![suite];
            common.groups = vec![GROUP];
        }
        client_config.key_shares = vec![GROUP];
        let name = Some("ct.example".to_owned());
        let client = Connection::client(Arc::new(client_config), name, START, PathId(0))?;
        let config = Arc::new(server_config);
        let mut cookie_secret = Zeroizing::new([5; 32]);
        secret(&mut cookie_secret[..]);
        let door = Listener::with_secret(config.clone(), CookiePolicy::Always, cookie_secret)?;
        let identity = Identity::new(server.as_ref())?;
        Ok(Self { client, server: None, door, config, identity })
    }

    /// Delivers until nobody has anything to say.
    fn settle(&mut self) -> Result<(), Error> {
        let mut buffer = vec![0; MAX_DATAGRAM];
        for _ in 0..MAX_ROUNDS {
            let mut silent = true;
            while let Some(transmit) = self.client.poll_transmit(START, &mut buffer, 1) {
                silent = false;
                let datagram = &mut buffer[..transmit.len];
                // It is on the wire.
                public(datagram);
                self.at_server(datagram)?;
            }
            let Some(server) = &mut self.server else {
                if silent {
                    break;
                }
                continue;
            };
            while let Some(transmit) = server.poll_transmit(START, &mut buffer, 1) {
                silent = false;
                let datagram = &mut buffer[..transmit.len];
                public(datagram);
                while self.client.receive(START, PathId(0), datagram).next()?.is_some() {}
                self.identity.answer_all(&mut self.client, START)?;
            }
            if silent {
                break;
            }
        }
        Ok(())
    }

    fn at_server(&mut self, datagram: &mut [u8]) -> Result<(), Error> {
        if let Some(server) = &mut self.server {
            while server.receive(START, PathId(0), datagram).next()?.is_some() {}
            return self.identity.answer_all(server, START);
        }
        let mut reply = vec![0; MAX_DATAGRAM];
        match self.door.handle(START, ADDRESS, datagram, &mut reply) {
            Verdict::Drop => Ok(()),
            Verdict::Reply(len) => {
                let reply = &mut reply[..len];
                public(reply);
                while self.client.receive(START, PathId(0), reply).next()?.is_some() {}
                Ok(())
            }
            Verdict::Incoming(incoming) => {
                let mut server = incoming.accept(START, PathId(0), self.config.clone())?;
                let answered = self.identity.answer_all(&mut server, START);
                self.server = Some(server);
                answered
            }
        }
    }

    fn server(&mut self) -> Result<&mut Connection, Failure> {
        Ok(self.server.as_mut().ok_or("there is no connection at the server")?)
    }
}

/// All of a connection's life. The content of application data is secret at both ends.
pub(super) fn connection(provider: &Provider) -> Result<(), Failure> {
    let marks = Marks { plaintext: Plaintext::Data, ..Marks::default() };
    for suite in suites(provider) {
        let marking = Marking::shared(provider, marks);
        let mut ends = Ends::new(&marking, &marking, suite)?;
        ends.settle()?;
        for round in 0..2 {
            let Ends { client, server, .. } = &mut ends;
            let server = server.as_mut().ok_or("there is no connection at the server")?;
            hold("both are connected", client.is_connected() && server.is_connected())?;
            say(client, server)?;
            say(server, client)?;
            if round == 0 {
                client.update_keys(START)?;
                server.update_keys(START)?;
                ends.settle()?;
            }
        }
        let mut exported = [[0; 32]; 2];
        ends.client.export_keying_material(b"EXPERIMENTAL ct", b"", &mut exported[0])?;
        ends.server()?.export_keying_material(b"EXPERIMENTAL ct", b"", &mut exported[1])?;
        hold("exported keying material is secret", is_secret(&exported[0]))?;
        public(exported.as_flattened_mut());
        hold("exporters agree", exported[0] == exported[1])?;
        ends.client.close();
        ends.server()?.close();
        ends.settle()?;
        hold("both are closed", ends.client.is_closed() && ends.server()?.is_closed())?;
    }
    Ok(())
}

/// Sends secret words.
fn say(from: &mut Connection, to: &mut Connection) -> Result<(), Failure> {
    let start = from.headroom();
    let mut datagram = vec![0; start + WORDS.len() + from.tailroom()];
    datagram[start..start + WORDS.len()].copy_from_slice(&secret_copy(WORDS));
    let range = from.seal_in_place(START, &mut datagram, start..start + WORDS.len())?;
    let record = &mut datagram[range];
    // It is on the wire.
    public(record);
    let mut received = to.receive(START, PathId(0), record);
    let Some(Inbound::Data { bytes, .. }) = received.next()? else {
        return Err("no application data came".into());
    };
    // How much was said is public, what was said is not.
    let bytes = public_value(bytes);
    hold("what was said is secret", is_secret(bytes))?;
    // To compare it here.
    public(bytes);
    hold("what was said came", bytes == WORDS)
}

/// Cookies: a good one, and one that is wrong in each byte of its MAC.
pub(super) fn cookie(provider: &Provider) -> Result<(), Failure> {
    let marking = Marking::shared(provider, Marks::default());
    let suite = suites(provider).into_iter().next().ok_or("the provider has no suites")?;
    let mut ends = Ends::new(&marking, &marking, suite)?;
    let mut buffer = vec![0; MAX_DATAGRAM];
    let first = ends.client.poll_transmit(START, &mut buffer, 1).ok_or("no ClientHello")?;
    ends.at_server(&mut buffer[..first.len])?;
    let second = ends.client.poll_transmit(START, &mut buffer, 1).ok_or("no second hello")?;
    let hello = buffer[..second.len].to_vec();
    let at = cookie_mac(&hello).ok_or("the second hello brings no cookie")?;
    for at in at {
        let mut tampered = hello.clone();
        tampered[at] ^= 1;
        let verdict = ends.door.handle(START, ADDRESS, &tampered, &mut buffer);
        hold("a wrong cookie is refused", !matches!(verdict, Verdict::Incoming(_)))?;
    }
    let verdict = ends.door.handle(START, ADDRESS, &hello, &mut buffer);
    hold("the cookie is accepted", matches!(verdict, Verdict::Incoming(_)))
}

/// Where in the datagram of a ClientHello the MAC of its cookie stands.
fn cookie_mac(datagram: &[u8]) -> Option<Range<usize>> {
    let body = datagram.get(PLAINTEXT_HEADER_LEN + HANDSHAKE_HEADER_LEN..)?;
    let cookie = ClientHello::parse(body).ok()?.cookie().ok()??;
    let start = datagram.windows(cookie.len()).position(|window| window == cookie)?;
    let end = start + cookie.len();
    Some(end.checked_sub(COOKIE_MAC_LEN)?..end)
}

/// Finished messages that are wrong, at each end.
pub(super) fn finished_refused(provider: &Provider) -> Result<(), Failure> {
    let suite = suites(provider).into_iter().next().ok_or("the provider has no suites")?;
    let good = Marking::shared(provider, Marks::default());
    let misbehaved = Err(Error::PeerMisbehaved(PeerMisbehaved::BadFinished));
    // The client's first MAC is the server's Finished as it should be, its second is its own.
    for spoiled in [1, 2] {
        let marks = Marks { spoiled_mac: Some(spoiled), ..Marks::default() };
        let bad = Marking::shared(provider, marks);
        let mut ends = Ends::new(&bad, &good, suite)?;
        hold("a wrong Finished is refused", ends.settle() == misbehaved)?;
    }
    Ok(())
}
