import type { EnsureContext, RemoteHost } from '../../ports.ts';
import { ProblemError } from '../../problems.ts';
import { failureOf } from './classify.ts';
import type { Job } from './job.ts';
import { releaseDirectory } from './stage-files.ts';

const script =
  '"$1" compose -p "$2" --project-directory "$3" -f "$3/docker-compose.yml" --ansi never config --quiet';

/** Lets the host's own Compose read a file people wrote, where it was staged; throws ProblemError `compose-invalid`. */
export async function checkCompose(
  host: RemoteHost,
  job: Extract<Job, { kind: 'new' }>,
  { ports }: EnsureContext,
  signal: AbortSignal,
): Promise<void> {
  const args = [host.entry.docker.command, job.service.name, releaseDirectory(job)];
  const result = await host.run({ script, args }, signal);
  if (result.exitCode === 0) return;
  const what = { host: host.entry.name, command: 'docker compose config' };
  const problem = failureOf(what, result, (text) => ports.secrets.redact(text));
  throw new ProblemError(
    problem.code === 'command-failed' ? { ...problem, code: 'compose-invalid' } : problem,
  );
}
