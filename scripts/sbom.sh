#!/usr/bin/env bash
# Writes a software bill of materials of each function to target/sbom/<function>.cdx.json, in CycloneDX 1.5
# (https://cyclonedx.org/docs/1.5/json/): every crate that it is made of, with version, licence and source. The same commit gives
# the same files. Then holds each against `cargo tree`: what is linked and not listed is an error.
#
# Needs cargo-cyclonedx (`cargo install --locked cargo-cyclonedx`) and Python 3. A list may name a few crates more than are
# linked: it counts features as the whole workspace wants them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
out=target/sbom
# cargo-cyclonedx writes beside each manifest, and nowhere else.
trap 'find functions local -name "*_bin.cdx.json" -delete' EXIT

rm -rf "$out"
mkdir -p "$out"
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) cargo cyclonedx --quiet --format json --spec-version 1.5 --describe binaries --target all
for manifest in functions/*/Cargo.toml; do
  folder=$(dirname "$manifest")
  function=$(basename "$folder")
  # Where the checkout lies is nobody's business, and differs from machine to machine.
  sed "s|$PWD/||g" "$folder/${function}_bin.cdx.json" >"$out/$function.cdx.json"
  cargo tree --locked --package "$function" --edges normal,build --target all --prefix none --format '{p}' >"$out/$function.tree"
  python3 -c '
import json, sys
bom, tree = json.load(open(sys.argv[1])), open(sys.argv[2])
listed = {(component["name"], component["version"]) for component in bom["components"] + [bom["metadata"]["component"]]}
linked = {(name, version.removeprefix("v")) for name, version, *_ in (line.split() for line in tree if line.strip())}
if missing := linked - listed:
    sys.exit(f"failed: {sys.argv[1]} does not list {sorted(missing)}")
print(f"{sys.argv[1]}: {len(listed)} components, {len(linked)} of them linked")' "$out/$function.cdx.json" "$out/$function.tree"
  rm "$out/$function.tree"
done
