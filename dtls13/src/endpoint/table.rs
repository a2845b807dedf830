//! Who is at which address, and where a datagram goes.
//!
//! An address has at most one association in use and one that is being made beside it: a client
//! that has lost its state begins anew from the same address, and must not be able to end the old
//! association before the new one is complete (RFC 9147 5.11).

use std::collections::HashMap;
use std::net::SocketAddr;

use super::Flavour;
use super::association::Shared;

/// The random of a ClientHello, which tells one attempt from another.
pub(crate) type HelloRandom = [u8; 32];

/// What a datagram looks like from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A ClientHello or a piece of one; with its random if this is the first piece.
    Hello(Option<HelloRandom>),
    /// Another plaintext record.
    Plaintext,
    /// Anything else.
    Protected,
}

impl Shape {
    /// Looks at the first record (RFC 9147 4, 5.2): a plaintext header of 13 bytes, and behind
    /// it a handshake header of 12.
    pub(crate) fn of(datagram: &[u8]) -> Self {
        const HANDSHAKE: u8 = 22;
        const PLAINTEXT_TYPES: [u8; 3] = [21, HANDSHAKE, 26];
        const CLIENT_HELLO: u8 = 1;
        const FRAGMENT_OFFSET: std::ops::Range<usize> = 19..22;
        const RANDOM: std::ops::Range<usize> = 27..59;
        match datagram.first() {
            Some(kind) if PLAINTEXT_TYPES.contains(kind) => {}
            _ => return Self::Protected,
        }
        if datagram[0] != HANDSHAKE || datagram.get(13) != Some(&CLIENT_HELLO) {
            return Self::Plaintext;
        }
        let first = datagram.get(FRAGMENT_OFFSET) == Some(&[0; 3][..]);
        let random = datagram.get(RANDOM).filter(|_| first).and_then(|r| r.try_into().ok());
        Self::Hello(random)
    }
}

/// An association that is being made.
enum Next<F: Flavour> {
    None,
    /// Waits for the application to take it.
    Pending,
    /// Its handshake is under way.
    Building(Shared<F>),
}

struct Slot<F: Flavour> {
    current: Option<Shared<F>>,
    next: Next<F>,
    /// The hello the newest association began with.
    random: Option<HelloRandom>,
    /// Whether the last first piece of a hello went to the listener: the others follow it.
    to_listener: bool,
}

/// Where a datagram goes.
pub(crate) enum Route<F: Flavour> {
    To(Shared<F>),
    /// To the new association, and a copy to the old one.
    Both(Shared<F>, Shared<F>),
    Listener,
    Nowhere,
}

/// All associations of an endpoint, by address.
pub(crate) struct Table<F: Flavour> {
    slots: HashMap<SocketAddr, Slot<F>>,
}

impl<F: Flavour> Table<F> {
    pub(crate) fn new() -> Self {
        Self { slots: HashMap::new() }
    }

    /// Addresses in use.
    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Where a datagram of this shape from `address` goes.
    pub(crate) fn route(&mut self, address: SocketAddr, shape: Shape) -> Route<F> {
        let Some(slot) = self.slots.get_mut(&address) else { return Route::Listener };
        if matches!(slot.next, Next::Pending) {
            // The client tries again when the application has decided.
            return match (shape, &slot.current) {
                (Shape::Protected, Some(current)) => Route::To(current.clone()),
                _ => Route::Nowhere,
            };
        }
        let newest = match &slot.next {
            Next::Building(next) => Some(next),
            _ => slot.current.as_ref(),
        };
        let Some(newest) = newest.cloned() else { return Route::Listener };
        if let Shape::Hello(random) = shape {
            if newest.is_client {
                return Route::To(newest);
            }
            if random.is_some() {
                slot.to_listener = random != slot.random;
            }
            return if slot.to_listener { Route::Listener } else { Route::To(newest) };
        }
        match (&slot.next, &slot.current, shape) {
            (Next::Building(next), Some(current), Shape::Protected) => {
                Route::Both(next.clone(), current.clone())
            }
            _ => Route::To(newest),
        }
    }

