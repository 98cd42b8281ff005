#!/usr/bin/env bash
# Builds the functions as they are deployed and invokes each with its recorded event in a container, as `sam local invoke` does.
#
#   scripts/sam-local.sh                     every function, in the order of the story
#   scripts/sam-local.sh GetPartner          these functions only; each then answers by itself, without the story before it
#   scripts/sam-local.sh --built             without building: those that `sam build` already made
#
# Needs the SAM CLI, cargo-lambda and a running container engine. Where the Lambda base image cannot be pulled,
# `scripts/lambda-base-image.sh` makes a stand-in first. The table is the one of `cargo run -p local`, which this starts;
# DYNAMODB_URL, an address that containers reach, names another (its table is then TABLE_NAME).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export AWS_DEFAULT_REGION=${AWS_DEFAULT_REGION:-eu-central-1} SAM_CLI_TELEMETRY=0

fail() { echo "failed: $1" >&2; exit 1; }
for tool in sam cargo-lambda docker python3; do command -v "$tool" >/dev/null || fail "$tool is not installed"; done
docker info >/dev/null 2>&1 || fail 'no container engine answers'

# The order of the story, and what each event is answered: the status, or for what has none, a word of the answer. A mail cannot
# be sent here, what was accepted can be neither revoked nor declined any more, and what was bought keeps the relationship.
story=(
  Authorize:isAuthorized RegisterPartner:201 GetPartner:200 CreateInvitation:201 ListInvitations:200 GetInvitation:200
  SendInvitation:409 RenewInvitation:200 PreviewInvitation:200 AcceptInvitation:200 DeclineInvitation:409 RevokeInvitation:409
  ListCustomers:200 ManageUsers:201 ManageServiceRequests:201 RemoveDelegatedAdmin:200 RecordAgreement:200
  ManageSubscriptions:201 GetCustomer:200 ListPartners:200 RemoveRelationship:409
  Portal:200 RecordDelivery:recorded RemindInvitations:reminded CleanupInvitations:expired
)
architecture=x86_64
[ "$(uname -m)" = aarch64 ] && architecture=arm64

built=no
chosen=()
for argument in "$@"; do
  if [ "$argument" = --built ]; then built=yes; else chosen+=("$argument"); fi
