//! The pool of incomplete ClientHellos: with post-quantum shares a hello takes two datagrams,
//! and the cookie needs the hash of all of it, so somebody has to hold the first half.
//!
//! What strangers can make a server hold is bounded by these constants together:
//! [`MAX_STRANGERS`] + [`MAX_KNOWN`] hellos of [`MAX_HELLO_LEN`] bytes, 2.5 MiB, for
//! [`LIFETIME`] and [`LIFETIME_KNOWN`]. Strangers share their places by address prefix and push each other out at
//! random; who has shown a cookie has places of its own.

use alloc::vec::Vec;
use core::time::Duration;

use crate::flight::reassembly::{Accepted, Reassembly};
use crate::time::Instant;
use crate::wire::handshake::Fragment;

/// Hellos of addresses nothing is known about.
pub const MAX_STRANGERS: usize = 64;
/// Hellos whose first fragment showed a good cookie.
pub const MAX_KNOWN: usize = 256;
/// Hellos of strangers from one address prefix (/24 or /56).
pub const MAX_PER_PREFIX: usize = 8;
/// Bytes of one hello: three hybrid shares and everything else fit.
pub const MAX_HELLO_LEN: u32 = 8 << 10;
/// How long the rest of a stranger's hello may take: the first retransmission comes after a
/// second.
pub const LIFETIME: Duration = Duration::from_secs(4);
/// How long the rest of a hello with a good cookie may take: through six retransmissions.
pub const LIFETIME_KNOWN: Duration = Duration::from_secs(64);

#[derive(Debug)]
struct Entry {
    address: Vec<u8>,
    message_seq: u16,
    known: bool,
    since: Instant,
    bytes_received: u64,
    reassembly: Reassembly,
}

/// A hello that has become complete.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reassembled {
    pub(crate) body: Vec<u8>,
    pub(crate) bytes_received: u64,
}

/// All incomplete hellos.
#[derive(Debug)]
pub(crate) struct HelloPool {
    entries: Vec<Entry>,
    /// State of the generator that picks whom to push out.
    random: u64,
}

