//! New connections move to the next provider when one fails, and back when it heals: over real
//! sockets, in both roles.
#![cfg(all(feature = "blocking", feature = "rustcrypto"))]

mod support;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use dtls13::blocking::Endpoint;
use dtls13::core::crypto::{CryptoProvider, NamedGroup};
use dtls13::provider::{Policy, Restricted};
use dtls13::{
    ClientConfig, ConfigSource, Error, FailoverConfig, FailoverOptions, ProviderFailure,
    ServerConfig,
};
use support::authority::{Authority, Leaf};
use support::breakable::Breakable;
use support::{Accepting, LOCAL, NAME, PATIENCE, client, roots, server, timers};

/// Short, so that tests do not wait, and long enough that a round is not due by chance.
const INTERVAL: Duration = Duration::from_millis(100);

fn options() -> FailoverOptions {
    FailoverOptions::default().test_interval(INTERVAL)
}

/// Tests itself only when a test asks for it.
fn never() -> FailoverOptions {
    FailoverOptions::default().test_interval(Duration::from_secs(3600))
}

fn pair() -> ([Arc<Breakable>; 2], [Arc<dyn CryptoProvider>; 2]) {
    let both = [Breakable::new("first"), Breakable::new("second")];
    let providers = both.clone().map(|provider| provider as Arc<dyn CryptoProvider>);
    (both, providers)
}

fn client_of(
    authority: &Authority,
) -> impl Fn(Arc<dyn CryptoProvider>) -> Result<ClientConfig, Error> + Send + Sync + 'static {
    let roots = roots(authority);
    move |provider| {
        let builder = ClientConfig::builder(provider).with_roots(roots.clone());
        Ok(builder.with_no_client_auth()?.timers(timers()))
    }
}

fn server_of(
    authority: &Authority,
) -> impl Fn(Arc<dyn CryptoProvider>) -> Result<ServerConfig, Error> + Send + Sync + 'static {
    let made = authority.issue(&Leaf::server(NAME));
    move |provider| {
        let builder = ServerConfig::builder(provider).with_no_client_auth();
        Ok(builder.with_cert(made.chain.clone(), &made.key)?.timers(timers()))
    }
}

/// A server that echoes one datagram of each of its clients.
fn echo(config: impl ConfigSource<ServerConfig> + 'static) -> Endpoint {
    let endpoint = Endpoint::server(LOCAL, config).unwrap();
    let accepting = endpoint.clone();
    std::thread::spawn(move || {
        while let Ok(incoming) = accepting.accept_timeout(PATIENCE) {
            std::thread::spawn(move || {
                let connection = incoming.accept()?;
                while let Ok(datagram) = connection.recv_timeout(PATIENCE) {
                    connection.send(&datagram)?;
                }
                Ok::<_, Error>(())
            });
        }
    });
    endpoint
}

/// One connection from a socket of its own, with an echo.
fn visit(server: &Endpoint, config: &impl ConfigSource<ClientConfig>) -> Result<(), Error> {
    let connection =
        Endpoint::bind(LOCAL).unwrap().connect(server.local_address(), NAME, config)?;
    connection.send(b"hello")?;
    assert_eq!(connection.recv_timeout(PATIENCE)?, b"hello");
    Ok(())
}

/// Waits for something that happens on another thread.
fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < until, "not within {PATIENCE:?}: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_client_moves_on_when_its_provider_keeps_erring_and_back_when_it_heals() {
    let authority = Authority::new("authority");
    let echo = echo(server(&authority, &Leaf::server(NAME)));
    let ([first, second], providers) = pair();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = seen.clone();
    let options = never().observer(move |standing| {
        log.lock().unwrap().push((standing.name.clone(), standing.failure.is_some()));
    });
    let failover = FailoverConfig::with_options(providers, options, client_of(&authority)).unwrap();

    visit(&echo, &failover).unwrap();
    assert!(first.exchanges() > 0 && second.exchanges() == 0);

    // Three faults are endured, then the second takes over.
    first.set_erring(true);
    let error = visit(&echo, &failover).unwrap_err();
    assert!(matches!(error, Error::Connection(dtls13::core::Error::Crypto(_))), "{error}");
    eventually("the second is used", || visit(&echo, &failover).is_ok());
    assert!(second.exchanges() > 0);
    let standings = failover.standings();
    assert!(matches!(standings[0].failure, Some(ProviderFailure::Faults(3..))), "{standings:?}");
    assert!(standings[1].failure.is_none());

    // A self test that passes brings it back.
    first.set_erring(false);
    failover.check();
    let before = (first.exchanges(), second.exchanges());
    visit(&echo, &failover).unwrap();
    assert!(first.exchanges() > before.0 && second.exchanges() == before.1);
    let seen = seen.lock().unwrap();
    assert_eq!(*seen, [("first".to_owned(), true), ("first".to_owned(), false)]);
}