    /// The listener let somebody in who is to be taken by the application. Whoever was being
    /// made at this address gives way, and is returned.
    pub(crate) fn pend(
        &mut self,
        address: SocketAddr,
        random: Option<HelloRandom>,
    ) -> Option<Shared<F>> {
        let slot = self.slots.entry(address).or_insert_with(|| Slot {
            current: None,
            next: Next::None,
            random: None,
            to_listener: false,
        });
        slot.random = random;
        slot.to_listener = false;
        match std::mem::replace(&mut slot.next, Next::Pending) {
            Next::Building(given_up) => Some(given_up),
            _ => None,
        }
    }

    /// The application did not want who was waiting.
    pub(crate) fn unpend(&mut self, address: SocketAddr) {
        if let Some(slot) = self.slots.get_mut(&address)
            && matches!(slot.next, Next::Pending)
        {
            slot.next = Next::None;
            slot.random = None;
            if slot.current.is_none() {
                self.slots.remove(&address);
            }
        }
    }

    /// The application took who was waiting.
    pub(crate) fn build(&mut self, association: Shared<F>) {
        if let Some(slot) = self.slots.get_mut(&association.peer) {
            slot.next = Next::Building(association);
        }
    }

    /// A client's association. `false` when there is one to this address already.
    pub(crate) fn insert_client(&mut self, association: Shared<F>) -> bool {
        let std::collections::hash_map::Entry::Vacant(entry) = self.slots.entry(association.peer)
        else {
            return false;
        };
        entry.insert(Slot {
            current: Some(association),
            next: Next::None,
            random: None,
            to_listener: false,
        });
        true
    }

    /// A handshake is complete: the association takes the place of the one before, which is
    /// returned.
    pub(crate) fn complete(&mut self, association: &Shared<F>) -> Option<Shared<F>> {
        let slot = self.slots.get_mut(&association.peer)?;
        match std::mem::replace(&mut slot.next, Next::None) {
            Next::Building(next) if next.id == association.id => slot.current.replace(next),
            other => {
                slot.next = other;
                None
            }
        }
    }

    /// Forgets an association.
    pub(crate) fn remove(&mut self, association: &Shared<F>) {
        let Some(slot) = self.slots.get_mut(&association.peer) else { return };
        if slot.current.as_ref().is_some_and(|current| current.id == association.id) {
            slot.current = None;
        }
        if matches!(&slot.next, Next::Building(next) if next.id == association.id) {
            slot.next = Next::None;
        }
        if slot.current.is_none() && matches!(slot.next, Next::None) {
            self.slots.remove(&association.peer);
        }
    }

    /// Everybody.
    pub(crate) fn all(&self) -> Vec<Shared<F>> {
        let mut all = Vec::with_capacity(self.slots.len());
        for slot in self.slots.values() {
            all.extend(slot.current.clone());
            if let Next::Building(next) = &slot.next {
                all.push(next.clone());
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn datagrams_are_told_apart_by_their_first_bytes() {
        let mut hello = vec![0; 100];
        hello[0] = 22;
        hello[13] = 1;
        hello[27..59].fill(7);
        assert_eq!(Shape::of(&hello), Shape::Hello(Some([7; 32])));
        hello[21] = 9;
        assert_eq!(Shape::of(&hello), Shape::Hello(None), "a later piece has no random");
        hello[13] = 2;
        assert_eq!(Shape::of(&hello), Shape::Plaintext);
        assert_eq!(Shape::of(&[22]), Shape::Plaintext);
        assert_eq!(Shape::of(&[0x2f, 1, 2]), Shape::Protected);
        assert_eq!(Shape::of(&[]), Shape::Protected);
    }
}
