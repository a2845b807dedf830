//! Whole connections over a bad link, thousands of seeds of it.

mod common;

use std::time::Duration;

use common::{LinkConfig, Pair, Rng, START, Setup};
use dtls_core::crypto::NamedGroup;
use dtls_core::wire::alert::AlertDescription;
use dtls_core::{ClientAuth, CookiePolicy, Error, Event, Timeout, TimerConfig};

/// How many seeds a run tries; `DTLS_SEEDS` asks for more, `DTLS_SEED` for a single one.
fn seeds(default: u64) -> std::ops::Range<u64> {
    let number = |name| std::env::var(name).ok().and_then(|v| v.parse::<u64>().ok());
    match (number("DTLS_SEED"), number("DTLS_SEEDS")) {
        (Some(seed), _) => seed..seed + 1,
        (None, Some(count)) => 0..count,
        (None, None) => 0..default,
    }
}

/// Tells the seed when a test panics in it.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("failed with seed {0}: replay with DTLS_SEED={0}", self.0);
        }
    }
}

/// A setup in which everything that can vary does.
fn random_setup(seed: u64, corrupt: u64) -> Setup {
    let mut rng = Rng(seed ^ 0x5eed);
    let mut setup = Setup::seeded(seed);
    setup.cookies = match rng.below(3) {
        0 => CookiePolicy::Always,
        1 => CookiePolicy::UnderLoad,
        _ => CookiePolicy::Never,
    };
    setup.server.client_auth = match rng.below(3) {
        0 => ClientAuth::None,
        1 => ClientAuth::Optional,
        _ => ClientAuth::Required,
    };
    setup.client_has_certificate =
        setup.server.client_auth == ClientAuth::Required || rng.percent(50);
    setup.server_chain_len = [100, 1500, 7000][rng.below(3) as usize];
    let groups = [
        vec![NamedGroup::X25519],
        vec![NamedGroup::X25519MLKEM768, NamedGroup::X25519],
        vec![NamedGroup::SECP256R1],
    ];
    setup.server.common.groups.clone_from(&groups[rng.below(3) as usize]);
    if rng.percent(30) {
        // The client's guess is wrong.
        setup.client.key_shares = vec![NamedGroup::SECP384R1];
    }
    for common in [&mut setup.client.common, &mut setup.server.common] {
        patient(&mut common.timers);
        common.mtu = [300, 512, 1232][rng.below(3) as usize];
    }
    // A hello in six pieces would hardly ever be whole at a server that keeps strangers' pieces
    // for seconds only.
    setup.client.split_first_hello = setup.client.common.mtu == 1232 && rng.percent(50);
    setup.link = LinkConfig {
        drop: rng.below(31),
        duplicate: rng.below(21),
        reorder: rng.below(41),
        corrupt,
        latency: Duration::from_millis(1 + rng.below(80)),
        mtu: 65_536,
    };
    setup
}

/// Enough tries that bad luck alone never ends a handshake.
fn patient(timers: &mut TimerConfig) {
    timers.handshake_timeout = PATIENCE;
    timers.max_retransmissions = 40;
}

const PATIENCE: Duration = Duration::from_secs(1500);

/// Sends until each direction has got something through, then closes both.
fn talk_and_close(pair: &mut Pair) {
    for _ in 0..200 {
        pair.write(true, b"from the client");
        pair.write(false, b"from the server");
        pair.run_for(Duration::from_millis(500));
        if !pair.server.received.is_empty() && !pair.client.received.is_empty() {
            break;
        }
    }
    assert!(pair.server.received.iter().all(|d| d == b"from the client"));
    assert!(pair.client.received.iter().all(|d| d == b"from the server"));
    assert!(!pair.server.received.is_empty() && !pair.client.received.is_empty());
}

#[test]
fn every_handshake_completes_over_a_bad_link() {
    let mut unlucky = 0;
    for seed in seeds(1500) {
        let _seed = Seed(seed);
        let mut pair = Pair::new(random_setup(seed, 0));
        if !connect_unless_unlucky(&mut pair) {
            unlucky += 1;
            continue;
        }
        talk_and_close(&mut pair);
        pair.client.conn().close();
        pair.server.conn().close();
        pair.run_for(Duration::from_secs(1));
        assert!(pair.client.error().is_none() && pair.server.error().is_none());
    }
    assert!(unlucky <= 20, "{unlucky} connections gave up");
}

