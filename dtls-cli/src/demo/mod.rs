//! `dtls demo`: a server and a client in one process, over real UDP on the loopback.

mod authority;
mod echo;
mod link;
mod refusal;

use std::net::Ipv4Addr;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use dtls13::blocking::{Connection, Endpoint};
use dtls13::core::crypto::{FipsStatus, NamedGroup};
use dtls13::{ClientConfig, RootStore, ServerConfig, TimerConfig};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::failure::Failure;
use crate::provider::One;
use link::{Impairment, Link};

/// A server and a client on this machine: handshake, a few thousand echoes, a summary.
///
/// Makes a certificate authority and a server certificate, connects over UDP on the loopback, and
/// sends datagrams that the server sends back. With --drop, --reorder or --duplicate a bad link
/// lies between; what it loses is sent again. With a provider that lacks X25519, which is what one
/// in FIPS mode does, a client that has nothing else is shown to be refused.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Datagrams to be echoed.
    #[arg(long, value_name = "COUNT", default_value_t = 5000)]
    count: u64,
    /// Bytes in each [default: 1024, or what fits]
    #[arg(long, value_name = "BYTES")]
    size: Option<usize>,
    /// Of all datagrams, the part that the link loses, 0 to 0.9.
    #[arg(long, value_name = "PART", default_value_t = 0.0)]
    drop: f64,
    /// Let the link deliver some datagrams late.
    #[arg(long)]
    reorder: bool,
    /// Let the link deliver some datagrams twice.
    #[arg(long)]
    duplicate: bool,
    /// Largest datagram, in bytes of UDP payload [default: 1232]
    #[arg(long, value_name = "BYTES")]
    mtu: Option<usize>,
    /// Seed of the link's randomness.
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    seed: u64,
    /// Print one JSON object, and nothing else.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    provider: One,
}

/// Whom the certificate is for.
const NAME: &str = "demo.example";
/// Bytes of a datagram if nothing else is asked for.
const SIZE: usize = 1024;
/// After this the demo gives up, however bad the link is.
const TIME_LIMIT: Duration = Duration::from_secs(120);
/// The first retransmission timer behind the demo's link, which has no distance.
const INITIAL_TIMER: Duration = Duration::from_millis(100);
/// A loss the demo still gets through in time.
const MAX_DROP: f64 = 0.9;

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let until = Instant::now() + TIME_LIMIT;
    if !(0.0..=MAX_DROP).contains(&args.drop) {
        return Err(Failure::Usage(format!(
            "--drop {}: give a part from 0 to {MAX_DROP}",
            args.drop
        )));
    }
    let (client_config, server_config, roots) = configure(args)?;
    if !args.json {
        println!("DTLS 1.3 over UDP on this machine: a server, a client, {} echoes", args.count);
    }
    let server = Endpoint::server((Ipv4Addr::LOCALHOST, 0), server_config)?;
    let how = Impairment { drop: args.drop, reorder: args.reorder, duplicate: args.duplicate };
    let link = if how.is_none() {
        None
    } else {
        let link = Link::start(server.local_address(), how, args.seed);
        Some(link.map_err(|error| Failure::Peer(format!("the link cannot be made: {error}")))?)
    };
    let address = link.as_ref().map_or(server.local_address(), Link::address);
    let _serving = Serving::start(server);
    let endpoint = Endpoint::bind((Ipv4Addr::LOCALHOST, 0))?;
    let refused = if client_config.provider().capabilities().has_group(NamedGroup::X25519) {
        None
    } else {
        refusal::of_x25519(address, NAME, roots)?
    };
    let connection = endpoint.connect(address, NAME, &client_config)?;
    let size = payload_size(args, &connection)?;
    let bar = progress_bar(args);
    let start = Instant::now();
    echo::drive(&connection, args.count, size, until, |done| bar.set_position(done))?;
    let time = start.elapsed();
    bar.finish_and_clear();
    let outcome = Outcome { connection: &connection, refused, count: args.count, size, time };
    if args.json {
        println!("{}", outcome.to_json(&client_config));
    } else {
        outcome.print(&client_config, link.as_ref());
    }
    Ok(())
}

fn configure(args: &Args) -> Result<(ClientConfig, ServerConfig, RootStore), Failure> {
    let provider = args.provider.provider()?;
    let made = authority::make(provider.as_ref(), NAME)
        .map_err(|error| Failure::Peer(format!("no certificates could be made: {error}")))?;
    let mut roots = RootStore::new();
    roots.add(&made.authority)?;
    let timers = TimerConfig {
        initial: INITIAL_TIMER,
        min: INITIAL_TIMER,
        max: Duration::from_secs(1),
        max_retransmissions: 60,
        ..TimerConfig::default()
    };
    let client =
        ClientConfig::builder(provider.clone()).with_roots(roots.clone()).with_no_client_auth()?;
    let server =
        ServerConfig::builder(provider).with_no_client_auth().with_cert(made.chain, &made.key)?;
    let (mut client, mut server) = (client.timers(timers), server.timers(timers));
    if let Some(mtu) = args.mtu {
        (client, server) = (client.mtu(mtu)?, server.mtu(mtu)?);
    }
    Ok((client, server, roots))
}

