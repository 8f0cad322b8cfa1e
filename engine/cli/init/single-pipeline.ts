import { lines } from './lines.ts';
import { jobDefaults } from './shared-jobs.ts';
import { singleJobs } from './single-jobs.ts';

export interface IncludeOf {
  /** Path of the GitLab project the shared pipeline is in. */
  readonly project: string;
  readonly service: string;
}
/** Where the shared pipeline is in the project of templates. */
export const sharedPipelinePath = 'ci/deploy-docker-service.yml';

/** The whole `.gitlab-ci.yml` of a repository with one service. */
export function singlePipeline({ project, service }: IncludeOf): string {
  return lines(`
# The jobs are in the project of templates, one file for all services; “sentinel init templates” writes it.
include:
  - project: ${project}
    file: /${sharedPipelinePath}
    ref: main

variables:
  SERVICE_NAME: ${service}
  # SENTINEL_APPROVAL: manual # nothing is touched until somebody has started deploy:container
`);
}

/** What they include: validate, deploy, configure, verify, notify. */
export const sharedPipeline = lines(`
# Deploys one service from a repository of its own. Written by “sentinel init templates”; it is yours to change, and
# what is changed here counts for every repository that includes it:
#
#   include:
#     - project: homelab/gitops-templates
#       file: /ci/deploy-docker-service.yml
#       ref: main
#   variables:
#     SERVICE_NAME: grafana
#
# Variables of the group (Settings > CI/CD > Variables):
#   SENTINEL_IMAGE         image with the sentinel command, such as registry.home.example.net/homelab/sentinel:1.0
#   SSH_PRIVATE_KEY        type File: the key of the hosts
#   SENTINEL_KNOWN_HOSTS   type File, where sentinel.yml names no host keys: what ssh-keyscan prints
#   and one for every secret that sentinel.yml and service.yml name.
#   SENTINEL_APPROVAL      “manual”: nothing is touched until somebody has started deploy:container

stages:
  - validate
  - deploy
  - configure
  - verify
  - notify

workflow:
  # The next pipeline looks only at its own commit, so none is cancelled because another commit follows.
  auto_cancel:
    on_new_commit: none
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event" && $CI_MERGE_REQUEST_TARGET_BRANCH_NAME == "staging"
      variables:
        SENTINEL_ENVIRONMENT: staging
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
      variables:
        SENTINEL_ENVIRONMENT: production
    # A push that changes none of these files deploys nothing, and makes no pipeline.
    - if: $CI_PIPELINE_SOURCE == "push" && $CI_COMMIT_BRANCH == "staging"
      changes: &deployed_files
        - service.yml
        - sentinel.yml
        - config/**/*
        - environments/**/*
        - .gitlab-ci.yml
      variables:
        SENTINEL_ENVIRONMENT: staging
    - if: $CI_PIPELINE_SOURCE == "push" && $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
      changes: *deployed_files
      variables:
        SENTINEL_ENVIRONMENT: production
    # By hand, by the bot, or by the clock: always. After a secret got a new value, run it by hand.
    - if: $CI_COMMIT_BRANCH == "staging" && $CI_PIPELINE_SOURCE =~ /^(web|trigger|schedule|api)$/
      variables:
        SENTINEL_ENVIRONMENT: staging
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH && $CI_PIPELINE_SOURCE =~ /^(web|trigger|schedule|api)$/
      variables:
        SENTINEL_ENVIRONMENT: production

variables:
  GIT_DEPTH: "0" # the plan compares with the commit before

${jobDefaults}
${singleJobs}`);