done
if [ $built = no ]; then
  others=()
  for entry in "${story[@]}"; do
    function=${entry%%:*}
    if [ ${#chosen[@]} != 0 ] && [[ " ${chosen[*]} " != *" $function "* ]]; then others+=(--exclude "$function"); fi
  done
  sam build "${others[@]}" --parameter-overrides "Architecture=$architecture"
fi
whole=yes
for entry in "${story[@]}"; do
  function=${entry%%:*}
  if [ ! -d ".aws-sam/build/$function" ] || { [ ${#chosen[@]} != 0 ] && [[ " ${chosen[*]} " != *" $function "* ]]; }; then whole=no; fi
done

work=$(mktemp -d)
started=()
stop() {
  for process in "${started[@]}"; do kill "$process" 2>/dev/null && wait "$process" 2>/dev/null || true; done
  rm -rf "$work"
}
trap stop EXIT

image=public.ecr.aws/lambda/provided:al2023-$architecture
docker image inspect "$image" >/dev/null 2>&1 || docker pull --quiet "$image" 2>/dev/null || scripts/lambda-base-image.sh

# The table: the one of `local`, on loopback, made reachable where containers see this machine.
if [ -z "${DYNAMODB_URL:-}" ]; then
  cargo build --quiet --package local
  cargo metadata --no-deps --format-version 1 >"$work/metadata.json"
  target=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["target_directory"])' "$work/metadata.json")
  "$target/debug/local" --port 0 >"$work/local" 2>&1 &
  started+=($!)
  for _ in $(seq 2400); do
    store=$(sed -n 's|.*DynamoDB is at http://127\.0\.0\.1:\([0-9]*\).*|\1|p' "$work/local")
    [ -n "$store" ] && break
    kill -0 "${started[0]}" 2>/dev/null || { cat "$work/local" >&2; fail '`local` did not start'; }
    sleep 0.5
  done
  [ -n "$store" ] || fail '`local` does not say where its DynamoDB listens'
  # Older engines name no gateway: it is the first address of the network.
  gateway=$(docker network inspect bridge | python3 -c '
import ipaddress, json, sys
network = json.load(sys.stdin)[0]["IPAM"]["Config"][0]
print(network.get("Gateway") or ipaddress.ip_network(network["Subnet"])[1])')
  python3 - "$gateway" "$store" >"$work/forwarded" <<'PYTHON' &
import asyncio, sys

async def pipe(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()

async def forward(reader, writer):
    try:
        to_reader, to_writer = await asyncio.open_connection("127.0.0.1", int(sys.argv[2]))
    except OSError:
        return writer.close()
    await asyncio.gather(pipe(reader, to_writer), pipe(to_reader, writer))

async def main():
    server = await asyncio.start_server(forward, sys.argv[1], 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
PYTHON
  started+=($!)
  for _ in $(seq 50); do [ -s "$work/forwarded" ] && break; sleep 0.1; done
  [ -s "$work/forwarded" ] || fail "cannot listen on $gateway, where containers see this machine"
  DYNAMODB_URL=http://$gateway:$(cat "$work/forwarded")
  TABLE_NAME=${TABLE_NAME:-local}
fi

# `--env-vars` reaches only variables that the template names, and what is deployed needs no endpoint: so it is named in a copy.
sed '0,/^\( *\)RUST_LOG:/s||\1AWS_ENDPOINT_URL_DYNAMODB: ""\n&|' .aws-sam/build/template.yaml >.aws-sam/build/sam-local.yaml
grep -q AWS_ENDPOINT_URL_DYNAMODB .aws-sam/build/sam-local.yaml || fail 'the built template names no RUST_LOG'

# Secrets of the recorded events, and of nothing else: the link in them is signed with this key.
cat >"$work/variables.json" <<JSON
{ "Parameters": {
    "AWS_ENDPOINT_URL_DYNAMODB": "$DYNAMODB_URL",
    "TABLE_NAME": "${TABLE_NAME:?DYNAMODB_URL needs TABLE_NAME}",
    "LINK_KEYS": "events:dGhlIGtleSBvZiB0aGUgcmVjb3JkZWQgZXZlbnRzISE=",
    "CURSOR_KEY": "dGhlIGtleSBvZiB0aGUgcmVjb3JkZWQgZXZlbnRzISE=",
    "PORTALS": "{\"public\":{\"name\":\"Acceptance portal\",\"url\":\"https://portal.example/accept\"},\"usGovernment\":{\"name\":\"Acceptance portal\",\"url\":\"https://portal.example/accept\"},\"germany\":{\"name\":\"Acceptance portal\",\"url\":\"https://portal.example/accept\"},\"china\":{\"name\":\"Acceptance portal\",\"url\":\"https://portal.example/accept\"}}",
    "TRUSTED_ISSUERS": "[{\"issuer\":\"https://login.example/{tid}/v2.0\",\"audience\":\"api\",\"jwksUri\":\"https://login.example/keys\",\"cloud\":\"public\",\"claims\":{\"tenant\":\"tid\"},\"roleMap\":{}}]",
    "OPERATOR_TENANT": "00000000-0000-4000-8000-000000000001" } }
JSON

folder_of() { sed -E 's/([a-z])([A-Z])/\1-\L\2/g; s/^(.)/\L\1/' <<<"$1"; }
read_answer() { python3 - "$@" <<'PYTHON'
import json, sys
answer, what = json.load(open(sys.argv[1])), sys.argv[2]
try:
    body = json.loads(answer.get("body") or "null") if isinstance(answer, dict) else None
except ValueError:
    body = None  # a file
if what == "summary":
    print(answer.get("statusCode", ""), json.dumps(body if body else answer, ensure_ascii=False)[:160])
elif what == "invitation":
    print(body["invitation"]["id"], body["draft"]["link"].split("#")[1])
PYTHON
}

# The recorded events speak of an invitation that nobody made, at a time that is over: both are replaced by what this run made.
invitation=$(sed -n 's|.*"rawPath": "/v1/invitations/\([0-9a-f-]*\)".*|\1|p' events/get-invitation.json)
token=$(sed -n 's|.*token\\":\\"\([^\\]*\)\\".*|\1|p' events/preview-invitation.json)
recorded_at=$(sed -n 's|.*"timeEpoch": \([0-9]*\).*|\1|p' events/get-invitation.json)
made=$invitation link=$token now=$(date +%s)
failures=0
for entry in "${story[@]}"; do
  function=${entry%%:*} expected=${entry#*:}
  [ -d ".aws-sam/build/$function" ] || continue
  if [ ${#chosen[@]} != 0 ] && [[ " ${chosen[*]} " != *" $function "* ]]; then continue; fi
  sed "s/$invitation/$made/g; s/$token/$link/g; s/\"timeEpoch\": $recorded_at/\"timeEpoch\": ${now}000/; s/\(\"time\": \"\|renegotiatedAt\\\\\":\\\\\"\)20[0-9T:-]*Z/\1$(date -u -d "@$now" +%FT%TZ)/" \
    "events/$(folder_of "$function").json" >"$work/event.json"
  if ! sam local invoke "$function" --template .aws-sam/build/sam-local.yaml --event "$work/event.json" --env-vars "$work/variables.json" \
    --parameter-overrides "Architecture=$architecture" --skip-pull-image >"$work/answer" 2>"$work/log"; then
    cat "$work/log" >&2
  fi
  summary=$(read_answer "$work/answer" summary 2>/dev/null || echo 'no answer')
  if grep -q panicked "$work/log"; then
    # Also what nobody waits for, such as opening the connection.
    verdict=panicked failures=$((failures + 1))
    cat "$work/log" >&2
  elif [[ "$summary" == *"$expected"* ]]; then
    verdict=ok
  elif [ $whole = no ] && [[ "$summary" =~ ^[24][0-9][0-9] ]]; then
    verdict='ok by itself'
  else
    verdict="expected $expected" failures=$((failures + 1))
    tail -n 20 "$work/log" >&2
  fi
  printf '%-22s %-14s %s\n' "$function" "$verdict" "$summary"
  case $function in
    CreateInvitation | RenewInvitation) read -r made link < <(read_answer "$work/answer" invitation 2>/dev/null || echo "$made $link") ;;
  esac
done
[ "$failures" = 0 ] || fail "$failures of the functions answered otherwise"
