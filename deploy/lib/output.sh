# shellcheck shell=bash
# What the script says, and how it ends.

say() { printf '▸ %s\n' "$*"; }

complain() { printf 'deploy.sh: %s\n' "$*" >&2; }

fail() {
  local code=$1
  shift
  complain "$*"
  exit "$code"
}

# Whoever reads may leave, as in `deploy.sh … | head`: a broken pipe must end neither this script nor a kubectl in the
# middle of a roll-out.
outlive_readers() {
  if is_pipe /dev/stdout && [[ /dev/stdout -ef /dev/stderr ]]; then
    exec > >(pass_on) 2>&1
    return
  fi
  ! is_pipe /dev/stdout || exec > >(pass_on)
  ! is_pipe /dev/stderr || exec 2> >(pass_on >&2)
}

is_pipe() { [[ -p $1 || -S $1 ]]; }

pass_on() {
  trap '' HUP INT TERM PIPE
  cat 2>/dev/null || cat >/dev/null
}
