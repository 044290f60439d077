# shellcheck shell=bash
# The model that the alias names: whether all replicas serve it, and the way back to the one before.

# As in the arguments of both stages, in the base.
readonly ALIAS=production
readonly ROLL_BACK_CRON_JOB=roll-back-model
readonly ROLL_BACK_TIMEOUT=120
# Clocks of nodes, and the time that a request takes.
readonly LOG_MARGIN_SECONDS=60

# Each replica logs the sequence of the alias that it serves.
await_followers() {
  local deadline=$((SECONDS + ROLLOUT_TIMEOUT)) pods pod late
  say "Wait: all pods follow $ALIAS to sequence $sequence"
  while :; do
    late=
    # A pod that ends is of no account.
    pods=$(kube get pods -l "app.kubernetes.io/name=$DEPLOYMENT" \
      -o jsonpath='{range .items[*]}{.metadata.name} {.metadata.deletionTimestamp}{"\n"}{end}' |
      awk 'NF == 1') || pods=
    for pod in $pods; do
      follows "$pod" || late+=" $pod"
    done
    if [[ -n $pods && -z $late ]]; then return; fi
    if ((SECONDS >= deadline)); then
      complain "within $ROLLOUT_TIMEOUT s these pods did not follow $ALIAS to sequence $sequence:${late:- none is there}"
      return 1
    fi
    interruptible sleep 1
  done
}

# A later sequence will do: somebody else has promoted another model meanwhile.
follows() {
  local served
  served=$(kube logs "pod/$1" --container=serve --since="$((SECONDS - training_started + LOG_MARGIN_SECONDS))s" |
    awk -v start="Following alias $ALIAS: sequence " '
      index($0, start) { served = substr($0, index($0, start) + length(start)) + 0 }
      END { print served + 0 }') || return 1
  ((served >= sequence))
}

# By a Job of the training's image, whose log says why it failed.
take_model_back() {
  local back deadline=$((SECONDS + ROLL_BACK_TIMEOUT)) condition
  back=$(new_job_name "$ROLL_BACK_CRON_JOB-release")
  say "Roll back: $ALIAS, by job/$back"
  make_job "$back" "$ROLL_BACK_CRON_JOB" && start_job || return 1
  while ((SECONDS < deadline)); do
    condition=$(job_end "$back")
    case $condition in
      # A bare `return` would give a trap the status of the command before it.
      Complete=*) return 0 ;;
      Failed=*)
        complain "job/$back ended: $condition; its last words:"
        kube logs -l "batch.kubernetes.io/job-name=$back" --tail=20 >&2 || true
        return 1
        ;;
    esac
    interruptible sleep 1
  done
  return 1
}
