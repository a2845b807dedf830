//! `dtls`: the command line tool of the dtls13 stack.

#![forbid(unsafe_code)]

mod client;
mod common;
mod conformance;
mod demo;
mod failure;
mod provider;
mod providers;
mod report;
mod server;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// DTLS 1.3 from the command line: try it, serve it, connect to it, on the cryptography of your
/// choice.
#[derive(Parser)]
#[command(version, propagate_version = true, max_term_width = 100)]
#[command(
    after_help = "Exit status: 0 for success, 1 when the peer, the network or a vector failed, \
                        2 for wrong usage and files that cannot be used."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// A server and a client on this machine: handshake, a few thousand echoes, a summary.
    Demo(demo::Args),
    /// Accept clients; print what they send, or echo it.
    Server(server::Args),
    /// Connect to a server; send standard input, print what comes back.
    Client(client::Args),
    /// What each provider of this program is and offers, and what a record costs with it.
    Providers(providers::Args),
    /// Hold a provider to published vectors and to what is asked of it beyond them.
    Conformance(conformance::Args),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Demo(args) => demo::run(&args),
        Command::Server(args) => server::run(&args),
        Command::Client(args) => client::run(&args),
        Command::Providers(args) => providers::run(&args),
        Command::Conformance(args) => conformance::run(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("dtls: {failure}");
            failure.exit_code()
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
