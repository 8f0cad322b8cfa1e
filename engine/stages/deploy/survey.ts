import type { Ports, Scope, ScopedService, Survey } from '../../ports.ts';
import { type Problem, toProblem } from '../../problems.ts';
import type { HostEntry, Risk, StepOf } from '../../types.ts';
import { type Decision, decide, type Wanted } from './decide.ts';
import { desire } from './desired.ts';
import { filePairs, renderDiff } from './diff-text.ts';
import { observeHost } from './observe.ts';

/** Looks at all hosts in parallel and decides for every service what has to change. */
export async function surveyDeploy(
  scope: Scope,
  ports: Ports,
  signal: AbortSignal,
): Promise<Survey<'deploy'>> {
  const hosts = [...new Set(scope.services.map(({ service }) => service.host))];
  const parts = await Promise.all(
    hosts.map((name) => {
      const scoped = scope.services.filter(({ service }) => service.host === name);
      const entry = scope.inventory.hosts[name];
      if (entry === undefined) return unknownHost(name, scoped);
      return surveyHost({ entry, scoped, ports }, signal).catch((error: unknown) => {
        signal.throwIfAborted();
        return { ...empty, problems: [toProblem(error)] };
      });
    }),
  );
  const order = new Map(scope.services.map(({ name }, index) => [name, index]));
  return {
    steps: parts
      .flatMap(({ steps }) => steps)
      .sort((a, b) => (order.get(a.service) ?? 0) - (order.get(b.service) ?? 0)),
    risks: parts.flatMap(({ risks }) => risks),
    proofs: Object.fromEntries(parts.flatMap(({ proofs }) => Object.entries(proofs))),
    diff: parts.map(({ diff }) => diff).join(''),
    problems: parts.flatMap(({ problems }) => problems),
  };
}

const empty: Survey<'deploy'> = { steps: [], risks: [], proofs: {}, diff: '', problems: [] };

function unknownHost(name: string, scoped: readonly ScopedService[]): Survey<'deploy'> {
  const problems = scoped.map(({ service }): Problem => ({
    code: 'host-unknown',
    message: `${service.name} runs on “${name}”, which sentinel.yml does not list.`,
    where: service.file,
  }));
  return { ...empty, problems };
}

interface HostSurvey {
  readonly entry: HostEntry;
  readonly scoped: readonly ScopedService[];
  readonly ports: Ports;
}

async function surveyHost(
  { entry, scoped, ports }: HostSurvey,
  signal: AbortSignal,
): Promise<Survey<'deploy'>> {
  const problems: Problem[] = [];
  const wanted = new Map<string, Wanted>();
  for (const item of scoped) {
    if (item.want !== 'present') continue;
    try {
      const { files, envHash } = desire(item.service, ports.secrets);
      wanted.set(item.name, { files, envHash });
    } catch (error) {
      problems.push(toProblem(error));
    }
  }
  const known = scoped.filter(({ want, name }) => want !== 'present' || wanted.has(name));
  const observation = await observeHost(ports.host(entry), known, { askRegistries: true }, signal);
  const steps: StepOf<'deploy'>[] = [];
  const risks: Risk[] = [];
  const proofs: Record<string, readonly string[]> = {};
  const decisions = known.map((item): Decision => decide(item, wanted.get(item.name) ?? null, observation));
  for (const [index, { step, ...found }] of decisions.entries()) {
    problems.push(...found.problems);
    risks.push(...found.risks);
    if (step !== null) steps.push(step);
    else proofs[known[index]?.name ?? ''] = found.proof;
  }
  const full = steps.some(writes) ? diskProblem(entry, observation.freeKilobytes) : null;
  if (full !== null) problems.push(full);
  const pairs = steps.flatMap((step) => {
    const service = known.find(({ name }) => name === step.service)?.service;
    return service === undefined ? [] : filePairs(step, service, observation);
  });
  const diff = pairs.length === 0 ? '' : await renderDiff(pairs, { observation, ports }, signal);
  return { steps, risks, proofs, diff, problems };
}

const writes = ({ after }: StepOf<'deploy'>) => after !== null && after.deleteVolumes !== true;

/** Less than this and not even a compose file and a container's own directory are sure to fit. */
const leastKilobytes = 32 * 1024;

function diskProblem({ name }: HostEntry, free: number | null): Problem | null {
  if (free === null || free >= leastKilobytes) return null;
  return {
    code: 'disk-full',
    message: `${name} has ${Math.floor(free / 1024)} MB of space left.`,
    where: name,
    hint: 'Make room on the host, for example with `docker image prune`.',
  };
}
