//! `cafleet server`

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};

use tokio::signal::unix::{SignalKind, signal};

use crate::cli::context::Context;
use crate::error::CommandError;
use crate::http::{Called, PublicUrl, Ready};
use crate::view::ServingView;

/// Serve the web page and the API for people who watch the fleets and take part
///
/// By default it listens on this machine only, and it refuses other users of this machine. It runs until Ctrl-C. There is
/// no login.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The name or address to listen on; overrides CAFLEET_BROKER_HOST (127.0.0.1)
    #[arg(long, value_name = "HOST")]
    host: Option<String>,

    /// The port to listen on, 0 for any that is free; overrides CAFLEET_BROKER_PORT (8000)
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,

    /// Another host name that browsers may use for the server, such as behind a proxy; may be repeated
    #[arg(long, value_name = "NAME")]
    allow_host: Vec<String>,

    /// URL of the server behind a reverse proxy that the same user runs: https://name, optionally with :port and /path
    #[arg(long, value_name = "URL")]
    public_url: Option<PublicUrl>,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    let host = args.host.unwrap_or_else(|| context.settings.broker_host.clone());
    let port = args.port.unwrap_or(context.settings.broker_port);
    let mut interrupt = signal(SignalKind::interrupt()).map_err(signals)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(signals)?;
    let (listener, address) = bind(&host, port)?;
    let ready = Ready::open(context.settings.clone()).await?;
    if !address.ip().is_loopback() {
        context.printer.note(&format!(
            "Warning: {address} can be reached from other machines, and there is no login: anyone who can reach it can read \
             and write every fleet."
        ));
    }
    if args.public_url.is_some() {
        context.printer.note("Warning: there is no login: anyone the proxy lets in can read and write every fleet.");
    }
    context.printer.show(&ServingView { address })?;
    let called = Called { address, allowed: args.allow_host, public: args.public_url };
    let ended = async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    let served = ready.serve(listener, called, context.printer, ended).await;
    served.map_err(|error| CommandError::failure("server", format!("cannot serve: {error}")))
}

fn signals(error: std::io::Error) -> CommandError {
    CommandError::failure("signals", error.to_string())
}

/// Listens on the first address that the name stands for.
fn bind(host: &str, port: u16) -> Result<(TcpListener, SocketAddr), CommandError> {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let cannot = |reason: String| CommandError::failure("cannot_listen", format!("cannot listen on {host}: {reason}"));
    let mut addresses = (bare, port).to_socket_addrs().map_err(|error| cannot(error.to_string()))?;
    let address = addresses.next().ok_or_else(|| cannot("it has no address".to_owned()))?;
    let listener = TcpListener::bind(address).map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => CommandError::failure("address_in_use", format!("address {address} is already in use")),
        _ => cannot(error.to_string()),
    })?;
    let address = listener.local_addr().map_err(|error| cannot(error.to_string()))?;
    Ok((listener, address))
}
