//! Echoes: the client keeps a window of datagrams under way, and sends again what is not echoed.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use dtls13::Error;
use dtls13::blocking::Connection;

use crate::failure::Failure;

/// Bytes of the number each datagram begins with.
pub(super) const NUMBER_LEN: usize = 8;
/// Datagrams under way.
const WINDOW: usize = 128;
/// Datagrams handed to the system at a time.
const BURST: usize = 32;
/// When a datagram counts as lost.
const RESEND: Duration = Duration::from_millis(60);

/// Echoes everything until the client closes or falls silent.
pub(super) fn serve(connection: &Connection) {
    let mut buffer = vec![0; 1 << 16];
    let mut burst = Burst::default();
    while let Ok(len) = connection.recv_into(&mut buffer) {
        burst.push(&buffer[..len]);
        while burst.len() < BURST
            && let Ok(Some(len)) = connection.try_recv_into(&mut buffer)
        {
            burst.push(&buffer[..len]);
        }
        // An echo that cannot be sent is a lost datagram.
        let _ = connection.send_all(burst.iter());
        burst.clear();
    }
}

/// Sends `count` datagrams of `size` bytes and returns when every echo has come.
pub(super) fn drive(
    connection: &Connection,
    count: u64,
    size: usize,
    until: Instant,
    mut progress: impl FnMut(u64),
) -> Result<(), Failure> {
    let mut echoed = vec![false; usize::try_from(count).unwrap_or_default()];
    let mut sent: VecDeque<(u64, Instant)> = VecDeque::new();
    let (mut next, mut done) = (0, 0);
    let mut buffer = vec![0; 1 << 16];
    let mut burst = Burst::default();
    while done < count {
        let now = Instant::now();
        if now >= until {
            return Err(Failure::Peer(format!("the time is over: {done} of {count} echoes came")));
        }
        sent.retain(|(number, _)| !echoed[*number as usize]);
        while burst.len() < BURST
            && let Some((number, at)) = sent.front().copied()
            && now.saturating_duration_since(at) >= RESEND
        {
            sent.pop_front();
            sent.push_back((number, now));
            burst.push_numbered(number, size);
        }
        while burst.len() < BURST && sent.len() < WINDOW && next < count {
            sent.push_back((next, now));
            burst.push_numbered(next, size);
            next += 1;
        }
        connection.send_all(burst.iter())?;
        burst.clear();
        let mut received = match connection.recv_into_timeout(&mut buffer, RESEND) {
            Ok(len) => Some(len),
            Err(Error::TimedOut) => None,
            Err(error) => return Err(error.into()),
        };
        while let Some(len) = received {
            if let Some(number) = number_of(&buffer[..len], size)
                && let Some(seen) = echoed.get_mut(number as usize)
                && !std::mem::replace(seen, true)
            {
                done += 1;
            }
            received = connection.try_recv_into(&mut buffer)?;
        }
        progress(done);
    }
    Ok(())
}

/// The number of an echo that is as long as what was sent.
fn number_of(echo: &[u8], size: usize) -> Option<u64> {
    let number = echo.first_chunk::<NUMBER_LEN>().filter(|_| echo.len() == size)?;
    Some(u64::from_be_bytes(*number))
}

/// Datagrams to be sent together.
#[derive(Default)]
struct Burst {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Burst {
    fn push(&mut self, datagram: &[u8]) {
        self.bytes.extend_from_slice(datagram);
        self.ends.push(self.bytes.len());
    }

    fn push_numbered(&mut self, number: u64, size: usize) {
        let end = self.bytes.len() + size;
        self.bytes.extend_from_slice(&number.to_be_bytes());
        self.bytes.resize(end, number as u8);
        self.ends.push(end);
    }

    fn len(&self) -> usize {
        self.ends.len()
    }

    fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.bytes[start..*end])
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }
}
