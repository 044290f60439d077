#!/usr/bin/env bash
set -euo pipefail

usage() {
  cat <<'USAGE'
usage: deploy/deploy.sh ENVIRONMENT [--pin] [--dry-run]

Trains a model now and releases the service with it. ENVIRONMENT is a folder of deploy/overlays: staging, production.
The cluster is that of kubectl's current context; the namespace is time-to-dispatch-ENVIRONMENT.

  1. apply everything but the service's pods: settings, schedule, network, autoscaler
  2. run the CronJob train-model now, and wait for it
  3. roll the service out, pinned to the new model by --model-key in its pod template
  4. if the pods do not become ready, go back to the release before: its image, its settings and its model
  5. else let the service follow the newest model from now on, so that the weekly training reaches it

Run it again whenever it did not succeed: what is already there is left as it is, and the release before stays known.

  --pin       leave out step 5: the model of this release is served until the next release
  --dry-run   apply nothing; print what would be created or changed, and the steps

environment:
  TRAIN_TIMEOUT     seconds to wait for the training (default 1200)
  ROLLOUT_TIMEOUT   seconds to wait for the pods (default 300)

exit codes:
  0    released
  1    the cluster answered otherwise than expected; the service was not touched
  2    bad arguments, unknown environment, or no kubectl
  3    the manifests were not accepted; the service was not touched
  4    training failed; the service was not touched
  5    training did not end in time and was ended; the service was not touched
  6    the new pods did not become ready; the release before serves again
  7    the new pods did not become ready, and there is no release before, or it could not be brought back: act now
  8    the cluster could not be reached; the service was not touched
  9    the cluster does not let you, or does not know you; the service was not touched
  10   released, but the service stays pinned: the pods that should follow did not become ready
  129  hang-up, 130  Ctrl-C, 143  termination: a training was ended, a roll-out taken back; a release stays
USAGE
}

readonly CRON_JOB=train-model
readonly DEPLOYMENT=serve-model
# Which pods passed as a release; on the Deployment, so that it outlives this script.
readonly RELEASED=time-to-dispatch/released-replica-set
readonly TRAIN_TIMEOUT=${TRAIN_TIMEOUT:-1200}
readonly ROLLOUT_TIMEOUT=${ROLLOUT_TIMEOUT:-300}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=
phase=start # start, training, rollout, released: what an interruption has to take back
job=
release_before=
released=
child=

say() { printf '▸ %s\n' "$*"; }

fail() {
  local code=$1
  shift
  printf 'deploy.sh: %s\n' "$*" >&2
  exit "$code"
}

# One request, which must not hang for ever. What it says in an error is kept for fail_at_cluster.
kube() {
  local code=0
  kubectl --namespace="$namespace" --request-timeout=30s "$@" 2>"$work/said" || code=$?
  # Its attempts to reach a cluster that is away are told once more, in plain words, in its last line.
  grep -vE '^E[0-9]+ .* memcache\.go:' "$work/said" >&2 || true
  return "$code"
}

# Not what an admission controller refuses, which is the manifests' fault.
is_refused() { grep -qE 'Unauthorized|is forbidden: User .* cannot [a-z]+ resource|Please enter ' "$work/said"; }

is_away() {
  grep -qE 'Unable to connect to the server|The connection to the server|connection refused|connection reset|no such host|i/o timeout|deadline exceeded' \
    "$work/said"
}

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

parse_arguments() {
  environment=
  dry_run=false
  pin=false
  local argument
  for argument; do
    case $argument in
      --help | -h) usage && exit 0 ;;
      --dry-run) dry_run=true ;;
      --pin) pin=true ;;
      -*) fail 2 "unknown option $argument (see --help)" ;;
      *)
        [[ -z $environment ]] || fail 2 "one ENVIRONMENT expected, got $environment and $argument"
        environment=$argument
        ;;
    esac
  done
  [[ -n $environment ]] || fail 2 "ENVIRONMENT is missing: one of $(environments) (see --help)"
  [[ $environment =~ ^[a-z0-9-]+$ && -d $here/overlays/$environment ]] ||
    fail 2 "no environment \"$environment\": expected one of $(environments)"
  local name
  for name in TRAIN_TIMEOUT ROLLOUT_TIMEOUT; do
    [[ ${!name} =~ ^[1-9][0-9]{0,5}$ ]] || fail 2 "$name is \"${!name}\": expected seconds, 1 to 999999"
  done
  command -v kubectl >/dev/null || fail 2 "kubectl is not installed"
  namespace=time-to-dispatch-$environment
}

environments() { (cd "$here/overlays" && printf '%s ' */) | tr -d / | sed 's/ $//'; }

# The Deployment apart from all else: it is applied once, with its model.
render() {
  kubectl kustomize "$here/overlays/$environment" >"$work/all.yaml" || fail 3 "the overlay $environment does not build"
  awk -v RS='---\n' -v ORS='---\n' -v serving="$work/serving.yaml" -v others="$work/others.yaml" \
    '{ print > (/(^|\n)kind: Deployment\n/ ? serving : others) }' "$work/all.yaml"
}

