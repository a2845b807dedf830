//! `dtls server`: accepts clients, prints or echoes what they send.

use std::io::{self, BufRead, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use clap::ValueEnum;
use dtls13::blocking::{Connection, Endpoint, Incoming};
use dtls13::{CertifiedKey, ClientAuth, CookiePolicy, EndpointOptions, Error, RootStore};
use dtls13::{ServerConfig, pem};

use crate::common::{Common, Limit, apply_common, bad_file, read};
use crate::failure::Failure;
use crate::report::Report;

/// Accept clients; print what they send, or echo it.
///
/// Each line of standard input goes to all clients as a datagram of its own.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Address and port to listen at.
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// The server's certificate chain, PEM, its own certificate first.
    #[arg(long, value_name = "FILE")]
    cert: PathBuf,
    /// The private key to it, PEM (PKCS#8, SEC1 or PKCS#1).
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Ask clients for a certificate of one of these authorities, PEM.
    #[arg(long, value_name = "FILE")]
    client_ca: Option<PathBuf>,
    /// Whether a client may do without one.
    #[arg(long, value_enum, default_value_t = Auth::Required, requires = "client_ca")]
    client_auth: Auth,
    /// Send everything back instead of printing it.
    #[arg(long)]
    echo: bool,
    /// When clients have to show by a cookie that they receive at their address.
    #[arg(long, value_enum, default_value_t = Cookie::Always)]
    cookie: Cookie,
    /// End after the first connection, with exit status 1 if it failed.
    #[arg(long)]
    once: bool,
    #[command(flatten)]
    common: Common,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Auth {
    /// Clients without a certificate are turned away.
    Required,
    /// Clients without a certificate are let in.
    Optional,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Cookie {
    /// All of them.
    Always,
    /// While many handshakes are under way.
    UnderLoad,
    /// Never: the server can be used to send others three times what it receives.
    Never,
}

/// A server without `--timeout` looks up from its waiting this often.
const LOOK_UP: Duration = Duration::from_secs(3600);

/// How long a failed `--once` server stays so that its alert can be repeated.
const AFTERMATH: Duration = Duration::from_millis(200);

type Clients = Arc<Mutex<Vec<Connection>>>;

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let limit = Limit::new(args.common.timeout);
    let config = configure(args, limit)?;
    let cookie = match args.cookie {
        Cookie::Always => CookiePolicy::Always,
        Cookie::UnderLoad => CookiePolicy::UnderLoad,
        Cookie::Never => CookiePolicy::Never,
    };
    let options = EndpointOptions::server(config).cookie_policy(cookie);
    let endpoint = Endpoint::bind_with(args.listen, options)
        .map_err(|error| Failure::Peer(format!("cannot listen at {}: {error}", args.listen)))?;
    eprintln!("dtls: listening at {}", endpoint.local_address());
    let clients = Clients::default();
    pass_on_input(clients.clone());
    let report = serve(args, &endpoint, limit, &clients);
    if args.common.json {
        println!("{}", report.to_json());
    }
    match report.error {
        None => Ok(()),
        Some(error) => Err(Failure::Peer(error)),
    }
}

fn configure(args: &Args, limit: Limit) -> Result<ServerConfig, Failure> {
    let provider = args.common.provider.provider()?;
    let chain = read("certificate", &args.cert)?;
    let chain =
        pem::certificates(&chain).map_err(|error| bad_file("certificate", &args.cert, &error))?;
    let key = read("key", &args.key)?;
    let key = pem::private_key(&key).map_err(|error| bad_file("key", &args.key, &error))?;
    let credential = CertifiedKey::new(provider.as_ref(), chain, &key).map_err(|error| {
        let of_chain = matches!(error, Error::BadCertificate { .. });
        let (what, path) = if of_chain { ("certificate", &args.cert) } else { ("key", &args.key) };
        bad_file(what, path, &error)
    })?;
    let builder = ServerConfig::builder(provider);
    let builder = match &args.client_ca {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let roots = RootStore::from_pem(&read("client CA", path)?)
                .map_err(|error| bad_file("client CA", path, &error))?;
            let auth = match args.client_auth {
                Auth::Required => ClientAuth::Required,
                Auth::Optional => ClientAuth::Optional,
            };
            builder.with_client_auth(roots, auth)
        }
    };
    let config = builder.with_credential(credential)?;
    Ok(apply_common!(config, &args.common, limit))
}

