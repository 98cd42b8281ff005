//! The function binaries: built once per process, in one call of cargo, with the profile of this program.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use tokio::process::Command;
use tokio::sync::Mutex;

/// Paths by function.
pub(crate) type Binaries = Arc<BTreeMap<String, PathBuf>>;

/// What was built for which workspace by this process.
static BUILT: Mutex<BTreeMap<PathBuf, Binaries>> = Mutex::const_new(BTreeMap::new());

/// Builds the packages `names` of the workspace at `root`, unless this process already did. With `show`, cargo's own words go to
/// standard error as they come.
pub(crate) async fn build<'a>(root: &Path, names: impl Iterator<Item = &'a String>, show: bool) -> Result<Binaries> {
    let mut built = BUILT.lock().await;
    if let Some(binaries) = built.get(root) {
        return Ok(Arc::clone(binaries));
    }
    let binaries = Arc::new(cargo_build(root, names, show).await?);
    built.insert(root.to_owned(), Arc::clone(&binaries));
    Ok(binaries)
}

async fn cargo_build<'a>(
    root: &Path,
    names: impl Iterator<Item = &'a String>,
    show: bool,
) -> Result<BTreeMap<String, PathBuf>> {
    let names: Vec<_> = names.collect();
    // The one on the PATH and not the one that built this program: rustup's keeps every compiler that it starts to this workspace's
    // toolchain, where otherwise a crate that brings a toolchain file of its own would choose.
    let mut cargo = Command::new("cargo");
    cargo.current_dir(root).args(["build", "--message-format=json-render-diagnostics", "--profile", profile()]);
    for name in &names {
        cargo.args(["--package", name, "--bin", name]);
    }
    cargo.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(if show { Stdio::inherit() } else { Stdio::piped() });
    let building = cargo.kill_on_drop(true).spawn().context("cannot run cargo to build the functions")?;
    let output = building.wait_with_output().await.context("cannot wait for cargo")?;
    ensure!(output.status.success(), "the functions do not build:\n{}", String::from_utf8_lossy(&output.stderr));

    let mut binaries = BTreeMap::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let Ok(message) = serde_json::from_str::<Value>(line) else { continue };
        if let (Some(name), Some(path)) = (message["target"]["name"].as_str(), message["executable"].as_str()) {
            binaries.insert(name.to_owned(), PathBuf::from(path));
        }
    }
    for name in names {
        if !binaries.contains_key(name) {
            bail!("cargo built no binary `{name}`: its package has none of that name");
        }
    }
    Ok(binaries)
}

/// The profile this very program was built with.
fn profile() -> &'static str {
    if cfg!(debug_assertions) { "dev" } else { "release" }
}