apply_dry() {
  say "Would apply to $namespace"
  kube apply --dry-run=client -f "$work/all.yaml" || fail_at_cluster 3 "the manifests were not accepted"
  say "Would run cronjob/$CRON_JOB now and wait up to $TRAIN_TIMEOUT s"
  say "Would pin deployment/$DEPLOYMENT to the new model and wait up to $ROLLOUT_TIMEOUT s for its pods"
  $pin || say "Would then let deployment/$DEPLOYMENT follow the newest model"
}

replica_set_of_revision() {
  kube get replicasets -l "app.kubernetes.io/name=$DEPLOYMENT" \
    -o jsonpath='{range .items[*]}{.metadata.annotations.deployment\.kubernetes\.io/revision}{" "}{.metadata.name}{"\n"}{end}' |
    awk -v revision="$1" '$1 == revision { print $2 }'
}

current_replica_set() {
  local revision
  revision=$(kube get deployment "$DEPLOYMENT" -o jsonpath='{.metadata.annotations.deployment\.kubernetes\.io/revision}') ||
    return 1
  replica_set_of_revision "$revision"
}

# The pods that serve now are the release before if all is well with them; where an earlier run was cut off in the
# middle of a roll-out, it is the one that passed last.
find_release_before() {
  local found
  # The first request: whatever goes wrong, short of a refusal, is a cluster that is not there for this user.
  found=$(kube get deployment "$DEPLOYMENT" --ignore-not-found -o name) ||
    fail_at_cluster 8 "cannot read deployment/$DEPLOYMENT in $namespace"
  if [[ -z $found ]]; then
    release_before=
  elif kube rollout status "deployment/$DEPLOYMENT" --watch=false 2>/dev/null | grep -q 'successfully rolled out'; then
    release_before=$(current_replica_set) || fail_at_cluster 1 "cannot read the replica sets"
  else
    release_before=$(kube get deployment "$DEPLOYMENT" \
      -o jsonpath="{.metadata.annotations.${RELEASED//./\\.}}") || fail_at_cluster 1 "cannot read deployment/$DEPLOYMENT"
  fi
  [[ -z $found ]] || kube apply view-last-applied "deployment/$DEPLOYMENT" -o yaml >"$work/before.yaml" || true
  say "Release before: ${release_before:-none}"
}

train() {
  job=$CRON_JOB-$(date -u +%Y%m%d-%H%M%S)-$RANDOM
  say "Train: job/$job"
  phase=training
  { kube create job "$job" --from="cronjob/$CRON_JOB" --dry-run=client -o json >"$work/job.json" &&
    kube create -f "$work/job.json"; } || fail_at_cluster 1 "the training could not be started"
  await_training
  phase=start
}

# A Job ends in one of two conditions, and `kubectl wait` waits for one: ask for both.
await_training() {
  local deadline=$((SECONDS + TRAIN_TIMEOUT)) condition
  while :; do
    # An answer that does not come is asked for again, until the time is over.
    condition=$(kube get job "$job" \
      -o jsonpath='{range .status.conditions[?(@.status=="True")]}{.type}={.reason} {end}' || true)
    case $condition in
      *Complete=*) return ;;
      *Failed=*)
        training_log -l "batch.kubernetes.io/job-name=$job" --tail=50 >&2 || true
        phase=start
        fail 4 "training failed: ${condition% }"
        ;;
    esac
    if ((SECONDS >= deadline)); then
      phase=start
      end_training || fail 5 "training did not end within $TRAIN_TIMEOUT s, and job/$job could not be deleted: delete it"
      fail 5 "training did not end within $TRAIN_TIMEOUT s; job/$job was deleted"
    fi
    interruptible sleep 1
  done
}

training_log() { kube logs --container=train "$@"; }

end_training() { kube delete job "$job" --ignore-not-found --wait=false >&2; }

