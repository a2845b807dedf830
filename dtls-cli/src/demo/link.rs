//! A bad link between client and server: a relay that loses, reorders and doubles datagrams, the
//! same way for the same seed (as far as the sender sends the same).

use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// What the link does to datagrams.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Impairment {
    /// Of all datagrams, the part that is lost.
    pub(super) drop: f64,
    /// Whether some are overtaken.
    pub(super) reorder: bool,
    /// Whether some come twice.
    pub(super) duplicate: bool,
}

impl Impairment {
    pub(super) fn is_none(&self) -> bool {
        self.drop <= 0.0 && !self.reorder && !self.duplicate
    }
}

/// Of all datagrams, the part that is overtaken, and the part that comes twice.
const ODDITY: f64 = 0.1;
/// How much later an overtaken datagram comes.
const DELAY: Duration = Duration::from_millis(3);
/// How often a direction looks whether the link is gone.
const LOOK_UP: Duration = Duration::from_millis(20);
/// Longer than any datagram.
const MAX_DATAGRAM: usize = 1 << 16;

/// The link. Ends when dropped.
pub(super) struct Link {
    address: SocketAddr,
    over: Arc<AtomicBool>,
    lost: Arc<AtomicU64>,
}

impl Link {
    /// A link to `server` for one client.
    pub(super) fn start(server: SocketAddr, how: Impairment, seed: u64) -> io::Result<Self> {
        let front = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        let back = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        for socket in [&front, &back] {
            socket.set_read_timeout(Some(LOOK_UP))?;
        }
        let address = front.local_addr()?;
        let over = Arc::new(AtomicBool::new(false));
        let lost = Arc::new(AtomicU64::new(0));
        let client = Arc::new(Mutex::new(None));
        let make = |from: &UdpSocket, to: &UdpSocket, seed| -> io::Result<Direction> {
            Ok(Direction {
                from: from.try_clone()?,
                to: to.try_clone()?,
                how,
                random: fastrand::Rng::with_seed(seed),
                held: Vec::new(),
                over: over.clone(),
                lost: lost.clone(),
            })
        };
        let up = make(&front, &back, seed)?;
        let down = make(&back, &front, seed.wrapping_add(1))?;
        let seen = client.clone();
        thread::spawn(move || {
            up.run(move |from| {
                *seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(from);
                Some(server)
            });
        });
        thread::spawn(move || {
            down.run(move |_| *client.lock().unwrap_or_else(PoisonError::into_inner));
        });
        Ok(Self { address, over, lost })
    }

    /// Where the client goes instead of to the server.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Datagrams lost so far, both ways.
    pub(super) fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Release);
    }
}

/// One direction.
struct Direction {
    from: UdpSocket,
    to: UdpSocket,
    how: Impairment,
    random: fastrand::Rng,
    held: Vec<(Instant, Vec<u8>)>,
    over: Arc<AtomicBool>,
    lost: Arc<AtomicU64>,
}

impl Direction {
    fn run(mut self, destination: impl Fn(SocketAddr) -> Option<SocketAddr>) {
        let mut buffer = vec![0; MAX_DATAGRAM];
        let mut to = None;
        while !self.over.load(Ordering::Acquire) {
            let patience = if self.held.is_empty() { LOOK_UP } else { DELAY };
            let _ = self.from.set_read_timeout(Some(patience));
            if let Ok((len, from)) = self.from.recv_from(&mut buffer) {
                to = destination(from);
                if let Some(to) = to {
                    self.pass(&buffer[..len], to);
                }
            }
            if let Some(to) = to {
                self.release(to);
            }
        }
    }

    fn pass(&mut self, datagram: &[u8], to: SocketAddr) {
        if self.random.f64() < self.how.drop {
            self.lost.fetch_add(1, Ordering::Relaxed);
            return;
        }
        if self.how.duplicate && self.random.f64() < ODDITY {
            let _ = self.to.send_to(datagram, to);
        }
        if self.how.reorder && self.random.f64() < ODDITY {
            self.held.push((Instant::now() + DELAY, datagram.to_vec()));
        } else {
            let _ = self.to.send_to(datagram, to);
        }
    }

    fn release(&mut self, to: SocketAddr) {
        let now = Instant::now();
        let socket = &self.to;
        self.held.retain(|(at, datagram)| {
            let early = *at > now;
            if !early {
                let _ = socket.send_to(datagram, to);
            }
            early
        });
    }
}
