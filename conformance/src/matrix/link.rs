//! What stands between two simulated ends: datagrams in flight, some lost, some twice, some late.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::time::Duration;

use fastrand::Rng;

/// Per mille of datagrams that never arrive: one in twenty, so that most cells see a
/// retransmission and none takes for ever.
const LOST: u16 = 50;
/// And no more than these in one cell. A handshake gives up after the seventh try; of thousands of
/// cells some would meet a link that bad, and say nothing about the two providers.
const MOST_LOST: u32 = 6;
/// Per mille that arrive twice.
const REPEATED: u16 = 30;
/// Per mille that arrive late, behind others.
const LATE: u16 = 100;
/// One way.
const LATENCY: Duration = Duration::from_millis(10);
/// How many times the latency a late one takes, at most.
const LATEST: u32 = 8;

/// Where a datagram goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    ToServer,
    ToClient,
}

#[derive(PartialEq, Eq)]
struct InFlight {
    at: Duration,
    order: u64,
    way: Way,
    bytes: Vec<u8>,
}

impl Ord for InFlight {
    fn cmp(&self, other: &Self) -> Ordering {
        // The heap gives the greatest first; the earliest is wanted.
        (other.at, other.order).cmp(&(self.at, self.order))
    }
}

impl PartialOrd for InFlight {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A link of which a seed decides everything.
pub(super) struct Link {
    rng: Rng,
    in_flight: BinaryHeap<InFlight>,
    order: u64,
    lost: u32,
    calm: bool,
}

impl Link {
    pub(super) fn new(seed: u64) -> Self {
        let in_flight = BinaryHeap::new();
        Self { rng: Rng::with_seed(seed), in_flight, order: 0, lost: 0, calm: false }
    }

    /// From now on everything arrives once and in order: nobody repeats a close_notify.
    pub(super) fn calm_down(&mut self) {
        self.calm = true;
    }

    fn happens(&mut self, per_mille: u16) -> bool {
        !self.calm && self.rng.u16(0..1000) < per_mille
    }

    pub(super) fn send(&mut self, now: Duration, way: Way, bytes: Vec<u8>) {
        if self.happens(LOST) && self.lost < MOST_LOST {
            self.lost += 1;
            return;
        }
        if self.happens(REPEATED) {
            self.put(now, way, bytes.clone());
        }
        self.put(now, way, bytes);
    }

    fn put(&mut self, now: Duration, way: Way, bytes: Vec<u8>) {
        let times = if self.happens(LATE) { self.rng.u32(2..=LATEST) } else { 1 };
        self.order += 1;
        self.in_flight.push(InFlight { at: now + LATENCY * times, order: self.order, way, bytes });
    }

    /// When the next datagram arrives.
    pub(super) fn next_arrival(&self) -> Option<Duration> {
        self.in_flight.peek().map(|next| next.at)
    }

    /// The next datagram that has arrived by `now`.
    pub(super) fn arrived(&mut self, now: Duration) -> Option<(Way, Vec<u8>)> {
        let next = self.in_flight.peek()?;
        if next.at > now {
            return None;
        }
        self.in_flight.pop().map(|next| (next.way, next.bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What became of so many datagrams sent a millisecond apart: their numbers as they arrive.
    fn arrivals(seed: u64, calm: bool) -> Vec<u8> {
        let mut link = Link::new(seed);
        if calm {
            link.calm_down();
        }
        for number in 0..200 {
            link.send(Duration::from_millis(u64::from(number)), Way::ToServer, vec![number]);
        }
        let after = Duration::from_secs(10);
        std::iter::from_fn(|| link.arrived(after)).map(|(_, bytes)| bytes[0]).collect()
    }

    #[test]
    fn a_seed_decides_what_is_lost_repeated_and_late() {
        let first = arrivals(1, false);
        assert_eq!(first, arrivals(1, false));
        assert_ne!(first, arrivals(2, false));
        assert!(!first.is_sorted());
        let missing = (0..200).filter(|number| !first.contains(number)).count();
        let repeated = first.len() + missing - 200;
        assert!(missing > 0 && repeated > 0, "{missing} lost, {repeated} repeated");
    }

    #[test]
    fn a_calm_link_delivers_everything_once_and_in_order() {
        assert_eq!(arrivals(1, true), (0..200).collect::<Vec<u8>>());
    }
}
