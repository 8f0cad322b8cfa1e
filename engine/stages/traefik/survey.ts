import type { Ports, Scope, Survey } from '../../ports.ts';
import { toProblem } from '../../problems.ts';
import type { Risk, StepOf, TraefikSystem } from '../../types.ts';
import { readHostTexts, type HostTexts } from '../host-files/index.ts';
import { decide, type Decision, type Place, type Wished, wishOf } from './decide.ts';
import { diffOf } from './diff-text.ts';
import { surveyFormer } from './former.ts';
import { readFoundFile, unreadableFile } from './found-file.ts';
import { badFile, systemMissing } from './risks.ts';

const empty: Survey<'traefik'> = { steps: [], risks: [], proofs: {}, diff: '', problems: [] };

/** File names Traefik reads, in any letter case. */
const endings = ['.yml', '.yaml', '.toml'];

/** Reads the whole directory once and decides for every service what its route file has to be. */
export async function surveyTraefik(
  scope: Scope,
  ports: Ports,
  signal: AbortSignal,
): Promise<Survey<'traefik'>> {
  const { traefik: system } = scope.inventory.systems;
  const touched = scope.services.filter(
    ({ service, owned }) =>
      service.route !== null || owned.some(({ stage, after }) => stage === 'traefik' && after !== null),
  );
  if (touched.length === 0) return empty;
  const concerned = { ...scope, services: touched };
  const here = system === null ? missing(concerned) : await surveyPlace(concerned, { system, ports }, signal);
  const former = await surveyFormer(concerned, { settled: here.settled, ports }, signal);
  return {
    steps: [...here.steps, ...former.steps],
    risks: [...here.risks, ...former.risks],
    proofs: here.proofs,
    diff: here.diff,
    problems: here.problems,
  };
}

interface Here extends Survey<'traefik'> {
  /** Services that have, or get, all they want in the directory that is read now. */
  readonly settled: ReadonlySet<string>;
}

function missing({ services }: Scope): Here {
  const without = services.filter(({ want, service }) => want === 'absent' || service.route === null);
  const asking = services.filter((scoped) => !without.includes(scoped));
  return {
    ...empty,
    risks: asking.map(({ name }) => systemMissing(name)),
    settled: new Set(without.map(({ name }) => name)),
  };
}

async function surveyPlace(
  scope: Scope,
  { system, ports }: { readonly system: TraefikSystem; readonly ports: Ports },
  signal: AbortSignal,
): Promise<Here> {
  const entry = scope.inventory.hosts[system.host];
  const lost = { ...empty, settled: new Set<string>() };
  if (entry === undefined)
    return {
      ...lost,
      problems: [
        {
          code: 'host-unknown',
          message: `Traefik runs on “${system.host}”, which sentinel.yml does not list.`,
          where: 'sentinel.yml',
        },
      ],
    };
  try {
    const reading = { directories: [system.directory], endings };
    const found = await readHostTexts(ports.host(entry), reading, signal);
    return decideAll(scope, { system, ports, found });
  } catch (error) {
    signal.throwIfAborted();
    return { ...lost, problems: [toProblem(error)] };
  }
}

function decideAll(
  { services, inventory }: Scope,
  {
    system,
    ports,
    found,
  }: {
    readonly system: TraefikSystem;
    readonly ports: Pick<Ports, 'secrets'>;
    readonly found: HostTexts;
  },
): Here {
  const { authentik } = inventory.systems;
  const files = new Map(
    [...found.texts].map(([path, text]) => [
      path,
      found.notText.has(path) ? unreadableFile(path) : readFoundFile(path, text),
    ]),
  );
  const all = services.map((scoped): Wished => ({ scoped, wish: wishOf(scoped, { system, authentik }) }));
  const place: Place = { system, authentik, files, all };
  const decided = all.map((wished) => ({ ...wished, decision: decide(wished, place) }));
  const steps = decided.flatMap(({ decision }) => decision.step ?? []);
  return {
    steps,
    risks: [...decided.flatMap(({ decision }) => decision.risks), ...badFiles(place, steps)],
    proofs: Object.fromEntries(
      decided.flatMap(({ scoped, decision: { proof } }) => (proof.length > 0 ? [[scoped.name, proof]] : [])),
    ),
    diff: decided
      .map(({ scoped, decision }) =>
        diffOf({ scoped, decision, files }, (text) => ports.secrets.redact(text)),
      )
      .join(''),
    problems: decided.flatMap(({ decision }) => decision.problems),
    settled: new Set(decided.filter(({ decision }) => isSettled(decision)).map(({ scoped }) => scoped.name)),
  };
}

function isSettled({ risks, problems, step }: Decision): boolean {
  return step !== null || (problems.length === 0 && risks.length === 0);
}

/** Files that stop Traefik from taking any change, but for those this plan replaces or takes away. */
function badFiles({ files }: Place, steps: readonly StepOf<'traefik'>[]): readonly Risk[] {
  const replaced = new Set(steps.map(({ before }) => before?.path));
  return [...files.values()]
    .filter(({ fault, path }) => fault !== null && !replaced.has(path))
    .map((file) => badFile('', file));
}
