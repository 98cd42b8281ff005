//! Runs the whole function set on this machine, from what `template.yaml` says: API Gateway, the authorizer's cache, the Lambda
//! Runtime API with the real function binaries, an embedded DynamoDB, an issuer of tokens, SESv2's mailbox, the schedule, and a
//! clock that can be set. Nothing of it is in what is deployed.
//!
//! The program `local` is this library on a fixed port; tests start as many of it as they like:
//! ```no_run
//! # async fn example() -> anyhow::Result<()> {
//! let local = local::Local::start(local::Options::default()).await?;
//! println!("{}", local.url());
//! local.stop().await;
//! # Ok(()) }
//! ```

mod authorizer;
mod binaries;
mod clock;
mod codes;
mod control;
mod data;
mod engine;
mod environment;
mod event;
mod fault;
mod form;
mod gateway;
mod html;
mod instance;
mod instances;
mod issuer;
mod logs;
mod mail_event;
mod mail_page;
mod mailbox;
mod persona;
mod resolve;
mod runtime_api;
mod schedule;
mod serve;
mod sign_in_page;
mod store;
mod template;
pub mod yaml;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::extract::DefaultBodyLimit;

pub use crate::logs::LogLine;

use crate::authorizer::Authorizer;
use crate::clock::Clock;
use crate::control::Control;
use crate::data::{Data, Secrets};
use crate::engine::Engine;
use crate::environment::Values;
use crate::gateway::Gateway;
use crate::instances::Instances;
use crate::issuer::Issuer;
use crate::logs::Logs;
use crate::mailbox::Mailbox;
use crate::schedule::Scheduler;
use crate::serve::Task;
use crate::store::Store;
use crate::template::Template;

/// The tenant in which `Operator` counts here.
pub const OPERATOR_TENANT: &str = "00000000-0000-4000-8000-000000000001";

/// How to run. The default is what tests want: any port, in memory, nothing runs by itself, nothing is printed.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Where the API listens, on 127.0.0.1; 0 takes any free port.
    pub port: u16,
    /// Keeps table, keys and issuer in this folder; otherwise all in memory.
    pub data: Option<PathBuf>,
    /// Whether the template's schedules run by themselves; by hand they always do.
    pub run_schedules: bool,
    /// Whether what the functions print also goes to standard error, each line after its `[function]`, and cargo's progress.
    pub echo: bool,
    /// Values for variables, over the template's and this program's own: `MAIL_FROM` empty, another ring of `LINK_KEYS`.
    /// A function gets only those that the template gives it.
    pub variables: BTreeMap<String, String>,
    /// Timeouts over the template's, by function.
    pub timeouts: BTreeMap<String, Duration>,
    /// The workspace with `template.yaml` and the functions' packages; this one, where it is `None`.
    pub root: Option<PathBuf>,
}

/// A running set. Stopped or dropped, its processes are killed and its ports are free.
#[derive(Debug)]
pub struct Local {
    url: String,
    store_url: String,
    table: String,
    routes: usize,
    clock: Arc<Clock>,
    logs: Arc<Logs>,
    instances: Arc<Instances>,
    engine: Engine,
    tasks: Vec<Task>,
    /// The folder stays locked as long as this lives.
    _data: Option<Data>,
}

