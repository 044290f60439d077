# shellcheck shell=bash
# The training: a Job made now of the CronJob, and the model that it logged.

readonly CRON_JOB=train-model
# What no run by schedule or by hand is called.
readonly JOB_PREFIX=$CRON_JOB-release
job=
model_key=

train() {
  end_trainings_left
  job=$JOB_PREFIX-$(date -u +%Y%m%d-%H%M%S)-$RANDOM
  say "Train: job/$job"
  kube create job "$job" --from="cronjob/$CRON_JOB" --dry-run=client -o json >"$work/job.json" ||
    fail_at_cluster 1 "the training could not be started"
  phase=training
  start_training || training_not_started
  await_training
  phase=start
}

# Of a run that was killed. It would go on, and its model would be newer than the one that is released now.
end_trainings_left() {
  local left conditions
  left=$(kube get jobs -o jsonpath='{range .items[*]}{.metadata.name}={.status.conditions[*].type}{"\n"}{end}') ||
    fail_at_cluster 1 "cannot read the jobs in $namespace"
  while IFS='=' read -r job conditions <&3; do
    if [[ $job == "$JOB_PREFIX"-* && $conditions != *Complete* && $conditions != *Failed* ]]; then
      say "End: job/$job, which an earlier run left"
      end_training || fail_at_cluster 1 "job/$job of an earlier run could not be deleted"
    fi
  done 3<<<"$left"
}

# The name is chosen here, so that a request whose answer was lost can be sent again and still trains once.
start_training() {
  local attempt
  for attempt in 1 2 3; do
    if kube create -f "$work/job.json" || is_there_already; then return; fi
    if is_answer; then return 1; fi
    ((attempt == 3)) || interruptible sleep 1
  done
  return 1
}

training_not_started() {
  phase=start
  # Without an answer it may have been started all the same.
  is_answer || aside end_training || complain "job/$job may be there all the same: delete it"
  fail_at_cluster 1 "the training could not be started"
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
