import type { Ports, Scope, ScopedService, Survey } from '../../ports.ts';
import { type Problem, toProblem } from '../../problems.ts';
import type { HostEntry, Risk, StepOf } from '../../types.ts';
import { failureOf } from './classify.ts';
import { foundPrefix } from './compare.ts';
import { decide } from './decide.ts';
import { desire } from './desired.ts';
import { filePairs, renderDiff } from './diff-text.ts';
import type { Wanted } from './differences.ts';
import type { Decision } from './make-step.ts';
import { asMove, leftRunning, moveOf, moveWithin } from './move.ts';
import type { HostObservation } from './found.ts';
import { observeHost, readTexts } from './observe.ts';
import { mountPlace, powerRisks } from './risks.ts';

/** Looks at all hosts in parallel and decides for every service what has to change. */
export async function surveyDeploy(
  scope: Scope,
  ports: Ports,
  signal: AbortSignal,
): Promise<Survey<'deploy'>> {
  const hosts = [...new Set(scope.services.map(({ service }) => service.host))];
  const parts = await Promise.all(
    hosts.map(async (name) => {
      const scoped = scope.services.filter(({ service }) => service.host === name);
      const entry = scope.inventory.hosts[name];
      if (entry === undefined) return unknownHost(name, scoped);
      return surveyHost({ entry, scoped, ports }, signal).catch((error: unknown) => {
        signal.throwIfAborted();
        return { ...empty, problems: [toProblem(error)] };
      });
    }),
  );
  parts.push(...(await surveyMoves(scope, ports, signal)));
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

/** What moved services leave behind; after their new places, so that undoing puts the old ones back first. */
function surveyMoves(scope: Scope, ports: Ports, signal: AbortSignal): Promise<readonly Survey<'deploy'>[]> {
  const moves = scope.services.map(moveOf).filter((move) => move !== null);
  return Promise.all(
    moves.map(async (move): Promise<Survey<'deploy'>> => {
      if (move.left === null) return { ...empty, risks: [moveWithin(move)] };
      const entry = scope.inventory.hosts[move.from.host];
      const unknown = 'sentinel.yml does not list it any more.';
      if (entry === undefined) return { ...empty, risks: [leftRunning(move, unknown)] };
      try {
        return asMove(move, await surveyHost({ entry, scoped: [move.left], ports }, signal));
      } catch (error) {
        signal.throwIfAborted();
        return { ...empty, risks: [leftRunning(move, toProblem(error).message)] };
      }
    }),
  );
}

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
  if (steps.length > 0) problems.push(...hostProblems(entry, observation, steps.some(writes)));
  const pairs = steps.flatMap((step) => {
    const service = known.find(({ name }) => name === step.service)?.service;
    return service === undefined ? [] : filePairs(step, service, observation);
  });
  risks.push(...(await risksOfReleases(steps, { observation, ports }, signal)));
  const diff = pairs.length === 0 ? '' : await renderDiff(pairs, { observation, ports }, signal);
  return { steps, risks, proofs, diff, problems };
}

const writes = ({ after }: StepOf<'deploy'>) => after !== null && after.deleteVolumes !== true;

/** Reads the compose files of the releases that come back, to say what power over the host they give. */
async function risksOfReleases(
  steps: readonly StepOf<'deploy'>[],
  { observation, ports }: { readonly observation: HostObservation; readonly ports: Ports },
  signal: AbortSignal,
): Promise<readonly Risk[]> {
  const coming = steps.flatMap(({ service, after }) =>
    after === null || after.release === null ? [] : [comingBack(service, after.path, after.release)],
  );
  const paths = coming.flatMap(({ files }) => files);
  const texts = await readTexts(ports.host(observation.entry), paths, signal);
  return coming.flatMap(({ service, path, release, files, isFind }) => {
    const record = observation.places.get(path)?.releases.find(({ id }) => id === release);
    const question = { env: isFind ? null : (record?.env ?? null), ...mountPlace(path, observation.entry) };
    return files.flatMap((file) => {
      const text = texts.get(file);
      return text === undefined && isFind ? [] : powerRisks(service, text ?? '', question);
    });
  });
}

/** The files a release runs from; a find may run from files of other names, which stay where they are. */
function comingBack(service: string, path: string, release: string) {
  const isFind = release.startsWith(foundPrefix);
  const kept = `${path}/.sentinel/releases/${release}/docker-compose.yml`;
  const others = ['compose', 'docker-compose'].flatMap((name) =>
    ['yaml', 'yml', 'override.yaml', 'override.yml'].map((end) => `${path}/${name}.${end}`),
  );
  const left = others.filter((file) => file !== `${path}/docker-compose.yml`);
  return { service, path, release, isFind, files: isFind ? [kept, ...left] : [kept] };
}

/** Less than this and not even a compose file and a container's own directory are sure to fit. */
const leastKilobytes = 32 * 1024;

function hostProblems(
  { name }: HostEntry,
  { freeKilobytes, noCompose }: HostObservation,
  writing: boolean,
): readonly Problem[] {
  const problems: Problem[] = [];
  if (noCompose !== null)
    problems.push(
      failureOf(
        { host: name, command: 'docker compose version' },
        { exitCode: 1, stdout: '', stderr: noCompose },
      ),
    );
  if (writing && freeKilobytes !== null && freeKilobytes < leastKilobytes)
    problems.push({
      code: 'disk-full',
      message: `${name} has ${Math.floor(freeKilobytes / 1024)} MB of space left.`,
      where: name,
      hint: 'Make room on the host, for example with `docker image prune`.',
    });
  return problems;
}
