import { fleetJobs } from './fleet-jobs.ts';
import { lines } from './lines.ts';

/**
 * The pipeline of a repository with many services: ten stages, thirteen jobs. Names are kept from the pipeline people
 * have, so that protected jobs, links and habits stay right.
 */
export const fleetPipeline = lines(`
# Deploys what a commit changed: ten stages, thirteen jobs. Written by “sentinel init fleet”; it is yours to change.
#
#   push           what the commit touched
#   merge request  detect, validate and plan only; nothing is deployed
#   web, api,      every service is compared with what runs, and only what differs is deployed. Run it by hand after
#   trigger          a secret got a new value: that service is deployed again, with the new value.
#   schedule       the same, by the clock (Build > Pipeline schedules). Scheduled updates work this way: a tag the
#                    registry has a newer image for differs, is pulled and started again, and put back if it fails.
#
# Variables of the project or group (Settings > CI/CD > Variables):
#   SENTINEL_IMAGE         image with the sentinel command, such as registry.home.example.net/homelab/sentinel:1.0
#   SSH_PRIVATE_KEY        type File: the key of the hosts
#   SENTINEL_KNOWN_HOSTS   type File, where sentinel.yml names no host keys: what ssh-keyscan prints
#   and one for every secret that sentinel.yml and the services name.
#   SENTINEL_APPROVAL      “manual”: nothing is touched until somebody has started deploy_containers
#   SENTINEL_SERVICES      only these services, for one run: “grafana prometheus”

stages:
  - detect
  - validate
  - plan
  - deploy
  - configure_routing
  - configure_security
  - configure_dashboard
  - verify
  - notify
  - rollback

workflow:
  # The next pipeline looks only at its own commit. One that is cancelled because another commit follows is one whose
  # services nobody deploys.
  auto_cancel:
    on_new_commit: none
  rules:
    # A branch for each environment. The one in front is GitLab's default branch, main for most.
    - if: $CI_PIPELINE_SOURCE == "merge_request_event" && $CI_MERGE_REQUEST_TARGET_BRANCH_NAME == "staging"
      variables:
        SENTINEL_ENVIRONMENT: staging
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
      variables:
        SENTINEL_ENVIRONMENT: production
    - if: $CI_COMMIT_BRANCH == "staging" && $CI_PIPELINE_SOURCE =~ /^(push|web|trigger|schedule|api)$/
      variables:
        SENTINEL_ENVIRONMENT: staging
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH && $CI_PIPELINE_SOURCE =~ /^(push|web|trigger|schedule|api)$/
      variables:
        SENTINEL_ENVIRONMENT: production

variables:
  # The whole history: detect compares with the commit before. With less, it looks at every service and says why.
  GIT_DEPTH: "0"

default:
  image:
    name: $SENTINEL_IMAGE
    entrypoint: [""]
  # tags: [homelab, docker] # where your runner takes only jobs with its tags
  interruptible: false
  before_script:
    # The runner cloned as another user than the image's own, which git does not trust by itself.
    - git rev-parse HEAD > /dev/null 2>&1 || git config --global --add safe.directory "$CI_PROJECT_DIR"
    # The key sentinel.yml calls homelab, and the one that is used where it names none. Not under “variables”: not every
    # runner hands on where a file is by that way.
    - export SENTINEL_SSH_KEY="\${SENTINEL_SSH_KEY:-$SSH_PRIVATE_KEY}"
    - export SENTINEL_SSH_KEY_HOMELAB="\${SENTINEL_SSH_KEY_HOMELAB:-$SSH_PRIVATE_KEY}"

# Looks only, so merge requests have it too. Needs the variables of the environment, but is no deployment to it.
.looking:
  environment:
    name: $SENTINEL_ENVIRONMENT
    action: access
  rules:
    - when: on_success

# Changes something, so only one job of an environment runs at a time.
.changing:
  environment:
    name: $SENTINEL_ENVIRONMENT
    action: access
  resource_group: $SENTINEL_ENVIRONMENT
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
      when: never
    - when: on_success

${fleetJobs}`);
