import type { CommandResult, EnsureContext, RemoteCommand, RemoteHost, StepResult } from '../../ports.ts';
import { ProblemError, toProblem } from '../../problems.ts';
import type { Release } from '../../types.ts';
import { applyScript, attachScript, detachScript, lost, removeScript } from './apply-script.ts';
import { failureOf } from './classify.ts';
import { imageKey, type ImageResult } from './ensure-images.ts';
import type { Job } from './job.ts';
import { formatRelease } from './release-record.ts';
import { releaseDirectory } from './stage-files.ts';

/** Compose may wait for health checks of dependencies and for slow stops. */
const applyTimeoutMs = 20 * 60_000;

interface Applying {
  readonly images: ReadonlyMap<string, ImageResult>;
  readonly context: EnsureContext;
}

/** Puts a job's files in place and its containers up, or takes them down. */
export async function apply(
  host: RemoteHost,
  job: Job,
  applying: Applying,
  signal: AbortSignal,
): Promise<StepResult> {
  const { secrets } = applying.context.ports;
  const what = job.kind === 'remove' ? 'docker compose down' : 'docker compose up';
  try {
    const result = await runDetached(host, job, commandOf(host, job, applying), signal);
    if (result.exitCode === 0) return { ok: true, did: whatWasDone(job, result.stdout, applying.images) };
    const named = { host: host.entry.name, command: `${what} (${job.service.name})` };
    const problem = failureOf(named, result, (text) => secrets.redact(text));
    return { ok: false, problem, touched: true };
  } catch (error) {
    return { ok: false, problem: toProblem(error), touched: true };
  }
}

function commandOf(host: RemoteHost, job: Job, { images, context }: Applying): RemoteCommand {
  const lines = (values: readonly string[]) => values.join('\n');
  const place = [job.path, job.service.name, host.entry.docker.command];
  const args =
    job.kind === 'remove'
      ? [removeScript, ...place, job.deleteVolumes ? '-v' : '', lines(job.removals), lines(job.forgotten)]
      : [
          applyScript,
          ...place,
          job.release,
          wayBack(job, context),
          job.kind === 'new' ? formatRelease(newRelease(job, { images, context })) : '',
          lines(Object.keys(job.kind === 'new' ? job.desired.files : job.record.files)),
          lines(job.removals),
          lines(job.recreated),
          lines(job.forgotten),
        ];
  return { script: detachScript, args, timeoutMs: applyTimeoutMs };
}

/**
 * The release to go back to, should this stop half-way. On the way back itself that is where it leads; so it is when an
 * interrupted deployment is undone later, where what was left half done has no release.
 */
function wayBack(job: Exclude<Job, { kind: 'remove' }>, { phase }: EnsureContext): string {
  const previous = phase === 'forward' ? (job.step.before?.release ?? null) : job.release;
  return previous ?? (job.kind === 'restore' ? job.release : '');
}

/** Runs apart from the connection; when that is lost, looks once more for what became of it. */
async function runDetached(
  host: RemoteHost,
  { path }: Job,
  command: RemoteCommand,
  signal: AbortSignal,
): Promise<CommandResult> {
  try {
    return await host.run(command, signal);
  } catch (error) {
    const isLost = error instanceof ProblemError && error.problem.code === 'host-unreachable';
    if (!isLost || signal.aborted) throw error;
    const again = { script: attachScript, args: [path], timeoutMs: applyTimeoutMs };
    const result = await host.run(again, signal).catch(() => null);
    if (result === null || result.exitCode === lost) throw error;
    return result;
  }
}

function newRelease(job: Extract<Job, { kind: 'new' }>, { images, context }: Applying): Release {
  const idOf = (reference: string, digest: string | null) => {
    const result = images.get(imageKey({ reference, digest, id: null }));
    return result?.ok === true ? result.image : null;
  };
  const used = Object.entries(job.state.images).map(([name, { reference, digest }]) => {
    const image = idOf(reference, digest);
    return [name, { reference, digest: digest ?? image?.digests[0] ?? null, id: image?.id ?? null }] as const;
  });
  return {
    id: job.release,
    service: job.service.name,
    revision: context.revision,
    deployment: context.deployment,
    createdAt: context.ports.clock.now().toISOString(),
    files: job.desired.files,
    env: job.service.env,
    images: Object.fromEntries(used),
    checks: job.service.checks,
    verifiedAt: null,
  };
}

function whatWasDone(job: Job, said: string, images: ReadonlyMap<string, ImageResult>): readonly string[] {
  const brought = job.images.flatMap((image) => {
    const result = images.get(imageKey(image));
    return result?.ok === true && result.did !== null ? [result.did] : [];
  });
  const files =
    job.kind === 'remove'
      ? 'archived its files'
      : job.kind === 'new'
        ? `wrote release ${job.release}`
        : `restored release ${job.release}`;
  return [...new Set(brought), files, ...containerWork(said)];
}

/** Counts Compose's progress lines, such as ` Container web-web-1  Recreated`. */
function containerWork(said: string): readonly string[] {
  const done = ['Created', 'Recreated', 'Started', 'Removed'] as const;
  return done.flatMap((word) => {
    const names = new Set(
      [...said.matchAll(new RegExp(`Container (\\S+)\\s+${word}\\b`, 'g'))].map((match) => match[1]),
    );
    const count = names.size;
    return count === 0 ? [] : [`${word.toLowerCase()} ${count} container${count === 1 ? '' : 's'}`];
  });
}

/** Takes staged files away again that will not be used; a leftover does no harm, so failing is fine. */
export async function discardStaged(host: RemoteHost, jobs: readonly Job[]): Promise<void> {
  const directories = jobs.flatMap((job) => (job.kind === 'new' ? [releaseDirectory(job)] : []));
  if (directories.length === 0) return;
  const script = `
for directory; do
  [ -f "$directory/release.json" ] || rm -rf -- "$directory"
  rmdir "\${directory%/*}" 2>/dev/null
done
exit 0`;
  const signal = AbortSignal.timeout(15_000); // the deployment's own may be aborted already
  await host.run({ script, args: directories, timeoutMs: 15_000 }, signal).catch(() => undefined);
}
