import type { Drift, Light, ServiceStatus, ShownChange, SideStage } from '../../engine/index.ts';
import { customId } from '../buttons.ts';
import { changeInLine } from './change.ts';
import type { Control, Field } from './message.ts';
import { firstSentence } from './left-out.ts';
import { icons } from './side-step.ts';
import { count, words } from './text.ts';

/** Whether any service has something on a system around it, so that there is a light to show. */
export function hasSystems(services: readonly ServiceStatus[]): boolean {
  return services.some(({ systems }) => systems.length > 0);
}

/** All systems around a service in one light: the worst of them. */
export function systemsLight({ systems }: ServiceStatus): Light {
  const worst = (['bad', 'unknown', 'good'] as const).find((state) =>
    systems.some(({ light }) => light.state === state),
  );
  return { state: worst ?? 'none', text: '' };
}

/** What is wrong around a service, as short as it gets: `traefik, dns missing`, `glance differs`. */
export function systemsInWords(
  { systems }: ServiceStatus,
  { isThere, brief }: { readonly isThere: boolean; readonly brief: boolean },
): readonly string[] {
  const byWord = new Map<string, SideStage[]>();
  for (const { stage, light, drift } of systems) {
    if (light.state !== 'bad' && light.state !== 'unknown') continue;
    const word = light.state === 'unknown' ? 'could not be asked' : wordFor(drift, light);
    byWord.set(word, [...(byWord.get(word) ?? []), stage]);
  }
  const told = [...byWord].filter(([word]) => isThere || word !== 'missing');
  const many = told.flatMap(([, names]) => names).length;
  if (brief) return many === 0 ? [] : [count(many, 'system')];
  return told.map(([word, names]) => `${names.join(', ')} ${word}`);
}

/** Longer texts belong where one service is shown. */
function wordFor(drift: readonly Drift[], { text }: Light): string {
  return drift.length > 0 && text.length <= 12 ? text : 'conflict';
}

/** One line for each system. */
export function systemLines(
  { systems }: ServiceStatus,
  symbols: Readonly<Record<Light['state'], string>>,
): readonly string[] {
  return systems.map(
    ({ stage, light }) =>
      `${symbols[light.state]} **${labels[stage]}** ${words(inGit(firstSentence(light.text)))}`,
  );
}

const labels: Readonly<Record<SideStage, string>> = {
  ...{ traefik: 'route', dns: 'name', authentik: 'sign-on', glance: 'dashboard' },
};

/** Behind the name of what was compared. */
export function inGit(text: string): string {
  return text === 'matches Git' ? 'as in Git' : text;
}

/** All is well with it, as far as anybody could ask. */
export function isOnlyUnasked({ desired, running, health, systems }: ServiceStatus): boolean {
  const fine = ({ state }: Light): boolean => state === 'good' || state === 'none';
  const around = systems.map(({ light }) => light);
  return (
    [desired, running, health].every(fine) &&
    around.every((light) => fine(light) || light.state === 'unknown') &&
    !around.every(fine)
  );
}

/** `❔ dns could not be asked for 60 services` */
export function unaskedLines(services: readonly ServiceStatus[]): readonly string[] {
  const stages = services
    .filter(isOnlyUnasked)
    .flatMap(({ systems }) =>
      systems.flatMap(({ stage, light }) => (light.state === 'unknown' ? [stage] : [])),
    );
  return [...new Set(stages)].map((stage) => {
    const many = stages.filter((each) => each === stage).length;
    return `❔ ${stage} could not be asked for ${count(many, 'service')}`;
  });
}

const mostDrift = 12;

/** What differs from Git, as *Put back* would change it. */
export function driftFields({ systems }: ServiceStatus): readonly Field[] {
  const all = systems.flatMap(({ stage, drift }) => drift.map((one) => driftLine(stage, one)));
  if (all.length === 0) return [];
  const rest = all.length - mostDrift;
  const lines = [...all.slice(0, mostDrift), ...(rest > 0 ? [`and ${count(rest, 'more difference')}`] : [])];
  const keepable = systems.flatMap(({ drift }) => drift).filter(({ adoptable }) => adoptable).length;
  const note =
    keepable > 0 && keepable < all.length ? [`*Keep* can write ${keepable} of ${all.length} into Git.`] : [];
  return [{ name: 'Put back would change', value: [...lines, ...note].join('\n') }];
}

function driftLine(stage: SideStage, { kind, target, changes }: Drift): string {
  const head = `${icons[stage]} ${words(target)}`;
  if (kind === 'missing') return `${head}: missing, comes back`;
  if (kind === 'extra') return `${head}: left over, goes`;
  return changes.length === 0
    ? `${head}: differs`
    : `${head}: ${changes.map((change) => changeInLine(change, target)).join('; ')}`;
}

/** The drift of a service as lines of a file. */
export function driftText({ service, systems }: ServiceStatus): readonly string[] {
  return systems.flatMap(({ stage, drift }) =>
    drift.map(
      ({ kind, target, changes }) =>
        `drift: ${service}  ${stage}  ${target}: ${kind === 'different' ? changes.map(plainChange).join('; ') : kind}`,
    ),
  );
}

function plainChange({ what, before, after }: ShownChange): string {
  return `${what}: ${before ?? '(none)'} → ${after ?? '(none)'}`;
}

/** *Put back* where something there is not as Git says, *Keep* where Git can be made to say it. */
export function driftButtons(one: ServiceStatus, environment: string): readonly Control[] {
  const id = `${environment} ${one.service}`;
  const drift = one.systems.flatMap((system) => system.drift);
  const isThere = one.containers.length > 0 || one.release !== null;
  // To keep that nothing is there yet would be to say that it shall never be.
  const differs = drift.length > 0 || (one.desired.state === 'bad' && isThere);
  const put: Control = { kind: 'button', style: 'primary', label: 'Put back', id: customId('put-back', id) };
  const keep: Control = { kind: 'button', style: 'secondary', label: 'Keep', id: customId('keep', id) };
  return [...(differs ? [put] : []), ...(isThere && drift.some(({ adoptable }) => adoptable) ? [keep] : [])];
}
