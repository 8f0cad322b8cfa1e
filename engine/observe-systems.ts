import { changesAnything } from './changes-anything.ts';
import type { Ports, Scope, ScopedService } from './ports.ts';
import type { Problem } from './problems.ts';
import { surveySystems, type SideSurvey } from './survey-systems.ts';
import type { Drift, Light, RiskCode, Service, SideStage, StepOf, SystemStatus } from './types.ts';

export interface SystemsObservation {
  /** By service; only those that have something on a system. */
  readonly systems: ReadonlyMap<string, readonly SystemStatus[]>;
  /** Systems that could not be asked, each once. */
  readonly problems: readonly Problem[];
}

/** Compares every system around the services with Git. Reads only. */
export async function observeSystems(
  scope: Scope,
  ports: Ports,
  signal: AbortSignal,
): Promise<SystemsObservation> {
  const surveys = await surveySystems(scope, ports, signal);
  return {
    systems: new Map(scope.services.map((item) => [item.name, systemsOf(item, surveys)])),
    problems: once(surveys.flatMap(({ survey }) => survey.problems)),
  };
}

/** Pure: what each system has for one service, against Git; nothing where the service has nothing on it. */
export function systemsOf(item: ScopedService, surveys: readonly SideSurvey[]): readonly SystemStatus[] {
  return surveys.flatMap(({ stage, survey }): readonly SystemStatus[] => {
    const { name } = stage;
    const steps = survey.steps.filter(({ service }) => service === item.name);
    const blocked = survey.risks.find(({ service, code }) => service === item.name && blocks.has(code));
    const concerned =
      steps.length > 0 ||
      blocked !== undefined ||
      (item.want !== 'absent' && wants[name](item.service)) ||
      item.owned.some((owned) => owned.stage === name && owned.after !== null);
    if (!concerned) return [];
    if (survey.problems.length > 0) return [{ stage: name, light: unasked, drift: [] }];
    const drift = steps
      .filter(changesAnything)
      .map((step) => driftOf(step, { stage, service: item.service }));
    if (blocked !== undefined)
      return [{ stage: name, light: { state: 'bad', text: blocked.message }, drift }];
    // What a removed service has left there has been taken away.
    if (drift.length === 0 && item.want === 'absent') return [];
    return [{ stage: name, light: lightOf(drift), drift }];
  });
}

/** What Git wants there, and something else or nobody's answer is in the way. */
const blocks: ReadonlySet<string> = new Set<RiskCode>(['conflict', 'system-missing']);

const wants: Readonly<Record<SideStage, (service: Service) => boolean>> = {
  traefik: ({ route }) => route !== null,
  dns: ({ record }) => record !== null,
  authentik: ({ signOn }) => signOn !== null,
  glance: ({ tile }) => tile !== null && (tile.bookmark !== null || tile.monitor !== null),
};

const unasked: Light = { state: 'unknown', text: 'could not be asked' };

function driftOf(
  step: StepOf<SideStage>,
  { stage, service }: { readonly stage: SideSurvey['stage']; readonly service: Service },
): Drift {
  const { target, changes, before, after } = step;
  return {
    kind: before === null ? 'missing' : after === null ? 'extra' : 'different',
    target,
    changes,
    adoptable: (stage.adopt?.(step, service) ?? []).length > 0,
  };
}

function lightOf(drift: readonly Drift[]): Light {
  const [first, ...more] = [...new Set(drift.map(({ kind }) => kind))];
  if (first === undefined) return { state: 'good', text: 'matches Git' };
  return { state: 'bad', text: more.length > 0 ? 'differs' : inWords[first] };
}
const inWords: Readonly<Record<Drift['kind'], string>> = {
  ...{ missing: 'missing', different: 'differs', extra: 'left over' },
};

/** Each problem once: several stages may meet the same host that does not answer. */
export function once(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((problem) => [`${problem.code} ${problem.message}`, problem])).values()];
}
