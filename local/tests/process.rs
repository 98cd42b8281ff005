//! `local` as a program: what is acknowledged survives `kill -9`, and nothing is left behind.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};

const CONTOSO: &str = "11111111-1111-4111-8111-111111111111";

struct Running {
    child: Child,
    url: String,
    /// Its greeting; closed, writing the rest of it would end the program.
    _greeting: Box<dyn Iterator<Item = String> + Send>,
}

impl Running {
    /// Starts the program and waits until it says where it listens.
    fn start(data: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_local"))
            .args(["--port", "0", "--no-schedule", "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let line = lines.find(|line| line.contains(" routes at http://")).expect("it says where it listens");
        let url = line.split(" at ").nth(1).unwrap().split(';').next().unwrap().to_owned();
        Self { child, url, _greeting: Box::new(lines) }
    }

    fn signal(&mut self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        self.child.wait().unwrap();
    }

    /// Processes of functions that talk to this one's ports or were started by it.
    fn functions(&self) -> Vec<u32> {
        let parent = format!("PPid:\t{}\n", self.child.id());
        let is_ours =
            |pid: &u32| fs::read_to_string(format!("/proc/{pid}/status")).is_ok_and(|status| status.contains(&parent));
        processes().into_iter().filter(is_ours).collect()
    }
}

fn processes() -> Vec<u32> {
    let names = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().into_string().ok());
    names.filter_map(|name| name.parse().ok()).collect()
}

fn is_alive(pid: u32) -> bool {
    // A zombie is dead; whoever adopted it has only not buried it.
    fs::read_to_string(format!("/proc/{pid}/status")).is_ok_and(|status| !status.contains("State:\tZ"))
}

async fn gone(pids: &[u32]) -> bool {
    for _ in 0..100 {
        if !pids.iter().any(|pid| is_alive(*pid)) {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    false
}

async fn call(method: &str, url: String, token: &str, body: Value) -> Option<(u16, Value)> {
    let client = reqwest::Client::new();
    let request = client.request(method.parse().unwrap(), url).bearer_auth(token);
    let request = request.header("content-type", "application/json").body(body.to_string());
    let response = request.send().await.ok()?;
    let status = response.status().as_u16();
    Some((status, serde_json::from_str(&response.text().await.ok()?).ok()?))
}

async fn token(url: &str, tenant: &str, role: &str) -> String {
    let body = json!({ "tenantId": tenant, "roles": [role] });
    let (_, answer) = call("POST", format!("{url}/_local/token"), "", body).await.unwrap();
    answer["access_token"].as_str().unwrap().to_owned()
}

async fn register(url: &str) {
    let operator = token(url, local::OPERATOR_TENANT, "Operator").await;
    let body = json!({ "name": "Contoso", "country": "JP", "cloud": "public" });
    let (status, _) = call("PUT", format!("{url}/v1/partners/{CONTOSO}"), &operator, body).await.unwrap();
    assert!(status < 300);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_in_the_middle_of_writes_loses_nothing_acknowledged_and_leaves_no_process() {
    let data = tempfile::tempdir().unwrap();
    let acknowledged: Arc<Mutex<Vec<String>>> = Arc::default();
    let mut before = 0;
    for round in 0..3 {
        let mut running = Running::start(data.path());
        if round == 0 {
            register(&running.url).await;
        }
        let agent = token(&running.url, CONTOSO, "AdminAgent").await;
        let killed = Arc::new(AtomicBool::new(false));
        let writers: Vec<_> = (0..4)
            .map(|_| {
                let (url, agent) = (format!("{}/v1/invitations", running.url), agent.clone());
                let (acknowledged, killed) = (Arc::clone(&acknowledged), Arc::clone(&killed));
                tokio::spawn(async move {
                    while !killed.load(Ordering::Relaxed) {
                        let Some((201, made)) = call("POST", url.clone(), &agent, json!({})).await else { continue };
                        acknowledged.lock().unwrap().push(made["invitation"]["id"].as_str().unwrap().to_owned());
                    }
                })
            })
            .collect();
        while acknowledged.lock().unwrap().len() < before + 40 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let functions = running.functions();
        assert!(!functions.is_empty(), "functions are processes of their own");
        running.signal("-KILL");
        killed.store(true, Ordering::Relaxed);
        for writer in writers {
            writer.await.unwrap();
        }
        assert!(gone(&functions).await, "functions outlived it: {functions:?}");
        before = acknowledged.lock().unwrap().len();
    }

    let mut running = Running::start(data.path());
    // The issuer's key was kept too: any token of before is still good.
    let agent = token(&running.url, CONTOSO, "AdminAgent").await;
    let acknowledged = acknowledged.lock().unwrap().clone();
    assert!(acknowledged.len() >= 120);
    for id in &acknowledged {
        let (status, found) =
            call("GET", format!("{}/v1/invitations/{id}", running.url), &agent, json!({})).await.unwrap();
        assert_eq!((status, &found["invitation"]["id"]), (200, &json!(id)));
    }
    running.signal("-TERM");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ctrl_c_leaves_no_process_behind() {
    let data = tempfile::tempdir().unwrap();
    let mut running = Running::start(data.path());
    register(&running.url).await;
    let functions = running.functions();
    assert!(functions.len() >= 2, "authorize and register-partner at least: {functions:?}");
    running.signal("-INT");
    assert!(gone(&functions).await, "functions outlived it: {functions:?}");
}

/// The processes of one function that use this deployment's table.
fn instances(local: &local::Local, function: &str) -> Vec<u32> {
    let is_one = |pid: &u32| {
        let program = fs::read_link(format!("/proc/{pid}/exe")).is_ok_and(|exe| exe.ends_with(function));
        program
            && fs::read(format!("/proc/{pid}/environ"))
                .is_ok_and(|variables| String::from_utf8_lossy(&variables).contains(local.store_url()))
    };
    processes().into_iter().filter(is_one).collect()
}

/// Stops a process where it is, once it has asked for its next event: it takes that and sits on it.
async fn pause(pid: u32) {
    tokio::time::sleep(Duration::from_secs(2)).await; // it asks right after it answered, on a busy machine a little later
    assert!(Command::new("kill").args(["-STOP", &pid.to_string()]).status().unwrap().success());
}

async fn deployment() -> (local::Local, String) {
    let local = local::Local::start(local::Options::default()).await.unwrap();
    register(local.url()).await;
    let agent = token(local.url(), CONTOSO, "AdminAgent").await;
    (local, agent)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_function_that_crashes_is_500_and_is_started_again() {
    let (local, agent) = deployment().await;
    let invite = || call("POST", format!("{}/v1/invitations", local.url()), &agent, json!({}));
    assert_eq!(invite().await.unwrap().0, 201);
    let pids = instances(&local, "create-invitation");
    assert_eq!(pids.len(), 1);
    pause(pids[0]).await;
    let kill = |signal: &str| Command::new("kill").args([signal, &pids[0].to_string()]).status().unwrap();
    let (answer, ()) = tokio::join!(invite(), async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        kill("-KILL");
    });
    assert_eq!(answer.unwrap(), (500, json!({ "message": "Internal Server Error" })));
    assert_eq!(invite().await.unwrap().0, 201);
    let started = instances(&local, "create-invitation");
    assert!(started.len() == 1 && started != pids, "{started:?}");
    local.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_function_that_takes_too_long_is_503_and_is_started_again() {
    let (local, agent) = deployment().await;
    let invite = || call("POST", format!("{}/v1/invitations", local.url()), &agent, json!({}));
    assert_eq!(invite().await.unwrap().0, 201);
    let pids = instances(&local, "create-invitation");
    pause(pids[0]).await;
    assert_eq!(invite().await.unwrap(), (503, json!({ "message": "Service Unavailable" })));
    assert!(gone(&pids).await);
    assert_eq!(invite().await.unwrap().0, 201);
    local.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_of_reminders_that_dies_halfway_reminds_nobody_twice() {
    let (local, agent) = deployment().await;
    let post = async |path: &str, body: Value| call("POST", format!("{}{path}", local.url()), &agent, body).await;
    let mails = async || {
        let (_, mails) = call("GET", format!("{}/_local/mail", local.url()), "", json!({})).await.unwrap();
        mails["items"].as_array().unwrap().len()
    };
    let wanted = json!({ "customer": { "email": "admin@fabrikam.example" }, "send": true, "expiresInDays": 2 });
    assert_eq!(post("/v1/invitations", wanted).await.unwrap().0, 201);
    let lost = call("POST", format!("{}/_local/mail/failure", local.url()), "", json!({ "next": "lost" })).await;
    assert!(lost.is_none(), "it answers 204 and nothing");
    // The reminder is in the mailbox, its answer is not, and the function dies before it learns anything.
    let (_, ()) = tokio::join!(post("/_local/schedule/remind-invitations", json!({})), async {
        while mails().await < 2 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        for pid in instances(&local, "remind-invitations") {
            Command::new("kill").args(["-KILL", &pid.to_string()]).status().unwrap();
        }
    });
    let (status, report) = post("/_local/schedule/remind-invitations", json!({})).await.unwrap();
    assert_eq!((status, report), (200, json!({ "reminded": 0, "failed": 0, "skipped": 1, "left": 0 })));
    assert_eq!(mails().await, 2);
    local.stop().await;
}