#[test]
fn a_server_moves_on_when_the_self_test_fails_and_back_when_it_passes() {
    let authority = Authority::new("authority");
    let ([first, second], providers) = pair();
    let failover =
        FailoverConfig::with_options(providers, options(), server_of(&authority)).unwrap();
    let echo = echo(failover.clone());
    let config = client(&authority);

    visit(&echo, &config).unwrap();
    assert!(first.exchanges() > 0 && second.exchanges() == 0);
    let old = Endpoint::bind(LOCAL).unwrap();
    let old = old.connect(echo.local_address(), NAME, &config).unwrap();

    // New connections find out by themselves; nobody calls `check`.
    first.set_sick(true);
    eventually("the second is used", || {
        visit(&echo, &config).unwrap();
        second.exchanges() > 0
    });
    let before = first.exchanges();
    visit(&echo, &config).unwrap();
    assert_eq!(first.exchanges(), before);
    assert!(matches!(failover.standings()[0].failure, Some(ProviderFailure::SelfTest(_))));
    old.send(b"still there").unwrap();
    assert_eq!(old.recv_timeout(PATIENCE).unwrap(), b"still there", "connections keep theirs");

    first.set_sick(false);
    eventually("the first is used again", || {
        visit(&echo, &config).unwrap();
        first.exchanges() > before
    });
}

#[test]
fn a_server_whose_provider_dies_between_clients_loses_only_few() {
    let authority = Authority::new("authority");
    let ([first, second], providers) = pair();
    let failover = FailoverConfig::with_options(providers, never(), server_of(&authority)).unwrap();
    let echo = echo(failover.clone());
    let config = client(&authority);
    visit(&echo, &config).unwrap();
    // It cannot even make cookies any more.
    first.set_erring(true);
    let refused = (0..10).filter(|_| visit(&echo, &config).is_err()).count();
    assert!((1..=3).contains(&refused), "{refused} of 10 refused");
    assert!(second.exchanges() > 0);
}

#[test]
fn the_second_provider_need_not_have_what_the_first_has() {
    let authority = Authority::new("authority");
    let first = Breakable::new("first");
    let only_p256 = Policy::new("P-256").groups(&[NamedGroup::SECP256R1]);
    let second: Arc<dyn CryptoProvider> =
        Arc::new(Restricted::new(dtls13::provider::rustcrypto(), only_p256));
    let providers = [first.clone() as Arc<dyn CryptoProvider>, second];
    let failover = FailoverConfig::with_options(providers, never(), server_of(&authority)).unwrap();
    let endpoint = Endpoint::server(LOCAL, failover.clone()).unwrap();
    let config = client(&authority);
    let group = || {
        let accepting = endpoint.clone();
        let server = std::thread::spawn(move || accepting.accept_timeout(PATIENCE)?.accept());
        let client = Endpoint::bind(LOCAL).unwrap();
        let connection = client.connect(endpoint.local_address(), NAME, &config);
        server.join().unwrap().unwrap();
        connection.unwrap().summary().group
    };
    assert_eq!(group(), NamedGroup::X25519MLKEM768);
    first.set_sick(true);
    failover.check();
    assert_eq!(group(), NamedGroup::SECP256R1, "the door knows what the second offers");
}

#[test]
fn a_provider_that_is_broken_from_the_start_is_used_once_it_heals() {
    let authority = Authority::new("authority");
    let ([first, _second], providers) = pair();
    first.set_sick(true);
    first.set_erring(true);
    let failover = FailoverConfig::with_options(providers, never(), server_of(&authority)).unwrap();
    assert_eq!(failover.config().unwrap().provider().capabilities().name, "second");
    first.set_sick(false);
    first.set_erring(false);
    failover.check();
    assert_eq!(failover.config().unwrap().provider().capabilities().name, "first");
}

#[test]
fn when_none_works_each_is_named_with_its_reason() {
    let authority = Authority::new("authority");
    let ([first, second], providers) = pair();
    let failover = FailoverConfig::with_options(providers, never(), client_of(&authority)).unwrap();
    first.set_sick(true);
    second.set_sick(true);
    failover.check();
    let endpoint = Endpoint::bind(LOCAL).unwrap();
    let error = endpoint.connect(([127, 0, 0, 1], 9).into(), NAME, &failover).unwrap_err();
    assert!(matches!(&error, Error::NoWorkingProvider(failed) if failed.len() == 2));
    let text = error.to_string();
    assert!(text.contains("first (") && text.contains("second ("), "{text}");
    assert!(text.contains("what the test broke"), "{text}");

    let nobody = FailoverConfig::new([], client_of(&authority)).unwrap_err();
    assert!(matches!(nobody, Error::NoWorkingProvider(failed) if failed.is_empty()));
}

#[test]
fn a_configuration_no_provider_could_use_is_an_error_at_once() {
    let (_, providers) = pair();
    let broken =
        |provider| ClientConfig::builder(provider).with_roots_pem(b"").with_no_client_auth();
    let error = FailoverConfig::new(providers, broken).unwrap_err();
    assert!(matches!(error, Error::NoCertificate), "{error}");
}

