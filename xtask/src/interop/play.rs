//! One cell in one direction: start the server, put the link before it, start the client, wait for
//! both, and judge by what both report. Everything is bounded; nothing is left running.

use std::fmt;
use std::fs::{self, File};
use std::net::{Ipv4Addr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::cells::{Cell, Expect, Role};
use super::peers::{DATA_SIZE, Direction, Peers, Side, datagrams};
use super::proxy::{ECHOES_BEFORE_GOOD, Link, Proxy, Traffic};
use crate::process;
use crate::workspace;

/// A round that ended as the cell expects.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) time: Duration,
    /// How often it was played until then.
    pub(super) tries: u32,
}

/// Why a round did not.
#[derive(Debug)]
pub(super) struct Failure(String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How long a server may take until its socket is open.
const START: Duration = Duration::from_secs(5);
/// How much longer than its own --timeout a program may take before it is ended.
const GRACE: Duration = Duration::from_secs(3);
const POLL: Duration = Duration::from_millis(2);

/// Below the ports that systems give out by themselves, so that no client socket takes one.
const FIRST_PORT: u16 = 20_000;
const LAST_PORT: u16 = 30_000;

pub(super) fn traces(provider: &str) -> PathBuf {
    workspace::kept("interop").join(provider)
}

pub(super) fn play(cell: &Cell, direction: Direction, peers: &Peers) -> Result<Report, Failure> {
    let folder = traces(peers.provider).join(cell.name.replace('/', "_")).join(direction.slug());
    let broken = |what: &str, error: &dyn fmt::Display| Failure(format!("{what}: {error}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).map_err(|error| broken("trace folder", &error))?;

    let start = Instant::now();
    let server_port = free_port()?;
    let side = direction.side(Role::Server);
    let command = peers.command(cell, side, Role::Server, server_port, &folder);
    let mut server = Program::start(command, Role::Server, &folder)?;
    server.wait_until_listening(server_port)?;

    // Also where the length of the datagrams is of interest, and where one side ends early: the
    // other would see its closed port before it sees the alert.
    let refused = cell.expect != Expect::Success;
    let proxy = if cell.link.is_some() || cell.mtu.is_some() || refused {
        let link = cell.link.unwrap_or_else(|| Link::good(0));
        let proxy = Proxy::start(link, server_port, DATA_SIZE);
        Some(proxy.map_err(|error| broken("link", &error))?)
    } else {
        None
    };
    let port = proxy.as_ref().map_or(server_port, Proxy::port);
    let side = direction.side(Role::Client);
    let command = peers.command(cell, side, Role::Client, port, &folder);
    let client = Program::start(command, Role::Client, &folder)?;

    let timeout = Duration::from_secs(cell.timeout_seconds.into()) + GRACE;
    let client = client.finish(timeout)?;
    let left = timeout.saturating_sub(start.elapsed()).max(GRACE);
    // A server whose client has failed has nothing to wait for; one that refuses ends by itself.
    let hopeless = cell.expect == Expect::Success && !client.succeeded();
    let server = server.finish(if hopeless { GRACE } else { left })?;
    let traffic = proxy.as_ref().map(Proxy::traffic);
    drop(proxy);

    let round = Round { cell, direction, client, server, traffic };
    match cell.expect {
        Expect::Success => round.judge_success(),
        Expect::Refused { by, alert } => round.judge_refused(by, alert),
    }
    .map_err(|reason| Failure(format!("{reason}{}", round.traffic())))?;
    Ok(Report { time: start.elapsed(), tries: 1 })
}

fn free_port() -> Result<u16, Failure> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    for _ in FIRST_PORT..LAST_PORT {
        let port = FIRST_PORT + NEXT.fetch_add(1, Ordering::Relaxed) % (LAST_PORT - FIRST_PORT);
        if UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
    Err(Failure("no free UDP port".to_owned()))
}

/// A running peer. Ended when dropped.
struct Program {
    child: Child,
    role: Role,
    out: PathBuf,
    err: PathBuf,
}

/// What a finished peer left.
struct Finished {
    status: Option<ExitStatus>,
    report: Value,
    err: String,
}

impl Finished {
    fn succeeded(&self) -> bool {
        self.status.is_some_and(|status| status.success())
            && !self.report.is_null()
            && self.report["error"].is_null()
    }
}

impl Program {
    fn start(mut command: Command, role: Role, folder: &Path) -> Result<Self, Failure> {
        let name = match role {
            Role::Client => "client",
            Role::Server => "server",
        };
        let line = process::show(&command);
        let [out, err] = ["out", "err"].map(|kind| folder.join(format!("{name}.{kind}")));
        let failed = |error: std::io::Error| Failure(format!("{name}: {error}: {line}"));
        fs::write(folder.join(format!("{name}.cmd")), format!("{line}\n")).map_err(failed)?;
        command.stdin(Stdio::null());
        command.stdout(File::create(&out).map_err(failed)?);
        command.stderr(File::create(&err).map_err(failed)?);
        let child = command.spawn().map_err(failed)?;
        Ok(Self { child, role, out, err })
    }

    fn wait_until_listening(&mut self, port: u16) -> Result<(), Failure> {
        let until = Instant::now() + START;
        while Instant::now() < until {
            if is_open(port) {
                return Ok(());
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                let err = fs::read_to_string(&self.err).unwrap_or_default();
                return Err(Failure(format!(
                    "the server ended at once ({status}): {}",
                    brief(&err)
                )));
            }
            thread::sleep(POLL);
        }
        Err(Failure("the server does not listen".to_owned()))
    }

    fn finish(mut self, timeout: Duration) -> Result<Finished, Failure> {
        let until = Instant::now() + timeout;
        let status = loop {
            match self.child.try_wait() {
                Ok(Some(status)) => break Some(status),
                Ok(None) if Instant::now() < until => thread::sleep(POLL),
                Ok(None) => break None,
                Err(error) => return Err(Failure(format!("{:?}: {error}", self.role))),
            }
        };
        let read = |path: &Path| fs::read_to_string(path).unwrap_or_default();
        let report = read(&self.out)
            .lines()
            .rev()
            .find_map(|line| serde_json::from_str(line).ok())
            .unwrap_or(Value::Null);
        Ok(Finished { status, report, err: read(&self.err) })
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Fails when it has ended by itself, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether some program listens at this UDP port. Where the system has no such list, a moment's
/// patience has to do.
fn is_open(port: u16) -> bool {
    const PATIENCE: Duration = Duration::from_millis(300);
    let Ok(table) = fs::read_to_string("/proc/net/udp") else {
        thread::sleep(PATIENCE);
        return true;
    };
    let wanted = format!(":{port:04X}");
    table.lines().any(|line| {
        line.split_whitespace().nth(1).is_some_and(|address| address.ends_with(&wanted))
    })
}

/// Everything known about a round that is over.
struct Round<'a> {
    cell: &'a Cell,
    direction: Direction,
    client: Finished,
    server: Finished,
    traffic: Option<(Traffic, Traffic)>,
}

impl Round<'_> {
    fn judge_success(&self) -> Result<(), String> {
        for (role, end) in [(Role::Client, &self.client), (Role::Server, &self.server)] {
            let who = self.who(role);
            if end.status.is_none() {
                return Err(format!("{who} did not end: {}", brief(&end.err)));
            }
            if !end.succeeded() {
                return Err(self.both_errors());
            }
            self.expect_text(role, "cipher_suite", self.cell.client_suite)?;
            self.expect_text(role, "group", self.cell.agreed_group())?;
            if end.report["peer_closed"] != true {
                return Err(format!("{who} saw no close_notify"));
            }
        }
        if let Some(alpn) = self.cell.client_alpn {
            for role in [Role::Client, Role::Server] {
                self.expect_text(role, "alpn", alpn)?;
            }
        }
        self.judge_client_certificate()?;
        self.judge_data()?;
        self.judge_mtu()
    }

    fn judge_client_certificate(&self) -> Result<(), String> {
        // wolfSSL reports whether its peer had one; ours reports whether the client had one.
        let field = match self.direction.side(Role::Server) {
            Side::Wolf => "peer_cert",
            Side::Ours => "client_cert",
        };
        let seen = &self.server.report[field];
        if *seen == self.cell.client_key.is_some() {
            return Ok(());
        }
        Err(format!("{}: {field} is {seen}", self.who(Role::Server)))
    }

    fn judge_data(&self) -> Result<(), String> {
        let echoed = self.client.report["datagrams"].as_u64().unwrap_or(0) as usize;
        let sent = datagrams(self.cell);
        let wanted = if self.cell.link.is_some() { ECHOES_BEFORE_GOOD } else { sent };
        if echoed < wanted || echoed > sent {
            return Err(format!("{echoed} of {sent} datagrams came back"));
        }
        let served = self.server.report["datagrams"].as_u64().unwrap_or(0) as usize;
        if served < echoed {
            return Err(format!("{} saw only {served} datagrams", self.who(Role::Server)));
        }
        Ok(())
    }

    fn judge_mtu(&self) -> Result<(), String> {
        let (Some(mtu), Some((up, down))) = (self.cell.mtu, self.traffic) else {
            return Ok(());
        };
        for (role, traffic) in [(Role::Client, up), (Role::Server, down)] {
            // A foreign peer's arithmetic is its own business.
            if self.direction.side(role) == Side::Ours && traffic.longest > mtu.into() {
                let who = self.who(role);
                return Err(format!("{who} sent {} bytes at MTU {mtu}", traffic.longest));
            }
        }
        Ok(())
    }

    /// Ours must end with an error, and when it is ours that refuses, wolfSSL must have received
    /// the right alert. Which alert wolfSSL sends is its own business.
    fn judge_refused(&self, by: Role, alert: u8) -> Result<(), String> {
        for role in [Role::Client, Role::Server] {
            let end = self.end(role);
            let failed = end.status.is_some_and(|status| !status.success())
                && !end.report["error"].is_null();
            if self.direction.side(role) == Side::Ours && !failed {
                return Err(format!("{} did not fail: {}", self.who(role), end.report));
            }
        }
        let other = match by {
            Role::Client => Role::Server,
            Role::Server => Role::Client,
        };
        // A DTLS 1.2 server that has seen no cookie yet does not look at alerts.
        let deaf = self.cell.wolf_dtls12 && other == Role::Server;
        if self.direction.side(by) == Side::Wolf || deaf {
            return Ok(());
        }
        let wanted = format!("alert received: {alert}");
        if !self.end(other).report["error"].as_str().unwrap_or_default().ends_with(&wanted) {
            return Err(format!("instead of \"{wanted}\": {}", self.both_errors()));
        }
        Ok(())
    }

    fn expect_text(&self, role: Role, field: &str, wanted: &str) -> Result<(), String> {
        let found = &self.end(role).report[field];
        if found.as_str() == Some(wanted) {
            return Ok(());
        }
        Err(format!("{}: {field} is {found} instead of \"{wanted}\"", self.who(role)))
    }

    fn both_errors(&self) -> String {
        let one = |role| {
            let end = self.end(role);
            let what = match end.report["error"].as_str() {
                Some(error) => error.to_owned(),
                None if end.report.is_null() => format!("no report; {}", brief(&end.err)),
                None => "no error".to_owned(),
            };
            format!("{}: {what}", self.who(role))
        };
        format!("{}; {}", one(Role::Client), one(Role::Server))
    }

    fn end(&self, role: Role) -> &Finished {
        match role {
            Role::Client => &self.client,
            Role::Server => &self.server,
        }
    }

    fn who(&self, role: Role) -> &'static str {
        match (self.direction.side(role), role) {
            (Side::Ours, Role::Client) => "our client",
            (Side::Ours, Role::Server) => "our server",
            (Side::Wolf, Role::Client) => "wolfSSL client",
            (Side::Wolf, Role::Server) => "wolfSSL server",
        }
    }

    fn traffic(&self) -> String {
        self.traffic.map_or_else(String::new, |(up, down)| {
            format!(
                " [up {} datagrams, {} lost; down {}, {} lost]",
                up.datagrams, up.lost, down.datagrams, down.lost
            )
        })
    }
}

/// The last line somebody wrote to standard error.
fn brief(text: &str) -> &str {
    text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("nothing on standard error")
}
