import { lines } from './lines.ts';
import { notifyJobs } from './shared-jobs.ts';

/** The jobs of a repository with one service, in the order they run. */
export const singleJobs = lines(`
# Something around the service is not as it should be: the job shows it, and the pipeline goes on.
.around:
  extends: .changing
  stage: configure
  needs:
    - validate:docker-compose
    - job: deploy:container
      optional: true
      artifacts: false
    - job: scheduled:update
      optional: true
      artifacts: false
  allow_failure:
    exit_codes: [4]
  artifacts:
    when: always
    paths:
      - result.json
      - results/
    expire_in: 30 days

validate:service-yml:
  extends: .looking
  stage: validate
  script:
    - sentinel validate --out .
  artifacts:
    when: always
    reports:
      junit: report.xml
    expire_in: 30 days

# The plan asks the host's own “docker compose config”, and every other system, what would change.
validate:docker-compose:
  extends: .looking
  stage: validate
  needs:
    - validate:service-yml
  script:
    - sentinel plan --out .
  artifacts:
    expose_as: Deployment plan
    paths:
      - changes.json
      - plan.txt
      - plan.json
      - preview.json
    expire_in: 30 days

.deploying:
  extends: .changing
  stage: deploy
  environment:
    name: $SENTINEL_ENVIRONMENT
    action: start
  artifacts:
    when: always
    paths:
      - result.json
      - results/
    expire_in: 30 days

deploy:container:
  extends: .deploying
  needs:
    - validate:docker-compose
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event" || $CI_PIPELINE_SOURCE == "schedule"
      when: never
    # The gate: the pipeline waits here until somebody starts this job, by hand or by /approve in Discord.
    - if: $SENTINEL_APPROVAL == "manual"
      when: manual
      allow_failure: false
    - when: on_success
  script:
    - sentinel deploy --only containers --out . --yes

# By the clock (Build > Pipeline schedules): pulls what the registry has anew and starts it, or leaves it as it is.
scheduled:update:
  extends: .deploying
  needs:
    - validate:docker-compose
  rules:
    # Whatever waits for its approval must not be deployed by the clock.
    - if: $CI_PIPELINE_SOURCE == "schedule" && $SENTINEL_APPROVAL == "manual"
      when: manual
      allow_failure: false
    - if: $CI_PIPELINE_SOURCE == "schedule"
  script:
    - sentinel deploy --only containers --out . --yes

configure:traefik:
  extends: .around
  script:
    - sentinel traefik --out .

configure:dns:
  extends: .around
  script:
    - sentinel dns --out .

configure:authentik:
  extends: .around
  needs:
    - validate:docker-compose
    - job: configure:traefik
      artifacts: false
  script:
    - sentinel authentik --out .

configure:glance:
  extends: .around
  script:
    - sentinel glance --out .

# A service whose container, port or health check fails is put back to its last verified release, and the job fails.
verify:health:
  extends: .changing
  stage: verify
  needs:
    - validate:docker-compose
    - job: deploy:container
      optional: true
    - job: scheduled:update
      optional: true
    - job: configure:dns
      artifacts: false
    - job: configure:authentik
      artifacts: false
    - job: configure:glance
      artifacts: false
  allow_failure:
    exit_codes: [4]
  script:
    - sentinel verify --out .
  artifacts:
    when: always
    paths:
      - verification.json
      - result.json
      - results/
    reports:
      junit: report.xml
      dotenv: sentinel.env
    expire_in: 30 days

# Without “needs”: a job with needs is skipped as soon as one of them was, and would then tell nothing of a failure.
${notifyJobs(':')}
# Puts back what this pipeline deployed, to the verified release before, or takes it away if there was none, and leaves
# alone what went back by itself. It can be started after a failure too, as it waits for nothing. Git still says what
# failed: revert it, or the next pipeline deploys it again.
rollback:
  extends: .changing
  stage: notify
  needs: []
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
      when: never
    - when: manual
      allow_failure: true
  allow_failure: true
  script:
    - sentinel rollback "\${SERVICE_NAME:?names the service}" --this-pipeline --out . --yes
  artifacts:
    when: always
    paths:
      - result.json
      - results/
    expire_in: 30 days
`);