#[test]
fn one_that_keeps_erring_though_its_tests_pass_is_left_alone_for_longer() {
    let authority = Authority::new("authority");
    let ([first, _second], providers) = pair();
    // Longer than a loaded machine takes between two steps of this test.
    let interval = Duration::from_millis(400);
    let options = FailoverOptions::default().test_interval(interval);
    let failover = FailoverConfig::with_options(providers, options, client_of(&authority)).unwrap();
    let is_first = || failover.config().unwrap().provider().capabilities().name == "first";
    first.set_erring(true);
    // It errs whenever it is used; its self test knows nothing of that.
    let absent = || {
        eventually("the first is back", is_first);
        let start = Instant::now();
        while is_first() {
            let provider = failover.config().unwrap().provider().clone();
            assert!(provider.capabilities().name != "first" || provider.random(&mut [0]).is_err());
        }
        eventually("the first is back again", is_first);
        start.elapsed()
    };
    assert!(absent() >= interval);
    assert!(absent() >= 2 * interval);
}

/// What a source says decides each connection anew, without a new socket.
#[test]
fn a_closure_chooses_for_each_connection() {
    let authority = Authority::new("authority");
    let configs = [NamedGroup::SECP256R1, NamedGroup::X25519]
        .map(|group| server(&authority, &Leaf::server(NAME)).groups(&[group]).unwrap());
    let current = Arc::new(Mutex::new(configs[0].clone()));
    let source = current.clone();
    let choose = move || Ok(source.lock().unwrap().clone());
    let endpoint = Endpoint::server(LOCAL, choose).unwrap();
    for (config, group) in configs.iter().zip([NamedGroup::SECP256R1, NamedGroup::X25519]) {
        *current.lock().unwrap() = config.clone();
        let accepting = endpoint.clone();
        let server = std::thread::spawn(move || accepting.accept_timeout(PATIENCE)?.accept());
        let client_endpoint = Endpoint::bind(LOCAL).unwrap();
        let config = client(&authority);
        let connection = client_endpoint.connect(endpoint.local_address(), NAME, &config).unwrap();
        assert_eq!(connection.summary().group, group);
        server.join().unwrap().unwrap();
    }
}

#[test]
fn a_server_without_configuration_is_silent_and_a_client_is_told() {
    let authority = Authority::new("authority");
    let nothing = || Err::<ClientConfig, _>(Error::NoRoots);
    let endpoint = Endpoint::bind(LOCAL).unwrap();
    let error = endpoint.connect(([127, 0, 0, 1], 9).into(), NAME, &nothing).unwrap_err();
    assert!(matches!(error, Error::NoRoots));

    let config = Arc::new(Mutex::new(Some(server(&authority, &Leaf::server(NAME)))));
    let source = config.clone();
    let choose = move || source.lock().unwrap().clone().ok_or(Error::NoCertificate);
    let accepting = Accepting::with(dtls13::EndpointOptions::server(choose));
    let held = config.lock().unwrap().take();
    let address = accepting.address();
    let client = client(&authority);
    let connecting = std::thread::spawn(move || {
        let endpoint = Endpoint::bind(LOCAL).unwrap();
        endpoint.connect(address, NAME, &client)
    });
    std::thread::sleep(Duration::from_millis(100));
    assert!(!connecting.is_finished(), "the client waits and tries again");
    *config.lock().unwrap() = held;
    connecting.join().unwrap().unwrap();
    accepting.connection().unwrap();
}

#[cfg(feature = "tokio")]
mod tasks {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn tasks_move_on_and_back_too() {
        let authority = Authority::new("authority");
        let ([server_first, server_second], providers) = pair();
        let server =
            FailoverConfig::with_options(providers, options(), server_of(&authority)).unwrap();
        let ([client_first, client_second], providers) = pair();
        let client =
            FailoverConfig::with_options(providers, options(), client_of(&authority)).unwrap();
        let endpoint = dtls13::tokio::Endpoint::server(LOCAL, server).await.unwrap();
        let address = endpoint.local_address();
        let serving = tokio::spawn(async move {
            while let Ok(incoming) = endpoint.accept().await {
                tokio::spawn(async move {
                    let connection = incoming.accept().await?;
                    let datagram = connection.recv().await?;
                    connection.send(&datagram).await
                });
            }
        });
        let visit = async || {
            let endpoint = dtls13::tokio::Endpoint::bind(LOCAL).await.unwrap();
            let connection = endpoint.connect(address, NAME, &client).await.unwrap();
            connection.send(b"hello").await.unwrap();
            let echo = tokio::time::timeout(PATIENCE, connection.recv()).await.unwrap();
            assert_eq!(echo.unwrap(), b"hello");
        };
        visit().await;
        assert!(server_first.exchanges() > 0 && client_first.exchanges() > 0);
        server_first.set_sick(true);
        client_first.set_sick(true);
        let until = Instant::now() + PATIENCE;
        while server_second.exchanges() == 0 || client_second.exchanges() == 0 {
            assert!(Instant::now() < until, "the second ones are never used");
            visit().await;
        }
        server_first.set_sick(false);
        client_first.set_sick(false);
        let before = (server_first.exchanges(), client_first.exchanges());
        while server_first.exchanges() == before.0 || client_first.exchanges() == before.1 {
            assert!(Instant::now() < until, "the first ones are never used again");
            visit().await;
        }
        serving.abort();
    }
}
