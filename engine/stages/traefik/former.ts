import { sha256 } from '../../digest.ts';
import type { Ports, Scope, ScopedService } from '../../ports.ts';
import { toProblem } from '../../problems.ts';
import type { Risk, RouteState, StepOf } from '../../types.ts';
import { readHostFiles } from '../host-files/index.ts';
import { routeText } from './changes.ts';
import { step, targetOf } from './decide.ts';
import { isAsLeft } from './left.ts';
import { leftBehind } from './risks.ts';
import { pathOf } from './route-file.ts';

interface Former {
  readonly scoped: ScopedService;
  readonly by: StepOf<'traefik'>;
  readonly left: RouteState;
}
interface Found {
  readonly steps: readonly StepOf<'traefik'>[];
  readonly risks: readonly Risk[];
}

/** What earlier deployments left on a machine, or in a directory, that Traefik's entry in sentinel.yml no longer names. */
export async function surveyFormer(
  { services, inventory }: Scope,
  { settled, ports }: { readonly settled: ReadonlySet<string>; readonly ports: Ports },
  signal: AbortSignal,
): Promise<Found> {
  const { traefik: system } = inventory.systems;
  const isNow = ({ scoped, left }: Former): boolean =>
    system !== null && left.host === system.host && left.path === pathOf(system, scoped.name);
  const former = services
    .filter(({ name }) => settled.has(name))
    .flatMap((scoped) => formerOf(scoped))
    .filter((one) => !isNow(one));
  const hosts = [...new Set(former.map(({ left }) => left.host))];
  const parts = await Promise.all(
    hosts.map(async (name): Promise<Found> => {
      const own = former.filter(({ left }) => left.host === name);
      const stays = (why: string): Found => ({
        steps: [],
        risks: own.map(({ scoped, left }) => leftBehind(scoped.name, left.path, why)),
      });
      const entry = inventory.hosts[name];
      if (entry === undefined) return stays(`sentinel.yml does not list ${name} any more.`);
      try {
        const files = own.map(({ left }) => left.path);
        const texts = await readHostFiles(ports.host(entry), { files }, signal);
        return decideFormer(own, texts);
      } catch (error) {
        signal.throwIfAborted();
        return stays(toProblem(error).message);
      }
    }),
  );
  return { steps: parts.flatMap(({ steps }) => steps), risks: parts.flatMap(({ risks }) => risks) };
}

function formerOf(scoped: ScopedService): readonly Former[] {
  return scoped.owned.flatMap((by) =>
    by.stage === 'traefik' && by.after !== null ? [{ scoped, by, left: by.after }] : [],
  );
}

function decideFormer(former: readonly Former[], texts: ReadonlyMap<string, string>): Found {
  const steps: StepOf<'traefik'>[] = [];
  const risks: Risk[] = [];
  for (const { scoped, by, left } of former) {
    const text = texts.get(left.path);
    if (text === undefined) continue;
    const content = sha256(text);
    if (!isAsLeft(by, content)) {
      risks.push(leftBehind(scoped.name, left.path, 'it is no longer as Sentinel left it.'));
      continue;
    }
    const there = content === left.content ? left : (by.before ?? left);
    steps.push(
      step(scoped, {
        system: left.host,
        target: targetOf(left),
        cause: 'routes are kept elsewhere now, or not at all',
        changes: [{ what: 'route', before: routeText(there), after: null }],
        before: there,
        after: null,
      }),
    );
  }
  return { steps, risks };
}
