#!/usr/bin/env bash
set -euo pipefail

usage() {
  cat <<'USAGE'
usage: deploy/deploy.sh ENVIRONMENT [--dry-run]

Trains a model now, promotes it, and releases the service. ENVIRONMENT is a folder of deploy/overlays: staging, production.
The cluster is that of kubectl's current context; the namespace is time-to-dispatch-ENVIRONMENT.

  1. apply everything but the service's pods: settings, schedule, network, autoscaler
  2. run the CronJob train-model now, and wait for it: it promotes a model that is not worse than the one in production
  3. roll the service out, and wait until all pods are ready
  4. wait until all pods serve the promoted model, by the sequence of the alias production
  5. if they do not, go back to the release before: its image, its settings and its model

Run it again whenever it did not succeed: what is already there is left as it is, the release before stays known, and
what a run that was killed has left, a training or half a roll-out, is taken back first.

  --dry-run   apply nothing; print what would be created or changed, and the steps

environment:
  TRAIN_TIMEOUT           seconds to wait for the training (default 1200)
  ROLLOUT_TIMEOUT         seconds to wait for the pods, and again for the model (default 300)
  LEASE_SECONDS           seconds that a killed run holds up the next one (default 20)
  LEASE_RENEWAL_SECONDS   seconds between two renewals of a run's lease (default 5)

exit codes:
  0    released
  1    the cluster answered otherwise than expected; the service was not touched
  2    bad arguments, unknown environment, or no kubectl
  3    the manifests were not accepted; the service was not touched
  4    training failed; the service was not touched
  5    training did not end in time and was ended; the service was not touched
  6    the pods did not become ready, or did not serve the model; the release before serves again, with its model
  7    after a roll-out that failed or was cut off, there is no release or no model to go back to, or going back failed: act now
  8    the cluster could not be reached; the service was not touched
  9    the cluster does not let you, or does not know you; the service was not touched
  11   another run for this environment is at work, or has taken over from this one, which was away
  129  hang-up, 130  Ctrl-C, 143  termination: a training was ended, a roll-out taken back; a release stays
USAGE
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib/output.sh
. "$here/lib/output.sh"
# shellcheck source=lib/cluster.sh
. "$here/lib/cluster.sh"
# shellcheck source=lib/lease.sh
. "$here/lib/lease.sh"
# shellcheck source=lib/jobs.sh
. "$here/lib/jobs.sh"
# shellcheck source=lib/training.sh
. "$here/lib/training.sh"
# shellcheck source=lib/model.sh
. "$here/lib/model.sh"
# shellcheck source=lib/release.sh
. "$here/lib/release.sh"

readonly TRAIN_TIMEOUT=${TRAIN_TIMEOUT:-1200}
readonly ROLLOUT_TIMEOUT=${ROLLOUT_TIMEOUT:-300}
work=
phase=start # start, training, promoted, rollout, released: what an interruption has to take back

parse_arguments() {
  environment=
  dry_run=false
  local argument
  for argument; do
    case $argument in
      --help | -h) usage && exit 0 ;;
      --dry-run) dry_run=true ;;
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
  for name in TRAIN_TIMEOUT ROLLOUT_TIMEOUT LEASE_SECONDS LEASE_RENEWAL_SECONDS; do
    [[ ${!name} =~ ^[1-9][0-9]{0,5}$ ]] || fail 2 "$name is \"${!name}\": expected seconds, 1 to 999999"
  done
  ((LEASE_RENEWAL_SECONDS < LEASE_SECONDS)) ||
    fail 2 "LEASE_RENEWAL_SECONDS is \"$LEASE_RENEWAL_SECONDS\": expected less than LEASE_SECONDS, $LEASE_SECONDS"
  command -v kubectl >/dev/null || fail 2 "kubectl is not installed"
  namespace=time-to-dispatch-$environment
}

environments() { (cd "$here/overlays" && printf '%s ' */) | tr -d / | sed 's/ $//'; }

# The service's Deployment apart from all else, another Deployment too: it is applied after the training.
render() {
  kubectl kustomize "$here/overlays/$environment" >"$work/all.yaml" || fail 3 "the overlay $environment does not build"
  awk -v RS='---\n' -v ORS='---\n' -v serving="$work/serving.yaml" -v others="$work/others.yaml" -v name="$DEPLOYMENT" '
    { is_service = /(^|\n)kind: Deployment\n/ && $0 ~ "\nmetadata:\n(  [^\n]*\n)*  name: " name "\n"
      print > (is_service ? serving : others) }' "$work/all.yaml"
  [[ -f $work/serving.yaml ]] || fail 3 "the overlay $environment has no deployment/$DEPLOYMENT"
}

apply_dry() {
  say "Would apply to $namespace"
  kube apply --dry-run=client -f "$work/all.yaml" || fail_at_cluster 3 "the manifests were not accepted"
  say "Would run cronjob/$CRON_JOB now and wait up to $TRAIN_TIMEOUT s"
  say "Would roll out deployment/$DEPLOYMENT and wait up to $ROLLOUT_TIMEOUT s for its pods, and for the model in all of them"
}

interrupted() {
  trap '' HUP INT TERM
  [[ -z $child ]] || kill "$child" 2>/dev/null || true
  case $phase in
    training) end_training || complain "job/$job could not be deleted: delete it" ;;
    promoted) take_model_back || still_promoted ;;
    rollout)
      undo || fail 7 "interrupted in a roll-out that could not be taken back: look at deployment/$DEPLOYMENT now"
      take_model_back || still_promoted
      ;;
    released) fail "$1" "interrupted; $model_key is released" ;;
  esac
  fail "$1" "interrupted; the release before serves"
}

main() {
  # kubectl would ask a user without credentials for a name.
  exec </dev/null
  parse_arguments "$@"
  work=$(mktemp -d)
  trap 'give_lease_back; rm -rf "$work"' EXIT
  outlive_readers
  trap 'interrupted 129' HUP
  trap 'interrupted 130' INT
  trap 'interrupted 143' TERM

  render
  $dry_run || take_lease
  find_release_before
  if $dry_run; then
    apply_dry
    return
  fi
  take_back_what_was_cut_off
  say "Apply: $namespace"
  kube apply -f "$work/others.yaml" || fail_at_cluster 3 "the manifests were not accepted"
  train
  find_promotion
  roll_out
  say "Released: $model_key"
}

main "$@"
