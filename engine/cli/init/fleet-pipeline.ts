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
  # sentinel.yml names keys: the one it calls homelab, and the one that is used where it names none.
  SENTINEL_SSH_KEY: $SSH_PRIVATE_KEY
  SENTINEL_SSH_KEY_HOMELAB: $SSH_PRIVATE_KEY

default:
  image:
    name: $SENTINEL_IMAGE
    entrypoint: [""]
  # tags: [homelab, docker] # where your runner takes only jobs with its tags
  interruptible: false
  before_script:
    # The runner cloned as another user than the image's own, which git does not trust by itself.
    - git rev-parse HEAD > /dev/null 2>&1 || git config --global --add safe.directory "$CI_PROJECT_DIR"

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

detect_changes:
  extends: .looking
  stage: detect
  script:
    - sentinel detect --out .
  artifacts:
    paths:
      - changes.json
    reports:
      dotenv: sentinel.env
    expire_in: 30 days

validate_services:
  extends: .looking
  stage: validate
  needs:
    - detect_changes
  script:
    - sentinel validate --out .
  artifacts:
    when: always
    reports:
      junit: report.xml
    expire_in: 30 days

# With the key it asks every system what would change and writes plan.json; without it, as in merge requests that
# get no protected variables, preview.json from the definitions alone.
plan_deployment:
  extends: .looking
  stage: plan
  needs:
    - detect_changes
    - validate_services
  script:
    - sentinel plan --out .
  artifacts:
    expose_as: Deployment plan
    paths:
      - plan.txt
      - plan.json
      - preview.json
    expire_in: 30 days

deploy_containers:
  extends: .changing
  stage: deploy
  needs:
    - job: detect_changes
    # Not its files: it is the plan of its own time. Who approves one hands its digest over when starting the job.
    - job: plan_deployment
      artifacts: false
  environment:
    name: $SENTINEL_ENVIRONMENT
    action: start
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
      when: never
    # The gate: the pipeline waits here until somebody starts this job, by hand or by /approve in Discord.
    - if: $SENTINEL_APPROVAL == "manual"
      when: manual
      allow_failure: false
    - when: on_success
  script:
    - sentinel deploy --only containers --out . --yes
  artifacts: &result
    when: always
    paths:
      - result.json
    expire_in: 30 days

# After what is new runs, and so behind the same gate.
remove_services:
  extends: .changing
  stage: deploy
  needs:
    - job: detect_changes
    - job: plan_deployment
      artifacts: false
    - job: deploy_containers
      artifacts: false
  script:
    - sentinel remove --out . --yes
  artifacts: *result

configure_traefik:
  extends: .changing
  stage: configure_routing
  needs: &deployed
    - job: detect_changes
    - job: deploy_containers
      artifacts: false
    - job: remove_services
      artifacts: false
  allow_failure: true
  script:
    - sentinel traefik --out .

configure_dns:
  extends: .changing
  stage: configure_routing
  needs: *deployed
  allow_failure: true
  script:
    - sentinel dns --out .

configure_authentik:
  extends: .changing
  stage: configure_security
  needs:
    - job: detect_changes
    - job: configure_traefik
      artifacts: false
    - job: configure_dns
      artifacts: false
  allow_failure: true
  script:
    - sentinel authentik --out .

update_glance:
  extends: .changing
  stage: configure_dashboard
  needs:
    - job: detect_changes
    - job: configure_authentik
      artifacts: false
  allow_failure: true
  script:
    - sentinel glance --out .

# A service whose container, port or health check fails is put back to its last verified release.
verify_deployment:
  extends: .changing
  stage: verify
  needs:
    - job: detect_changes
    - job: update_glance
      artifacts: false
  allow_failure: true
  script:
    - sentinel verify --out .
  artifacts:
    when: always
    paths:
      - verification.json
      - result.json
    reports:
      junit: report.xml
    expire_in: 30 days

# The two below have no “needs”, because a job with needs is skipped as soon as one of them was, and would then tell
# nothing of a failure. Without them they wait for every stage before, and get the files of all.
notify_success:
  stage: notify
  environment:
    name: $SENTINEL_ENVIRONMENT
    action: access
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
      when: never
    - when: on_success
  allow_failure: true
  script:
    - sentinel notify --success --out .

notify_failure:
  stage: notify
  environment:
    name: $SENTINEL_ENVIRONMENT
    action: access
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
      when: never
    - when: on_failure
  allow_failure: true
  script:
    - sentinel notify --failure --out .

# Puts the services of this pipeline back to their last verified release. It needs detect_changes alone, so that it can
# be started after a failure too, when a job that waits for its stage cannot. Git still says what failed: revert it, or
# the next pipeline deploys it again.
rollback:
  extends: .changing
  stage: rollback
  needs:
    - detect_changes
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
      when: never
    - when: manual
      allow_failure: true
  allow_failure: true
  script:
    - sentinel rollback --out . --yes
  artifacts: *result
`);
