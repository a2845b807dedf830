//! A link between the two peers that loses, doubles and reorders datagrams, and counts them.
//!
//! It stands between the client and the server's real socket: two threads, one per direction, each
//! with its own random numbers from the seed, so that what happens to the n-th datagram of a
//! direction does not depend on the other direction. It stops when it is dropped.
//!
//! A bad link turns good once enough echoes have passed: the handshake and the first data have then
//! been through the worst, and what follows (the rest of the data, close_notify, which nobody
//! retransmits) must arrive.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How bad, in percent of the datagrams of each direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) seed: u64,
    pub(super) loss: u8,
    pub(super) duplicate: u8,
    pub(super) reorder: u8,
}

impl Link {
    pub(super) fn good(seed: u64) -> Self {
        Self { seed, loss: 0, duplicate: 0, reorder: 0 }
    }
}

/// Echoes after which a bad link turns good.
pub(super) const ECHOES_BEFORE_GOOD: usize = 8;

/// A datagram that is to be overtaken waits for the next one, but not longer than this.
const HELD_BACK: Duration = Duration::from_millis(20);

/// How often a waiting thread looks whether it should stop.
const TICK: Duration = Duration::from_millis(10);

/// Larger than any datagram.
const BUFFER: usize = 65_536;

/// What passed in one direction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Traffic {
    pub(super) datagrams: usize,
    pub(super) lost: usize,
    /// Length of the longest, lost ones included.
    pub(super) longest: usize,
}

struct Shared {
    stop: AtomicBool,
    client: Mutex<Option<SocketAddr>>,
    echoes: AtomicUsize,
    /// Datagrams at least this long in epoch 3 are application data.
    data_size: usize,
    up: Mutex<Traffic>,
    down: Mutex<Traffic>,
}

pub(super) struct Proxy {
    port: u16,
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl Proxy {
    /// Stands before the server at `server_port` on loopback.
    pub(super) fn start(link: Link, server_port: u16, data_size: usize) -> io::Result<Self> {
        let front = Arc::new(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?);
        let back = Arc::new(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?);
        back.connect((Ipv4Addr::LOCALHOST, server_port))?;
        for socket in [&front, &back] {
            socket.set_read_timeout(Some(TICK))?;
        }
        let port = front.local_addr()?.port();
        let shared = Arc::new(Shared {
            stop: AtomicBool::new(false),
            client: Mutex::new(None),
            echoes: AtomicUsize::new(0),
            data_size,
            up: Mutex::default(),
            down: Mutex::default(),
        });

        let up = Lane { random: fastrand::Rng::with_seed(link.seed), link, held: None };
        let down = Lane { random: fastrand::Rng::with_seed(!link.seed), link, held: None };
        let threads = vec![
            thread::spawn({
                let (front, back, shared) = (front.clone(), back.clone(), shared.clone());
                move || upwards(&front, &back, &shared, up)
            }),
            thread::spawn({
                let shared = shared.clone();
                move || downwards(&front, &back, &shared, down)
            }),
        ];
        Ok(Self { port, shared, threads })
    }

    /// Where the client goes.
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// What passed so far, from client to server and back.
    pub(super) fn traffic(&self) -> (Traffic, Traffic) {
        let read = |side: &Mutex<Traffic>| *side.lock().unwrap_or_else(PoisonError::into_inner);
        (read(&self.shared.up), read(&self.shared.down))
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            // A panicked lane has shown itself as a failed cell already.
            let _ = thread.join();
        }
    }
}

/// From the client to the server.
fn upwards(front: &UdpSocket, back: &UdpSocket, shared: &Shared, mut lane: Lane) {
    let mut buffer = vec![0; BUFFER];
    let deliver = |datagram: &[u8]| {
        // The server may be gone already; a network would not tell either.
        let _ = back.send(datagram);
    };
    while !shared.stop.load(Ordering::Relaxed) {
        if let Ok((len, from)) = front.recv_from(&mut buffer) {
            *shared.client.lock().unwrap_or_else(PoisonError::into_inner) = Some(from);
            let good = shared.echoes.load(Ordering::Relaxed) >= ECHOES_BEFORE_GOOD;
            lane.pass(&buffer[..len], good, &shared.up, &deliver);
        } else {
            lane.release_old(&deliver);
        }
    }
}

/// From the server to the client.
fn downwards(front: &UdpSocket, back: &UdpSocket, shared: &Shared, mut lane: Lane) {
    let mut buffer = vec![0; BUFFER];
    let deliver = |datagram: &[u8]| {
        if let Some(client) = *shared.client.lock().unwrap_or_else(PoisonError::into_inner) {
            let _ = front.send_to(datagram, client);
            if is_data(datagram, shared.data_size) {
                shared.echoes.fetch_add(1, Ordering::Relaxed);
            }
        }
    };
    while !shared.stop.load(Ordering::Relaxed) {
        if let Ok(len) = back.recv(&mut buffer) {
            let good = shared.echoes.load(Ordering::Relaxed) >= ECHOES_BEFORE_GOOD;
            lane.pass(&buffer[..len], good, &shared.down, &deliver);
        } else {
            lane.release_old(&deliver);
        }
    }
}

