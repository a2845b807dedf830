//! Between flights and handshake: fragments in, messages through the state machine, and its
//! actions carried out (RFC 9147 5.8.1).

use alloc::boxed::Box;

use super::event::{Event, KeyLogLine};
use super::need::{Answer, DecisionId, Need, NeedKind};
use super::{Connection, Established, Exchange, Purpose};
use crate::error::{Error, InvalidMessage, Limit, PeerMisbehaved};
use crate::flight::outgoing::{Flight, OutgoingMessage};
use crate::flight::reassembly::Accepted;
use crate::handshake::{APPLICATION_EPOCH, Action, Actions, HANDSHAKE_EPOCH, Outcome};
use crate::record::open::DropReason;
use crate::time::{Instant, Now};
use crate::wire::RecordNumber;
use crate::wire::codec::Reader;
use crate::wire::handshake::{Fragment, HandshakeType};

/// What a record's fragments came to.
#[derive(Default)]
struct Taken {
    new: bool,
    out_of_order: bool,
    old: bool,
    refused: bool,
}

impl Connection {
    /// Takes in the content of a handshake record.
    pub(super) fn handshake_received(
        &mut self,
        now: Now,
        number: RecordNumber,
        content: &[u8],
    ) -> Result<(), Error> {
        let taken = self.take_fragments(number, content)?;
        if taken.refused {
            // Parts of the record were dropped, so none of it is acknowledged (RFC 9147 7).
            self.stats.dropped.count(DropReason::FragmentRefused);
        } else {
            self.note_for_ack(now.monotonic, number, &taken);
        }
        if taken.new && number.epoch >= HANDSHAKE_EPOCH && !self.is_connected() {
            // The peer answers our flight, so it has it (RFC 9147 7.2).
            self.flight_answered(now.monotonic);
        }
        if taken.old && !taken.new {
            self.peer_repeats(now.monotonic, number);
        }
        self.advance(now)
    }

    fn take_fragments(&mut self, number: RecordNumber, content: &[u8]) -> Result<Taken, Error> {
        let protected = number.epoch > 0;
        let mut taken = Taken::default();
        if content.is_empty() {
            return if protected { Err(InvalidMessage::EmptyRecord.into()) } else { Ok(taken) };
        }
        let mut reader = Reader::new(content);
        while !reader.is_empty() {
            let Ok(fragment) = Fragment::parse(&mut reader) else {
                if protected {
                    return Err(InvalidMessage::Fragment.into());
                }
                // Anybody could have written this.
                taken.refused = true;
                return Ok(taken);
            };
            if !protected && self.epochs.newest_read().is_some() {
                // With keys in place the peer repeats its hello at most; anything new without
                // protection was written by somebody else.
                let old = u32::from(fragment.message_seq) < self.incoming.next_seq();
                taken.old |= old;
                taken.refused |= !old;
                continue;
            }
            let end = fragment.offset as usize + fragment.body.len();
            if fragment.msg_type.ends_epoch()
                && end == fragment.length as usize
                && !reader.is_empty()
            {
                return Err(PeerMisbehaved::MessageBehindKeyChange.into());
            }
            match self.incoming.accept(number.epoch, &fragment)? {
                Accepted::InOrder => taken.new = true,
                Accepted::OutOfOrder => {
                    taken.new = true;
                    taken.out_of_order = true;
                }
                Accepted::Old => taken.old = true,
                Accepted::Refused => taken.refused = true,
            }
        }
        Ok(taken)
    }

    /// Remembers a record for the next ACK and decides when that is (RFC 9147 7.1).
    fn note_for_ack(&mut self, now: Instant, number: RecordNumber, taken: &Taken) {
        if self.is_connected() {
            if number.epoch < APPLICATION_EPOCH {
                if self.handshake_flight().is_some() {
                    return;
                }
                // As long as the client repeats its last flight, it can be acknowledged.
                let lifetime = self.config().old_epoch_lifetime;
                self.epochs.renew(number.epoch, now, lifetime);
            }
            self.acks.list.insert(number);
            if number.epoch >= APPLICATION_EPOCH && self.config().timers.prompt_acks {
                self.acks.now();
            } else {
                self.acks.by(now + self.timer.ack_delay());
            }
            return;
        }
        if !taken.new && self.handshake_flight().is_some() {
            // It belongs to the flight that ours answers, and so acknowledges.
            return;
        }
        self.acks.list.insert(number);
        self.acks.repeats = 0;
        if taken.out_of_order {
            self.acks.by(now + self.timer.disruption_delay());
        } else {
            self.acks.by(now + self.timer.ack_delay());
        }
    }

