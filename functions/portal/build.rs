//! Puts `web/` into the binary: each file as it is and as gzip, and one version over all of them.
//!
//! About a megabyte in all, and so the function needs neither a bucket nor a compressor.

use std::{
    env,
    error::Error,
    fmt::Write as _,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};

fn main() -> Result<(), Box<dyn Error>> {
    let package = PathBuf::from(env("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env("OUT_DIR")?);
    let web = package.join("web");
    // The folder's own time tells of files that came and went, each file's of what changed in it.
    println!("cargo::rerun-if-changed=web");
    let mut paths = Vec::new();
    walk(&web, &mut paths)?;
    paths.sort();

    let mut version = Sha256::new();
    let mut table = String::from("&[\n");
    for (number, path) in paths.iter().enumerate() {
        let name = path.strip_prefix(&web)?.to_str().ok_or("a name is not UTF-8")?.replace('\\', "/");
        let bytes = fs::read(path)?;
        // Lengths too: no two sets of files are the same bytes in a row.
        version.update(format!("{name}\n{}\n", bytes.len()));
        version.update(&bytes);
        if name == "index.html" {
            continue; // served as a page, with its places filled in
        }
        let entry = entry(&name, path, &out.join(format!("{number}.gz")), &bytes)?;
        writeln!(table, "    {entry},")?;
    }
    let version = hex(&version.finalize())[..16].to_owned();
    table.push(']');

    println!("cargo::rerun-if-changed=../../docs/openapi.json");
    let description = package.join("../../docs/openapi.json");
    let bytes = fs::read(&description)?;
    let description = entry("openapi.json", &description, &out.join("openapi.gz"), &bytes)?;
    let description_version = hex(&Sha256::digest(&bytes))[..16].to_owned();

    let index = web.join("index.html");
    fs::write(
        out.join("assets.rs"),
        format!(
            "pub(crate) const VERSION: &str = {version:?};\n\
             pub(crate) const INDEX: &str = include_str!({index:?});\n\
             pub(crate) static FILES: &[File] = {table};\n\
             pub(crate) const DESCRIPTION_VERSION: &str = {description_version:?};\n\
             pub(crate) static DESCRIPTION: File = {description};\n"
        ),
    )?;
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "what cargo tells a build script stands there alone")]
fn env(name: &str) -> Result<String, env::VarError> {
    env::var(name)
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}

/// A file as Rust.
fn entry(name: &str, plain: &Path, gzip: &Path, bytes: &[u8]) -> Result<String, Box<dyn Error>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    let compressed = encoder.finish()?;
    let content_type = content_type(name)?;
    let gzip_bytes = if compressed.len() < bytes.len() {
        fs::write(gzip, compressed)?;
        format!("Some(include_bytes!({gzip:?}))")
    } else {
        "None".to_owned() // compressed already, as pictures are
    };
    Ok(format!(
        "File {{ name: {name:?}, content_type: {content_type:?}, plain: include_bytes!({plain:?}), gzip: {gzip_bytes} }}"
    ))
}

/// An unknown kind ends the build: `nosniff` makes browsers take the type at its word.
fn content_type(name: &str) -> Result<&'static str, String> {
    Ok(match name.rsplit('.').next().unwrap_or_default() {
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        "webmanifest" => "application/manifest+json",
        _ => return Err(format!("web/{name}: say its content type in build.rs")),
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}"); // writing to a string cannot fail
        text
    })
}
