import { fleetJobs } from './fleet-jobs.ts';
import { lines } from './lines.ts';
import { jobDefaults } from './shared-jobs.ts';

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

${jobDefaults}
${fleetJobs}`);
