//! One end of a cell and what it does, whatever carries its datagrams.
//!
//! The client asks and the server answers; then both change their keys; the client asks again;
//! then both close. A question that stays without answer is asked again, since nothing below
//! repeats application data.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use dtls_core::{
    Answer, ClientConfig, Connection, CookiePolicy, Error, Event, Inbound, Instant, Listener,
    NeedKind, Now, PathId, ServerConfig, Summary, Verdict,
};

use super::cell::{Cell, Expected, Part, Role};
use super::credentials::{Identity, Judge, SERVER_NAME};
use crate::pair::MAX_DATAGRAM;

/// The epoch of application data after one change of keys.
const UPDATED_EPOCH: u64 = 4;

/// How long a question waits for its answer.
const PATIENCE: Duration = Duration::from_millis(250);

/// What is asked before the change of keys and after it, and the answers.
const QUESTIONS: [&[u8]; 2] = [b"What does the first key say?", b"And the second one?"];
const ANSWERS: [&[u8]; 2] = [b"The same at both ends.", b"The same again."];

/// The label (RFC 5705 4) and length in bytes of what both ends export.
const EXPORTER_LABEL: &[u8] = b"EXPERIMENTAL handshake matrix";
const EXPORTED_LEN: usize = 32;

/// The client's address as a listener sees it, where there is none.
const ADDRESS: &[u8] = &[192, 0, 2, 1, 0x12, 0x34];

/// How far an end has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// No connection, or no keys yet.
    Handshake,
    /// The question of this number is asked, or waited for.
    Question(usize),
    /// Both change their sending keys.
    KeyUpdate,
    /// close_notify is sent; the peer's is waited for.
    Closing,
    /// There is nothing left to do.
    Done,
}

/// What an end ends with.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) done: bool,
    pub(super) error: Option<Error>,
    pub(super) summary: Option<Summary>,
    pub(super) exported: Option<[u8; EXPORTED_LEN]>,
    /// For people: how far it came, and what went wrong.
    pub(super) story: String,
}

/// One end.
pub(super) struct End {
    role: Role,
    connection: Option<Connection>,
    door: Option<(Listener, Arc<ServerConfig>)>,
    identity: Option<Arc<Identity>>,
    judge: Option<Judge>,
    step: Step,
    ask_again: Option<Instant>,
    sends_updated: bool,
    receives_updated: bool,
    updating: bool,
    /// A wrong answer, a refused record: what no error of the connection says.
    complaint: Option<String>,
    exported: Option<[u8; EXPORTED_LEN]>,
    out: Vec<Vec<u8>>,
    buffer: Vec<u8>,
}

impl End {
    /// The client of a cell, its first flight ready. It trusts the server's identity, if there
    /// is one.
    pub(super) fn client(
        cell: &Cell,
        identity: Option<&Identity>,
        now: Now,
    ) -> Result<Self, String> {
        let mut config = ClientConfig::new(cell.client.provider().clone());
        let [suite, group, scheme] = cell.parts().map(|part| cell.has(Role::Client, part));
        if suite {
            config.common.cipher_suites = vec![cell.suite];
        }
        if group {
            config.common.groups = vec![cell.group];
            config.key_shares = vec![cell.group];
        }
        if scheme {
            config.common.signature_schemes = vec![cell.scheme];
        }
        let name = Some(SERVER_NAME.to_owned());
        let connection = Connection::client(Arc::new(config), name, now, PathId(0))
            .map_err(|error| format!("the client's configuration: {error}"))?;
        let judge = identity.and_then(|identity| Judge::new(&cell.client, identity));
        Ok(Self { connection: Some(connection), judge, ..Self::new(Role::Client) })
    }

    /// The server of a cell, behind its listener. A client that has nothing in common with it
    /// is let in, to see the error that it ends with; any other has to show its address first.
    pub(super) fn server(cell: &Cell, identity: Option<Arc<Identity>>) -> Result<Self, String> {
        let mut config = ServerConfig::new(cell.server.provider().clone());
        if cell.has(Role::Server, Part::Suite(cell.suite)) {
            config.common.cipher_suites = vec![cell.suite];
        }
        if cell.has(Role::Server, Part::Group(cell.group)) {
            config.common.groups = vec![cell.group];
        }
        let cookies = match cell.expected() {
            Expected::Agreement => CookiePolicy::Always,
            _ => CookiePolicy::Never,
        };
        let config = Arc::new(config);
        let listener = Listener::new(config.clone(), cookies)
            .map_err(|error| format!("the server's configuration: {error}"))?;
        Ok(Self { door: Some((listener, config)), identity, ..Self::new(Role::Server) })
    }

