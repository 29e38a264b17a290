# shellcheck shell=bash
# What the scripts share. Sourced, never run.

# A folder in the place of /, for tests.
root=${UNDERSTUDY_ROOT:-}
etc=$root/etc/understudy
# shellcheck disable=SC2034  # for those who source this
run=$root/run/understudy state=$root/var/lib/understudy
# What this node is, from the instance's user data: docs/node.md lists it.
# shellcheck source=/dev/null
. "$etc/node.env"
# What was to be fetched at this boot.
[ ! -f "$etc/content.env" ] || . "$etc/content.env"

# Ranges of letters mean what they mean in ASCII.
export LC_ALL=C
export AWS_DEFAULT_REGION=$REGION AWS_MAX_ATTEMPTS=3 AWS_PAGER=

# systemd takes the digit for the line's priority: notice, and error.
say() { printf '<5>%s\n' "$*" >&2; }
fail() {
  printf '<3>%s\n' "$*" >&2
  exit 1
}

# Every call of AWS ends: 20 s for small things, AWS_SECONDS where files travel.
aws_call() { timeout "${AWS_SECONDS:-20}" aws --cli-connect-timeout 3 --cli-read-timeout 10 "$@"; }

# One value of the instance metadata, by a session token (version 2 of the service).
metadata() {
  local token
  token=$(curl -fsS --max-time 2 --retry 3 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' \
    http://169.254.169.254/latest/api/token) || return 1
  curl -fsS --max-time 2 --retry 3 -H "X-aws-ec2-metadata-token: $token" "http://169.254.169.254/latest/meta-data/$1"
}

xml_escape() {
  sed -e 's/&/\&amp;/g' -e 's/</\&lt;/g' -e 's/>/\&gt;/g' -e 's/"/\&quot;/g' -e "s/'/\\&apos;/g"
}

# write_file MODE OWNER FILE: standard input becomes the file, whole or not at all.
write_file() {
  local next
  next=$(mktemp "$3.XXXXXX")
  if ! cat >"$next"; then
    rm -f "$next"
    return 1
  fi
  chmod "$1" "$next"
  [ -n "$root" ] || chown "$2" "$next"
  mv -f "$next" "$3"
}

# One line per VIP: id, service address, private address, public address, secret of its certificate; `-` is none.
vips() { grep -v '^#' "$etc/vips" || true; }
