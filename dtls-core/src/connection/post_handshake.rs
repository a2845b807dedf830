//! Messages after the handshake: KeyUpdate and NewSessionTicket (RFC 9147 5.8.4, 8, RFC 8446
//! 4.6).

use super::event::Event;
use super::{Connection, Purpose};
use crate::error::{Error, InvalidMessage, Limit, PeerMisbehaved};
use crate::flight::reassembly::Message;
use crate::handshake::extensions::bad_message;
use crate::time::{Instant, Now};
use crate::wire::handshake::HandshakeType;
use crate::wire::post_handshake::{KeyUpdateRequest, NewSessionTicket, parse_key_update};

/// The last epoch used. Each update takes a message number, so epochs end where those do
/// (RFC 9147bis 8).
const MAX_EPOCH: u64 = 0xffff;

impl Connection {
    /// Takes in a message after the handshake.
    pub(super) fn post_handshake(&mut self, message: &Message) -> Result<(), Error> {
        // Behind a KeyUpdate nothing more comes in its epoch (RFC 9147bis 8).
        if Some(message.epoch) != self.epochs.newest_read() {
            return Err(PeerMisbehaved::MessageBehindKeyChange.into());
        }
        match message.msg_type {
            HandshakeType::KEY_UPDATE => self.key_update(message),
            HandshakeType::NEW_SESSION_TICKET if self.is_client() => {
                NewSessionTicket::parse(&message.body).map_err(bad_message(message.msg_type))?;
                self.inform(Event::TicketReceived);
                Ok(())
            }
            // CertificateRequest without post_handshake_auth, connection IDs without
            // negotiation, a new hello: none of them belongs here.
            other => Err(PeerMisbehaved::UnexpectedMessage(other).into()),
        }
    }

    /// The peer changes its sending keys.
    fn key_update(&mut self, message: &Message) -> Result<(), Error> {
        let request = parse_key_update(&message.body)
            .map_err(|_| InvalidMessage::Handshake(HandshakeType::KEY_UPDATE))?;
        let answer = match request {
            KeyUpdateRequest::NotRequested => false,
            KeyUpdateRequest::Requested => true,
            KeyUpdateRequest::Illegal(_) => return Err(PeerMisbehaved::IllegalKeyUpdate.into()),
        };
        let (Some(secret), Some(established)) = (&self.read_secret, &self.established) else {
            return Err(PeerMisbehaved::UnexpectedMessage(HandshakeType::KEY_UPDATE).into());
        };
        let provider = self.provider();
        let next = secret.next(provider.as_ref())?;
        let epoch = message.epoch + 1;
        // The old keys stay until a record under the new ones authenticates.
        self.epochs.add_read(provider.as_ref(), epoch, &next, established.suite.aead)?;
        self.read_secret = Some(next);
        self.stats.key_updates_received += 1;
        self.inform(Event::ReceivingEpoch(epoch));
        let can_answer = self.epochs.newest_write() < MAX_EPOCH && !self.closing.local;
        if answer && can_answer {
            self.want_key_update(false);
        }
        Ok(())
    }

    /// Changes our sending keys with the next [`Self::poll_transmit`]: the peer is told, and once
    /// it has acknowledged that, new records go out under new keys. While anything of ours is
    /// not acknowledged yet, the update waits for it (RFC 9147 8).
    ///
    /// # Errors
    /// [`SendError::NotConnected`](crate::SendError::NotConnected),
    /// [`SendError::Closed`](crate::SendError::Closed), and
    /// [`SendError::LimitReached`](crate::SendError::LimitReached) at the last epoch.
    pub fn update_keys(&mut self, _now: Now) -> Result<(), crate::SendError> {
        if !self.is_connected() {
            return Err(crate::SendError::NotConnected);
        }
        if self.closing.is_over() || self.closing.local {
            return Err(crate::SendError::Closed);
        }
        if self.epochs.newest_write() >= MAX_EPOCH {
            return Err(crate::SendError::LimitReached(Limit::Epoch));
        }
        self.want_key_update(false);
        Ok(())
    }

    /// Notes that a key update is to be made. One that is under way counts, unless the peer is
    /// to be asked for one and was not.
    pub(super) fn want_key_update(&mut self, request: bool) {
        let under_way = self.exchanges.iter().any(|e| e.purpose == Purpose::KeyUpdate);
        if request || !under_way {
            self.update_wanted = Some(request || self.update_wanted == Some(true));
        }
    }

    /// Whether a wanted update can begin: everything before it is acknowledged, and there is
    /// an epoch left.
    pub(super) fn can_update_now(&self) -> bool {
        self.update_wanted.is_some()
            && self.is_connected()
            && self.exchanges.is_empty()
            && !self.closing.local
            && self.epochs.newest_write() < MAX_EPOCH
    }

    /// Begins a wanted update if that is possible now.
    pub(super) fn update_if_wanted(&mut self, now: Instant) -> Result<(), Error> {
        if !self.can_update_now() {
            return Ok(());
        }
        let request = self.update_wanted.take().unwrap_or(false);
        let body = [u8::from(request)];
        self.send_post_handshake(now, Purpose::KeyUpdate, HandshakeType::KEY_UPDATE, &body)
    }

    /// The peer has our KeyUpdate, so it can read the next epoch.
    pub(super) fn key_update_acknowledged(&mut self) -> Result<(), Error> {
        let (Some(secret), Some(established)) = (&self.write_secret, &self.established) else {
            return Ok(());
        };
        let provider = self.provider();
        let next = secret.next(provider.as_ref())?;
        let epoch = self.epochs.newest_write() + 1;
        self.epochs.add_write(provider.as_ref(), epoch, &next, established.suite.aead)?;
        self.write_secret = Some(next);
        self.stats.key_updates_sent += 1;
        self.inform(Event::SendingEpoch(epoch));
        Ok(())
    }
}
