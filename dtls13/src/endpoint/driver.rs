//! The endpoint's work: datagrams in, deadlines, new connections. Called from the flavour's loop
//! and from the application's threads or tasks.
//!
//! Locks are taken in this order, and each is left before one of its left is taken:
//! an association's outbox, its state, then table, incoming or timers.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use dtls_core::crypto::Zeroizing;
use dtls_core::{Connection, CookiePolicy, Listener, Now, Verdict};

use super::association::{Association, Progress, Shared, State, address_bytes, path};
use super::clock::Clock;
use super::queue::Queue;
use super::table::{HelloRandom, Route, Shape, Table};
use super::timers::Timers;
use super::{EndpointOptions, Flavour, Signal};
use crate::config::{ClientConfig, ServerConfig};
use crate::{Answers, Error};

/// Somebody who waits for the application.
pub(crate) struct Waiting {
    pub(crate) peer: SocketAddr,
    pub(crate) hello: dtls_core::Incoming,
    /// What the hello was judged by.
    config: ServerConfig,
}

/// The listener, and the configuration it was made for.
struct Listening {
    listener: Listener,
    config: ServerConfig,
}

/// The table and the door beside it.
struct Door<F: Flavour> {
    table: Table<F>,
    listening: Option<Listening>,
    waiting: VecDeque<Waiting>,
}

/// One endpoint.
pub(crate) struct Driver<F: Flavour> {
    pub(crate) io: F,
    clock: Clock,
    options: EndpointOptions,
    /// Seals the cookies of all listeners this endpoint comes to have.
    cookie_secret: Zeroizing<[u8; 32]>,
    door: Mutex<Door<F>>,
    timers: Mutex<Timers<F>>,
    /// Somebody waits to be accepted, or the endpoint is closed.
    pub(crate) changed: F::Signal,
    next_id: AtomicU64,
    handshakes: AtomicUsize,
    stopped: AtomicBool,
}

/// Room for what the listener answers.
const REPLY_LEN: usize = 1232;