    /// The peer has our flight: stop sending it.
    fn flight_answered(&mut self, now: Instant) {
        let round_trip = self.handshake_flight().and_then(|f| f.clean_round_trip(now));
        if let Some(rtt) = round_trip {
            self.timer.measured(rtt);
        }
        self.exchanges.retain(|e| !matches!(e.purpose, Purpose::Handshake { .. }));
        self.drop_unused_writers();
    }

    /// The peer sends again what we have: either our answer was lost, or our ACK.
    fn peer_repeats(&mut self, now: Instant, number: RecordNumber) {
        if number.epoch == 0 && self.peer_authenticated {
            return;
        }
        let fresh = self.timer.ack_delay();
        let recent = self.last_repeat.is_some_and(|last| now - last < fresh);
        let unvalidated = self.amplification.is_some();
        if let Some(flight) = self.handshake_flight() {
            // Once some of it is acknowledged the timer takes care of the rest; and one repeated
            // flight of many records is answered once (RFC 9147 5.8.1). A transmission under way
            // goes on, but one held up by the amplification limit begins anew once its
            // ServerHello is out: with that the client can show its address.
            let recent = recent || flight.last_sent().is_some_and(|sent| now - sent < fresh);
            let under_way = flight.is_sending() && !(unvalidated && flight.is_past_first_message());
            if !flight.any_acked() && !under_way && !recent {
                flight.start();
                self.last_repeat = Some(now);
                self.stats.retransmissions += 1;
            }
        } else if self.is_connected() && !self.is_client() {
            self.acks.now();
        }
    }

    /// Our handshake flight that is not acknowledged yet.
    pub(super) fn handshake_flight(&mut self) -> Option<&mut Flight> {
        let mut exchanges = self.exchanges.iter_mut();
        let exchange = exchanges.find(|e| matches!(e.purpose, Purpose::Handshake { .. }));
        exchange.map(|exchange| &mut exchange.flight)
    }

    /// The listener read this ClientHello whole.
    pub(super) fn accept_hello(&mut self, now: Now, message_seq: u16, body: &[u8]) {
        let fragment = Fragment {
            msg_type: HandshakeType::CLIENT_HELLO,
            length: body.len() as u32,
            message_seq,
            offset: 0,
            body,
        };
        let result = match self.incoming.accept(0, &fragment) {
            Ok(Accepted::Refused) => {
                Err(InvalidMessage::MessageTooLong { length: fragment.length }.into())
            }
            Ok(_) => self.advance(now),
            Err(error) => Err(error),
        };
        if let Err(error) = result {
            self.fail(error);
        }
    }

    /// Processes complete messages in order, as long as no question is open.
    pub(super) fn advance(&mut self, now: Now) -> Result<(), Error> {
        while self.need.is_none() {
            let Some(message) = self.incoming.pop() else { break };
            let Some(handshaking) = &mut self.handshaking else {
                self.post_handshake(&message)?;
                continue;
            };
            let actions = handshaking.machine.advance(&message)?;
            self.perform(now, actions)?;
        }
        Ok(())
    }

    /// Hands the caller's answer to the state machine.
    pub(super) fn answer_handshake(&mut self, now: Now, answer: Answer) -> Result<(), Error> {
        let Some(handshaking) = &mut self.handshaking else {
            return Err(crate::handshake::WRONG_ANSWER);
        };
        let actions = handshaking.machine.answer(answer)?;
        self.perform(now, actions)
    }

