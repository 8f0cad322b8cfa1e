import type { InitKind } from './files.ts';

const variables = `  In GitLab, Settings > CI/CD > Variables of the project, or of its group:
    SENTINEL_IMAGE         the image with this command, such as registry.home.example.net/homelab/sentinel:1.0
    SSH_PRIVATE_KEY        type File, protected: the private key of the hosts, with a line break at its end
    SENTINEL_KNOWN_HOSTS   type File, where sentinel.yml names no host keys: what ssh-keyscan prints
    and one for every secret sentinel.yml and the services name: PIHOLE_API_PASSWORD, AUTHENTIK_TOKEN, …
  Protected variables reach protected branches only: protect main, and staging if you use it.
  A runner with the docker executor that reaches the hosts; with the shell executor, “sentinel” on its path instead.
  Settings > CI/CD > General pipelines: take away “Prevent outdated deployment jobs”. A pipeline deploys only what its
  own commit changed, so an older one is not outdated by a newer one.
`;

/** What a person has to do besides, once the files are there. */
export function nextSteps(kind: InitKind): string {
  switch (kind) {
    case 'fleet':
      return `\nNext:
  Write your machines and systems into sentinel.yml, add a service with “sentinel init service”, look with
  “sentinel validate” and “sentinel plan”, then commit and push.
${variables}`;
    case 'single':
      return `\nNext:
  Write your machines and systems into sentinel.yml and the service into service.yml and config/docker-compose.yml,
  look with “sentinel validate” and “sentinel plan”, then commit and push. The project .gitlab-ci.yml includes must be
  there, with what “sentinel init templates” writes, and be readable for who pushes here.
${variables}`;
    case 'templates':
      return `\nNext:
  Commit and push. Repositories with one service include it: “sentinel init single --templates <path of this project>”.
${variables}`;
  }
}
