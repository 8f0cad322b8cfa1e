import type { FleetStatus, Light, ServiceStatus } from '../../engine/index.ts';
import type { Field, TextFile } from './message.ts';
import { titleOf } from './proposal.ts';
import { words } from './text.ts';

/** Different shapes, since not everybody can tell colours apart. */
export const lights: Readonly<Record<Light['state'], string>> = {
  ...{ good: '✅', bad: '❌', unknown: '❔', none: '➖' },
};

/** Nobody needs to look: every light is good, or there is nothing to check. */
export function isWell(one: ServiceStatus): boolean {
  return lightsOf(one).every(({ state }) => state === 'good' || state === 'none');
}

/** A light's few words. */
export function lightText({ text }: Light): string {
  return text.replace(/^The secret (\S+) has no value\.$/, 'secret $1 has no value').replace(/\.$/, '');
}

/** So many services that those without trouble are only counted. */
export function isFolded(services: readonly ServiceStatus[]): boolean {
  return services.length > 30;
}

/** Each host's services, those that need a look first, over as many fields as it takes. */
export function hostFields(services: readonly ServiceStatus[]): readonly Field[] {
  const hosts = [...new Set(services.map(({ host }) => host))].toSorted();
  return hosts.flatMap((host) => {
    const own = services.filter((each) => each.host === host);
    const bad = own.filter((each) => !isWell(each)).map(serviceLine);
    const good = own.filter(isWell);
    const rest = isFolded(services)
      ? good.length > 0
        ? [
            `✅ ${good.length}${bad.length > 0 ? ' more' : ''} as ${good.length === 1 ? 'it' : 'they'} should be`,
          ]
        : []
      : good.map(serviceLine);
    return chunks([...bad, ...rest]).map((value, part) => ({
      name: part === 0 ? words(host) : `${words(host)} (${part + 1})`,
      value,
    }));
  });
}

function serviceLine(one: ServiceStatus): string {
  const wrong = lightsOf(one).filter(({ state }) => state === 'bad' || state === 'unknown');
  const texts = [...new Set(wrong.map(lightText))];
  // What is not deployed does not run either.
  const why = texts.includes('not deployed') ? texts.filter((text) => text !== 'nothing runs') : texts;
  const symbols = lightsOf(one).map(({ state }) => lights[state]);
  return `${symbols.join('')} ${words(one.displayName || one.service)}${why.length === 0 ? '' : ` — ${why.map(words).join(' · ')}`}`;
}

const fieldMost = 1_000;

/** Lines joined to texts that fit a field each. */
function chunks(lines: readonly string[]): readonly string[] {
  const texts: string[] = [];
  for (const line of lines) {
    const last = texts.at(-1);
    if (last !== undefined && last.length + line.length < fieldMost)
      texts[texts.length - 1] = `${last}\n${line}`;
    else texts.push(line);
  }
  return texts;
}

function lightsOf({ desired, running, health }: ServiceStatus): readonly Light[] {
  return [desired, running, health];
}

/** Everything the status says, one line for each thing. */
export function statusFile(status: FleetStatus): TextFile {
  const { services, attention, running, pending, problems } = status;
  const lines = [
    `${status.environment} at ${status.revision}`,
    ...services.map(
      (one) =>
        `${one.host}  ${one.service}  ${lightsOf(one)
          .map((light) => `${lights[light.state]} ${lightText(light)}`)
          .join('  ')}`,
    ),
    ...attention.map((record) => `needs a person: ${record.id}  ${titleOf(record)}`),
    ...running.map((record) => `running: ${record.id}  ${titleOf(record)}`),
    ...pending.map((proposal) => `waits for approval: ${proposal.id}  ${titleOf(proposal)}`),
    ...problems.map(({ where, message }) => `problem: ${where === undefined ? '' : `${where}  `}${message}`),
  ];
  return { name: 'status.txt', text: lines.join('\n') };
}
