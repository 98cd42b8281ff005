//! Execution environments: the processes of a function, started and ended as Lambda does.
//!
//! The first starts at the first invocation, a further one only when all are busy, at most [`MOST`]; after that invocations
//! wait. One that takes longer than its function's timeout is killed; one that ends is forgotten; the next invocation starts
//! another.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Bytes;
use tokio::sync::{Semaphore, oneshot};
use uuid::Uuid;

use crate::instance::{Failure, Instance, Invocation, Outcome, Program, lock};
use crate::logs::Logs;

/// Instances of one function at most.
pub(crate) const MOST: usize = 8;
/// How long an instance may take until it asks for its first event; Lambda gives 10 s, on better machines than a busy laptop.
const INIT: Duration = Duration::from_secs(30);
/// How long killed processes may take to be gone.
const STOP: Duration = Duration::from_secs(5);

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
                None => return Err(Failure::Crashed(instance.ended().await)),
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
        if !instance.offer(Invocation { id: id.clone(), event: event.clone(), taken, answer }) {
            return None;
        }
        tokio::select! {
            biased;
            Ok(()) = &mut is_taken => {}
            _ = instance.ended() => return None,
            () = tokio::time::sleep(INIT) => {
                let reason = format!("did not ask for an event within {} s", INIT.as_secs());
                pool.forget(instance.id);
                instance.kill();
                return Some(Err(Failure::Crashed(reason)));
            }
        }
        let timeout = pool.program.timeout;
        Some(tokio::select! {
            biased;
            Ok(outcome) = &mut answered => outcome,
            reason = instance.ended() => {
                self.logs.add(&pool.program.name, format!("RequestId: {id} Error: Runtime exited: {reason}"));
                Err(Failure::Crashed(reason))
            }
            () = tokio::time::sleep(timeout) => {
                self.logs.add(&pool.program.name, format!("{id} Task timed out after {:.2} seconds", timeout.as_secs_f64()));
                pool.forget(instance.id);
                instance.kill();
                Err(Failure::TimedOut)
            }
        })
    }

    fn start(&self, pool: &Arc<Pool>) -> std::io::Result<Arc<Instance>> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        // Held until it is among all: a quick process asks for its first event before, and would be told that it is gone.
        let mut all = lock(&pool.all);
        let child =
            pool.program.spawn(&format!("{}/{}/{id}", self.runtime_api, pool.program.name)).inspect_err(|error| {
                self.logs.add(&pool.program.name, format!("cannot start {}: {error}", pool.program.path.display()));
            })?;
        let (forget, logs, name) = (Arc::downgrade(pool), Arc::clone(&self.logs), pool.program.name.clone());
        let ended = move |id| forget.upgrade().into_iter().for_each(|pool| pool.forget(id));
        let instance = Instance::keep(id, child, logs, name, ended);
        all.insert(id, Arc::clone(&instance));
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
            instance.kill();
        }
        dismissed
    }

    /// Ends all processes, and waits until they have.
    pub(crate) async fn stop(&self) {
        let ends = self.dismiss();
        let all = async {
            for instance in &ends {
                instance.ended().await;
            }
        };
        // A process that outlives SIGKILL hangs in the kernel; nothing more can be done here.
        tokio::time::timeout(STOP, all).await.ok();
    }

    /// Ends all processes, without waiting.
    pub(crate) fn abort(&self) {
        for instance in self.dismiss() {
            instance.abandon();
        }
    }
}

impl Pool {
    fn forget(&self, id: u64) {
        lock(&self.all).remove(&id);
        lock(&self.idle).retain(|idle| idle.id != id);
    }
}
