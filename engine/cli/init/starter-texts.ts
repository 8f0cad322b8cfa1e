import { lines } from './lines.ts';

export const ignored = lines(`
# Values of secrets never belong into Git
.env
.env.*
!.env.example

# What the stages of the pipeline hand on
/changes.json
/plan.json
/plan.txt
/preview.json
/result.json
/results/
/verification.json
/sentinel.env
/report.xml
`);

const byHand = `
## Working with it

\`\`\`
sentinel validate     # the files as they are on disk
sentinel plan         # what a commit would change; with SENTINEL_SSH_KEY the systems are asked too
\`\`\`

Every push to the default branch is deployed to production, and to \`staging\` to staging. Merge requests show the plan.
After a secret got a new value, run the pipeline by hand (Build > Pipelines > New pipeline): it compares every service
with what runs and deploys what differs. A pipeline schedule does the same by the clock, and so fetches newer images.
`;

export const fleetReadme = lines(`
# Services

One file for each service below \`services/<category>/\`; the compose file is generated from it. Files a service needs
on its host are in a folder beside the definition that is named like it. \`sentinel.yml\` lists the machines and
systems around the services, and \`.gitlab-ci.yml\` deploys what a commit changed.

\`sentinel init service\` asks and writes another definition.
${byHand}`);

export const singleReadme = lines(`
# One service

\`service.yml\` says where it runs and how it is checked, and \`config/docker-compose.yml\` is used as it is; everything
else below \`config/\` is put beside it on the host. \`sentinel.yml\` lists the machines and systems around it. The jobs
of \`.gitlab-ci.yml\` come from the project it includes.
${byHand}`);

export const templatesReadme = lines(`
# Templates

The pipeline every repository with one service includes. A change here counts for all of them with their next pipeline.

\`\`\`yaml
include:
  - project: homelab/gitops-templates # the path of this project
    file: /ci/deploy-docker-service.yml
    ref: main

variables:
  SERVICE_NAME: grafana
\`\`\`
`);
