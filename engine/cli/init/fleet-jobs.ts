import { lines } from './lines.ts';
import { notifyJobs } from './shared-jobs.ts';

/** The thirteen jobs, in the order they run. */
export const fleetJobs = lines(`
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
    - detect_changes
    # With plan.json: what is not in it is not done. Who approves it hands its digest over when starting the job.
    - plan_deployment
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
    - detect_changes
    - plan_deployment
    - deploy_containers
  script:
    - sentinel remove --out . --yes
  artifacts: *result

configure_traefik:
  extends: .changing
  stage: configure_routing
  needs: &deployed
    - detect_changes
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
    - detect_changes
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
    - detect_changes
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
    - detect_changes
    - remove_services
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
${notifyJobs('_')}
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
