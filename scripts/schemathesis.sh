#!/usr/bin/env bash
# Asks the API what nobody thought of: schemathesis makes requests from docs/openapi.json, right ones and wrong ones, and holds each
# answer against it. `local` runs in memory on a free port; a partner and a customer of its own are there to be asked about.
# Needs what `cargo run -p local` needs, and Python 3 with venv. The seed is fixed; SEED=<n> tries another one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

VERSION=4.32.0
VENV=$PWD/target/schemathesis-$VERSION
SEED=${SEED:-20261122}
CONTOSO=11111111-1111-4111-8111-111111111111
FABRIKAM=22222222-2222-4222-8222-222222222222

fail() { printf 'failed: %s\n' "$1" >&2; exit 1; }
retry() {
  local attempt
  for attempt in 1 2 3; do
    "$@" && return 0
    echo "attempt $attempt of: $*" >&2
    sleep $((attempt * 5))
  done
  return 1
}

if [ ! -e "$VENV/complete" ]; then
  rm -rf "$VENV"
  python3 -m venv "$VENV"
  retry "$VENV/bin/pip" install --quiet --no-input --disable-pip-version-check "schemathesis==$VERSION"
  touch "$VENV/complete"
fi

work=$(mktemp -d)
local_pid=
finish() {
  if [ -n "$local_pid" ]; then
    kill "$local_pid" 2>/dev/null || true
    wait "$local_pid" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' INT TERM

cargo build --locked --package local
LOCAL=$(cargo metadata --locked --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/debug/local
"$LOCAL" --port 0 --no-schedule --log warn >"$work/out" 2>"$work/err" &
local_pid=$!
api=
for _ in $(seq 900); do
  api=$(sed -n 's/.* routes at \(http[^;]*\);.*/\1/p' "$work/out")
  [ -n "$api" ] && break
  kill -0 "$local_pid" 2>/dev/null || { cat "$work/err" >&2; fail 'local did not start'; }
  sleep 1
done
[ -n "$api" ] || fail 'local did not start within 15 minutes'

json='content-type: application/json'
token() { curl -sf "$api/_local/token" -H "$json" -d "$1" | sed 's/.*"access_token":"\([^"]*\)".*/\1/'; }
as() { bearer=$1; shift; curl -sf -o "$work/answer" -H "authorization: Bearer $bearer" -H "$json" "$@" || fail "$*"; }
operator=$(token '{"tenantId":"00000000-0000-4000-8000-000000000001","roles":["Operator"]}')
partner=$(token "{\"tenantId\":\"$CONTOSO\",\"roles\":[\"GlobalAdmin\"],\"country\":\"JP\"}")
customer=$(token "{\"tenantId\":\"$FABRIKAM\",\"roles\":[\"GlobalAdmin\"],\"country\":\"JP\"}")

# The ids of the examples in the description: what asks about them finds something.
as "$operator" -X PUT "$api/v1/partners/$CONTOSO" -d '{"name":"Contoso","country":"JP","cloud":"public"}'
as "$partner" "$api/v1/invitations" -d '{"locale":"ja"}'
link=$(sed 's/.*"link":"[^"#]*#\([^"]*\)".*/\1/' "$work/answer")
as "$customer" "$api/v1/invitations/accept" -d "{\"token\":\"$link\",\"agreementAccepted\":true,
  \"customer\":{\"name\":\"Fabrikam\",\"domain\":\"fabrikam.example\"}}"
# What is active keeps the relationship from being removed.
as "$partner" "$api/v1/customers/$FABRIKAM/subscriptions" -d '{"kind":"reservation","name":"A reserved instance","sku":"SKU-1",
  "quantity":1,"serviceType":"azure"}'

cat >"$work/schemathesis.toml" <<TOML
hooks = "$PWD/scripts/schemathesis_hooks.py"

# A right request may be refused for what no schema says: an address, a country, a state, a quota.
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "403", "404", "409", "410", "412", "422", "429", "502"]

# A cursor is opaque: a made-up one is malformed, whatever it looks like.
[[operations]]
include-method = "GET"
[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", "400", "403", "404"]
TOML

# Not checked:
#   unsupported_method, allow_header_conformance: API Gateway answers a method that no route has with 404, and without `Allow`;
#   object_level_authorization: needs a second user; the tests in tests/src/strangers.rs do it on every route;
#   max_response_time is not set: how long a debug build takes says nothing.
status=0
"$VENV/bin/schemathesis" --config-file "$work/schemathesis.toml" run docs/openapi.json --url "$api" \
  -H "Authorization: Bearer $partner" --exclude-checks unsupported_method,allow_header_conformance,object_level_authorization \
  --max-examples 40 --max-time 170 --seed "$SEED" --generation-database none --no-color --request-timeout 30 \
  --continue-on-failure --workers 2 || status=$?
if [ "$status" != 0 ]; then
  echo 'The last lines of local:' >&2
  tail -20 "$work/err" >&2
fi
exit "$status"