impl HelloPool {
    /// `seed` makes the choice of whom to push out unpredictable.
    pub(crate) const fn new(seed: u64) -> Self {
        Self { entries: Vec::new(), random: seed | 1 }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Takes in a fragment; `known` says that it showed a good cookie.
    pub(crate) fn insert(
        &mut self,
        now: Instant,
        address: &[u8],
        fragment: &Fragment<'_>,
        bytes_received: u64,
        known: bool,
    ) -> Option<Reassembled> {
        self.entries.retain(|entry| {
            now - entry.since < if entry.known { LIFETIME_KNOWN } else { LIFETIME }
        });
        let index = match self.position(address, fragment.message_seq) {
            Some(index) => index,
            None => self.make_room(now, address, fragment, known)?,
        };
        let index = if known { self.promote(index) } else { index };
        let entry = self.entries.get_mut(index)?;
        entry.bytes_received += bytes_received;
        match entry.reassembly.accept(0, fragment) {
            Ok(Accepted::Refused) => return None,
            Ok(_) => {}
            // Fragments that contradict each other: one of them is forged. Begin anew.
            Err(_) => {
                self.entries.swap_remove(index);
                return None;
            }
        }
        let message = entry.reassembly.pop()?;
        let bytes_received = entry.bytes_received;
        self.entries.swap_remove(index);
        Some(Reassembled { body: message.body, bytes_received })
    }

    /// Gives an entry one of the places of those who showed a cookie. Returns where it is then.
    fn promote(&mut self, mut index: usize) -> usize {
        if self.entries.get(index).is_some_and(|entry| entry.known) {
            return index;
        }
        let known: Vec<usize> = self.matching(|e| e.known).collect();
        if known.len() >= MAX_KNOWN {
            let last = self.entries.len() - 1;
            let evicted = self.evict(&known);
            // The last entry has moved to the place of the one that went.
            if index == last {
                index = evicted.unwrap_or(index);
            }
        }
        if let Some(entry) = self.entries.get_mut(index) {
            entry.known = true;
        }
        index
    }

    fn position(&self, address: &[u8], message_seq: u16) -> Option<usize> {
        self.entries.iter().position(|e| e.address == address && e.message_seq == message_seq)
    }

    /// Makes an entry, pushing another one out if need be.
    fn make_room(
        &mut self,
        now: Instant,
        address: &[u8],
        fragment: &Fragment<'_>,
        known: bool,
    ) -> Option<usize> {
        if fragment.length > MAX_HELLO_LEN {
            return None;
        }
        let same_kind: Vec<usize> = self.matching(|e| e.known == known).collect();
        let neighbours: Vec<usize> =
            self.matching(|e| !e.known && prefix(&e.address) == prefix(address)).collect();
        let max = if known { MAX_KNOWN } else { MAX_STRANGERS };
        if !known && neighbours.len() >= MAX_PER_PREFIX {
            self.evict(&neighbours);
        } else if same_kind.len() >= max {
            self.evict(&same_kind);
        }
        self.entries.push(Entry {
            address: address.to_vec(),
            message_seq: fragment.message_seq,
            known,
            since: now,
            bytes_received: 0,
            reassembly: Reassembly::new(MAX_HELLO_LEN).starting_at(fragment.message_seq),
        });
        Some(self.entries.len() - 1)
    }

    fn matching(&self, which: impl Fn(&Entry) -> bool) -> impl Iterator<Item = usize> {
        self.entries.iter().enumerate().filter(move |(_, e)| which(e)).map(|(index, _)| index)
    }

    /// Takes one of these out, and returns which.
    fn evict(&mut self, among: &[usize]) -> Option<usize> {
        // xorshift64: whom it hits must not be predictable without the seed, no more.
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        let pick = (self.random % among.len().max(1) as u64) as usize;
        let index = *among.get(pick)?;
        self.entries.swap_remove(index);
        Some(index)
    }
}

/// The part of an address one party is likely to hold all of: /24 of IPv4, /56 of IPv6. The
/// last two bytes of an address are its port.
fn prefix(address: &[u8]) -> &[u8] {
    let len = if address.len() > 6 { 7 } else { 3 };
    address.get(..len).unwrap_or(address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::handshake::HandshakeType;

    fn half(offset: u32) -> Fragment<'static> {
        Fragment {
            msg_type: HandshakeType::CLIENT_HELLO,
            length: 20,
            message_seq: 0,
            offset,
            body: &[9; 10],
        }
    }

    fn now() -> Instant {
        Instant::from_origin(Duration::from_secs(100))
    }

    #[test]
    fn two_halves_make_a_hello() {
        let mut pool = HelloPool::new(1);
        assert_eq!(pool.insert(now(), &[1; 6], &half(10), 35, false), None);
        assert_eq!(pool.insert(now(), &[2; 6], &half(0), 35, false), None);
        let whole = pool.insert(now(), &[1; 6], &half(0), 35, false).unwrap();
        assert_eq!((whole.body, whole.bytes_received), (alloc::vec![9; 20], 70));
        assert_eq!(pool.len(), 1);
    }

    #[test]
    fn strangers_are_bounded_in_number_prefix_size_and_time() {
        let mut pool = HelloPool::new(7);
        for i in 0..2000_u32 {
            let [_, _, b, c] = i.to_be_bytes();
            pool.insert(now(), &[10, b, c, 1, 0, 1], &half(0), 35, false);
            assert!(pool.len() <= MAX_STRANGERS);
        }
        assert_eq!(pool.len(), MAX_STRANGERS);
        let mut pool = HelloPool::new(7);
        for i in 0..200_u8 {
            pool.insert(now(), &[10, 0, 0, i, 0, 1], &half(0), 35, false);
        }
        assert_eq!(pool.len(), MAX_PER_PREFIX);
        let mut long = half(0);
        long.length = MAX_HELLO_LEN + 1;
        assert_eq!(pool.insert(now(), &[99; 6], &long, 35, false), None);
        assert_eq!(pool.len(), MAX_PER_PREFIX);
        pool.insert(now() + LIFETIME, &[98; 6], &half(0), 35, false);
        assert_eq!(pool.len(), 1);
    }

    #[test]
    fn who_shows_a_cookie_late_takes_a_bounded_place_too() {
        let mut pool = HelloPool::new(5);
        for i in 0..3000_u32 {
            let [_, _, b, c] = i.to_be_bytes();
            let address = [10, 1, 1, 1, b, c];
            pool.insert(now(), &address, &half(10), 35, false);
            let mut first = half(0);
            first.body = &[9; 5];
            pool.insert(now(), &address, &first, 35, true);
        }
        assert!(pool.len() <= MAX_KNOWN + MAX_STRANGERS);
    }

    #[test]
    fn a_flood_of_strangers_does_not_push_out_who_is_known() {
        let mut pool = HelloPool::new(3);
        pool.insert(now(), &[1, 1, 1, 1, 1, 1], &half(0), 35, true);
        for i in 0..2000_u32 {
            let [_, _, b, c] = i.to_be_bytes();
            pool.insert(now(), &[10, b, c, 1, 0, 1], &half(0), 35, false);
        }
        assert!(pool.insert(now(), &[1, 1, 1, 1, 1, 1], &half(10), 35, false).is_some());
    }
}
