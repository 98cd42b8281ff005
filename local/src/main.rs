//! `cargo run -p local`: the whole function set on this machine, until Ctrl-C.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use local::{Local, OPERATOR_TENANT, Options};
use tokio::signal::ctrl_c;

/// Runs the whole function set on this machine.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Arguments {
    /// Where the API listens, on 127.0.0.1
    #[arg(long, default_value_t = 8787)]
    port: u16,
    /// Keep table, keys and issuer in this folder; otherwise all is in memory
    #[arg(long)]
    data: Option<PathBuf>,
    /// Do not run the schedule by itself
    #[arg(long)]
    no_schedule: bool,
    /// The functions' log filter
    #[arg(long, env = "RUST_LOG", value_name = "FILTER")]
    log: Option<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("local: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<()> {
    let arguments = Arguments::parse();
    let variables: BTreeMap<_, _> = arguments.log.map(|filter| ("RUST_LOG".to_owned(), filter)).into_iter().collect();
    eprintln!("Building the functions; the first time takes minutes.");
    let options = Options {
        port: arguments.port,
        data: arguments.data,
        run_schedules: !arguments.no_schedule,
        echo: true,
        variables,
        timeouts: BTreeMap::new(),
        root: None,
    };
    // Ctrl-C while functions build ends the build too.
    let local = tokio::select! {
        started = Local::start(options) => started?,
        ended = ended() => return ended,
    };
    greet(&local)?;
    ended().await?;
    local.stop().await;
    Ok(())
}

/// Resolves on Ctrl-C or a polite kill.
async fn ended() -> Result<()> {
    #[cfg(unix)]
    {
        let mut terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        let mut hung_up = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())?;
        tokio::select! {
            pressed = ctrl_c() => pressed?,
            _ = terminated.recv() => {}
            _ = hung_up.recv() => {}
        }
    }
    #[cfg(not(unix))]
    ctrl_c().await?;
    Ok(())
}

/// Says where it listens, and how to begin.
fn greet(local: &Local) -> io::Result<()> {
    const PARTNER: &str = "11111111-1111-4111-8111-111111111111";
    let (url, routes, store, table) = (local.url(), local.routes(), local.store_url(), local.table_name());
    let json = "-H 'content-type: application/json'";
    let token = |body: &str| {
        format!("curl -s {url}/_local/token {json} -d '{body}' | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/'")
    };
    let operator = token(&format!(r#"{{"tenantId":"{OPERATOR_TENANT}","roles":["Operator"]}}"#));
    let partner = token(&format!(r#"{{"tenantId":"{PARTNER}","roles":["AdminAgent"],"country":"JP"}}"#));
    write!(
        io::stdout().lock(),
        r#"
{routes} routes at {url}; Ctrl-C ends it. Its DynamoDB is at {store}, table {table}.
Open the portal at {url}/ and sign in as whoever you like. Mails arrive at {url}/_local/mailbox.

# partners that can invite: the page where you sign in has a button for it, or
curl -s -X POST {url}/_local/demo

To use the API itself, in another terminal:

# a token of the operator
OPERATOR=$({operator})

# register a partner
curl -s -X PUT {url}/v1/partners/{PARTNER} -H "authorization: Bearer $OPERATOR" {json} -d '{{"name":"Contoso","country":"JP","cloud":"public","status":"active"}}'

# invite a customer, as that partner
curl -s {url}/v1/invitations -H "authorization: Bearer $({partner})" {json} -d '{{"customer":{{"name":"Fabrikam","email":"admin@fabrikam.example","country":"JP"}}}}'

"#
    )
}