/// Serves until the time is over, or with `--once` until the first connection is. Returns the
/// report of the connection that ended last.
fn serve(args: &Args, endpoint: &Endpoint, limit: Limit, clients: &Clients) -> Report {
    let mut last = Report::default();
    let (done, reports) = mpsc::channel();
    loop {
        let incoming = match endpoint.accept_timeout(limit.left(LOOK_UP)) {
            Ok(incoming) => incoming,
            Err(Error::TimedOut) if !limit.is_over() => continue,
            Err(error) => {
                last = reports.try_iter().last().unwrap_or(last);
                let in_time = matches!(error, Error::TimedOut) && !args.once;
                if !in_time && last.error.is_none() {
                    last.error = Some(format!("no client came: {error}"));
                }
                return last;
            }
        };
        let attendant =
            Attendant { limit, echo: args.echo, print: !args.echo && !args.common.json };
        if args.once {
            endpoint.stop_accepting();
            let report = attendant.attend(incoming, clients);
            if report.error.is_some() {
                thread::sleep(limit.left(AFTERMATH));
            }
            return report;
        }
        let (done, clients) = (done.clone(), clients.clone());
        thread::spawn(move || {
            let peer = incoming.peer_address();
            let report = attendant.attend(incoming, &clients);
            if let Some(error) = &report.error {
                eprintln!("dtls: {peer}: {error}");
            }
            let _ = done.send(report);
        });
    }
}

/// What is done for each client.
#[derive(Clone, Copy)]
struct Attendant {
    limit: Limit,
    echo: bool,
    print: bool,
}

impl Attendant {
    /// One client from handshake to close.
    fn attend(self, incoming: Incoming, clients: &Clients) -> Report {
        let mut report = Report::default();
        let peer = incoming.peer_address();
        let connection = match incoming.accept() {
            Ok(connection) => connection,
            Err(error) => {
                report.error = Some(error.to_string());
                return report;
            }
        };
        report.agreed(&connection);
        eprintln!("dtls: {peer}: connected, {}", report.agreed_line());
        lock(clients).push(connection.clone());
        self.serve(&connection, &mut report);
        lock(clients).retain(|other| other.peer_address() != peer);
        if report.peer_closed {
            eprintln!("dtls: {peer}: closed by the client");
        }
        connection.close();
        report
    }

    fn serve(self, connection: &Connection, report: &mut Report) {
        loop {
            match connection.recv_timeout(self.limit.left(LOOK_UP)) {
                Ok(datagram) => {
                    report.datagrams += 1;
                    if self.echo {
                        // An echo that cannot be sent is a lost datagram.
                        let _ = connection.send(&datagram);
                    }
                    if self.print {
                        let mut out = io::stdout().lock();
                        let _ = out.write_all(&datagram).and_then(|()| out.flush());
                    }
                }
                Err(Error::ClosedByPeer) => {
                    report.peer_closed = true;
                    return;
                }
                Err(Error::TimedOut) if !self.limit.is_over() => {}
                Err(error) => {
                    report.error = Some(error.to_string());
                    return;
                }
            }
        }
    }
}

fn lock(clients: &Clients) -> std::sync::MutexGuard<'_, Vec<Connection>> {
    clients.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Standard input goes to all clients, a line a datagram.
fn pass_on_input(clients: Clients) {
    thread::spawn(move || {
        let mut line = Vec::new();
        let mut input = io::stdin().lock();
        while input.read_until(b'\n', &mut line).is_ok_and(|len| len > 0) {
            for client in lock(&clients).iter() {
                for piece in line.chunks(client.max_payload().max(1)) {
                    let _ = client.send(piece);
                }
            }
            line.clear();
        }
    });
}
