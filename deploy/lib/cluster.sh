# shellcheck shell=bash
# Requests to the cluster, and what their errors mean.

child=

# One request, which must not hang for ever. What it says in an error is kept for fail_at_cluster.
kube() {
  local code=0
  kubectl --namespace="$namespace" --request-timeout=30s "$@" 2>"$work/said" || code=$?
  # Its attempts to reach a cluster that is away are told once more, in plain words, in its last line.
  grep -vE '^E[0-9]+ .* memcache\.go:' "$work/said" >&2 || true
  return "$code"
}

# Runs a command, and keeps what the error before it said for fail_at_cluster.
aside() {
  local code=0
  cp "$work/said" "$work/said-first"
  "$@" || code=$?
  mv "$work/said-first" "$work/said"
  return "$code"
}

# Not what an admission controller refuses, which is the manifests' fault.
is_refused() { grep -qE 'Unauthorized|is forbidden: User .* cannot [a-z]+ resource|Please enter ' "$work/said"; }

is_away() {
  grep -qE 'Unable to connect to the server|The connection to the server|connection refused|connection reset|no such host|i/o timeout|deadline exceeded' \
    "$work/said"
}

is_there_already() { grep -q '^Error from server (AlreadyExists)' "$work/said"; }

# Whether the cluster decided, as against failing or being away.
is_answer() {
  grep -q '^Error from server' "$work/said" &&
    ! grep -qE '^Error from server \((InternalError|ServerTimeout|ServiceUnavailable|Timeout)\)' "$work/said"
}

# After a request that failed: with CODE, unless the cluster is away or does not let this user.
fail_at_cluster() {
  local code=$1
  shift
  if is_refused; then fail 9 "no permission: $* (what deploy.sh needs is in deploy/README.md)"; fi
  if is_away; then fail 8 "no cluster: $*"; fi
  fail "$code" "$*"
}

# Bash runs a trap only when the command in the foreground has ended; `wait` ends at once.
interruptible() {
  local code=0
  "$@" &
  child=$!
  wait "$child" || code=$?
  child=
  return "$code"
}
