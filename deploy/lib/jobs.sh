# shellcheck shell=bash
# Jobs that are made now of a CronJob.

# Makes $work/job.json of a CronJob. The name is chosen here, so that a request whose answer was lost can be sent again
# and still runs once.
make_job() { kube create job "$1" --from="cronjob/$2" --dry-run=client -o json >"$work/job.json"; }

new_job_name() { printf '%s-%s-%s' "$1" "$(date -u +%Y%m%d-%H%M%S)" "$RANDOM"; }

start_job() {
  local attempt
  for attempt in 1 2 3; do
    if kube create -f "$work/job.json" || is_there_already; then return 0; fi
    if is_answer; then return 1; fi
    ((attempt == 3)) || interruptible sleep 1
  done
  return 1
}

# Prints the condition in which a Job ended, such as Complete=CompletionsReached, once it has. An answer that does not
# come is asked for again. A Job ends in one of two conditions, and `kubectl wait` waits for one: this asks for both.
job_end() {
  kube get job "$1" -o jsonpath='{range .status.conditions[?(@.status=="True")]}{.type}={.reason} {end}' |
    grep -oE '(Complete|Failed)=[^ ]*' | tail -n 1 || true
}

delete_job() { kube delete job "$1" --ignore-not-found --wait=false >&2; }
