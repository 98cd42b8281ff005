#!/usr/bin/env bash
# Makes docs/pictures/portal-<page>-<light|dark>.png: the portal's main pages as a browser shows them, 1280 pixels wide. Run it by
# hand after a change of `functions/portal/web/`, look at the pictures, and commit them.
#
# It starts a `local` of its own, in memory. Needs what tests/browser needs, fonts with Han characters (Debian: fonts-noto-cjk),
# and better pngquant, or else optipng.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export CHROMIUM=${CHROMIUM:-/usr/bin/chromium}

fail() { echo "failed: $1" >&2; exit 1; }
for tool in node npm cargo "$CHROMIUM"; do command -v "$tool" >/dev/null || fail "$tool is not installed"; done
[ -d tests/browser/node_modules ] || npm --prefix tests/browser ci --no-audit --no-fund --loglevel error

mkdir -p docs/pictures
rm -f docs/pictures/portal-*.png
node scripts/portal-pictures.mjs docs/pictures
if command -v pngquant >/dev/null; then
  pngquant --force --ext .png --speed 1 --strip 64 docs/pictures/portal-*.png
elif command -v optipng >/dev/null; then
  optipng -quiet -o5 -strip all docs/pictures/portal-*.png
fi
find docs/pictures -name 'portal-*.png' -size +150k -exec echo 'larger than 150 KB:' {} + >&2
ls -l docs/pictures/portal-*.png
