import { notDeployedYet, type FleetStatus, type Light, type ServiceStatus } from '../../engine/index.ts';
import { chunks } from './chunks.ts';
import { colour, type Field, type TextFile } from './message.ts';
import { titleOf } from './title.ts';
import { driftText, hasSystems, isOnlyUnasked, systemsInWords, systemsLight } from './status-systems.ts';
import { count, words } from './text.ts';

/** Different shapes, since not everybody can tell colours apart. */
export const lights: Readonly<Record<Light['state'], string>> = {
  ...{ good: '✅', bad: '❌', unknown: '❔', none: '➖' },
};

/** Nobody needs to look: every light is good, or there is nothing to check. */
export function isWell(one: ServiceStatus): boolean {
  return lightsOf(one).every(({ state }) => state === 'good' || state === 'none');
}

/** There is something about this very service that a person should see. */
export function needsLook(one: ServiceStatus): boolean {
  return !isWell(one) && !isOnlyUnasked(one) && !isNotYet(one);
}

/** Git defines it and nobody has asked for it yet: nothing is wrong with it, unless something is in its way. */
export function isNotYet({ desired, systems }: ServiceStatus): boolean {
  const isMissing = ({ light, drift }: ServiceStatus['systems'][number]): boolean =>
    light.state !== 'bad' || (drift.length > 0 && drift.every(({ kind }) => kind === 'missing'));
  return desired.state === 'none' && desired.text === notDeployedYet && systems.every(isMissing);
}

/** What the card of one service shows first. */
export function serviceLook(
  one: ServiceStatus,
  { running }: FleetStatus,
): { readonly symbol: string; readonly colour: number } {
  if (running.length > 0) return { symbol: '⏳', colour: colour.running };
  if (isNotYet(one)) return { symbol: lights.none, colour: colour.quiet };
  return isWell(one)
    ? { symbol: lights.good, colour: colour.good }
    : { symbol: '⚠️', colour: colour.warning };
}

/** A light's few words. */
export function lightText({ text }: Light): string {
  return text.replace(/^The secret (\S+) has no value\.$/, 'secret $1 has no value').replace(/\.$/, '');
}

/** `9 services, all as they should be; 1 not deployed yet` */
export function allWell(there: number, notYet: number): string {
  const rest = notYet > 0 ? `; ${notYet} not deployed yet` : '';
  if (there === 0 && notYet > 0) return `${count(notYet, 'service')}, none deployed yet`;
  return `${count(there, 'service')}, all as ${there === 1 ? 'it' : 'they'} should be${rest}`;
}

/** So many services that those without trouble are only counted. */
export function isFolded(services: readonly ServiceStatus[]): boolean {
  return services.length > 30;
}

/** With more trouble than this the names matter more than the words; `/status` of one service has them. */
const mostInWords = 25;

/** Each host's services, hosts and services that need a look first, over as many fields as it takes. */
export function hostFields(services: readonly ServiceStatus[]): readonly Field[] {
  const around = hasSystems(services);
  const brief = services.filter(needsLook).length > mostInWords;
  const line = (one: ServiceStatus): string => serviceLine(one, { around, brief });
  const isTroubled = (host: string): boolean => services.some((one) => one.host === host && needsLook(one));
  const names = [...new Set(services.map(({ host }) => host))].toSorted();
  const hosts = [...names.filter(isTroubled), ...names.filter((host) => !isTroubled(host))];
  return hosts.flatMap((host) => {
    const own = services.filter((each) => each.host === host);
    const bad = own.filter(needsLook).map(line);
    const notYet = own.filter(isNotYet).map(line);
    const good = own.filter((each) => !needsLook(each) && !isNotYet(each));
    const rest = isFolded(services) ? folded(good, bad.length > 0) : good.map(line);
    return chunks([...bad, ...rest, ...notYet]).map((value, part) => ({
      name: part === 0 ? words(host) : `${words(host)} (${part + 1})`,
      value,
    }));
  });
}

/** Those nobody has to look at are only counted. */
function folded(good: readonly ServiceStatus[], areMore: boolean): readonly string[] {
  if (good.length === 0) return [];
  const many = `${good.length}${areMore ? ' more' : ''}`;
  return good.every(isWell)
    ? [`✅ ${many} as ${good.length === 1 ? 'it' : 'they'} should be`]
    : [`❔ ${many} as ${good.length === 1 ? 'it' : 'they'} should be, as far as could be asked`];
}

function serviceLine(
  one: ServiceStatus,
  { around, brief }: { readonly around: boolean; readonly brief: boolean },
): string {
  if (isNotYet(one)) return `${lights.none} ${words(one.displayName || one.service)}: ${notDeployedYet}`;
  const wrong = ownLights(one).filter(({ state }) => state === 'bad' || state === 'unknown');
  const texts = [...new Set(wrong.map(lightText))];
  const isThere = !texts.includes('not deployed');
  // What is not deployed does not run either, and nothing leads to it.
  const own = isThere ? texts : texts.filter((text) => text !== 'nothing runs');
  // Said once for all of them, above the list.
  const why = isOnlyUnasked(one) ? [] : [...own, ...systemsInWords(one, { isThere, brief })];
  const symbols = (around ? lightsOf(one) : ownLights(one)).map(({ state }) => lights[state]);
  return `${symbols.join('')} ${words(one.displayName || one.service)}${why.length === 0 ? '' : ` — ${why.map(words).join(' · ')}`}`;
}

function ownLights({ desired, running, health }: ServiceStatus): readonly Light[] {
  return [desired, running, health];
}

function lightsOf(one: ServiceStatus): readonly Light[] {
  return [...ownLights(one), systemsLight(one)];
}

/** Everything the status says, one line for each thing. */
export function statusFile(status: FleetStatus): TextFile {
  const { services, attention, running, pending, problems } = status;
  const lines = [
    `${status.environment} at ${status.revision}`,
    ...services.map(
      (one) =>
        `${one.host}  ${one.service}  ${[...ownLights(one), ...one.systems.map(({ light }) => light)]
          .map((light) => `${lights[light.state]} ${lightText(light)}`)
          .join('  ')}`,
    ),
    ...services.flatMap(driftText),
    ...attention.map((record) => `needs a person: ${record.id}  ${titleOf(record)}`),
    ...running.map((record) => `running: ${record.id}  ${titleOf(record)}`),
    ...pending.map((proposal) => `waits for approval: ${proposal.id}  ${titleOf(proposal)}`),
    ...problems.map(({ where, message }) => `problem: ${where === undefined ? '' : `${where}  `}${message}`),
  ];
  return { name: 'status.txt', text: lines.join('\n') };
}
