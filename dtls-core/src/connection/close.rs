//! Closing: close_notify in both directions, and the end after an error (RFC 8446 6.1, RFC 9147
//! 5.10).

use super::event::Event;
use super::{CLOSE_NOTIFY, Connection, Purpose};
use crate::error::{Error, LocalError};
use crate::wire::RecordNumber;
use crate::wire::alert::AlertDescription;

/// How often the alert of a failed connection is sent again when the peer goes on as if nothing
/// had happened.
const MAX_ALERTS: u32 = 5;

/// How far a connection has been closed.
#[derive(Debug, Default)]
pub(super) struct Closing {
    /// Why it failed.
    pub(super) error: Option<Error>,
    /// The alert to be sent next.
    pub(super) alert: Option<AlertDescription>,
    /// The epoch of a failed connection's alert.
    pub(super) alert_epoch: Option<u64>,
    /// Our close_notify was asked for.
    pub(super) local: bool,
    /// Where the peer's close_notify stood: data behind it is ignored.
    pub(super) peer: Option<RecordNumber>,
    alerts_repeated: u32,
}

impl Closing {
    /// Nothing more will be sent or received.
    pub(super) const fn is_over(&self) -> bool {
        self.error.is_some() || (self.local && self.peer.is_some())
    }
}

impl Connection {
    /// Closes our direction: close_notify goes out with the next transmission. The peer's data
    /// is still received. Before the handshake is complete this gives it up: the connection has
    /// then failed with [`LocalError::Canceled`].
    pub fn close(&mut self) {
        if !self.is_connected() {
            self.fail(Error::Local(LocalError::Canceled));
        } else if self.closing.error.is_none() && !self.closing.local {
            self.closing.local = true;
            self.closing.alert = Some(CLOSE_NOTIFY);
            // Behind close_notify the peer reads no more messages of ours, so what is not
            // acknowledged by then never will be.
            self.exchanges.retain(|exchange| exchange.purpose != Purpose::KeyUpdate);
        }
    }

    /// Whether both directions are closed or the connection has failed, and everything that had
    /// to be said about it was handed out for sending.
    pub const fn is_closed(&self) -> bool {
        self.closing.is_over() && self.closing.alert.is_none()
    }

    /// Whether the peer has closed its direction.
    pub const fn is_closed_by_peer(&self) -> bool {
        self.closing.peer.is_some()
    }

    /// Takes in an alert of the peer's.
    pub(super) fn alert_received(
        &mut self,
        number: RecordNumber,
        alert: AlertDescription,
    ) -> Result<(), Error> {
        match alert {
            // Followed by close_notify (RFC 9846 6.1).
            AlertDescription::USER_CANCELED => Ok(()),
            CLOSE_NOTIFY if self.is_connected() => {
                if self.closing.peer.is_none() {
                    self.closing.peer = Some(number);
                    self.events.push_back(Event::PeerClosed);
                }
                Ok(())
            }
            // Whatever level it carries (RFC 8446 6).
            other => Err(Error::AlertReceived(other)),
        }
    }

    /// The peer goes on although the connection has failed: it may have missed the alert
    /// (RFC 9147 5.10).
    pub(super) fn repeat_alert(&mut self) {
        let alert = self.error().and_then(Error::alert);
        if self.closing.alert.is_none() && self.closing.alerts_repeated < MAX_ALERTS {
            self.closing.alert = alert;
            self.closing.alerts_repeated += 1;
        }
    }
}
