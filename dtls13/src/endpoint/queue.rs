//! Received data until the application takes it: bounded, and without allocation once it has
//! grown to what is usual.

use std::collections::VecDeque;

/// Bytes each datagram counts for beside its own, so that empty ones are bounded too.
const ENTRY: usize = size_of::<usize>();

/// A queue of datagrams.
#[derive(Debug)]
pub(crate) struct Queue {
    bytes: VecDeque<u8>,
    lengths: VecDeque<usize>,
    capacity: usize,
    dropped: u64,
}

impl Queue {
    /// A queue that holds up to `capacity` bytes.
    pub(crate) fn new(capacity: usize) -> Self {
        Self { bytes: VecDeque::new(), lengths: VecDeque::new(), capacity, dropped: 0 }
    }

    /// Adds a datagram, or drops and counts it when there is no room.
    pub(crate) fn push(&mut self, datagram: &[u8]) {
        let used = self.bytes.len() + self.lengths.len() * ENTRY;
        if used + datagram.len() + ENTRY > self.capacity {
            self.dropped += 1;
            return;
        }
        self.bytes.extend(datagram);
        self.lengths.push_back(datagram.len());
    }

    /// Length of the next datagram.
    pub(crate) fn next_len(&self) -> Option<usize> {
        self.lengths.front().copied()
    }

    /// Takes the next datagram into `out` and returns how many bytes were written. What does not
    /// fit is lost.
    pub(crate) fn pop_into(&mut self, out: &mut [u8]) -> Option<usize> {
        let len = self.lengths.pop_front()?;
        let wanted = len.min(out.len());
        let (front, back) = self.bytes.as_slices();
        let from_front = front.len().min(wanted);
        out[..from_front].copy_from_slice(&front[..from_front]);
        out[from_front..wanted].copy_from_slice(&back[..wanted - from_front]);
        self.bytes.drain(..len);
        Some(wanted)
    }

    /// Datagrams dropped for want of room.
    pub(crate) const fn dropped(&self) -> u64 {
        self.dropped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn datagrams_keep_their_borders_around_the_ring() {
        let mut queue = Queue::new(64);
        let mut out = [0; 32];
        for round in 0..100_u8 {
            queue.push(&[round; 13]);
            queue.push(&[]);
            queue.push(&[round.wrapping_add(1); 5]);
            assert_eq!(queue.pop_into(&mut out), Some(13));
            assert_eq!(out[..13], [round; 13]);
            assert_eq!(queue.pop_into(&mut out), Some(0));
            assert_eq!(queue.pop_into(&mut out[..2]), Some(2), "the rest is lost");
            assert_eq!(queue.pop_into(&mut out), None);
        }
        assert_eq!(queue.dropped(), 0);
    }

    #[test]
    fn a_full_queue_drops_and_counts() {
        let mut queue = Queue::new(100);
        for _ in 0..10 {
            queue.push(&[1; 20]);
        }
        assert_eq!((queue.lengths.len(), queue.dropped()), (3, 7));
        for _ in 0..100 {
            queue.push(&[]);
        }
        assert!(queue.lengths.len() < 10, "empty datagrams are bounded too");
    }
}
