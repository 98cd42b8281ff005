#!/usr/bin/env bash
# Runs the functions in containers, as Lambda does: each with its recorded event (`sam local invoke`), then the main job, from the
# registration of a partner to the customer on its list, through the API with its authorizer (`sam local start-api`).
#
#   scripts/sam-local.sh                     builds every function as it is deployed, which takes half an hour or more
#   scripts/sam-local.sh --debug             debug builds of the same functions instead
#   scripts/sam-local.sh --built             without building: those that `sam build` already made
#   scripts/sam-local.sh --built --debug     those that `sam build` already made, and debug builds of all others
#   scripts/sam-local.sh [--debug] GetPartner   the event of these functions only; each answers by itself, without the story before it
#   scripts/sam-local.sh [--debug] --api     the main job only
#
# Needs the SAM CLI, openssl and a running container engine on Linux, to build as deployed also cargo-lambda. Table and tokens
# are those of `cargo run -p local`, which this starts. Debug builds are linked against this machine's C library and run in a
# stand-in for the Lambda base image (`scripts/lambda-base-image.sh`), and so does everything where the real one cannot be
# pulled.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export AWS_DEFAULT_REGION=${AWS_DEFAULT_REGION:-eu-central-1} SAM_CLI_TELEMETRY=0

# Each invocation, and the whole of them: an engine that hangs must not hold up whoever waits.
INVOCATION_SECONDS=60
ALL_MINUTES=10

fail() { echo "failed: $1" >&2; exit 1; }

