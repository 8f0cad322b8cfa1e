import { dirname } from 'node:path/posix';
import type { EnsureContext, RemoteHost } from '../../ports.ts';
import { type Problem, toProblem } from '../../problems.ts';
import type { ProxyReader } from '../../system-ports/index.ts';
import { readHostFiles } from '../host-files/index.ts';
import { awaitLoaded } from './await-loaded.ts';
import { type Differences, type Expectation, expectationOf } from './expect.ts';
import { readFoundFile } from './found-file.ts';
import type { Job } from './job.ts';

export interface Verdict {
  readonly job: Job;
  /** Null: proven, or nothing to prove it with. */
  readonly problem: Problem | null;
  /** What is known, in a few words. */
  readonly proof: string;
}
interface Bench {
  readonly host: RemoteHost;
  readonly context: EnsureContext;
}

/** Whether the proxy has taken what is in the files now. */
export async function prove(
  jobs: readonly Job[],
  { host, context }: Bench,
  signal: AbortSignal,
): Promise<readonly Verdict[]> {
  const { traefik: system } = context.scope.inventory.systems;
  const proxy = system === null ? null : context.ports.systems.proxy(system);
  const verdicts: Verdict[] = [];
  const asked: { readonly job: Job; readonly expected: Expectation }[] = [];
  for (const job of jobs) {
    const expected = expectationOf(job.path, job.now, job.want);
    const isRead = system !== null && system.host === host.entry.name && isBelow(job.path, system.directory);
    const why =
      proxy === null
        ? 'not proven: sentinel.yml names no API of Traefik'
        : !isRead
          ? 'Traefik does not read it any more'
          : 'not proven: the file cannot be read';
    if (proxy === null || !isRead || expected === null) verdicts.push({ job, problem: null, proof: why });
    else asked.push({ job, expected });
  }
  if (proxy === null || asked.length === 0) return verdicts;
  const expected = asked.map((one) => one.expected);
  const arrival = await awaitLoaded({ expected, proxy, clock: context.ports.clock }, signal);
  if (!arrival.ok) {
    context.ports.log.warn({ host: host.entry.name, problem: arrival.problem }, 'route files not proven');
    return [...verdicts, ...asked.map(({ job }) => unproven(job, arrival.problem))];
  }
  const { missing } = arrival;
  const proven = asked.map(({ job }, index) => verdictOn(job, proxy, missing[index]));
  if (!proven.some(({ problem }) => problem?.code === 'route-refused')) return [...verdicts, ...proven];
  const culprit = await badFileIn(system?.directory ?? '', host, signal);
  return [...verdicts, ...proven.map((verdict) => blaming(culprit, verdict))];
}

/** Says nothing about the file, so taking that back would only hurt those who wait for the route. */
function unproven(job: Job, { message }: Problem): Verdict {
  const why = message.replace(/\.$/, '');
  return { job, problem: null, proof: `not proven: the API of Traefik could not be asked (${why})` };
}

function verdictOn(
  job: Job,
  { name }: Pick<ProxyReader, 'name'>,
  { loaded = [], working = [] }: Partial<Differences> = {},
): Verdict {
  // What somebody wrote by hand need not have worked before either.
  const faults = job.generated ? [...loaded, ...working] : loaded;
  const gone = job.want === null;
  if (faults.length === 0)
    return { job, problem: null, proof: `Traefik has ${gone ? 'dropped' : 'loaded'} it` };
  return {
    job,
    proof: '',
    problem: {
      code: 'route-refused',
      message: `${name} did not take ${gone ? 'the removal of ' : ''}${job.path}: ${faults.join('; ')}.`,
      where: job.path,
      hint:
        working.length > 0
          ? 'Correct what Traefik names, then deploy again.'
          : 'One bad file stops Traefik from taking any change; its log names the file.',
    },
  };
}

/** The first file of the directory we know Traefik to refuse; it tells nobody but its log. */
async function badFileIn(directory: string, host: RemoteHost, signal: AbortSignal): Promise<string | null> {
  try {
    const reading = { directories: [directory], endings: ['.yml', '.yaml'] };
    const texts = await readHostFiles(host, reading, signal);
    const files = [...texts].map(([path, text]) => readFoundFile(path, text));
    const bad = files.find(({ fault }) => fault !== null);
    return bad === undefined ? null : `${bad.path}: ${bad.fault ?? ''}`;
  } catch (error) {
    signal.throwIfAborted();
    return `the directory cannot be read: ${toProblem(error).message}`;
  }
}

function blaming(culprit: string | null, verdict: Verdict): Verdict {
  const { problem } = verdict;
  if (problem?.code !== 'route-refused' || culprit === null) return verdict;
  const hint = `One bad file stops Traefik from taking any change. Correct or remove it: ${culprit}.`;
  return { ...verdict, problem: { ...problem, hint } };
}

function isBelow(path: string, directory: string): boolean {
  return dirname(path) === directory || path.startsWith(`${directory.replace(/\/$/, '')}/`);
}
