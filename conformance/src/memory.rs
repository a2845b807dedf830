//! How much memory a connection holds. Counting allocations takes a global allocator, which no
//! library should bring along: the program that has one passes in how to measure.

use dtls_core::Connection;

/// What a piece of code did to the heap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Allocations made, those given back included.
    pub allocations: u64,
    /// Bytes allocated less bytes given back.
    pub net: i64,
    /// The most bytes allocated at one time, above what there was before.
    pub peak: i64,
}

/// Runs code and tells what it did to the heap.
pub type Measure = fn(&mut dyn FnMut()) -> Change;

/// Measures nothing: every change is zero.
pub fn unmeasured(code: &mut dyn FnMut()) -> Change {
    code();
    Change::default()
}

/// A connection whose heap is watched: it is only ever touched through [`Self::run`].
#[derive(Debug)]
pub struct Watched {
    measure: Measure,
    connection: Connection,
    live: i64,
    peak: i64,
}

impl Watched {
    /// Makes a connection; what that allocates counts.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn new<E>(
        measure: Measure,
        make: impl FnOnce() -> Result<Connection, E>,
    ) -> Result<Self, E> {
        let (connection, change) = measured(measure, make);
        let (live, peak) = (change.net, change.peak);
        connection.map(|connection| Self { measure, connection, live, peak })
    }

    /// Does something with the connection. What `run` allocates for itself and keeps counts as
    /// the connection's.
    pub fn run<R>(&mut self, run: impl FnOnce(&mut Connection) -> R) -> R {
        let connection = &mut self.connection;
        let (result, change) = measured(self.measure, || run(connection));
        self.peak = self.peak.max(self.live + change.peak);
        self.live += change.net;
        result
    }

    /// To look at, not to change.
    pub const fn get(&self) -> &Connection {
        &self.connection
    }

    /// Bytes of heap the connection holds now, without the [`Connection`] itself.
    pub const fn live(&self) -> i64 {
        self.live
    }

    /// The most bytes it held at any time.
    pub const fn peak(&self) -> i64 {
        self.peak
    }
}

fn measured<R>(measure: Measure, code: impl FnOnce() -> R) -> (R, Change) {
    let mut code = Some(code);
    let mut result = None;
    let change = measure(&mut || result = code.take().map(|code| code()));
    match result {
        Some(result) => (result, change),
        None => unreachable!("a measure runs the code it is given"),
    }
}