# The order of the story, and what each event is answered: the status, or for what has none, a word of the answer. A mail cannot
# be sent here, what was accepted can be neither revoked nor declined any more, and what was bought keeps the relationship.
story=(
  Authorize:isAuthorized CompleteToken:claimsToAddOrOverride RegisterPartner:201 GetPartner:200 CreateInvitation:201 ListInvitations:200 GetInvitation:200
  SendInvitation:409 RenewInvitation:200 PreviewInvitation:200 AcceptInvitation:200 DeclineInvitation:409 RevokeInvitation:409
  ListCustomers:200 ManageUsers:201 ManageServiceRequests:201 RemoveDelegatedAdmin:200 RecordAgreement:200
  ManageSubscriptions:201 GetCustomer:200 ListPartners:200 RemoveRelationship:409
  Portal:200 RecordDelivery:recorded RemindInvitations:reminded CleanupInvitations:expired
)
folder_of() { sed -E 's/([a-z])([A-Z])/\1-\L\2/g; s/^(.)/\L\1/' <<<"$1"; }
function_of() { sed -E 's/(^|-)([a-z])/\U\2/g' <<<"$1"; }
# What the story does not speak of is asked after it, and has to answer 200, or without an error where its answer has no status.
for event in events/*.json; do
  function=$(function_of "$(basename "$event" .json)")
  [[ " ${story[*]}" == *" $function:"* ]] || story+=("$function:")
done

built=no debug=no events=yes api=yes
chosen=()
for argument in "$@"; do
  case $argument in
    --built) built=yes ;;
    --debug) debug=yes ;;
    --api) events=no ;;
    -*) fail "$argument is no option; the options stand at the top of $0" ;;
    *)
      [[ " ${story[*]}" == *" $argument:"* ]] || fail "$argument has no event"
      chosen+=("$argument") api=no
      ;;
  esac
done
[ $events = yes ] || [ ${#chosen[@]} = 0 ] || fail '--api takes no functions'
is_chosen() { [ ${#chosen[@]} = 0 ] || [[ " ${chosen[*]} " == *" $1 "* ]]; }

for tool in sam docker python3 openssl curl; do command -v "$tool" >/dev/null || fail "$tool is not installed"; done
docker info >/dev/null 2>&1 || fail 'no container engine answers'
architecture=x86_64
[ "$(uname -m)" = aarch64 ] && architecture=arm64

if [ $built = no ] && [ $debug = no ]; then
  command -v cargo-lambda >/dev/null || fail 'cargo-lambda is not installed'
  others=()
  for entry in "${story[@]}"; do is_chosen "${entry%%:*}" || others+=(--exclude "${entry%%:*}"); done
  sam build "${others[@]}" --parameter-overrides "Architecture=$architecture"
  built=yes
fi

cargo build --quiet --locked --package local
target=$(cargo metadata --locked --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
work=$(mktemp -d "$target/sam-local.XXXXXX")
started=()
stop() {
  if [ ${#started[@]} != 0 ]; then
    kill "${started[@]}" 2>/dev/null || true
    # Who has not ended by then hangs.
    (sleep 30; kill -KILL "${started[@]}") >/dev/null 2>&1 &
    local guard=$! process
    for process in "${started[@]}"; do wait "$process" 2>/dev/null || true; done
    kill "$guard" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap stop EXIT
trap 'exit 1' INT TERM

# `local` builds the functions that it runs: those are the debug builds.
"$target/debug/local" --port 0 --no-schedule --log warn >"$work/local" 2>"$work/local.log" &
started+=($!)
for _ in $(seq 2400); do
  grep -q 'DynamoDB is at' "$work/local" && break
  kill -0 "${started[0]}" 2>/dev/null || { cat "$work/local.log" >&2; fail '`local` did not start'; }
  sleep 0.5
done
read -r issuer store < <(sed -n 's|.* routes at \(http[^;]*\);.* DynamoDB is at \(http[^,]*\),.*|\1 \2|p' "$work/local")
[ -n "$store" ] || fail '`local` does not say where its DynamoDB listens'

# One folder as `sam build` would leave it, but that each function is in its own folder, where the template looks for it. A hard
# link, since a debug build is large, and a container does not see what is behind a symbolic one.
from_sam=() from_debug=()
put() {
  local folder=$work/functions/$(folder_of "$1")
  mkdir -p "$folder"
  ln -f "$2" "$folder/bootstrap" 2>/dev/null || cp "$2" "$folder/bootstrap"
}
for entry in "${story[@]}"; do
  function=${entry%%:*}
  is_chosen "$function" || continue
  if [ $built = yes ] && [ -e ".aws-sam/build/$function/bootstrap" ]; then
    put "$function" ".aws-sam/build/$function/bootstrap"
    from_sam+=("$function")
  elif [ $debug = yes ]; then
    put "$function" "$target/debug/$(folder_of "$function")"
    from_debug+=("$function")
  fi
done
is_there() { [ -e "$work/functions/$(folder_of "$1")/bootstrap" ]; }
whole=yes
for entry in "${story[@]}"; do is_there "${entry%%:*}" || whole=no; done

image=(--skip-pull-image)
base=public.ecr.aws/lambda/provided:al2023-$architecture
if [ ${#from_debug[@]} = 0 ] && { docker image inspect "$base" >/dev/null 2>&1 || docker pull --quiet "$base" >/dev/null 2>&1; }; then
  echo "in: $base"
else
  base=$(scripts/lambda-base-image.sh)
  image+=(--invoke-image "$base")
  echo "in: $base, made of this machine's busybox and C library: not Amazon Linux"
fi
echo "built as deployed: ${from_sam[*]:-none}"
echo "debug builds: ${from_debug[*]:-none}"

# Containers see this machine at the gateway of their network. Older engines name none: it is the first address. There the table
# is made reachable, and the issuer's keys over TLS, since `authorize` takes them from elsewhere in no other way.
gateway=$(docker network inspect bridge | python3 -c '
import ipaddress, json, sys
network = json.load(sys.stdin)[0]["IPAM"]["Config"][0]
print(network.get("Gateway") or ipaddress.ip_network(network["Subnet"])[1])')
cat >"$work/certificate" <<CONFIG
[req]
prompt = no
distinguished_name = name
x509_extensions = extensions
[name]
CN = The keys of local, for one run
[extensions]
basicConstraints = critical, CA:FALSE
subjectAltName = IP:$gateway
CONFIG
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -config "$work/certificate" \
  -keyout "$work/key.pem" -out "$work/certificate.pem" 2>"$work/openssl" || { cat "$work/openssl" >&2; fail 'no certificate'; }
if is_there Authorize; then cp "$work/certificate.pem" "$work/functions/authorize/issuer.pem"; fi
python3 - "$gateway" "${store##*:}" "${issuer##*:}" "$work/certificate.pem" "$work/key.pem" >"$work/forwarded" <<'PYTHON' &
import asyncio, ssl, sys

gateway, store, issuer, certificate, key = sys.argv[1:]

async def pipe(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()

def to(port):
    async def forward(reader, writer):
        try:
            to_reader, to_writer = await asyncio.open_connection("127.0.0.1", int(port))
        except OSError:
            return writer.close()
        await asyncio.gather(pipe(reader, to_writer), pipe(to_reader, writer))
    return forward

async def main():
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, key)
    servers = [await asyncio.start_server(to(store), gateway, 0), await asyncio.start_server(to(issuer), gateway, 0, ssl=tls)]
    print(*(server.sockets[0].getsockname()[1] for server in servers), flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))

asyncio.run(main())
PYTHON
started+=($!)
for _ in $(seq 100); do [ -s "$work/forwarded" ] && break; sleep 0.1; done
read -r store_port issuer_port <"$work/forwarded" || fail "cannot listen on $gateway, where containers see this machine"

# `--env-vars` reaches only variables that the template names, and what is deployed needs none of these: so a copy names them.
sed '0,/^\( *\)RUST_LOG:/s||\1AWS_ENDPOINT_URL_DYNAMODB: ""\n\1SSL_CERT_FILE: ""\n&|' template.yaml >"$work/template.yaml"
grep -q SSL_CERT_FILE "$work/template.yaml" || fail 'the template names no RUST_LOG'

# The secrets are those of the recorded events, and of nothing else: the link in them is signed with this key.
cat >"$work/variables.json" <<JSON
{ "Parameters": {
    "AWS_ENDPOINT_URL_DYNAMODB": "http://$gateway:$store_port",
    "SSL_CERT_FILE": "/var/task/issuer.pem",
    "TABLE_NAME": "local",
    "LINK_KEYS": "events:dGhlIGtleSBvZiB0aGUgcmVjb3JkZWQgZXZlbnRzISE=",
    "CURSOR_KEY": "dGhlIGtleSBvZiB0aGUgcmVjb3JkZWQgZXZlbnRzISE=",
    "PORTALS": "{\"public\":{\"name\":\"Acceptance portal\",\"url\":\"https://portal.example/accept\"},\"usGovernment\":{\"name\":\"Acceptance portal\",\"url\":\"https://portal.example/accept\"},\"germany\":{\"name\":\"Acceptance portal\",\"url\":\"https://portal.example/accept\"},\"china\":{\"name\":\"Acceptance portal\",\"url\":\"https://portal.example/accept\"}}",
    "TRUSTED_ISSUERS": "[{\"issuer\":\"$issuer\",\"audience\":\"reseller-relationship\",\"jwksUri\":\"https://$gateway:$issuer_port/.well-known/jwks.json\",\"cloud\":\"public\",\"claims\":{\"tenant\":\"tid\",\"roles\":\"roles\",\"country\":\"ctry\",\"name\":\"name\",\"email\":\"email\"},\"roleMap\":{}}]",
    "OPERATOR_TENANT": "00000000-0000-4000-8000-000000000001" } }
JSON
sam_options=(--template "$work/template.yaml" --env-vars "$work/variables.json" --parameter-overrides "Architecture=$architecture" "${image[@]}")
latest=$((SECONDS + ALL_MINUTES * 60))
in_time() { [ $SECONDS -lt $latest ] || fail "not done within $ALL_MINUTES minutes"; }

read_answer() { python3 - "$@" <<'PYTHON'
import json, sys
answer, what = json.load(open(sys.argv[1])), sys.argv[2]
try:
    body = json.loads(answer.get("body") or "null") if isinstance(answer, dict) else None
except ValueError:
    body = None  # a file
if what == "summary":
    print(answer.get("statusCode", ""), json.dumps(body if body else answer, ensure_ascii=False))
elif what == "invitation":
    print(body["invitation"]["id"], body["draft"]["link"].split("#")[1])
PYTHON
}

# The recorded events speak of an invitation that nobody made, at a time that is over: both are replaced by what this run made.
invoke_events() {
  local entry function expected summary verdict failures=0 invoked=0
  local invitation token recorded_at made link now
  invitation=$(sed -n 's|.*"rawPath": "/v1/invitations/\([0-9a-f-]*\)".*|\1|p' events/get-invitation.json)
  token=$(sed -n 's|.*token\\":\\"\([^\\]*\)\\".*|\1|p' events/preview-invitation.json)
  recorded_at=$(sed -n 's|.*"timeEpoch": \([0-9]*\).*|\1|p' events/get-invitation.json)
  made=$invitation link=$token now=$(date +%s)
  for entry in "${story[@]}"; do
    function=${entry%%:*} expected=${entry#*:}
    is_there "$function" || continue
    in_time
    sed "s/$invitation/$made/g; s/$token/$link/g; s/\"timeEpoch\": $recorded_at/\"timeEpoch\": ${now}000/; s/\(\"time\": \"\|renegotiatedAt\\\\\":\\\\\"\)20[0-9T:-]*Z/\1$(date -u -d "@$now" +%FT%TZ)/" \
      "events/$(folder_of "$function").json" >"$work/event.json"
    if ! timeout $INVOCATION_SECONDS sam local invoke "$function" --event "$work/event.json" "${sam_options[@]}" \
      >"$work/answer" 2>"$work/log"; then
      cat "$work/log" >&2
    fi
    invoked=$((invoked + 1))
    summary=$(read_answer "$work/answer" summary 2>/dev/null || echo 'no answer')
    if grep -q panicked "$work/log"; then
      # Also what nobody waits for, such as opening the connection.
      verdict=panicked failures=$((failures + 1))
      cat "$work/log" >&2
    elif [[ "$expected" =~ ^[0-9]+$ && "$summary" == "$expected "* ]] || [[ "$expected" =~ [a-z] && "$summary" == *"$expected"* ]]; then
      verdict=ok
    elif [ -z "$expected" ] && [[ "$summary" =~ ^(200)?\  ]] && [[ "$summary" != *errorType* ]]; then
      verdict=ok
    elif [ $whole = no ] && [[ "$summary" =~ ^[24][0-9][0-9] ]]; then
      verdict='ok by itself'
    else
      verdict="expected ${expected:-200}" failures=$((failures + 1))
      tail -n 20 "$work/log" >&2
    fi
    printf '%-22s %-14s %s\n' "$function" "$verdict" "${summary:0:160}"
    case $function in
      CreateInvitation | RenewInvitation) read -r made link < <(read_answer "$work/answer" invitation 2>/dev/null || echo "$made $link") ;;
    esac
  done
  [ "$failures" = 0 ] || fail "$failures of $invoked functions answered otherwise"
  echo "$invoked functions invoked with their events, in $((SECONDS - began)) s"
}

# The main job through the API, with tokens that `local` signs and `Authorize` judges in its container.
JSON_TYPE='content-type: application/json'
token() { curl -sf "$issuer/_local/token" -H "$JSON_TYPE" -d "$1" | sed 's/.*"access_token":"\([^"]*\)".*/\1/'; }
# <expected status> <a part of the answer> <token or -> <method> <path> [<body>]
call() {
  local expected=$1 part=$2 bearer=$3 method=$4 path=$5 status
  local request=(-X "$method" "$address$path")
  [ "$bearer" = - ] || request+=(-H "authorization: Bearer $bearer")
  [ $# -lt 6 ] || request+=(-H "$JSON_TYPE" -d "$6")
  in_time
  status=$(curl -s -o "$work/answer" -w '%{http_code}' --max-time $INVOCATION_SECONDS "${request[@]}" || true)
  printf '%-6s %-50s %s %s\n' "$method" "${path/#\/v1/}" "$status" "$(head -c 120 "$work/answer" | tr '\n' ' ')"
  if [ "$status" != "$expected" ] || ! grep -q "$part" "$work/answer"; then
    tail -n 30 "$work/api" >&2
    fail "expected $expected and $part"
  fi
}
NORTHWIND=44444444-4444-4444-8444-444444444444
FABRIKAM=55555555-5555-4555-8555-555555555555
TAILSPIN=66666666-6666-4666-8666-666666666666
main_job() {
  local port python operator partner customer other link
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  address=http://127.0.0.1:$port
  # SAM tells functions the time in seconds where API Gateway says milliseconds (aws/aws-sam-cli#9280): to them it would be January
  # 1970, when no token was valid yet and no region had a country. So it is started with that one value put right.
  cat >"$work/sam.py" <<'PYTHON'
import time
from samcli.cli.main import cli
from samcli.local.events.api_event import RequestContextV2

as_told = RequestContextV2.to_dict
RequestContextV2.to_dict = lambda context: {**as_told(context), "timeEpoch": time.time_ns() // 1_000_000}
cli(prog_name="sam")
PYTHON
  # The Python that SAM is installed for: beside it, or in its first line.
  for python in "$(dirname "$(command -v sam)")/python" "$(sed -n '1s/^#! *//p' "$(command -v sam)")" ''; do
    [ -z "$python" ] || ! "$python" -c 'import samcli' 2>/dev/null || break
  done
  if [ -z "$python" ]; then
    echo 'the main job through the API: skipped, since this SAM CLI was not installed by pip, and its time cannot be put right'
    return
  fi
  "$python" "$work/sam.py" local start-api --port "$port" --warm-containers LAZY "${sam_options[@]}" >"$work/api" 2>&1 &
  started+=($!)
  for _ in $(seq 120); do
    curl -s -o /dev/null --max-time 20 "$address/" && break
    kill -0 "${started[-1]}" 2>/dev/null || { cat "$work/api" >&2; fail '`sam local start-api` did not start'; }
    sleep 0.5
  done
  operator=$(token '{"tenantId":"00000000-0000-4000-8000-000000000001","roles":["Operator"]}')
  partner=$(token "{\"tenantId\":\"$NORTHWIND\",\"roles\":[\"GlobalAdmin\"],\"country\":\"JP\"}")
  customer=$(token "{\"tenantId\":\"$FABRIKAM\",\"roles\":[\"GlobalAdmin\"],\"country\":\"JP\"}")
  other=$(token "{\"tenantId\":\"$TAILSPIN\",\"roles\":[\"GlobalAdmin\"],\"country\":\"JP\"}")
  call 401 Unauthorized - GET /v1/customers
  call 403 'not authorized' "${partner%??????}AAAAAA" GET /v1/customers
  call 201 Northwind "$operator" PUT "/v1/partners/$NORTHWIND" '{"name":"Northwind","country":"JP","cloud":"public"}'
  call 201 '"pending"' "$partner" POST /v1/invitations '{"customer":{"name":"Fabrikam","email":"admin@fabrikam.example","country":"JP"}}'
  link=$(sed 's/.*"link":"[^"#]*#\([^"]*\)".*/\1/' "$work/answer")
  call 200 '"pending"' - POST /v1/invitations/preview "{\"token\":\"$link\"}"
  call 200 '"granted"' "$customer" POST /v1/invitations/accept "{\"token\":\"$link\",\"agreementAccepted\":true,
    \"customer\":{\"name\":\"Fabrikam\",\"domain\":\"fabrikam.example\",\"country\":\"JP\"}}"
  call 409 already-accepted "$other" POST /v1/invitations/accept "{\"token\":\"$link\",\"agreementAccepted\":true}"
  call 200 '"accepted"' - POST /v1/invitations/preview "{\"token\":\"$link\"}"
  call 200 '"Fabrikam"' "$partner" GET /v1/customers
  call 200 '"responsibility"' "$partner" GET "/v1/customers/$FABRIKAM"
  call 200 Northwind "$customer" GET /v1/partners
  echo "the main job through the API, in $((SECONDS - began)) s"
}

began=$SECONDS
if [ $events = yes ]; then
  invoke_events
  began=$SECONDS
fi
if [ $api = yes ]; then
  if [ $whole = yes ]; then main_job; else echo 'the main job through the API: skipped, since not all functions are built'; fi
fi
