#!/usr/bin/env bash
# Makes a stand-in for the Lambda base image provided:al2023 out of this machine's busybox and C library, under a name of its own,
# which it prints. For `sam local … --skip-pull-image --invoke-image <name>` where no image can be pulled, or where what runs in it
# was linked against this machine's C library. It shows that event, binary and protocol fit together. It is not Amazon Linux: it
# proves nothing about the C library there.
set -euo pipefail

case $(uname -m) in
  x86_64) architecture=x86_64 loader=/lib64/ld-linux-x86-64.so.2 libraries=/lib/x86_64-linux-gnu ;;
  aarch64) architecture=arm64 loader=/lib/ld-linux-aarch64.so.1 libraries=/lib/aarch64-linux-gnu ;;
  *) echo "no stand-in for $(uname -m)" >&2; exit 1 ;;
esac
image=lambda-stand-in
busybox=$(command -v busybox) || { echo 'busybox is missing: apt-get install busybox-static' >&2; exit 1; }

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root"/{bin,dev,etc/ssl/certs,opt,proc,sys,tmp,usr/bin,var/rapid,var/runtime,var/task} "$root$libraries" "$root$(dirname "$loader")"
chmod 1777 "$root/tmp"

cp -L "$busybox" "$root/bin/busybox"
for applet in sh cat chmod cp env ln ls mkdir mv rm; do ln -s busybox "$root/bin/$applet"; done

cp -L "$loader" "$root$loader"
for library in libc.so.6 libdl.so.2 libgcc_s.so.1 libm.so.6 libnss_dns.so.2 libnss_files.so.2 libpthread.so.0 libresolv.so.2 librt.so.1; do
  cp -L "$libraries/$library" "$root$libraries/"
done

cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/" 2>/dev/null || echo 'no ca-certificates: functions cannot use native roots' >&2
printf 'root:x:0:0:root:/root:/bin/sh\nsbx_user1051:x:1000:1000::/tmp:/bin/sh\n' >"$root/etc/passwd"
printf 'root:x:0:\n' >"$root/etc/group"
printf 'hosts: files dns\n' >"$root/etc/nsswitch.conf"

# SAM adds its emulator of the Lambda runtime under this name.
printf '#!/bin/sh\nexec /var/rapid/aws-lambda-rie "$@"\n' >"$root/lambda-entrypoint.sh"
chmod +x "$root/lambda-entrypoint.sh"

# What SAM made of an older stand-in it would use again, whatever stands below it.
docker image rm "$image:rapid-$architecture" >/dev/null 2>&1 || true
tar -C "$root" -c . | docker import \
  -c 'WORKDIR /var/task' \
  -c "ENV PATH=/bin:/usr/bin LD_LIBRARY_PATH=$(dirname "$loader"):$libraries:/var/task/lib:/opt/lib LAMBDA_TASK_ROOT=/var/task LAMBDA_RUNTIME_DIR=/var/runtime TZ=:/etc/localtime" \
  -c 'ENTRYPOINT ["/lambda-entrypoint.sh"]' \
  - "$image:$architecture" >/dev/null
echo "$image:$architecture"
