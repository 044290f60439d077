# shellcheck shell=bash
# The roll-out of the service, and the way back to the release before. A release is a replica set, an image with its
# settings: its name lasts, where the number of a revision changes when it is brought back.

readonly DEPLOYMENT=serve-model
# Which pods passed as a release; on the Deployment, so that it outlives this script.
readonly RELEASED=time-to-dispatch/released-replica-set
release_before=
cut_off=
released=

replica_set_of_revision() {
  kube get replicasets -l "app.kubernetes.io/name=$DEPLOYMENT" \
    -o jsonpath='{range .items[*]}{.metadata.annotations.deployment\.kubernetes\.io/revision}{" "}{.metadata.name}{"\n"}{end}' |
    awk -v revision="$1" '$1 == revision { print $2 }'
}

# The replica set that has the Deployment's revision. One kubectl reads both kinds.
current_replica_set() {
  kube get deployments,replicasets -l "app.kubernetes.io/name=$DEPLOYMENT" \
    -o jsonpath='{range .items[*]}{.kind} {.metadata.name} {.metadata.annotations.deployment\.kubernetes\.io/revision}{"\n"}{end}' |
    awk -v name="$DEPLOYMENT" '
      $1 == "Deployment" && $2 == name { revision = $3 }
      $1 == "ReplicaSet" { replica_sets[$3] = replica_sets[$3] $2 "\n" }
      END { printf "%s", replica_sets[revision] }'
}

# What rolled out last is the release before, also where a pod of it is not ready now. Where an earlier run was cut off in
# the middle of a roll-out, it is the one that passed last.
find_release_before() {
  local read state revision recorded current
  # The first request of a dry run: whatever goes wrong, short of a refusal, is a cluster that is not there for this user.
  read="{.metadata.generation} {.status.observedGeneration} {.status.conditions[?(@.type==\"Progressing\")].reason}{\"\\n\"}"
  read+="{.metadata.annotations.deployment\\.kubernetes\\.io/revision}{\"\\n\"}"
  read+="{.metadata.annotations.${RELEASED//./\\.}}{\"\\n\"}"
  read+="{.metadata.annotations.kubectl\\.kubernetes\\.io/last-applied-configuration}"
  kube get deployment "$DEPLOYMENT" --ignore-not-found -o jsonpath="$read" >"$work/before" ||
    fail_at_cluster 8 "cannot read deployment/$DEPLOYMENT in $namespace"
  if [[ -s $work/before ]]; then
    { read -r state && read -r revision && read -r recorded; } <"$work/before"
    tail -n +4 "$work/before" >"$work/before.json"
    current=$(replica_set_of_revision "$revision") || fail_at_cluster 1 "cannot read the replica sets"
    if [[ $state =~ ^([0-9]+)\ ([0-9]+)\ NewReplicaSetAvailable$ && ${BASH_REMATCH[1]} == "${BASH_REMATCH[2]}" ]]; then
      release_before=$current
    else
      release_before=$recorded
      [[ -z $release_before || $release_before == "$current" ]] || cut_off=$current
    fi
  fi
  say "Release before: ${release_before:-none}"
}

# At once: the training that comes first may fail, and what it says then is that the service is as it was.
take_back_what_was_cut_off() {
  [[ -n $cut_off ]] || return 0
  say "Take back: $cut_off, a roll-out that was cut off"
  { undo && await_pods; } ||
    fail 7 "an earlier roll-out was cut off, and the release before could not be brought back: look at deployment/$DEPLOYMENT now"
  forget "$cut_off"
}

roll_out() {
  say "Roll out: deployment/$DEPLOYMENT"
  phase=rollout
  kube apply -f "$work/serving.yaml" || not_accepted
  { wake && await_pods && await_followers; } || roll_back
  record_release
  phase=released
}

not_accepted() {
  # Without an answer it may have been accepted all the same.
  is_answer || aside undo ||
    fail 7 "no answer to the roll-out, and it could not be taken back: look at deployment/$DEPLOYMENT now"
  phase=promoted
  aside take_model_back || complain "$ALIAS still names $model_key"
  phase=start
  fail_at_cluster 3 "deployment/$DEPLOYMENT was not accepted"
}

# A Deployment that was scaled to no pods would pass, with an image that nobody tried.
wake() {
  local replicas
  replicas=$(kube get deployment "$DEPLOYMENT" -o jsonpath='{.spec.replicas}') || return 1
  [[ $replicas != 0 ]] || kube patch deployment "$DEPLOYMENT" --type=merge -p '{"spec": {"replicas": 1}}'
}

await_pods() {
  interruptible kubectl --namespace="$namespace" rollout status "deployment/$DEPLOYMENT" --timeout="${ROLLOUT_TIMEOUT}s"
}

record_release() {
  { released=$(current_replica_set) &&
    kube annotate deployment "$DEPLOYMENT" --overwrite "$RELEASED=$released" >/dev/null; } ||
    complain "released, but could not be recorded as the release before"
}

roll_back() {
  complain "the pods did not become ready with $model_key; their last words:"
  kube logs -l "app.kubernetes.io/name=$DEPLOYMENT" --container=serve --prefix --tail=20 >&2 || true
  local failed
  failed=$(current_replica_set) || failed=
  undo || fail 7 "no release to go back to, or it could not be brought back: look at deployment/$DEPLOYMENT now"
  phase=promoted
  # First, since the pods of the release before need a model that they can serve.
  take_model_back || still_promoted
  phase=start
  await_pods >&2 ||
    fail 7 "the release before was brought back, but its pods do not become ready either: look at deployment/$DEPLOYMENT now"
  forget "$failed"
  fail 6 "$model_key was not released; rolled back to $release_before and to the model before"
}

still_promoted() {
  fail 7 "the pods are those of the release before, but $ALIAS still names $model_key: roll it back by hand, see docs/runbook.md"
}

# A failed roll-out would be what the next `kubectl rollout undo` goes back to. A controller that is behind had not made it.
forget() {
  [[ -z $1 || $1 == "$release_before" ]] || kube delete replicaset "$1" --ignore-not-found --wait=false >&2 || true
}

undo() {
  local revision
  [[ -n $release_before ]] || return 1
  revision=$(kube get replicaset "$release_before" -o jsonpath='{.metadata.annotations.deployment\.kubernetes\.io/revision}') ||
    return 1
  kube rollout undo "deployment/$DEPLOYMENT" --to-revision="$revision" >&2 || return 1
  # Else what the release that failed had removed would be nobody's, and no later one would remove it.
  kube apply set-last-applied -f "$work/before.json" >/dev/null || true
}
