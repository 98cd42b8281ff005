//! One execution environment: a process with a function's runtime in it, and the invocation that it works on.
//!
//! It ends with this program: it is killed when that stops, and when that is killed itself the long poll of the runtime breaks,
//! on which `lambda_runtime` ends the process.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::{Notify, mpsc, oneshot, watch};

use crate::logs::Logs;
use crate::serve::{self, Task};

/// Why an invocation has no answer.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The function reported an error: what it reported.
    Reported(Bytes),
    /// The process ended, or never came up.
    Crashed(String),
    /// It took longer than the template allows, and was killed.
    TimedOut,
    /// The template has no such function.
    Unknown,
}

/// What an invocation comes to: the function's answer, as it is.
pub(crate) type Outcome = Result<Bytes, Failure>;

/// An event on its way to an instance.
#[derive(Debug)]
pub(crate) struct Invocation {
    pub(crate) id: String,
    pub(crate) event: Bytes,
    /// Told when the instance takes it: from then on its time runs.
    pub(crate) taken: oneshot::Sender<()>,
    pub(crate) answer: oneshot::Sender<Outcome>,
}

/// What is needed to start a function's process.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    pub(crate) timeout: Duration,
    /// The whole environment, but for where its Runtime API is.
    pub(crate) environment: BTreeMap<String, String>,
}

impl Program {
    /// Starts a process whose Runtime API is at `runtime_api`.
    pub(crate) fn spawn(&self, runtime_api: &str) -> io::Result<Child> {
        let mut command = Command::new(&self.path);
        command.env_clear().envs(&self.environment).env("AWS_LAMBDA_RUNTIME_API", runtime_api);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true).spawn()
    }
}

/// One process.
#[derive(Debug)]
pub(crate) struct Instance {
    pub(crate) id: u64,
    events: mpsc::Sender<Invocation>,
    queue: tokio::sync::Mutex<mpsc::Receiver<Invocation>>,
    /// The invocation that it works on.
    current: Mutex<Option<(String, oneshot::Sender<Outcome>)>>,
    /// Asks the keeper to end the process.
    killed: Notify,
    /// How it ended.
    gone: watch::Sender<Option<String>>,
    /// Watches the process, and owns it; dropped, the process is killed.
    keeper: Mutex<Option<Task>>,
}

impl Instance {
    /// Keeps a process: what it prints goes to `logs`, and `forget` is told when it has ended.
    pub(crate) fn keep(
        id: u64,
        child: Child,
        logs: Arc<Logs>,
        name: String,
        forget: impl FnOnce(u64) + Send + 'static,
    ) -> Arc<Self> {
        let (events, queue) = mpsc::channel(1);
        let instance = Arc::new(Self {
            id,
            events,
            queue: tokio::sync::Mutex::new(queue),
            current: Mutex::default(),
            killed: Notify::new(),
            gone: watch::Sender::new(None),
            keeper: Mutex::default(),
        });
        let kept = Arc::clone(&instance);
        let keeper = serve::run(async move {
            let reason = kept.watch(child, &logs, &name).await;
            forget(id);
            kept.gone.send_replace(Some(reason));
        });
        *lock(&instance.keeper) = Some(keeper);
        instance
    }

    /// To the end of the process: why it ended.
    async fn watch(&self, mut child: Child, logs: &Logs, name: &str) -> String {
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let end = async {
            tokio::select! {
                status = child.wait() => status,
                () = self.killed.notified() => {
                    child.start_kill()?;
                    child.wait().await
                }
            }
        };
        let (_, _, status) = tokio::join!(copy(stdout, logs, name), copy(stderr, logs, name), end);
        status.map_or_else(|error| error.to_string(), |status| status.to_string())
    }

    /// Waits for the next event, as the runtime in the process asks.
    pub(crate) async fn next(&self) -> Option<(String, Bytes)> {
        let invocation = self.queue.lock().await.recv().await?;
        *lock(&self.current) = Some((invocation.id.clone(), invocation.answer));
        // Nobody listens any more where the invocation was given up; the process is about to be killed then.
        invocation.taken.send(()).ok();
        Some((invocation.id, invocation.event))
    }

    /// Takes what the runtime in the process has to say about an invocation; `false` where it is not at work on that one.
    pub(crate) fn answer(&self, id: &str, outcome: Outcome) -> bool {
        let mut current = lock(&self.current);
        match current.take() {
            Some((expected, answer)) if expected == id => answer.send(outcome).is_ok(),
            other => {
                *current = other;
                false
            }
        }
    }

    /// Gives it an event; `false` where it has no room for one, which only one that ended has not.
    pub(crate) fn offer(&self, invocation: Invocation) -> bool {
        self.events.try_send(invocation).is_ok()
    }

    /// Ends the process.
    pub(crate) fn kill(&self) {
        self.killed.notify_one();
    }

    /// Ends the process, and watches it no longer: the keeper owns it, and kills it where it is dropped.
    pub(crate) fn abandon(&self) {
        lock(&self.keeper).take();
    }

    /// Whether the process is gone.
    pub(crate) fn has_ended(&self) -> bool {
        self.gone.borrow().is_some()
    }

    /// Waits for the end of the process: why it ended.
    pub(crate) async fn ended(&self) -> String {
        let mut gone = self.gone.subscribe();
        let ended = gone.wait_for(Option::is_some).await;
        ended.ok().and_then(|reason| reason.clone()).unwrap_or_default()
    }
}

async fn copy(from: Option<impl AsyncRead + Unpin>, logs: &Logs, name: &str) {
    let Some(from) = from else { return };
    let mut reader = BufReader::new(from);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).await.is_ok_and(|read| read > 0) {
        logs.add(name, String::from_utf8_lossy(&line).trim_end());
        line.clear();
    }
}

/// A lock, whatever became of who held it before.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