impl Local {
    /// Builds the functions, once per process, and starts everything.
    ///
    /// # Errors
    /// Where the port or the folder is taken, the template asks for something that is not understood, a function does not build.
    pub async fn start(options: Options) -> Result<Self> {
        let root = options.root.clone().unwrap_or_else(workspace);
        let mut template = Template::load(&root.join("template.yaml"))?;
        for (function, timeout) in &options.timeouts {
            if let Some(function) = template.functions.get_mut(function) {
                function.timeout = *timeout;
            }
        }
        let data = options.data.as_deref().map(Data::open).transpose()?;
        let secrets = data.as_ref().map_or_else(|| Ok(Secrets::new()), Data::secrets)?;
        let (listener, port) = serve::listen(options.port).await?;
        let url = format!("http://127.0.0.1:{port}");

        let clock = Arc::new(Clock::default());
        let logs = Arc::new(Logs::new(options.echo));
        let file = data.as_ref().map(Data::table);
        let engine = engine::start(file.as_deref(), &template.table, Arc::clone(&clock)).await?;
        let store = Store::new(engine.url.clone());
        let (store_url, store_task) = store.serve().await?;
        let mailbox = Mailbox::new(Arc::clone(&clock));
        let (mail_listener, mail_port) = serve::listen(0).await?;
        let issuer = Issuer::new(url.clone(), &secrets.issuer_key()?)?;

        let (runtime_listener, runtime_port) = serve::listen(0).await?;
        let values = Values {
            table: &template.table.name,
            base: &url,
            store: &store_url,
            mail: &format!("http://127.0.0.1:{mail_port}"),
            secrets: &secrets,
            issuer: &issuer,
            given: &options.variables,
        };
        let environments = values.environments(&template)?;
        let binaries = binaries::build(&root, template.functions.keys(), options.echo).await?;
        let programs = environment::programs(&template, environments, &binaries);
        let instances =
            Arc::new(Instances::new(programs, format!("http://127.0.0.1:{runtime_port}"), Arc::clone(&logs)));

        let scheduler = Arc::new(Scheduler {
            schedules: template.schedules,
            instances: Arc::clone(&instances),
            clock: Arc::clone(&clock),
            logs: Arc::clone(&logs),
        });
        let routes = template.routes.len();
        let gateway = Arc::new(Gateway {
            routes: template.routes,
            authorizer: template.authorizer.map(|described| Authorizer::new(described, Arc::clone(&instances))),
            instances: Arc::clone(&instances),
            clock: Arc::clone(&clock),
        });
        let control = Control {
            clock: Arc::clone(&clock),
            issuer,
            mailbox: Arc::clone(&mailbox),
            store,
            scheduler: Arc::clone(&scheduler),
            instances: Arc::clone(&instances),
            codes: Arc::default(),
            gateway: Arc::clone(&gateway),
        };
        let api = Router::new().fallback(gateway::handle).with_state(gateway);
        let mut tasks = vec![
            store_task,
            serve::router(mail_listener, mailbox.routes().layer(DefaultBodyLimit::disable())),
            serve::router(runtime_listener, runtime_api::routes(Arc::clone(&instances), Arc::clone(&logs))),
            serve::router(listener, api.merge(control.routes())),
        ];
        if options.run_schedules {
            tasks.push(serve::run(scheduler.keep_running()));
        }
        let table = template.table.name;
        Ok(Self { url, store_url, table, routes, clock, logs, instances, engine, tasks, _data: data })
    }

    /// Where the API listens, `http://127.0.0.1:<port>`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What the functions printed so far.
    #[must_use]
    pub fn log_lines(&self) -> Vec<LogLine> {
        self.logs.all()
    }

    /// The DynamoDB endpoint that the functions use: requests are counted, faults strike.
    #[must_use]
    pub fn store_url(&self) -> &str {
        &self.store_url
    }

    /// The same DynamoDB without counting and faults: for seeding and for looking behind. Any credentials do.
    #[must_use]
    pub fn uncounted_store_url(&self) -> &str {
        &self.engine.url
    }

    /// The table's name.
    #[must_use]
    pub fn table_name(&self) -> &str {
        &self.table
    }

    /// How many routes are mounted.
    #[must_use]
    pub fn routes(&self) -> usize {
        self.routes
    }

    /// What time it is for the functions.
    #[must_use]
    pub fn now(&self) -> jiff::Timestamp {
        self.clock.now()
    }

    /// Invokes a function with an event of one's own, as Lambda's `Invoke` does: its answer, or what it reported instead.
    ///
    /// # Errors
    /// Where the function reported an error, crashed, timed out or does not exist.
    pub async fn invoke(&self, function: &str, event: &serde_json::Value) -> Result<serde_json::Value> {
        let outcome = self.instances.invoke(function, event.to_string().into_bytes()).await;
        let answer = outcome.map_err(|failure| anyhow::anyhow!("{function}: {failure:?}"))?;
        serde_json::from_slice(&answer).with_context(|| format!("{function} answered no JSON"))
    }

    /// Ends everything.
    pub async fn stop(mut self) {
        self.instances.stop().await;
        self.tasks.clear();
        // What was aborted goes when the runtime gets to it; after this, ports are free.
        for _ in 0..16 {
            tokio::task::yield_now().await;
        }
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        self.instances.abort();
    }
}

/// The workspace that this package lies in.
fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}