    fn new(role: Role) -> Self {
        Self {
            role,
            connection: None,
            door: None,
            identity: None,
            judge: None,
            step: Step::Handshake,
            ask_again: None,
            sends_updated: false,
            receives_updated: false,
            updating: false,
            complaint: None,
            exported: None,
            out: Vec::new(),
            buffer: vec![0; MAX_DATAGRAM],
        }
    }

    /// Whether nothing more can come of it.
    pub(super) fn is_over(&self) -> bool {
        let failed = self.connection.as_ref().is_some_and(|c| c.error().is_some());
        failed || self.complaint.is_some() || self.step == Step::Done
    }

    /// Whether only the closing is left.
    pub(super) fn is_closing(&self) -> bool {
        matches!(self.step, Step::Closing | Step::Done)
    }

    /// When [`Self::handle_deadline`] wants to be called.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let connection = self.connection.as_ref().and_then(Connection::deadline);
        [connection, self.ask_again].into_iter().flatten().min()
    }

    pub(super) fn handle_deadline(&mut self, now: Now) {
        if let Some(connection) = &mut self.connection
            && connection.deadline().is_some_and(|deadline| deadline <= now.monotonic)
        {
            connection.handle_deadline(now);
        }
        if self.ask_again.is_some_and(|at| at <= now.monotonic) {
            self.ask(now);
        }
        self.go_on(now);
    }

    /// Takes in a datagram.
    pub(super) fn receive(&mut self, now: Now, mut datagram: Vec<u8>) {
        if self.connection.is_none() {
            self.knock(now, &datagram);
        } else {
            self.read(now, &mut datagram);
        }
        self.go_on(now);
    }

    /// The datagrams that are to be sent.
    pub(super) fn take_out(&mut self, now: Now) -> Vec<Vec<u8>> {
        if let Some(connection) = &mut self.connection {
            while let Some(transmit) = connection.poll_transmit(now, &mut self.buffer, 1) {
                let datagram = self.buffer.get(..transmit.len).unwrap_or_default();
                self.out.push(datagram.to_vec());
            }
        }
        self.go_on(now);
        core::mem::take(&mut self.out)
    }

    fn knock(&mut self, now: Now, datagram: &[u8]) {
        let Some((listener, config)) = &mut self.door else { return };
        match listener.handle(now, ADDRESS, datagram, &mut self.buffer) {
            Verdict::Drop => {}
            Verdict::Reply(len) => {
                self.out.push(self.buffer.get(..len).unwrap_or_default().to_vec());
            }
            Verdict::Incoming(incoming) => match incoming.accept(now, PathId(0), config.clone()) {
                Ok(connection) => self.connection = Some(connection),
                Err(error) => self.complaint = Some(format!("accepting: {error}")),
            },
        }
    }

    fn read(&mut self, now: Now, datagram: &mut [u8]) {
        let Some(connection) = &mut self.connection else { return };
        let mut heard = Vec::new();
        let mut received = connection.receive(now, PathId(0), datagram);
        while let Ok(Some(inbound)) = received.next() {
            if let Inbound::Data { bytes, .. } = inbound {
                heard.push(bytes.to_vec());
            }
        }
        drop(received);
        for bytes in heard {
            self.hear(now, &bytes);
        }
    }

    /// Answers the connection's questions, looks at its events, and takes the next step.
    fn go_on(&mut self, now: Now) {
        while let Some(connection) = &mut self.connection {
            let Some(need) = connection.need().cloned() else { break };
            let answer = match need.kind {
                NeedKind::Credential(request) => Answer::Credential(
                    self.identity.as_ref().and_then(|i| i.credential(&request.schemes)),
                ),
                NeedKind::Signature { scheme, message } => {
                    Answer::Signature(self.identity.as_ref().and_then(|i| i.sign(scheme, &message)))
                }
                NeedKind::PeerCertificate(peer) => Answer::PeerCertificate(
                    self.judge.as_ref().map_or(Ok(()), |j| j.judge(&peer.chain, now.wall)),
                ),
                other => {
                    self.complaint = Some(format!("nobody can answer {other:?}"));
                    return;
                }
            };
            // What it leads to is the connection's error.
            let _ = connection.resolve(now, need.id, answer);
            self.read(now, &mut []);
        }
        let mut connected = false;
        while let Some(event) = self.connection.as_mut().and_then(Connection::poll_event) {
            match event {
                Event::Connected => connected = true,
                Event::SendingEpoch(epoch) => self.sends_updated |= epoch == UPDATED_EPOCH,
                Event::ReceivingEpoch(epoch) => self.receives_updated |= epoch == UPDATED_EPOCH,
                Event::PeerClosed => self.close(),
                _ => {}
            }
        }
        if connected {
            self.connected(now);
        }
        let updated = self.sends_updated && self.receives_updated;
        if self.step == Step::KeyUpdate && updated {
            self.step = Step::Question(1);
            self.ask(now);
        }
        if self.step == Step::Closing && self.connection.as_ref().is_some_and(Connection::is_closed)
        {
            self.step = Step::Done;
        }
    }

    fn connected(&mut self, now: Now) {
        self.step = Step::Question(0);
        let mut exported = [0; EXPORTED_LEN];
        let result = self
            .connection
            .as_ref()
            .map(|c| c.export_keying_material(EXPORTER_LABEL, b"cell", &mut exported));
        match result {
            Some(Ok(())) => self.exported = Some(exported),
            other => self.complaint = Some(format!("exporting keying material: {other:?}")),
        }
        self.ask(now);
        self.read(now, &mut []);
    }

    /// Takes in application data.
    fn hear(&mut self, now: Now, bytes: &[u8]) {
        let known = if self.role == Role::Client { ANSWERS } else { QUESTIONS };
        let Some(number) = known.iter().position(|known| *known == bytes) else {
            self.complaint = Some(format!("{} bytes came that nobody sent", bytes.len()));
            return;
        };
        match self.role {
            Role::Server => {
                self.say(now, ANSWERS[number]);
                self.update_keys(now);
            }
            Role::Client if self.step == Step::Question(number) => {
                self.ask_again = None;
                if number == 0 {
                    self.step = Step::KeyUpdate;
                    self.update_keys(now);
                } else {
                    self.close();
                }
            }
            // The answer to a question that was asked twice.
            Role::Client => {}
        }
    }

    fn ask(&mut self, now: Now) {
        let Step::Question(number) = self.step else { return };
        if self.role == Role::Client {
            self.say(now, QUESTIONS[number]);
            self.ask_again = Some(now.monotonic + PATIENCE);
        }
    }

    fn say(&mut self, now: Now, words: &[u8]) {
        let Some(connection) = &mut self.connection else { return };
        let payload = connection.headroom()..connection.headroom() + words.len();
        let mut datagram = vec![0; payload.end + connection.tailroom()];
        datagram[payload.clone()].copy_from_slice(words);
        match connection.seal_in_place(now, &mut datagram, payload) {
            Ok(record) => self.out.push(datagram[record].to_vec()),
            Err(error) => self.complaint = Some(format!("sending application data: {error:?}")),
        }
    }

    fn update_keys(&mut self, now: Now) {
        let Some(connection) = &mut self.connection else { return };
        if !core::mem::replace(&mut self.updating, true)
            && let Err(error) = connection.update_keys(now)
        {
            self.complaint = Some(format!("updating keys: {error:?}"));
        }
    }

    fn close(&mut self) {
        self.step = Step::Closing;
        self.ask_again = None;
        if let Some(connection) = &mut self.connection {
            connection.close();
        }
    }

    /// What became of it.
    pub(super) fn end(self) -> Ended {
        let connection = self.connection.as_ref();
        let error = connection.and_then(Connection::error).cloned();
        let state = connection.map_or("has no connection", Connection::state_name);
        let mut story = format!("{:?}, {state}", self.step);
        if let Some(error) = &error {
            let _ = write!(story, ", {error}");
        }
        if let Some(complaint) = &self.complaint {
            let _ = write!(story, ", {complaint}");
        }
        Ended {
            done: self.step == Step::Done && self.complaint.is_none() && error.is_none(),
            error,
            summary: connection.and_then(Connection::summary).cloned(),
            exported: self.exported,
            story,
        }
    }
}
