import { lines } from './lines.ts';

/** What every job begins with, and the two kinds of jobs. */
export const jobDefaults = lines(`
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
`);

/** The two jobs that tell how a pipeline ended; `separator` stands within their names. */
export function notifyJobs(separator: ':' | '_'): string {
  return (['success', 'failure'] as const)
    .map((end) =>
      lines(`
notify${separator}${end}:
  stage: notify
  environment:
    name: $SENTINEL_ENVIRONMENT
    action: access
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
      when: never
    - when: on_${end}
  allow_failure: true
  script:
    - sentinel notify --${end} --out .
`),
    )
    .join('\n');
}