/// Connects, unless luck was so bad for minutes that the protocol itself gives up: a second
/// ClientHello came when its cookie was too old, or the client's last flight when the server had
/// let the keys for it go. Returns whether it is connected.
fn connect_unless_unlucky(pair: &mut Pair) -> bool {
    if pair.connect_within(2 * PATIENCE) {
        return true;
    }
    let error = pair.client.error().cloned();
    let cookie_aged = error == Some(Error::AlertReceived(AlertDescription::ILLEGAL_PARAMETER))
        && pair.server.connection.is_none();
    let keys_gone =
        error == Some(Error::Timeout(Timeout::Retransmissions)) && pair.server.is_connected();
    let late = pair.log.last().is_some_and(|entry| entry.0 > START + Duration::from_secs(60));
    assert!(
        (cookie_aged || keys_gone) && late,
        "{}client {:?} {:?}, server {:?}",
        pair.story(),
        pair.client.conn().state_name(),
        pair.client.error(),
        pair.server.error(),
    );
    false
}

#[test]
fn over_a_link_that_corrupts_every_connection_completes_or_fails_cleanly() {
    let mut completed = 0;
    let all = seeds(600);
    let total = all.end - all.start;
    for seed in all {
        let _seed = Seed(seed);
        let mut pair = Pair::new(random_setup(seed, 4));
        if pair.connect_within(2 * PATIENCE) {
            completed += 1;
            talk_and_close(&mut pair);
        } else {
            // Whoever is not connected has said why, within the handshake's deadline.
            for end in [&pair.client, &pair.server] {
                let connected = end.is_connected();
                let failed = end.error().is_some();
                assert!(connected || failed || end.connection.is_none());
            }
        }
    }
    assert!(total < 100 || completed > total / 2, "{completed} of {total} completed");
}

#[test]
fn the_same_seed_gives_the_same_datagrams_at_the_same_times() {
    let run = |seed| {
        let mut pair = Pair::new(random_setup(seed, 0));
        pair.connect_within(2 * PATIENCE);
        pair.log
    };
    for seed in seeds(20) {
        let _seed = Seed(seed);
        assert_eq!(run(seed), run(seed));
    }
}

/// req: 9147-4.4-14
#[test]
fn a_path_narrower_than_our_datagrams_is_found_by_shrinking() {
    let mut setup = Setup { server_chain_len: 3000, ..Setup::default() };
    setup.link.mtu = 600;
    let mut pair = Pair::new(setup);
    pair.connect();
    // That was for the flight; how large its own datagrams may be the application decides.
    assert_eq!(pair.server.conn().mtu(), 1232);
}

#[test]
fn keys_are_updated_in_both_directions_under_loss() {
    for seed in seeds(200) {
        let _seed = Seed(seed);
        let mut setup = Setup::seeded(seed);
        setup.link = LinkConfig { drop: 25, reorder: 30, duplicate: 10, ..LinkConfig::default() };
        patient(&mut setup.client.common.timers);
        patient(&mut setup.server.common.timers);
        let mut pair = Pair::new(setup);
        if !connect_unless_unlucky(&mut pair) {
            continue;
        }
        for _ in 0..6 {
            let now = pair.now();
            pair.client.conn().update_keys(now).unwrap();
            pair.server.conn().update_keys(now).unwrap();
            for _ in 0..10 {
                pair.write(true, b"from the client");
                pair.write(false, b"from the server");
                pair.run_for(Duration::from_millis(900));
            }
        }
        pair.run_for(Duration::from_secs(600));
        for end in [&mut pair.client, &mut pair.server] {
            assert!(end.error().is_none(), "{:?}", end.error());
            assert!(end.events.iter().any(|e| matches!(e, Event::SendingEpoch(4..))));
        }
        talk_and_close(&mut pair);
    }
}
