#!/usr/bin/env bash
# Makes docs/pictures/mail-<language>-<width>-<light|dark>.png: the invitation mail in four languages, 360 and 800 pixels wide,
# light and dark, as a browser without network shows it. Run it by hand after a change of `shared/templates/`, look at the
# pictures, and commit them.
#
#   cargo run -p local                                    in another terminal
#   scripts/mail-pictures.sh [http://127.0.0.1:8787]      its address
#
# It registers a partner there and makes four invitations; nothing is mailed. Needs Node.js with npm, Chromium (`CHROMIUM`, or
# /usr/bin/chromium), fonts with Han characters (Debian: fonts-noto-cjk), and better pngquant, or else optipng. Playwright,
# which drives the browser, comes from npm into a temporary folder.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
base=${1:-http://127.0.0.1:8787}
export CHROMIUM=${CHROMIUM:-/usr/bin/chromium}

fail() { echo "failed: $1" >&2; exit 1; }
for tool in node npm "$CHROMIUM"; do command -v "$tool" >/dev/null || fail "$tool is not installed"; done
curl -sf -o /dev/null "$base/.well-known/openid-configuration" || fail "no \`local\` answers at $base"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm install --prefix "$work" --no-audit --no-fund --no-package-lock --loglevel error playwright-core@1 >/dev/null
cp scripts/mail-pictures.mjs "$work/" # modules are looked for beside the script

mkdir -p docs/pictures
rm -f docs/pictures/mail-*.png
node "$work/mail-pictures.mjs" "$base" docs/pictures
if command -v pngquant >/dev/null; then
  pngquant --force --ext .png --speed 1 --strip 32 docs/pictures/mail-*.png
elif command -v optipng >/dev/null; then
  optipng -quiet -o5 -strip all docs/pictures/mail-*.png
fi
find docs/pictures -name 'mail-*.png' -size +60k -exec echo 'larger than 60 KB:' {} + >&2
ls -l docs/pictures
