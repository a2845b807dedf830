//! What a connection has seen and done.

use crate::record::open::DropReason;

/// Counters of one connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Datagrams received.
    pub datagrams_received: u64,
    /// Datagrams sent, application data not counted: the caller sends that itself.
    pub datagrams_sent: u64,
    /// Bytes received, headers of DTLS included.
    pub bytes_received: u64,
    /// Bytes sent, headers of DTLS and application data included.
    pub bytes_sent: u64,
    /// Records that were accepted.
    pub records_received: u64,
    /// Records sent.
    pub records_sent: u64,
    /// Flights or parts of flights sent again because of the timer.
    pub retransmissions: u64,
    /// Key updates of the peer's that were obeyed.
    pub key_updates_received: u64,
    /// Key updates of ours that were acknowledged.
    pub key_updates_sent: u64,
    /// Records dropped, by reason.
    pub dropped: Dropped,
}

/// Dropped records by reason. See [`DropReason`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dropped {
    /// Header or length does not parse.
    pub malformed: u32,
    /// No key for the epoch.
    pub unknown_epoch: u32,
    /// Too short or too long.
    pub bad_length: u32,
    /// Not authentic.
    pub not_authentic: u32,
    /// Seen before, or too old to tell.
    pub replayed: u32,
    /// No content type, or too much content.
    pub bad_inner_plaintext: u32,
    /// Content type or connection ID not negotiated.
    pub not_negotiated: u32,
    /// Came before its keys and there was no room.
    pub buffer_full: u32,
    /// After the peer's close_notify.
    pub after_close: u32,
    /// Plaintext that is no longer believed.
    pub unprotected: u32,
    /// Handshake fragment that was not kept.
    pub fragment_refused: u32,
    /// The connection is over.
    pub closed: u32,
}

impl Dropped {
    /// All of them together.
    pub const fn total(&self) -> u64 {
        self.malformed as u64
            + self.unknown_epoch as u64
            + self.bad_length as u64
            + self.not_authentic as u64
            + self.replayed as u64
            + self.bad_inner_plaintext as u64
            + self.not_negotiated as u64
            + self.buffer_full as u64
            + self.after_close as u64
            + self.unprotected as u64
            + self.fragment_refused as u64
            + self.closed as u64
    }

    pub(crate) const fn count(&mut self, reason: DropReason) {
        let counter = match reason {
            DropReason::Malformed => &mut self.malformed,
            DropReason::UnknownEpoch => &mut self.unknown_epoch,
            DropReason::BadLength => &mut self.bad_length,
            DropReason::NotAuthentic => &mut self.not_authentic,
            DropReason::Replayed => &mut self.replayed,
            DropReason::BadInnerPlaintext => &mut self.bad_inner_plaintext,
            DropReason::NotNegotiated => &mut self.not_negotiated,
            DropReason::BufferFull => &mut self.buffer_full,
            DropReason::AfterClose => &mut self.after_close,
            DropReason::Unprotected => &mut self.unprotected,
            DropReason::FragmentRefused => &mut self.fragment_refused,
            DropReason::Closed => &mut self.closed,
        };
        *counter = counter.saturating_add(1);
    }
}