fn payload_size(args: &Args, connection: &Connection) -> Result<usize, Failure> {
    let max = connection.max_payload();
    let size = args.size.unwrap_or(SIZE.min(max));
    if (echo::NUMBER_LEN..=max).contains(&size) {
        return Ok(size);
    }
    let min = echo::NUMBER_LEN;
    Err(Failure::Usage(format!(
        "--size {size}: a datagram of the demo carries {min} to {max} bytes"
    )))
}

fn progress_bar(args: &Args) -> ProgressBar {
    if args.json {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(args.count);
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos}/{len} echoes {per_sec}") {
        bar.set_style(style);
    }
    bar
}

/// What happened.
struct Outcome<'a> {
    connection: &'a Connection,
    /// What a client with nothing but X25519 was told, where the provider lacks it.
    refused: Option<String>,
    count: u64,
    size: usize,
    time: Duration,
}

impl Outcome<'_> {
    /// Megabits of application payload a second, both directions added.
    #[allow(clippy::cast_precision_loss, reason = "a rate to be read by people")]
    fn throughput_mbps(&self) -> f64 {
        let bits = 2.0 * 8.0 * self.bytes_echoed() as f64;
        bits / self.time.as_secs_f64().max(f64::EPSILON) / 1e6
    }

    fn bytes_echoed(&self) -> u64 {
        self.count * self.size as u64
    }

    fn handshake_ms(&self) -> f64 {
        self.connection.stats().handshake.unwrap_or_default().as_secs_f64() * 1e3
    }

    fn to_json(&self, config: &ClientConfig) -> serde_json::Value {
        let summary = self.connection.summary();
        let capabilities = config.provider().capabilities();
        json!({
            "provider": capabilities.name,
            "protocol": "DTLS 1.3",
            "cipher_suite": summary.cipher_suite.to_string(),
            "group": summary.group.to_string(),
            "signature_scheme": summary.server_scheme.to_string(),
            "handshake_ms": rounded(self.handshake_ms()),
            "datagrams_echoed": self.count,
            "bytes_echoed": self.bytes_echoed(),
            "throughput_mbps": rounded(self.throughput_mbps()),
            "fips": capabilities.fips().to_string(),
            "x25519_only_client": self.refused,
        })
    }

    fn print(&self, config: &ClientConfig, link: Option<&Link>) {
        let summary = self.connection.summary();
        let stats = self.connection.stats().protocol;
        let capabilities = config.provider().capabilities();
        let overhead = self.connection.mtu() - self.connection.max_payload();
        let header = self.connection.header_len();
        // The cookie costs one round trip, the handshake itself another.
        let round_trips = if summary.retried { 2 } else { 1 };
        println!("provider          {} {}", capabilities.name, capabilities.version);
        if capabilities.fips() != FipsStatus::None {
            println!("FIPS status       {}", capabilities.fips());
            // The module, its file, its certificate: all that is said about it.
            for detail in capabilities.details.iter().filter(|d| d.name.starts_with("FIPS")) {
                println!("{:<17} {}", detail.name, detail.value);
            }
        }
        println!("protocol          DTLS 1.3");
        println!("cipher suite      {}", summary.cipher_suite);
        println!("group             {}", summary.group);
        println!("signature scheme  {}", summary.server_scheme);
        println!("handshake         {:.1} ms, {round_trips} round trips", self.handshake_ms());
        println!("sent              {} records, {} bytes", stats.records_sent, stats.bytes_sent);
        println!(
            "received          {} records, {} bytes",
            stats.records_received, stats.bytes_received
        );
        if let Some(link) = link {
            println!("lost by the link  {} datagrams", link.lost());
        }
        println!("echoed            {} datagrams of {} bytes", self.count, self.size);
        println!("throughput        {:.0} Mbit/s of payload, both ways", self.throughput_mbps());
        println!(
            "per record        {header} bytes of header, {} more behind the payload",
            overhead - header
        );
        if let Some(told) = &self.refused {
            let groups: Vec<String> =
                capabilities.groups.iter().map(|offered| offered.id.to_string()).collect();
            println!("X25519 only       a client with nothing else is refused and says: {told}");
            println!("                  since this provider offers only {}", groups.join(", "));
        }
    }
}

/// Three digits behind the point.
fn rounded(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}

/// The server's thread. It ends with this, since a library's keys must not be used any more when the
/// library's own end has come at the end of the program.
struct Serving {
    endpoint: Endpoint,
    ended: mpsc::Receiver<()>,
}

/// How long a server is waited for that the client's close has not reached: it may be lost.
const PATIENCE: Duration = Duration::from_secs(2);

impl Serving {
    fn start(endpoint: Endpoint) -> Self {
        let (end, ended) = mpsc::channel();
        let server = endpoint.clone();
        thread::spawn(move || {
            while let Ok(incoming) = server.accept() {
                if let Ok(connection) = incoming.accept() {
                    echo::serve(&connection);
                }
            }
            drop(server);
            // Fails only when nobody waits.
            let _ = end.send(());
        });
        Self { endpoint, ended }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.endpoint.stop_accepting();
        // Whoever is not through by then ends with the program.
        let _ = self.ended.recv_timeout(PATIENCE);
    }
}
