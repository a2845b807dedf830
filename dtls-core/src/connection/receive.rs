//! A datagram in: its records one by one, application data lent out of the caller's own buffer.

use alloc::vec::Vec;

use super::records_in::DataAt;
use super::{Connection, PathId};
use crate::error::Error;
use crate::record::open::DropReason;
use crate::time::Now;
use crate::wire::RecordNumber;

/// What a datagram brought for the application.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Inbound<'a> {
    /// Application data, in the place where it was decrypted.
    Data {
        /// Number of its record: unique, but not in order.
        number: RecordNumber,
        /// The data. May be empty.
        bytes: &'a mut [u8],
    },
}

/// A datagram being read. Call [`Self::next`] until it returns nothing; dropping it processes
/// what is left of the datagram and discards its application data.
#[derive(Debug)]
#[must_use = "application data is read with `next`"]
pub struct Received<'c, 'd> {
    connection: &'c mut Connection,
    now: Now,
    datagram: &'d mut [u8],
    at: usize,
    /// A record that was kept until its keys were there, while it is lent out.
    held: Option<Vec<u8>>,
}

impl Connection {
    /// Takes in one datagram. It is decrypted in place.
    ///
    /// After [`Self::resolve`], and after [`Event::Connected`](crate::Event::Connected), call
    /// this once with an empty datagram: records that came too early are read then.
    pub fn receive<'c, 'd>(
        &'c mut self,
        now: Now,
        path: PathId,
        datagram: &'d mut [u8],
    ) -> Received<'c, 'd> {
        let _ = path;
        if !datagram.is_empty() {
            self.stats.datagrams_received += 1;
            self.stats.bytes_received += datagram.len() as u64;
            if let Some(amplification) = &mut self.amplification {
                amplification.received += datagram.len() as u64;
            }
        }
        Received { connection: self, now, datagram, at: 0, held: None }
    }
}

impl Received<'_, '_> {
    /// The next piece of application data, or `None` when the datagram is done.
    ///
    /// # Errors
    /// The error the connection has failed with, now or earlier.
    #[allow(clippy::should_implement_trait, reason = "an iterator cannot lend from itself")]
    pub fn next(&mut self) -> Result<Option<Inbound<'_>>, Error> {
        match self.next_data()? {
            None => Ok(None),
            Some((DataAt { number, range }, from_held)) => {
                let source = if from_held {
                    self.held.as_deref_mut().unwrap_or_default()
                } else {
                    &mut *self.datagram
                };
                let bytes = source.get_mut(range).unwrap_or_default();
                Ok(Some(Inbound::Data { number, bytes }))
            }
        }
    }

    fn next_data(&mut self) -> Result<Option<(DataAt, bool)>, Error> {
        loop {
            if let Some(error) = self.connection.error() {
                let error = error.clone();
                if self.at < self.datagram.len() {
                    self.at = self.datagram.len();
                    self.connection.stats.dropped.count(DropReason::Closed);
                    self.connection.repeat_alert();
                }
                return Err(error);
            }
            if let Some(rest) = self.datagram.get_mut(self.at..).filter(|rest| !rest.is_empty()) {
                let step = self.connection.record_received(self.now, rest);
                let step = step.map_err(|error| self.stop(error))?;
                let start = self.at;
                self.at += step.consumed.max(1);
                if let Some(mut data) = step.data {
                    data.range = data.range.start + start..data.range.end + start;
                    return Ok(Some((data, false)));
                }
            } else {
                self.held = self.connection.take_held();
                let Some(record) = &mut self.held else { return Ok(None) };
                let step = self.connection.record_received(self.now, record);
                if let Some(data) = step.map_err(|error| self.stop(error))?.data {
                    return Ok(Some((data, true)));
                }
            }
        }
    }

    fn stop(&mut self, error: Error) -> Error {
        self.at = self.datagram.len();
        self.connection.fail(error)
    }
}

impl Drop for Received<'_, '_> {
    fn drop(&mut self) {
        while let Ok(Some(_)) = self.next_data() {}
    }
}
