//! Execution environments: the processes of a function, started and ended as Lambda does.
//!
//! The first starts at the first invocation, a further one only when all are busy, at most [`MOST`]; after that invocations
//! wait. One that takes longer than its function's timeout is killed; one that ends is forgotten; the next invocation starts
//! another. Children end with this program: they are killed when it stops, and when it is killed itself the long poll of their
//! runtime breaks, on which `lambda_runtime` ends the process.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::{Notify, Semaphore, mpsc, oneshot, watch};
use uuid::Uuid;

use crate::logs::Logs;
use crate::serve::{self, Task};

/// Instances of one function at most.
pub(crate) const MOST: usize = 8;
/// The region that functions are told.
pub(crate) const REGION: &str = "us-east-1";
/// The account that functions are told.
pub(crate) const ACCOUNT: &str = "123456789012";
/// How long an instance may take until it asks for its first event; Lambda gives 10 s, on better machines than a busy laptop.
const INIT: Duration = Duration::from_secs(30);
/// How long killed processes may take to be gone.
const STOP: Duration = Duration::from_secs(5);

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

/// One process.
#[derive(Debug)]
pub(crate) struct Instance {
    pub(crate) id: u64,
    events: mpsc::Sender<Invocation>,
    queue: tokio::sync::Mutex<mpsc::Receiver<Invocation>>,
    /// The invocation that it works on.
    current: Mutex<Option<(String, oneshot::Sender<Outcome>)>>,
    /// Asks the keeper to end the process.
    kill: Notify,
    /// How it ended.
    gone: watch::Sender<Option<String>>,
    /// Watches the process, and owns it; dropped, the process is killed.
    keeper: Mutex<Option<Task>>,
}

/// A function and its instances.
#[derive(Debug)]
struct Pool {
    program: Program,
    permits: Semaphore,
    idle: Mutex<Vec<Arc<Instance>>>,
    all: Mutex<BTreeMap<u64, Arc<Instance>>>,
}

/// All functions.
#[derive(Debug)]
pub(crate) struct Instances {
    pools: BTreeMap<String, Arc<Pool>>,
    runtime_api: String,
    next_id: AtomicU64,
    logs: Arc<Logs>,
}

impl Instance {
    fn new(id: u64) -> Self {
        let (events, queue) = mpsc::channel(1);
        Self {
            id,
            events,
            queue: tokio::sync::Mutex::new(queue),
            current: Mutex::default(),
            kill: Notify::new(),
            gone: watch::Sender::new(None),
            keeper: Mutex::default(),
        }
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

    fn has_ended(&self) -> bool {
        self.gone.borrow().is_some()
    }

    async fn end(&self) -> String {
        let mut gone = self.gone.subscribe();
        let ended = gone.wait_for(Option::is_some).await;
        ended.ok().and_then(|reason| reason.clone()).unwrap_or_default()
    }
}

impl Instances {
    /// Knows the programs; starts none. `runtime_api` is the base URL that their runtimes are given.
    pub(crate) fn new(programs: Vec<Program>, runtime_api: String, logs: Arc<Logs>) -> Self {
        let pool = |program: Program| {
            let name = program.name.clone();
            let pool = Pool { program, permits: Semaphore::new(MOST), idle: Mutex::default(), all: Mutex::default() };
            (name, Arc::new(pool))
        };
        Self { pools: programs.into_iter().map(pool).collect(), runtime_api, next_id: AtomicU64::new(1), logs }
    }

    /// The instance that a runtime says it is.
    pub(crate) fn instance(&self, function: &str, id: u64) -> Option<Arc<Instance>> {
        lock(&self.pools.get(function)?.all).get(&id).cloned()
    }

    /// The function that runs longest of all may take this long.
    pub(crate) fn timeout(&self, function: &str) -> Duration {
        self.pools.get(function).map_or(Duration::ZERO, |pool| pool.program.timeout)
    }

    /// Runs a function on an event. Goes on to its end even where nobody waits for it any more.
    pub(crate) async fn invoke(self: &Arc<Self>, function: &str, event: Vec<u8>) -> Outcome {
        let Some(pool) = self.pools.get(function) else { return Err(Failure::Unknown) };
        let (this, pool) = (Arc::clone(self), Arc::clone(pool));
        match tokio::spawn(async move { this.run(&pool, event.into()).await }).await {
            Ok(outcome) => outcome,
            Err(error) => Err(Failure::Crashed(error.to_string())),
        }
    }

    async fn run(&self, pool: &Arc<Pool>, event: Bytes) -> Outcome {
        let Ok(_permit) = pool.permits.acquire().await else { return Err(Failure::Crashed("stopping".to_owned())) };
        loop {
            let waiting = lock(&pool.idle).pop();
            let fresh = waiting.is_none();
            let instance = match waiting {
                Some(instance) => instance,
                None => self.start(pool).map_err(|error| Failure::Crashed(error.to_string()))?,
            };
            match self.hand_over(pool, &instance, &event).await {
                // It had ended while it was idle: that is not this invocation's fault.
                None if !fresh => {}
                None => return Err(Failure::Crashed(instance.end().await)),
                Some(outcome) => {
                    if !instance.has_ended() && !matches!(outcome, Err(Failure::TimedOut | Failure::Crashed(_))) {
                        lock(&pool.idle).push(instance);
                    }
                    return outcome;
                }
            }
        }
    }