    /// Carries out what the state machine wants.
    pub(super) fn perform(&mut self, now: Now, actions: Actions) -> Result<(), Error> {
        for action in actions {
            match action {
                Action::Send { epoch, msg_type, body } => {
                    let message_seq = self.take_message_seq()?;
                    if let Some(handshaking) = &mut self.handshaking {
                        let message = OutgoingMessage::new(epoch, msg_type, message_seq, body);
                        handshaking.building.push(message);
                    }
                }
                Action::SendFlight { timed } => self.send_flight(now.monotonic, timed),
                Action::VersionAgreed => {
                    self.version_agreed = true;
                    // Now the hello we sent is answered; before this it could not be told from
                    // a forgery.
                    self.flight_answered(now.monotonic);
                }
                Action::ReadKeys { epoch, secret, aead } => {
                    let provider = self.provider();
                    self.epochs.add_read(provider.as_ref(), epoch, &secret, aead)?;
                    if epoch >= APPLICATION_EPOCH {
                        self.read_secret = Some(secret);
                    }
                }
                Action::WriteKeys { epoch, secret, aead } => {
                    let provider = self.provider();
                    self.epochs.add_write(provider.as_ref(), epoch, &secret, aead)?;
                    if epoch >= APPLICATION_EPOCH {
                        self.write_secret = Some(secret);
                    }
                }
                Action::Need(kind) => self.ask(now.monotonic, kind),
                Action::KeyLog { label, client_random, secret } => {
                    if self.config().key_log {
                        let line = KeyLogLine { label, client_random, secret };
                        self.events.push_back(Event::KeyLog(Box::new(line)));
                    }
                }
                Action::Complete(outcome) => self.complete(now.monotonic, *outcome),
            }
        }
        Ok(())
    }

    fn take_message_seq(&mut self) -> Result<u16, Error> {
        // message_seq never wraps (RFC 9147bis 5.2).
        let message_seq = u16::try_from(self.next_message_seq)
            .map_err(|_| Error::LimitReached(Limit::MessageSequence))?;
        self.next_message_seq += 1;
        Ok(message_seq)
    }

    fn send_flight(&mut self, now: Instant, timed: bool) {
        let Some(handshaking) = &mut self.handshaking else { return };
        let mut flight = core::mem::take(&mut handshaking.building);
        flight.start();
        // Our flight acknowledges all that led to it.
        self.acks.clear();
        self.exchanges.retain(|e| !matches!(e.purpose, Purpose::Handshake { .. }));
        self.exchanges.push(Exchange { purpose: Purpose::Handshake { timed }, flight });
        self.last_activity = now;
    }

    /// Sends one post-handshake message as an exchange of its own.
    pub(super) fn send_post_handshake(
        &mut self,
        now: Instant,
        purpose: Purpose,
        msg_type: HandshakeType,
        body: &[u8],
    ) -> Result<(), Error> {
        let message_seq = self.take_message_seq()?;
        let epoch = self.epochs.newest_write();
        let mut flight = Flight::default();
        flight.push(OutgoingMessage::new(epoch, msg_type, message_seq, body.to_vec()));
        flight.start();
        self.timer.idle_for(now - self.last_activity);
        self.exchanges.push(Exchange { purpose, flight });
        Ok(())
    }

    fn ask(&mut self, now: Instant, kind: NeedKind) {
        let id = DecisionId(self.next_decision);
        self.next_decision += 1;
        self.need = Some(Box::new(Need { id, kind }));
        self.need_deadline = Some(now + self.config().timers.need_timeout);
    }

    fn complete(&mut self, now: Instant, outcome: Outcome) {
        let Outcome { summary, suite, exporter } = outcome;
        self.established = Some(Box::new(Established { suite, summary, exporter: Some(exporter) }));
        self.handshaking = None;
        let lifetime = self.config().old_epoch_lifetime;
        self.epochs.retire_below(APPLICATION_EPOCH, now, lifetime);
        if !self.is_client() {
            // Our own flight is answered and our address check done; the client's last flight
            // is acknowledged at once (RFC 9147 7.1, 7.3).
            self.amplification = None;
            self.flight_answered(now);
            self.acks.now();
        }
        self.last_activity = now;
        self.events.push_back(Event::Connected);
    }
}
