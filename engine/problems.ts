/** Every expected way to fail. A test keeps this list and docs/errors.md the same. */
export const problems = {
  // what a person wrote
  'definition-invalid': 'The definition does not match the schema',
  'yaml-invalid': 'The file is not valid YAML',
  'configuration-invalid': 'The configuration does not match its schema',
  'duplicate-name': 'Two definitions have the same name',
  'port-clash': 'Two services of one host publish the same port',
  'path-clash': 'Two services of one host share a directory',
  'hostname-clash': 'Two services ask for the same host name',
  'host-unknown': 'The definition names a host the inventory does not have',
  'dependency-unknown': 'The definition depends on something that does not exist',
  'dependency-cycle': 'Services depend on each other in a circle',
  'secret-missing': 'A secret the definition names has no value',
  'service-unknown': 'No service has that name',
  'version-unclear': 'The image tag to change could not be found in the definition',
  'value-unclear': 'The definition is written in a way Sentinel does not change by itself',
  // Git
  'revision-unknown': 'No commit, branch or tag has that name',
  'repository-unreachable': 'The repository did not answer',
  'branch-moved': 'The branch moved while the change was made',
  'change-refused': 'The server did not take the change',
  // the forge and its pipelines
  'forge-unreachable': 'GitLab did not answer',
  'forge-refused': 'GitLab did not accept the token, or forbids what was asked',
  'pipeline-missing': 'No pipeline was created for a commit',
  'pipeline-failed': 'A job of the pipeline failed',
  'job-refused': 'GitLab would not start a job or a pipeline',
  // people
  'not-allowed': 'You may not do that',
  'own-request': 'The person who asked cannot be the one who approves',
  'proposal-unknown': 'No request has that number',
  'already-decided': 'Somebody decided this before',
  'proposal-expired': 'The request waited too long',
  'plan-stale': 'The world changed after this plan was made',
  'nothing-to-do': 'Everything is as it should be',
  'release-unknown': 'No release on the host has that name',
  locked: 'Another deployment holds this service',
  cancelled: 'A person stopped the deployment',
  interrupted: 'Sentinel stopped in the middle of this deployment',
  // the command line
  'file-exists': 'A file is there already and was not written over',
  'input-missing': 'A file an earlier stage should have written is not there, or not readable',
  // hosts
  'host-unreachable': 'The host did not answer',
  'authentication-failed': 'The host did not accept the key',
  'host-key-changed': 'The host showed a key that is not the one on record',
  'host-key-unknown': 'No host key is on record for this host',
  'sudo-refused': 'The user may not run commands as root without a password',
  'docker-missing': 'Docker or its Compose plug-in is not installed on the host',
  'docker-not-running': 'The Docker daemon does not answer on the host',
  'disk-full': 'The host has no space left',
  'compose-invalid': 'Docker Compose does not accept the file',
  'image-not-found': 'The registry does not have the image',
  'registry-unreachable': 'The registry did not answer',
  'port-taken': 'Something else already uses the port',
  'command-failed': 'A command on the host failed',
  'timed-out': 'It took longer than allowed',
  'host-in-use': 'Another Sentinel works on this service right now',
  // verify
  'container-not-running': 'A container does not run',
  'restart-loop': 'A container keeps restarting',
  'health-failed': 'The service did not become healthy',
  'port-closed': 'Nothing answers on the port',
  // systems around the services
  'system-unreachable': 'A system around the services did not answer',
  'system-refused': 'A system did not accept the login, or forbids the change',
  'system-rejected': 'A system did not accept what was asked of it',
  'system-busy': 'Something else keeps changing the same thing',
  conflict: 'Something Sentinel did not make is in the way',
  'route-refused': 'Traefik did not take the route',
  'dashboard-invalid': 'Glance would not accept its configuration',
  'dns-wrong': 'The DNS server does not answer with the right address',
  'route-wrong': 'The route does not lead to the service as it should',
  'certificate-invalid': 'The certificate of a route does not hold',
  // us
  'journal-failed': 'The record could not be written, so nothing further was done',
  'state-unusable': 'The state folder or the database in it cannot be used',
  'record-corrupt': 'A stored record is not what was written',
  unexpected: 'Something we did not foresee',
} as const satisfies Record<string, string>;

export type ProblemCode = keyof typeof problems;

/** An expected failure, for the person who reads it. */
export interface Problem {
  readonly code: ProblemCode;
  /** One sentence: what failed, with its names and values. */
  readonly message: string;
  /** `file:line:column`, a host, or a stage. */
  readonly where?: string;
  /** What to do next. */
  readonly hint?: string;
  /** Last lines of the failing command or container, secrets replaced. */
  readonly evidence?: readonly Evidence[];
}
export interface Evidence {
  /** For example `docker compose up` or `logs of grafana`. */
  readonly title: string;
  readonly text: string;
}

/** Carries a problem through code that can only throw. Only the runner and the front ends catch it. */
export class ProblemError extends Error {
  readonly problem: Problem;
  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.message, options);
    this.name = 'ProblemError';
    this.problem = problem;
  }
}

/** Any thrown value as a problem; an abort is `cancelled`, everything unknown is `unexpected`. */
export function toProblem(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  if (error instanceof Error && error.name === 'AbortError')
    return { code: 'cancelled', message: 'Stopped before it was finished.' };
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'unexpected', message };
}