/// A unified header (RFC 9147 4: 001CSLEE) of an epoch whose low bits are those of epoch 3 or later
/// odd ones, on a record too long for an ACK or an alert.
fn is_data(datagram: &[u8], data_size: usize) -> bool {
    const FIXED_BITS: u8 = 0b1110_0000;
    const UNIFIED: u8 = 0b0010_0000;
    const EPOCH_BITS: u8 = 0b11;
    const EPOCH_HANDSHAKE: u8 = 2;
    datagram.len() > data_size
        && datagram[0] & FIXED_BITS == UNIFIED
        && datagram[0] & EPOCH_BITS != EPOCH_HANDSHAKE
}

/// One direction's fate.
struct Lane {
    link: Link,
    random: fastrand::Rng,
    held: Option<(Vec<u8>, Instant)>,
}

impl Lane {
    fn pass(
        &mut self,
        datagram: &[u8],
        good: bool,
        traffic: &Mutex<Traffic>,
        deliver: &impl Fn(&[u8]),
    ) {
        // Always three draws, so that the n-th datagram's fate depends on n alone.
        let [lose, double, hold] = [self.link.loss, self.link.duplicate, self.link.reorder]
            .map(|percent| self.random.u8(0..100) < percent && !good);
        {
            let mut traffic = traffic.lock().unwrap_or_else(PoisonError::into_inner);
            traffic.datagrams += 1;
            traffic.lost += usize::from(lose);
            traffic.longest = traffic.longest.max(datagram.len());
        }
        if lose {
            return;
        }
        if hold && self.held.is_none() {
            self.held = Some((datagram.to_vec(), Instant::now()));
            return;
        }
        deliver(datagram);
        if double {
            deliver(datagram);
        }
        if let Some((late, _)) = self.held.take() {
            deliver(&late);
        }
    }

    fn release_old(&mut self, deliver: &impl Fn(&[u8])) {
        if let Some((late, _)) = self.held.take_if(|(_, since)| since.elapsed() >= HELD_BACK) {
            deliver(&late);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    /// Numbered datagrams through one lane, and what comes out.
    fn through(link: Link, count: u8, good: bool) -> (Vec<u8>, Traffic) {
        let mut lane = Lane { link, random: fastrand::Rng::with_seed(link.seed), held: None };
        let traffic = Mutex::default();
        let out = RefCell::new(Vec::new());
        for number in 0..count {
            lane.pass(&[number], good, &traffic, &|datagram| out.borrow_mut().push(datagram[0]));
        }
        (out.into_inner(), traffic.into_inner().unwrap())
    }

    #[test]
    fn a_good_link_changes_nothing() {
        let (out, traffic) = through(Link::good(1), 100, false);
        assert_eq!(out, (0..100).collect::<Vec<_>>());
        assert_eq!(traffic, Traffic { datagrams: 100, lost: 0, longest: 1 });
    }

    #[test]
    fn a_link_that_turned_good_changes_nothing() {
        let link = Link { seed: 1, loss: 50, duplicate: 50, reorder: 50 };
        assert_eq!(through(link, 100, true).0, (0..100).collect::<Vec<_>>());
    }

    #[test]
    fn loss_is_near_its_percentage_and_repeats_with_the_seed() {
        let link = Link { loss: 20, ..Link::good(3) };
        let (out, traffic) = through(link, 250, false);
        assert_eq!(out.len(), 250 - traffic.lost);
        assert!((30..=70).contains(&traffic.lost), "{traffic:?}");
        assert_eq!(through(link, 250, false).0, out);
        assert_ne!(through(Link { seed: 4, ..link }, 250, false).0, out);
    }

    #[test]
    fn reordering_loses_nothing_but_what_is_still_held() {
        let (mut out, _) = through(Link { reorder: 30, ..Link::good(5) }, 200, false);
        assert!(!out.is_sorted());
        out.sort_unstable();
        assert!(out.len() >= 199);
        out.dedup();
        assert!(out.len() >= 199);
    }

    #[test]
    fn datagrams_travel_both_ways_through_real_sockets() {
        let server = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let client = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        for socket in [&server, &client] {
            socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        }
        let proxy = Proxy::start(Link::good(1), server.local_addr().unwrap().port(), 100).unwrap();
        client.send_to(b"ping", (Ipv4Addr::LOCALHOST, proxy.port())).unwrap();
        let mut buffer = [0; 16];
        let (len, from) = server.recv_from(&mut buffer).unwrap();
        assert_eq!(&buffer[..len], b"ping");
        server.send_to(b"pong!", from).unwrap();
        let (len, _) = client.recv_from(&mut buffer).unwrap();
        assert_eq!(&buffer[..len], b"pong!");
        let (up, down) = proxy.traffic();
        assert_eq!((up.longest, down.longest), (4, 5));
    }
}
