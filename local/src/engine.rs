//! The embedded DynamoDB: in memory with the virtual clock, or in a file; its table as the template has it; its time to live.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use dynoxide::Database;
use serde_json::json;

use crate::clock::{self, Clock};
use crate::serve::{self, Task};
use crate::template::Table;

/// How often items whose time is over are swept. DynamoDB takes days; nothing may rely on it.
const SWEEP: Duration = Duration::from_secs(30);

/// A running engine; dropped, it stops.
#[derive(Debug)]
pub(crate) struct Engine {
    /// Where it listens.
    pub(crate) url: String,
    _tasks: [Task; 2],
}

/// Opens the database, makes the table where it is missing, serves it on a loopback port of its own.
pub(crate) async fn start(file: Option<&Path>, table: &Table, clock: Arc<Clock>) -> Result<Engine> {
    let database = match file {
        None => Database::memory_with_clock(Arc::<Clock>::clone(&clock)),
        Some(path) => Database::new(path.to_str().context("--data is not UTF-8")?),
    };
    let database = database.map_err(|error| anyhow!("cannot open the table's database: {error}"))?;
    create(&database, table)?;

    let (listener, port) = serve::listen(0).await?;
    let served = database.clone();
    let serving = serve::run(async move {
        // It ends with this task only, and has nothing to say then.
        dynoxide::server::serve_with_shutdown(listener, served, std::future::pending()).await.ok();
    });
    let sweeping = serve::run(sweep(database, clock, file.is_some()));
    Ok(Engine { url: format!("http://127.0.0.1:{port}"), _tasks: [serving, sweeping] })
}

fn create(database: &Database, table: &Table) -> Result<()> {
    let known =
        database.get_table_metadata(&table.name).map_err(|error| anyhow!("cannot read the database: {error}"))?;
    if known.is_some() {
        return Ok(());
    }
    let request = serde_json::from_value(table.create.clone()).context("the template's table")?;
    database.create_table(request).map_err(|error| anyhow!("cannot create the table: {error}"))?;
    if let Some(attribute) = &table.time_to_live {
        let request = json!({
            "TableName": table.name,
            "TimeToLiveSpecification": { "AttributeName": attribute, "Enabled": true },
        });
        let request = serde_json::from_value(request).context("the table's time to live")?;
        database.update_time_to_live(request).map_err(|error| anyhow!("cannot set the time to live: {error}"))?;
    }
    Ok(())
}

/// In a file the engine knows only the real time, so nothing is swept while the virtual clock is behind it.
async fn sweep(database: Database, clock: Arc<Clock>, real_time: bool) {
    loop {
        tokio::time::sleep(SWEEP).await;
        if real_time && clock.now() < clock::real_now() {
            continue;
        }
        let database = database.clone();
        // A sweep that fails is tried again next time; every reader skips what is past its time anyway.
        tokio::task::spawn_blocking(move || database.sweep_ttl().ok()).await.ok();
    }
}
