//! What the server is told on its command line.

use clap::{Parser, Subcommand};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Docket, an event-sourced ticketing engine.
#[derive(Debug, Parser)]
#[command(name = "docket-server", version, about, after_help = EXIT_CODES)]
pub struct Config {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 stopped as asked; 1 the log failed and the server stopped to protect it; \
2 wrong usage; 3 the data directory, the log or the address cannot be used.";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the pages and the API on a data directory, making it where it is missing.
    Serve(Serve),
    /// Make somebody an admin, and print a code with which they choose their password, once. Needs the directory for
    /// itself, so stop the server first; admins invite everybody else from within.
    InviteAdmin(InviteAdmin),
}

/// Who shall be an admin.
#[derive(Clone, Debug, clap::Args)]
pub struct InviteAdmin {
    /// The data directory.
    #[arg(long, env = "DOCKET_DATA", value_name = "DIR")]
    pub data: PathBuf,
    /// Their name to sign in with, theirs for ever.
    #[arg(long, value_name = "ID", default_value = "admin")]
    pub id: String,
    /// What others call them; the name to sign in with if left out.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// The language that they are spoken to in: en or es.
    #[arg(long, value_name = "LANGUAGE", default_value = "en")]
    pub language: String,
    /// Do nothing, and succeed, when somebody works here already.
    #[arg(long)]
    pub unless_staffed: bool,
}

/// How to serve.
#[derive(Clone, Debug, clap::Args)]
pub struct Serve {
    /// The data directory.
    #[arg(long, env = "DOCKET_DATA", value_name = "DIR")]
    pub data: PathBuf,
    /// The address to listen on. What is served is plain HTTP, so only loopback addresses are taken: put a proxy with TLS
    /// in front, which asks for the address as it stands here.
    #[arg(long, env = "DOCKET_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:7333")]
    pub listen: SocketAddr,
    /// Believe the headers Docket-Actor, Docket-Role and Docket-Team about who is asking, and let nobody sign in: for
    /// trying things out on one machine, where everybody who can reach the server may do everything.
    #[arg(long)]
    pub no_sign_in: bool,
    /// Requests that one session or token may send in a minute.
    #[arg(long, env = "DOCKET_REQUESTS_PER_MINUTE", value_name = "N", default_value_t = 1200,
        value_parser = clap::value_parser!(u32).range(1..))]
    pub requests_per_minute: u32,
    /// The largest file that may come with a message, in MiB.
    #[arg(long, env = "DOCKET_ATTACHMENT_MIB_MAX", value_name = "MIB", default_value_t = 20,
        value_parser = clap::value_parser!(u32).range(1..=200))]
    pub attachment_mib_max: u32,
    /// Let webhooks go to any address, over HTTP too, private networks and this machine included: for development and
    /// tests. Whoever may set up webhooks can then reach whatever this machine can.
    #[arg(long)]
    pub webhooks_anywhere: bool,
    /// Add a small made-up set of tickets in both languages, unless tickets of its kind are there already.
    #[arg(long)]
    pub sample_tickets: bool,
    /// Log in JSON lines instead of plain text.
    #[arg(long)]
    pub log_json: bool,
}
