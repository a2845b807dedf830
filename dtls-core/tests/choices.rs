//! What a configuration decides, and what must not depend on it.

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{Pair, Setup};
use dtls_core::crypto::NamedGroup;
use dtls_core::{
    ClientConfig, Connection, Error, Event, LocalError, Now, PathId, SendError, ServerConfig,
};

/// The cookie's suite and group hold, whatever the order of the configuration that is chosen
/// for the connection.
/// req: 8446-4.1.4-07
#[test]
fn a_configuration_with_another_order_serves_a_client_the_listener_let_in() {
    let mut setup = Setup::default();
    setup.client.key_shares = vec![NamedGroup::SECP384R1];
    setup.client.common.groups.retain(|g| *g != NamedGroup::SECP384R1);
    setup.client.common.groups.insert(0, NamedGroup::SECP384R1);
    setup.server.common.groups = vec![NamedGroup::X25519, NamedGroup::SECP256R1];
    let mut chosen = setup.server.clone();
    chosen.common.cipher_suites.reverse();
    chosen.common.groups.reverse();
    let suite = setup.server.common.cipher_suites[0];
    let mut pair = Pair::new(setup);
    pair.server_config = Arc::new(chosen);
    pair.connect();
    let summary = pair.client.conn().summary().expect("connected");
    assert_eq!((summary.cipher_suite, summary.group), (suite, NamedGroup::X25519));
}

/// req: 8446-6.2-01
#[test]
fn a_failed_connection_exports_nothing_more() {
    let mut pair = Pair::new(Setup::default());
    pair.connect();
    let mut out = [0; 20];
    assert_eq!(pair.client.conn().export_keying_material(b"label", b"", &mut out), Ok(()));
    pair.lose = Box::new(|to_server, _, _| to_server);
    let now = pair.now();
    pair.client.conn().update_keys(now).expect("connected");
    pair.run_for(Duration::from_secs(3600));
    assert!(matches!(pair.client.error(), Some(Error::Timeout(_))));
    let refused = pair.client.conn().export_keying_material(b"label", b"", &mut out);
    assert_eq!(refused, Err(SendError::Closed));
}

#[test]
fn an_outage_does_not_change_how_large_application_datagrams_may_be() {
    let mut pair = Pair::new(Setup::default());
    pair.connect();
    let before = pair.client.conn().max_payload();
    pair.lose = Box::new(|_, _, _| true);
    let now = pair.now();
    pair.client.conn().update_keys(now).expect("connected");
    pair.run_for(Duration::from_secs(20));
    pair.lose = Box::new(|_, _, _| false);
    pair.run_for(Duration::from_secs(120));
    assert!(pair.client.events.iter().any(|e| matches!(e, Event::SendingEpoch(4))));
    assert_eq!(pair.client.conn().max_payload(), before);
}

#[test]
fn closing_amid_a_key_update_leaves_the_reading_side_open() {
    let mut pair = Pair::new(Setup::default());
    pair.connect();
    pair.lose = Box::new(|to_server, _, _| to_server);
    let now = pair.now();
    pair.client.conn().update_keys(now).expect("connected");
    pair.run_for(Duration::from_millis(50));
    pair.client.conn().close();
    pair.run_for(Duration::from_secs(3600));
    pair.write(false, b"still read");
    pair.run_for(Duration::from_secs(1));
    assert_eq!(pair.client.received, [b"still read"]);
    assert!(pair.client.error().is_none());
}

#[test]
fn a_configuration_that_cannot_work_is_refused_by_name() {
    let provider = common::provider(3);
    let server = |change: &dyn Fn(&mut ServerConfig)| {
        let mut config = ServerConfig::new(provider.clone());
        change(&mut config);
        config.check()
    };
    assert_eq!(server(&|_| ()), Ok(()));
    let refused = |result: Result<(), Error>, what: &str| match result {
        Err(Error::Local(LocalError::Config(text))) => assert!(text.contains(what), "{text}"),
        other => panic!("{what}: {other:?}"),
    };
    refused(server(&|c| c.common.cipher_suites.clear()), "cipher_suites");
    refused(server(&|c| c.common.groups.push(NamedGroup(0x9999))), "groups");
    refused(server(&|c| c.common.signature_schemes.clear()), "signature_schemes");
    refused(server(&|c| c.common.alpn = vec![Vec::new()]), "ALPN");
    refused(server(&|c| c.common.timers.max = Duration::from_millis(200)), "timers");
    refused(server(&|c| c.common.max_message_len = 100), "max_message_len");
    refused(server(&|c| c.authorities = vec![Vec::new()]), "authorities");
    let mut client = ClientConfig::new(provider.clone());
    client.key_shares = vec![NamedGroup(0x9999)];
    refused(client.check(), "key_shares");
    let client = Arc::new(ClientConfig::new(provider));
    for name in [String::new(), "a".repeat(256), "exämple.com".to_owned()] {
        let result = Connection::client(client.clone(), Some(name), Now::default(), PathId(0));
        refused(result.map(|_| ()), "server_name");
    }
}