# The model's key, as the training program logged it. An attempt that failed and was repeated has a pod of its own.
find_model_key() {
  local pod address
  pod=$(kube get pods -l "batch.kubernetes.io/job-name=$job" --field-selector=status.phase=Succeeded -o name | head -n 1) ||
    fail_at_cluster 1 "cannot read the pods of job/$job"
  [[ -n $pod ]] || fail 1 "job/$job has no pod that succeeded"
  training_log "$pod" >"$work/log" || fail_at_cluster 1 "cannot read the log of $pod"
  address=$(grep -o 'persisted to s3://[^/"]*/[^"[:space:]]*\.json' "$work/log" | tail -n 1) ||
    fail 1 "$pod did not log where it put its model (\"persisted to s3://...\")"
  model_key=${address#persisted to s3://*/}
  [[ $model_key =~ ^[A-Za-z0-9._:|/+-]+$ ]] || fail 1 "the model's key is \"$model_key\": expected letters, digits and ._:|/+-"
}

# Pinned, so that pods which cannot serve this very model do not pass, as they would with the newest they can serve.
roll_out() {
  say "Roll out: deployment/$DEPLOYMENT with $model_key"
  with_cause "serves $model_key" <"$work/serving.yaml" |
    kubectl patch --local -f - --type=json -o yaml \
      -p "[{\"op\": \"add\", \"path\": \"/spec/template/spec/containers/0/args/-\", \"value\": \"--model-key=$model_key\"}]" \
      >"$work/pinned.yaml" || fail 3 "the model could not be written into the pod template"
  phase=rollout
  kube apply -f "$work/pinned.yaml" || not_accepted
  { wake && await_pods; } || roll_back
  record_release
  phase=released
}

not_accepted() {
  cp "$work/said" "$work/said-first"
  # Without an answer it may have been accepted all the same.
  is_answer || undo ||
    fail 7 "no answer to the roll-out, and it could not be taken back: look at deployment/$DEPLOYMENT now"
  phase=start
  mv "$work/said-first" "$work/said"
  fail_at_cluster 3 "deployment/$DEPLOYMENT was not accepted"
}

# A Deployment that was scaled to no pods would pass, with a model that nobody tried.
wake() {
  local replicas
  replicas=$(kube get deployment "$DEPLOYMENT" -o jsonpath='{.spec.replicas}') || return 1
  [[ $replicas != 0 ]] || kube patch deployment "$DEPLOYMENT" --type=merge -p '{"spec": {"replicas": 1}}'
}

# The release before, for a roll-back by hand, is then this release as it was proved: pinned.
follow() {
  say "Follow: deployment/$DEPLOYMENT takes the newest model from now on"
  { with_cause "follows the newest model" <"$work/serving.yaml" >"$work/following.yaml" &&
    kube apply -f "$work/following.yaml" && await_pods; } || stay_pinned
  record_release
}

stay_pinned() {
  release_before=$released
  mv "$work/pinned.yaml" "$work/before.yaml"
  undo || fail 7 "$model_key is released, but its pods could not be brought back: look at deployment/$DEPLOYMENT now"
  fail 10 "$model_key is released, but the pods that should follow the newest model did not become ready"
}

# What `kubectl rollout history` shows for a Deployment on standard input.
with_cause() {
  kubectl patch --local -f - --type=merge -o yaml \
    -p "{\"metadata\": {\"annotations\": {\"kubernetes.io/change-cause\": \"$1\"}}}"
}

await_pods() {
  interruptible kubectl --namespace="$namespace" rollout status "deployment/$DEPLOYMENT" --timeout="${ROLLOUT_TIMEOUT}s"
}

record_release() {
  { released=$(current_replica_set) &&
    kube annotate deployment "$DEPLOYMENT" --overwrite "$RELEASED=$released" >/dev/null; } ||
    printf 'deploy.sh: released, but could not be recorded as the release before\n' >&2
}

roll_back() {
  printf 'deploy.sh: the new pods did not become ready; their last words:\n' >&2
  kube logs -l "app.kubernetes.io/name=$DEPLOYMENT" --container=serve --prefix --tail=20 >&2 || true
  local failed
  failed=$(current_replica_set) || failed=
  undo || fail 7 "no release to go back to, or it could not be brought back: look at deployment/$DEPLOYMENT now"
  phase=start
  await_pods >&2 ||
    fail 7 "the release before was brought back, but its pods do not become ready either: look at deployment/$DEPLOYMENT now"
  # Else it would be what the next `kubectl rollout undo` goes back to. A controller that is behind had not made it yet.
  [[ -z $failed || $failed == "$release_before" ]] || kube delete replicaset "$failed" --ignore-not-found --wait=false >&2 || true
  fail 6 "$model_key was not released; rolled back to $release_before"
}

# By the replica set, whose name lasts: the number of a revision changes when it is brought back.
undo() {
  local revision
  [[ -n $release_before ]] || return 1
  revision=$(kube get replicaset "$release_before" -o jsonpath='{.metadata.annotations.deployment\.kubernetes\.io/revision}') ||
    return 1
  kube rollout undo "deployment/$DEPLOYMENT" --to-revision="$revision" >&2 || return 1
  # Else what the release that failed had removed would be nobody's, and no later one would remove it.
  kube apply set-last-applied -f "$work/before.yaml" >/dev/null || true
}

interrupted() {
  trap '' HUP INT TERM
  [[ -z $child ]] || kill "$child" 2>/dev/null || true
  case $phase in
    training) end_training || printf 'deploy.sh: job/%s could not be deleted: delete it\n' "$job" >&2 ;;
    rollout) undo || fail 7 "interrupted in a roll-out that could not be taken back: look at deployment/$DEPLOYMENT now" ;;
    released) fail "$1" "interrupted; $model_key is released; whether the service follows yet: kubectl rollout history" ;;
  esac
  fail "$1" "interrupted; the release before serves"
}

main() {
  # kubectl would ask a user without credentials for a name.
  exec </dev/null
  parse_arguments "$@"
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  trap 'interrupted 129' HUP
  trap 'interrupted 130' INT
  trap 'interrupted 143' TERM

  render
  find_release_before
  if $dry_run; then
    apply_dry
    return
  fi
  say "Apply: $namespace"
  kube apply -f "$work/others.yaml" || fail_at_cluster 3 "the manifests were not accepted"
  train
  find_model_key
  roll_out
  $pin || follow
  say "Released: $model_key"
}

main "$@"
