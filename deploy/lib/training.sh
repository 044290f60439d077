# shellcheck shell=bash
# The training: a Job made now of the CronJob, and the model that it promoted, by its log.

readonly CRON_JOB=train-model
# No run by schedule or by hand has such a name.
readonly JOB_PREFIX=$CRON_JOB-release
job=
model_key=
sequence=
# In seconds since the start of this script.
training_started=

train() {
  end_trainings_left
  job=$(new_job_name "$JOB_PREFIX")
  say "Train: job/$job"
  make_job "$job" "$CRON_JOB" || fail_at_cluster 1 "the training could not be started"
  phase=training
  training_started=$SECONDS
  start_job || training_not_started
  await_training
  phase=start
}

# Of a run that was killed. It would go on, and promote its model after the one that is released now.
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

training_not_started() {
  phase=start
  # Without an answer it may have been started all the same.
  is_answer || aside end_training || complain "job/$job may be there all the same: delete it"
  fail_at_cluster 1 "the training could not be started"
}

await_training() {
  local deadline=$((SECONDS + TRAIN_TIMEOUT)) condition
  while :; do
    condition=$(job_end "$job")
    case $condition in
      Complete=*) return ;;
      Failed=*)
        training_log -l "batch.kubernetes.io/job-name=$job" --tail=50 >&2 || true
        phase=start
        fail 4 "training failed: $condition"
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

end_training() { delete_job "$job"; }

# The model's key and its move of the alias, as the training program logged them. An attempt that failed and was
# repeated has a pod of its own.
find_promotion() {
  local pod line
  pod=$(kube get pods -l "batch.kubernetes.io/job-name=$job" --field-selector=status.phase=Succeeded -o name | head -n 1) ||
    fail_at_cluster 1 "cannot read the pods of job/$job"
  [[ -n $pod ]] || fail 1 "job/$job has no pod that succeeded"
  training_log "$pod" >"$work/log" || fail_at_cluster 1 "cannot read the log of $pod"
  line=$(grep -oE "Promoted( already)?: $ALIAS names s3://[^/\"]+/[^\"[:space:]]+, sequence [0-9]+" "$work/log" | tail -n 1) ||
    fail 1 "$pod did not log that it promoted a model (\"Promoted: $ALIAS names s3://...\")"
  sequence=${line##* }
  model_key=${line#* s3://*/}
  model_key=${model_key%, sequence *}
  [[ $model_key =~ ^[A-Za-z0-9._:|/+-]+$ ]] || fail 1 "the model's key is \"$model_key\": expected letters, digits and ._:|/+-"
  phase=promoted
  say "Promoted: $model_key, sequence $sequence of $ALIAS"
}