impl Listening {
    fn new(
        config: ServerConfig,
        policy: CookiePolicy,
        secret: &Zeroizing<[u8; 32]>,
    ) -> Result<Self, Error> {
        let listener = Listener::with_secret(config.core.clone(), policy, secret.clone())?;
        Ok(Self { listener, config })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<F: Flavour> Driver<F> {
    pub(crate) fn new(io: F, options: EndpointOptions) -> Result<Self, Error> {
        let clock = Clock::new();
        let mut cookie_secret = Zeroizing::new([0; 32]);
        let listening = match &options.server {
            None => None,
            Some(source) => {
                let config = source.config()?;
                let random = config.provider().random(&mut cookie_secret[..]);
                random.map_err(dtls_core::Error::from)?;
                Some(Listening::new(config, options.cookie_policy, &cookie_secret)?)
            }
        };
        Ok(Self {
            io,
            clock,
            options,
            cookie_secret,
            door: Mutex::new(Door { table: Table::new(), listening, waiting: VecDeque::new() }),
            timers: Mutex::new(Timers::new()),
            changed: F::Signal::default(),
            next_id: AtomicU64::new(0),
            handshakes: AtomicUsize::new(0),
            stopped: AtomicBool::new(false),
        })
    }

    pub(crate) fn now(&self) -> Now {
        self.clock.now()
    }

    /// Takes in one datagram from the socket.
    pub(crate) fn datagram(&self, from: SocketAddr, datagram: &mut [u8]) {
        let now = self.now();
        let shape = Shape::of(datagram);
        let route = lock(&self.door).table.route(from, shape);
        match route {
            Route::To(association) => self.deliver(&association, now, datagram),
            Route::Both(new, old) => {
                let mut copy = datagram.to_vec();
                self.deliver(&new, now, datagram);
                self.deliver(&old, now, &mut copy);
            }
            Route::Listener => self.knock(now, from, shape, datagram),
            Route::Nowhere => {}
        }
    }

    fn deliver(&self, association: &Shared<F>, now: Now, datagram: &mut [u8]) {
        self.step(association, now, |state, progress| {
            state.receive(&self.io, association.peer, now, datagram, progress);
        });
    }

    /// Does something with an association, then tells everybody what came of it.
    fn step(
        &self,
        association: &Shared<F>,
        now: Now,
        work: impl FnOnce(&mut State, &mut Progress),
    ) {
        let mut progress = Progress::default();
        let mut state = association.lock();
        let was_over = state.linger_until.is_some();
        work(&mut state, &mut progress);
        self.reschedule(association, &mut state);
        let failed_now = !was_over && state.linger_until.is_some();
        if progress.connected || (failed_now && state.connected_at.is_none()) {
            self.handshakes.fetch_sub(1, Ordering::Relaxed);
        }
        drop(state);
        if progress.connected {
            let replaced = lock(&self.door).table.complete(association);
            if let Some(old) = replaced {
                self.forget(&old, now, Error::Replaced);
            }
        }
        if progress.wake {
            association.changed.wake();
        }
    }

    fn reschedule(&self, association: &Shared<F>, state: &mut State) {
        let deadline = state.deadline();
        if deadline == state.scheduled {
            return;
        }
        let wake = lock(&self.timers).schedule(association, state.scheduled, deadline);
        state.scheduled = deadline;
        if wake {
            self.io.poke();
        }
    }

    /// A datagram from somebody who has no connection, or wants a new one.
    fn knock(&self, now: Now, from: SocketAddr, shape: Shape, datagram: &[u8]) {
        // Chosen before the lock is taken: the source is foreign code.
        let Some(Ok(config)) = self.options.server.as_ref().map(|source| source.config()) else {
            return;
        };
        let mut door = lock(&self.door);
        let full = door.waiting.len() >= self.options.backlog
            || door.table.len() >= self.options.max_connections;
        let Some(listening) = door.listening.as_mut().filter(|_| !full) else { return };
        if !Arc::ptr_eq(&listening.config.core, &config.core) {
            // Pieces of hellos are forgotten, and come again. Cookies stay good.
            let policy = self.options.cookie_policy;
            match Listening::new(config.clone(), policy, &self.cookie_secret) {
                Ok(new) => *listening = new,
                Err(_) => return,
            }
        }
        let handshakes = self.handshakes.load(Ordering::Relaxed);
        listening.listener.set_under_load(handshakes >= self.options.load_threshold);
        let mut out = [0; REPLY_LEN];
        match listening.listener.handle(now, &address_bytes(from), datagram, &mut out) {
            Verdict::Drop => {}
            Verdict::Reply(len) => {
                drop(door);
                let _ = self.io.send(from, &out[..len], len);
            }
            Verdict::Incoming(hello) => {
                let random: Option<HelloRandom> = match shape {
                    Shape::Hello(random) => random,
                    _ => None,
                };
                let given_up = door.table.pend(from, random);
                door.waiting.push_back(Waiting { peer: from, hello, config });
                drop(door);
                if let Some(old) = given_up {
                    self.forget(&old, now, Error::Replaced);
                }
                self.changed.wake();
            }
        }
    }

    /// Whoever waits longest.
    pub(crate) fn next_waiting(&self) -> Result<Option<Waiting>, Error> {
        let mut door = lock(&self.door);
        if door.listening.is_none() {
            return Err(Error::NotListening);
        }
        match door.waiting.pop_front() {
            Some(waiting) => Ok(Some(waiting)),
            None if self.is_stopped() => Err(Error::Closed),
            None => Ok(None),
        }
    }

    /// Nobody is accepted any more; connections go on.
    pub(crate) fn close_door(&self) {
        let mut door = lock(&self.door);
        door.listening = None;
        let waiting = std::mem::take(&mut door.waiting);
        for waiting in waiting {
            door.table.unpend(waiting.peer);
        }
        drop(door);
        self.changed.wake();
    }

    /// The application does not want this one.
    pub(crate) fn refuse(&self, peer: SocketAddr) {
        lock(&self.door).table.unpend(peer);
    }

    /// Begins the handshake with somebody who waited.
    pub(crate) fn accept(
        &self,
        waiting: Waiting,
        config: Option<ServerConfig>,
    ) -> Result<Shared<F>, Error> {
        let now = self.now();
        let config = config.unwrap_or(waiting.config);
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let connection = match waiting.hello.accept(now, path(id), config.core.clone()) {
            Ok(connection) => connection,
            Err(error) => {
                self.refuse(waiting.peer);
                return Err(error.into());
            }
        };
        let association =
            self.associate(id, waiting.peer, connection, Answers::server(config), now);
        lock(&self.door).table.build(association.clone());
        self.start(&association, now);
        Ok(association)
    }

    /// Begins a handshake with a server.
    pub(crate) fn connect(
        &self,
        peer: SocketAddr,
        name: &str,
        config: ClientConfig,
    ) -> Result<Shared<F>, Error> {
        let now = self.now();
        let core = config.core.clone();
        let answers = Answers::client(config, name)?;
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let connection = Connection::client(core, answers.asked_name(), now, path(id))?;
        let association = self.associate(id, peer, connection, answers, now);
        let mut door = lock(&self.door);
        if door.table.len() >= self.options.max_connections
            || !door.table.insert_client(association.clone())
        {
            return Err(Error::TooManyConnections);
        }
        drop(door);
        self.start(&association, now);
        Ok(association)
    }

    fn associate(
        &self,
        id: u64,
        peer: SocketAddr,
        connection: Connection,
        answers: Answers,
        now: Now,
    ) -> Shared<F> {
        let queue = Queue::new(self.options.receive_queue);
        Arc::new(Association::new(id, peer, connection, answers, queue, now))
    }

    fn start(&self, association: &Shared<F>, now: Now) {
        self.handshakes.fetch_add(1, Ordering::Relaxed);
        self.step(association, now, |state, progress| {
            state.settle(&self.io, association.peer, now, progress);
        });
    }

    /// Seals one datagram and sends it.
    #[cfg(feature = "blocking")]
    pub(crate) fn send(&self, association: &Shared<F>, payload: &[u8]) -> Result<(), Error> {
        let mut outbox = lock(&association.outbox);
        let record = self.seal(association, payload, &mut outbox, 0)?;
        let bytes = &outbox[record];
        Ok(self.io.send(association.peer, bytes, bytes.len())?)
    }

    /// As [`Self::send`], but returns the sealed record when the socket refuses it with an error
    /// for which it may be tried again.
    #[cfg(feature = "tokio")]
    pub(crate) fn send_or_keep(
        &self,
        association: &Shared<F>,
        payload: &[u8],
        try_again: impl FnOnce(&std::io::Error) -> bool,
    ) -> Result<Option<Vec<u8>>, Error> {
        let mut outbox = lock(&association.outbox);
        let record = self.seal(association, payload, &mut outbox, 0)?;
        let bytes = &outbox[record];
        match self.io.send(association.peer, bytes, bytes.len()) {
            Ok(()) => Ok(None),
            Err(error) if try_again(&error) => Ok(Some(bytes.to_vec())),
            Err(error) => Err(error.into()),
        }
    }

    /// Seals many datagrams and sends as many of one size as the system takes at once.
    #[cfg(feature = "blocking")]
    pub(crate) fn send_all<'d>(
        &self,
        association: &Shared<F>,
        payloads: impl IntoIterator<Item = &'d [u8]>,
    ) -> Result<(), Error> {
        /// The most bytes of one call: what a UDP datagram before segmentation may have.
        const MAX_RUN: usize = 60_000;
        let max_segments = self.io.max_segments();
        let mut outbox = lock(&association.outbox);
        let (mut start, mut end, mut segment, mut count) = (0, 0, 0, 0);
        for payload in payloads {
            let record = self.seal(association, payload, &mut outbox, end)?;
            if count > 0 && record.len() > segment {
                self.io.send(association.peer, &outbox[start..end], segment)?;
                (start, count) = (end, 0);
            }
            if count == 0 {
                segment = record.len();
            }
            end = record.end;
            count += 1;
            if record.len() < segment || count >= max_segments || end + segment > MAX_RUN {
                self.io.send(association.peer, &outbox[start..end], segment)?;
                (start, end, count) = (0, 0, 0);
            }
        }
        if count > 0 {
            self.io.send(association.peer, &outbox[start..end], segment)?;
        }
        Ok(())
    }

    /// Seals one datagram into `outbox`, from `at` on, and returns where it stands.
    pub(crate) fn seal(
        &self,
        association: &Shared<F>,
        payload: &[u8],
        outbox: &mut Vec<u8>,
        at: usize,
    ) -> Result<std::ops::Range<usize>, Error> {
        let now = self.now();
        let mut state = association.lock();
        if let Some(ended) = &state.ended {
            return Err(ended.clone());
        }
        let begin = at + state.connection.headroom();
        let end = begin + payload.len();
        let len = end + state.connection.tailroom();
        if outbox.len() < len {
            outbox.resize(len, 0);
        }
        outbox[begin..end].copy_from_slice(payload);
        let sealed = state.connection.seal_in_place(now, &mut outbox[..len], begin..end);
        let record = sealed.map_err(|error| match state.connection.error() {
            Some(error) => error.clone().into(),
            None => Error::Send(error),
        })?;
        // A key update may have begun.
        state.transmit(&self.io, association.peer, now);
        self.reschedule(association, &mut state);
        Ok(record)
    }

    /// Says that this side sends nothing more.
    pub(crate) fn close(&self, association: &Shared<F>) {
        let now = self.now();
        self.step(association, now, |state, progress| {
            state.connection.close();
            state.settle(&self.io, association.peer, now, progress);
        });
    }

    /// The application has let go of a connection: it is closed, and stays a while for the
    /// peer's retransmissions.
    pub(crate) fn abandon(&self, association: &Shared<F>) {
        let now = self.now();
        self.step(association, now, |state, progress| {
            state.connection.close();
            state.settle(&self.io, association.peer, now, progress);
            if state.connected_at.is_some() {
                state.linger(now);
            } else {
                // Nobody waits for this handshake.
                state.linger_until.get_or_insert(now.monotonic);
            }
        });
    }

    /// Takes an association out of everything.
    fn forget(&self, association: &Shared<F>, now: Now, why: Error) {
        lock(&self.door).table.remove(association);
        let mut state = association.lock();
        if state.connected_at.is_none() && state.linger_until.is_none() {
            self.handshakes.fetch_sub(1, Ordering::Relaxed);
        }
        state.linger(now);
        lock(&self.timers).schedule(association, state.scheduled, None);
        state.scheduled = None;
        drop(state);
        association.end(why);
        self.changed.wake();
    }

    /// The loop is about to wait: for how long at most?
    pub(crate) fn sleep(&self) -> Option<Duration> {
        let until = lock(&self.timers).sleep()?;
        Some(until.saturating_since(self.now().monotonic))
    }

    /// The loop is awake: does what is due.
    pub(crate) fn awake(&self) {
        let now = self.now();
        loop {
            let mut timers = lock(&self.timers);
            timers.awake();
            let Some(association) = timers.pop_due(now.monotonic) else { break };
            drop(timers);
            self.due(&association, now);
        }
    }

    fn due(&self, association: &Shared<F>, now: Now) {
        let mut over = false;
        self.step(association, now, |state, progress| {
            state.scheduled = None;
            state.connection.handle_deadline(now);
            state.settle(&self.io, association.peer, now, progress);
            over = state.linger_until.is_some_and(|until| until <= now.monotonic);
        });
        if over {
            self.forget(association, now, Error::Closed);
        }
    }

    /// The last handle is gone.
    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
        let all = lock(&self.door).table.all();
        for association in all {
            association.end(Error::Closed);
        }
        self.changed.wake();
        self.io.poke();
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    /// Connections there are, those that are being made and those that linger included.
    pub(crate) fn connections(&self) -> usize {
        lock(&self.door).table.len()
    }

    /// Handshakes under way.
    pub(crate) fn handshakes(&self) -> usize {
        self.handshakes.load(Ordering::Relaxed)
    }
}