    /// `None`: the instance ended before it took the event.
    async fn hand_over(&self, pool: &Pool, instance: &Arc<Instance>, event: &Bytes) -> Option<Outcome> {
        let id = Uuid::new_v4().to_string();
        let (taken, mut is_taken) = oneshot::channel();
        let (answer, mut answered) = oneshot::channel();
        instance.events.try_send(Invocation { id: id.clone(), event: event.clone(), taken, answer }).ok()?;
        tokio::select! {
            biased;
            Ok(()) = &mut is_taken => {}
            _ = instance.end() => return None,
            () = tokio::time::sleep(INIT) => {
                let reason = format!("did not ask for an event within {} s", INIT.as_secs());
                pool.end(instance);
                return Some(Err(Failure::Crashed(reason)));
            }
        }
        let timeout = pool.program.timeout;
        Some(tokio::select! {
            biased;
            Ok(outcome) = &mut answered => outcome,
            reason = instance.end() => {
                self.logs.add(&pool.program.name, format!("RequestId: {id} Error: Runtime exited: {reason}"));
                Err(Failure::Crashed(reason))
            }
            () = tokio::time::sleep(timeout) => {
                self.logs.add(&pool.program.name, format!("{id} Task timed out after {:.2} seconds", timeout.as_secs_f64()));
                pool.end(instance);
                Err(Failure::TimedOut)
            }
        })
    }

    fn start(&self, pool: &Arc<Pool>) -> std::io::Result<Arc<Instance>> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let program = &pool.program;
        let mut command = Command::new(&program.path);
        command.env_clear().envs(&program.environment);
        command.env("AWS_LAMBDA_RUNTIME_API", format!("{}/{}/{id}", self.runtime_api, program.name));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().inspect_err(|error| {
            self.logs.add(&program.name, format!("cannot start {}: {error}", program.path.display()));
        })?;
        let outputs = (child.stdout.take(), child.stderr.take());
        let instance = Arc::new(Instance::new(id));
        lock(&pool.all).insert(id, Arc::clone(&instance));
        let (logs, name) = (Arc::clone(&self.logs), program.name.clone());
        let keeping = keep(child, outputs, logs, name, Arc::downgrade(pool), Arc::clone(&instance));
        *lock(&instance.keeper) = Some(serve::run(keeping));
        Ok(instance)
    }

    /// Asks all processes to end, and forgets them; what was waiting for one is answered that it crashed.
    fn dismiss(&self) -> Vec<Arc<Instance>> {
        let mut dismissed = Vec::new();
        for pool in self.pools.values() {
            pool.permits.close();
            lock(&pool.idle).clear();
            let running = std::mem::take(&mut *lock(&pool.all));
            dismissed.extend(running.into_values());
        }
        for instance in &dismissed {
            instance.kill.notify_one();
        }
        dismissed
    }

    /// Ends all processes, and waits until they have.
    pub(crate) async fn stop(&self) {
        let ends = self.dismiss();
        let all = async {
            for instance in &ends {
                instance.end().await;
            }
        };
        // A process that outlives SIGKILL hangs in the kernel; nothing more can be done here.
        tokio::time::timeout(STOP, all).await.ok();
    }

    /// Ends all processes, without waiting.
    pub(crate) fn abort(&self) {
        for instance in self.dismiss() {
            // The keeper owns the process, and kills it where it is dropped.
            lock(&instance.keeper).take();
        }
    }
}

impl Pool {
    /// Ends an instance, and forgets it.
    fn end(&self, instance: &Instance) {
        lock(&self.all).remove(&instance.id);
        instance.kill.notify_one();
    }
}

/// Copies what a process prints, waits for its end, and says so.
async fn keep(
    mut child: Child,
    (stdout, stderr): (Option<impl AsyncRead + Unpin>, Option<impl AsyncRead + Unpin>),
    logs: Arc<Logs>,
    name: String,
    pool: std::sync::Weak<Pool>,
    instance: Arc<Instance>,
) {
    let to_its_end = async { tokio::join!(copy(stdout, &logs, &name), copy(stderr, &logs, &name), child.wait()) };
    let ended = tokio::select! {
        (_, _, status) = to_its_end => Some(status),
        () = instance.kill.notified() => None,
    };
    let reason = match ended {
        Some(status) => status.map_or_else(|error| error.to_string(), |status: ExitStatus| status.to_string()),
        None => child.kill().await.map_or_else(|error| error.to_string(), |()| "killed".to_owned()),
    };
    if let Some(pool) = pool.upgrade() {
        lock(&pool.all).remove(&instance.id);
        lock(&pool.idle).retain(|idle| idle.id != instance.id);
    }
    instance.gone.send_replace(Some(reason));
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

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
