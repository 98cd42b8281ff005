#!/usr/bin/env bash
# Holds the build to be reproducible: builds a function again, from the committed files in another folder, and compares it with
# what `sam build` made here. Both are packed as SAM packs them, and must have the same SHA-256.
#
#   scripts/reproducible.sh CreateInvitation
#
# Needs cargo-lambda, Python 3, and `.aws-sam/build/<Function>`. The same hash needs the same toolchain, the same cargo-lambda and
# the same CARGO_HOME, since panics name the files of crates by their path.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
function=${1:?name a function, as the template does: CreateInvitation}
binary=$(sed -E 's/([a-z])([A-Z])/\1-\L\2/g; s/^(.)/\L\1/' <<<"$function")
here=.aws-sam/build/$function
[ -f "$here/bootstrap" ] || { echo "failed: no $here/bootstrap; build it first: sam build $function" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/checkout" "$work/there"
git archive HEAD | tar -x -C "$work/checkout"
arm=()
# EM_AARCH64, 183, is what the header of an arm64 binary says.
[ "$(od -An -tu2 -j18 -N2 "$here/bootstrap" | tr -d ' ')" = 183 ] && arm=(--arm64)
(cd "$work/checkout/functions/$binary" && cargo lambda build --release --locked --bin "$binary" "${arm[@]}")
cp "$work/checkout/target/lambda/$binary/bootstrap" "$work/there/"

hash_of() {
  python3 -c '
import hashlib, io, sys, zipfile
packed = io.BytesIO()
with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
    entry = zipfile.ZipInfo("bootstrap")
    entry.create_system, entry.external_attr = 3, 0o100755 << 16
    archive.writestr(entry, open(sys.argv[1] + "/bootstrap", "rb").read(), zipfile.ZIP_DEFLATED)
print(hashlib.sha256(packed.getvalue()).hexdigest(), len(packed.getvalue()), "bytes")' "$1"
}
first=$(hash_of "$here") second=$(hash_of "$work/there")
printf '%s: %s\n%s: %s\n' "$function, built here" "$first" "$function, built again" "$second"
[ "$first" = "$second" ] || { echo 'failed: the same commit made another package' >&2; exit 1; }
