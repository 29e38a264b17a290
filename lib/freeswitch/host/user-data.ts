import { nodeEnvironment, vipLines, type HostSettings } from './settings';

/** EC2 takes 16 KB of user data before it is encoded (EC2 user guide, "Run commands when you launch an instance"). */
export const MAX_USER_DATA_BYTES = 16 * 1024;
/** What stands for a value that is not known yet may be shorter than the value. */
const ROOM_FOR_VALUES = 512;

/**
 * What cloud-init runs. A boothook, because that runs at every boot and not at the first alone: a deployment that changes
 * it stops and starts the instance, and the new text has to take effect. What changes often (our scripts, FreeSWITCH's
 * configuration) is named by a parameter, so that a new version stops nobody. It only writes files and starts a unit, which
 * may take its time and is tried again; the boot itself waits for nothing.
 *
 * @param identity what `node.json` says, for people and for tools
 * @throws Error when it is more than EC2 takes
 */
export function userData(settings: HostSettings, identity: object): string {
  const text = [
    '#cloud-boothook',
    '#!/bin/sh',
    'set -eu',
    'mkdir -p /etc/understudy /usr/local/lib/understudy',
    ...file('/etc/understudy/node.json', `${JSON.stringify(identity)}\n`),
    ...file('/etc/understudy/node.env', nodeEnvironment(settings)),
    ...file('/etc/understudy/vips', vipLines(settings.vips)),
    ...file('/usr/local/lib/understudy/boot', BOOT_SCRIPT),
    ...file('/etc/systemd/system/understudy-boot.service', BOOT_UNIT),
    'chmod 755 /usr/local/lib/understudy/boot',
    // An image's own FreeSWITCH would start in this very boot, beside ours and not as a standby.
    'ln -sfn /dev/null /etc/systemd/system/freeswitch.service',
    'systemctl daemon-reload',
    // The unit waits for the network, which waits for cloud-init: waiting for the unit here would wait for itself.
    'systemctl start --no-block understudy-boot.service',
    '',
  ].join('\n');
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_USER_DATA_BYTES - ROOM_FOR_VALUES) return text;
  throw new Error(
    `node ${settings.node}: what it is told at its boot is about ${bytes} bytes, and EC2 takes ${MAX_USER_DATA_BYTES}: ` +
      'make it a candidate of fewer VIPs, or shorten the names of their profiles and secrets',
  );
}

/** Quoted delimiter: nothing in the document is expanded by the shell. */
const file = (path: string, content: string): string[] => [`cat > ${path} <<'UNDERSTUDY'`, `${content}UNDERSTUDY`];

/**
 * Asks what is to be fetched, fetches it and hands over to what is in it. When S3 does not answer, the archive of the last boot serves:
 * a node must come back without anybody's leave.
 */
export const BOOT_SCRIPT = `#!/bin/bash
# Fetches this node's archive from S3 and installs it. The archive's name is the hash of its content; the parameter
# says which one it is today.
set -euo pipefail
. /etc/understudy/node.env
export AWS_DEFAULT_REGION=$REGION AWS_MAX_ATTEMPTS=5
home=/var/lib/understudy
mkdir -p "$home"
if ! command -v aws >/dev/null && command -v apt-get >/dev/null; then
  timeout 300 apt-get -o DPkg::Lock::Timeout=240 -qq update
  DEBIAN_FRONTEND=noninteractive timeout 600 apt-get -o DPkg::Lock::Timeout=240 -qq install -y awscli
fi
content=/etc/understudy/content.env
if timeout 60 aws ssm get-parameter --name "$CONTENT_PARAMETER" --query Parameter.Value --output text >"$content.next" &&
  grep -q "^ARCHIVE='s3://" "$content.next"; then
  mv "$content.next" "$content"
elif [ -f "$content" ]; then
  echo "<4>$CONTENT_PARAMETER cannot be read now: what it said at an earlier boot holds" >&2
else
  echo "<3>$CONTENT_PARAMETER cannot be read and never was: this node does not come up yet" >&2
  exit 1
fi
# shellcheck source=/dev/null
. "$content"
if [ "$(cat "$home/archive.name" 2>/dev/null)" != "$ARCHIVE" ]; then
  if timeout 120 aws s3 cp --only-show-errors "$ARCHIVE" "$home/archive.zip"; then
    rm -rf "$home/archive.next"
    python3 -m zipfile -e "$home/archive.zip" "$home/archive.next"
    rm -rf "$home/archive"
    mv "$home/archive.next" "$home/archive"
    printf '%s\\n' "$ARCHIVE" >"$home/archive.name"
  elif [ -d "$home/archive" ]; then
    echo "<4>$ARCHIVE cannot be read now: the archive of an earlier boot serves" >&2
  else
    echo "<3>$ARCHIVE cannot be read and there is no earlier one: this node does not come up yet" >&2
    exit 1
  fi
fi
exec bash "$home/archive/bin/install"
`;

export const BOOT_UNIT = `[Unit]
Description=Understudy: fetches this node's configuration and installs it
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
Type=oneshot
ExecStart=/usr/local/lib/understudy/boot
TimeoutStartSec=45min
Restart=on-failure
RestartSec=20
`;
