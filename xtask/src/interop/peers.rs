//! How the two programs are called for a cell. Both print one line of JSON about what happened.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::cells::{Cell, Role};
use super::certs::{Certs, Identity, SERVER_NAME};

/// Who is client and who is server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    OursToWolf,
    WolfToOurs,
    /// Only to see what the peer itself can do.
    WolfToWolf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Ours,
    Wolf,
}

impl Direction {
    pub(super) fn side(self, role: Role) -> Side {
        match (self, role) {
            (Self::OursToWolf, Role::Client) | (Self::WolfToOurs, Role::Server) => Side::Ours,
            _ => Side::Wolf,
        }
    }

    /// For folder names.
    pub(super) fn slug(self) -> &'static str {
        match self {
            Self::OursToWolf => "ours-to-wolfssl",
            Self::WolfToOurs => "wolfssl-to-ours",
            Self::WolfToWolf => "wolfssl-to-wolfssl",
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OursToWolf => "our client → wolfSSL",
            Self::WolfToOurs => "wolfSSL → our server",
            Self::WolfToWolf => "wolfSSL → wolfSSL",
        })
    }
}

/// Datagrams the client sends to be echoed. More on a bad link, where some get lost.
const DATAGRAMS: usize = 20;
const DATAGRAMS_BAD_LINK: usize = 40;

/// Bytes of application data in each: fits into the smallest MTU of the matrix, and is longer than
/// any handshake message after the handshake except a ticket.
pub(super) const DATA_SIZE: usize = 400;

pub(super) fn datagrams(cell: &Cell) -> usize {
    if cell.link.is_some() { DATAGRAMS_BAD_LINK } else { DATAGRAMS }
}

/// What a round needs besides its cell.
pub(super) struct Peers {
    /// The name of our side's provider.
    pub(super) provider: &'static str,
    pub(super) ours: PathBuf,
    /// What makes our program use the provider in question.
    pub(super) ours_with: Vec<OsString>,
    pub(super) wolfssl: PathBuf,
    pub(super) certs: Certs,
}

impl Peers {
    /// The command for one side. `port` is where the server listens, or where the client goes.
    pub(super) fn command(
        &self,
        cell: &Cell,
        side: Side,
        role: Role,
        port: u16,
        traces: &Path,
    ) -> Command {
        let mut args = Args::default();
        match (side, role) {
            (Side::Ours, Role::Server) => self.our_server(&mut args, cell, port, traces),
            (Side::Ours, Role::Client) => self.our_client(&mut args, cell, port),
            (Side::Wolf, _) => self.wolf(&mut args, cell, role, port, traces),
        }
        match side {
            Side::Ours => {
                let mut command = Command::new(&self.ours);
                command.args(args.0).args(&self.ours_with);
                command
            }
            Side::Wolf => {
                let mut command = Command::new(&self.wolfssl);
                command.args(args.0);
                command
            }
        }
    }

    fn our_server(&self, args: &mut Args, cell: &Cell, port: u16, traces: &Path) {
        args.word("server").pair("--listen", format!("127.0.0.1:{port}"));
        args.identity(&self.certs.server(cell.server_key, cell.long_chain));
        if cell.demand_client_cert {
            args.path("--client-ca", &self.certs.roots());
        }
        args.pair("--cookie", if cell.cookie { "always" } else { "never" });
        args.path("--keylog", &traces.join("server.keylog"));
        args.word("--echo").word("--once");
        our_common(args, cell, Role::Server);
    }

    fn our_client(&self, args: &mut Args, cell: &Cell, port: u16) {
        args.word("client").word(format!("127.0.0.1:{port}")).pair("--name", SERVER_NAME);
        args.path("--ca", &self.roots_of_client(cell));
        if let Some(key) = cell.client_key {
            args.identity(&self.certs.client(key, cell.long_chain));
        }
        args.pair("--send-count", datagrams(cell).to_string())
            .pair("--size", DATA_SIZE.to_string());
        our_common(args, cell, Role::Client);
    }

    fn wolf(&self, args: &mut Args, cell: &Cell, role: Role, port: u16, traces: &Path) {
        match role {
            Role::Server => {
                args.word("server").word("--echo");
                args.identity(&self.certs.server(cell.server_key, cell.long_chain));
                args.path("--ca", &self.certs.roots());
                args.path("--keylog", &traces.join("server.keylog"));
                if cell.demand_client_cert {
                    args.word("--require-client-cert");
                }
                if !cell.cookie {
                    args.word("--no-cookie");
                }
            }
            Role::Client => {
                args.word("client").pair("--name", SERVER_NAME);
                args.path("--ca", &self.roots_of_client(cell));
                args.path("--keylog", &traces.join("client.keylog"));
                if let Some(key) = cell.client_key {
                    args.identity(&self.certs.client(key, cell.long_chain));
                }
                args.pair("--send", datagrams(cell).to_string())
                    .pair("--size", DATA_SIZE.to_string());
                if cell.key_update {
                    args.word("--key-update");
                }
            }
        }
        let (groups, suite, alpn) = offer(cell, role);
        args.pair("--port", port.to_string()).pair("--suites", suite);
        args.pair("--groups", groups.join(","));
        args.pair("--timeout", cell.timeout_seconds.to_string());
        if let Some(alpn) = alpn {
            args.pair("--alpn", alpn);
        }
        if let Some(mtu) = cell.mtu {
            args.pair("--mtu", mtu.to_string());
        }
        if cell.wolf_packs {
            args.word("--pack");
        }
        if cell.wolf_dtls12 {
            args.word("--dtls12");
        }
    }

    fn roots_of_client(&self, cell: &Cell) -> PathBuf {
        if cell.strange_root { self.certs.strange_root() } else { self.certs.roots() }
    }
}

fn our_common(args: &mut Args, cell: &Cell, role: Role) {
    let (groups, suite, alpn) = offer(cell, role);
    for group in groups {
        args.pair("--group", *group);
    }
    args.pair("--suite", suite);
    if let Some(alpn) = alpn {
        args.pair("--alpn", alpn);
    }
    if let Some(mtu) = cell.mtu {
        args.pair("--mtu", mtu.to_string());
    }
    args.pair("--timeout", cell.timeout_seconds.to_string()).word("--json");
}

fn offer(cell: &Cell, role: Role) -> (&[&'static str], &'static str, Option<&'static str>) {
    match role {
        Role::Client => (&cell.client_groups, cell.client_suite, cell.client_alpn),
        Role::Server => (&cell.server_groups, cell.server_suite, cell.server_alpn),
    }
}

#[derive(Default)]
struct Args(Vec<String>);

impl Args {
    fn word(&mut self, word: impl Into<String>) -> &mut Self {
        self.0.push(word.into());
        self
    }

    fn pair(&mut self, flag: &str, value: impl Into<String>) -> &mut Self {
        self.word(flag).word(value)
    }

    fn path(&mut self, flag: &str, path: &Path) -> &mut Self {
        self.pair(flag, path.to_string_lossy())
    }

    fn identity(&mut self, identity: &Identity) -> &mut Self {
        self.path("--cert", &identity.chain).path("--key", &identity.key)
    }
}
