# shellcheck shell=bash
# One run at a time for an environment: a Lease says whose, and is renewed while that run lives. One that was killed holds
# the next up for LEASE_SECONDS.
# https://kubernetes.io/docs/concepts/architecture/leases/

readonly LEASE=deploy
readonly LEASE_SECONDS=${LEASE_SECONDS:-20}
readonly LEASE_RENEWAL_SECONDS=${LEASE_RENEWAL_SECONDS:-5}
readonly HOLDER=${HOSTNAME//[^A-Za-z0-9.-]/}-$$-$RANDOM
renewer=

take_lease() {
  local held
  make_namespace
  held=$(lease_state) || fail_at_cluster 1 "cannot read lease/$LEASE in $namespace"
  if [[ -z $held ]]; then create_lease; else succeed_to_lease "$held"; fi
  trap taken_over USR1
  renew_lease >/dev/null 2>&1 &
  renewer=$!
  # Else bash would report its end.
  disown "$renewer"
}

# The lease needs it before it is applied, which gives it its labels.
make_namespace() {
  local there
  # The first request: whatever goes wrong, short of a refusal, is a cluster that is not there for this user.
  there=$(kube get namespace "$namespace" --ignore-not-found -o name) ||
    fail_at_cluster 8 "cannot read namespace/$namespace"
  [[ -n $there ]] || create <<NAMESPACE || is_there_already || fail_at_cluster 1 "namespace/$namespace could not be made"
apiVersion: v1
kind: Namespace
metadata: { name: $namespace }
NAMESPACE
}

lease_state() {
  kube get lease "$LEASE" --ignore-not-found \
    -o jsonpath='{.spec.leaseDurationSeconds} {.spec.renewTime} {.spec.holderIdentity}'
}

create_lease() {
  create <<LEASE || check_holder "lease/$LEASE could not be made"
apiVersion: coordination.k8s.io/v1
kind: Lease
metadata: { name: $LEASE }
spec: { holderIdentity: $HOLDER, leaseDurationSeconds: $LEASE_SECONDS, renewTime: "$(now)" }
LEASE
}

create() { kube create --save-config -f - >/dev/null; }

# The clocks of two machines differ: a lease is not compared with the time, but watched.
succeed_to_lease() {
  local before=$1 state=$1 deadline
  [[ $before =~ ^([1-9][0-9]{0,5})\ ([0-9TZ:.-]+)\ ([A-Za-z0-9.-]+)$ ]] ||
    fail 1 "lease/$LEASE was not made by deploy.sh: it has \"$before\""
  local seconds=${BASH_REMATCH[1]} renewed=${BASH_REMATCH[2]} other=${BASH_REMATCH[3]}
  say "Wait: up to $seconds s, to see whether the run $other is still at work"
  deadline=$((SECONDS + seconds))
  while [[ $state == "$before" ]] && ((SECONDS < deadline)); do
    interruptible sleep 1
    state=$(lease_state) || fail_at_cluster 1 "cannot read lease/$LEASE in $namespace"
  done
  if [[ -z $state ]]; then
    create_lease
  elif [[ $state == "$before" ]]; then
    replace_holder "$other" "$renewed"
  else
    fail 11 "another run for $environment is at work: $other"
  fi
}

# Of two that waited, one gets it.
replace_holder() {
  kube patch lease "$LEASE" --type=json -p "[
    { \"op\": \"test\", \"path\": \"/spec/holderIdentity\", \"value\": \"$1\" },
    { \"op\": \"test\", \"path\": \"/spec/renewTime\", \"value\": \"$2\" },
    { \"op\": \"replace\", \"path\": \"/spec/holderIdentity\", \"value\": \"$HOLDER\" },
    { \"op\": \"replace\", \"path\": \"/spec/leaseDurationSeconds\", \"value\": $LEASE_SECONDS },
    { \"op\": \"replace\", \"path\": \"/spec/renewTime\", \"value\": \"$(now)\" }]" >/dev/null ||
    check_holder "lease/$LEASE could not be taken over"
}

# After a request that failed: another run may have been faster, or only the answer may have been lost.
check_holder() {
  local state
  state=$(aside lease_state) || state=
  case $state in
    *" $HOLDER") ;;
    "") fail_at_cluster 1 "$1" ;;
    *)
      ! is_refused || fail_at_cluster 1 "$1"
      fail 11 "another run for $environment is at work: ${state##* }"
      ;;
  esac
}

renew_lease() {
  local holder
  while sleep "$LEASE_RENEWAL_SECONDS" && kill -0 $$; do
    holder=$(lease_holder) || continue
    if [[ $holder != "$HOLDER" ]]; then
      kill -USR1 $$
      return
    fi
    at_lease patch --type=merge -p "{\"spec\": {\"renewTime\": \"$(now)\"}}" || true
  done
}

lease_holder() { at_lease get -o jsonpath='{.spec.holderIdentity}'; }

# Beside the requests of `kube`, whose errors it leaves alone.
at_lease() { kubectl --namespace="$namespace" --request-timeout=10s "$1" lease "$LEASE" "${@:2}"; }

# A machine that slept, or did not reach the cluster, for longer than the lease. What is there now is the other run's.
taken_over() {
  trap '' HUP INT TERM USR1
  [[ -z $child ]] || kill "$child" 2>/dev/null || true
  renewer=
  fail 11 "another run for $environment has taken over, as this one was away for more than $LEASE_SECONDS s"
}

give_lease_back() {
  [[ -n $renewer ]] || return 0
  trap '' USR1
  kill "$renewer" 2>/dev/null || true
  { [[ $(lease_holder) != "$HOLDER" ]] || at_lease delete --wait=false; } >/dev/null 2>&1 || true
}

now() { date -u +%Y-%m-%dT%H:%M:%S.000000Z; }
