import type { Ports } from '../ports.ts';
import { toProblem } from '../problems.ts';
import type { NotifyTargets } from '../types.ts';
import type { Check } from './examine.ts';
import { good, troubled, wrong, type Finding } from './finding.ts';
import { once, type Place } from './places.ts';

type About = Pick<Finding, 'area' | 'subject'>;
type Asking = Pick<Ports, 'probe' | 'secrets'>;

/** Where the end of a deployment is told. Nothing is sent there. */
export function notificationChecks(places: readonly Place[]): readonly Check[] {
  return once(places, ({ fleet }) => [fleet.inventory.systems.notify]).flatMap(
    ({ system, places: [{ ports }] }) => checksOf(system, ports),
  );
}

function checksOf({ discord, ntfy, webhook }: NotifyTargets, ports: Asking): readonly Check[] {
  const check = (
    subject: string,
    look: (about: About, signal: AbortSignal) => Promise<readonly Finding[]>,
  ): Check => {
    const about = { area: 'notifications', subject } as const;
    return { ...about, look: (signal) => look(about, signal) };
  };
  return [
    ...(discord === null
      ? []
      : [
          check('Discord webhook', (about, signal) =>
            discordWebhook(about, { name: discord.webhook, ports }, signal),
          ),
        ]),
    ...(ntfy === null
      ? []
      : [check(`ntfy at ${ntfy.url}`, (about, signal) => ntfyServer(about, { ...ntfy, ports }, signal))]),
    ...(webhook === null
      ? []
      : [check('webhook', (about, signal) => anyWebhook(about, { ...webhook, ports }, signal))]),
  ];
}

/** Discord tells what a webhook is to whoever has its address. */
async function discordWebhook(
  about: About,
  { name, ports: { secrets, probe } }: { readonly name: string; readonly ports: Asking },
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const url = addressIn(about, name, secrets);
  if (typeof url !== 'string') return [url];
  const status = await probe.http(url, 5_000, signal);
  if (status === 200) return [good(about, `the address in ${name} is that of a webhook.`)];
  if (status === null)
    return [
      wrong(
        about,
        `the address in ${name} does not answer.`,
        'Check the network, and that the whole address was copied.',
      ),
    ];
  return [
    wrong(
      about,
      `the address in ${name} is not that of a webhook any more (${status}).`,
      `Make a new one in the channel's settings (Integrations) and give its address to ${name}.`,
    ),
  ];
}

async function ntfyServer(
  about: About,
  {
    url,
    token,
    ports: { secrets, probe },
  }: { readonly url: string; readonly token: string | null; readonly ports: Asking },
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  if (token !== null) secrets.resolveFor(token, new URL(url).origin);
  const status = await probe.http(`${url}/v1/health`, 5_000, signal);
  if (status === 200) return [good(about, 'answers and is healthy.')];
  return [
    wrong(
      about,
      status === null ? 'does not answer.' : `answers ${status} when asked for its health.`,
      'Check that it runs, and `systems.ntfy.url` in sentinel.yml.',
    ),
  ];
}

/** Whatever it is, a request could set it off; so only its door is tried. */
async function anyWebhook(
  about: About,
  {
    url: name,
    token,
    ports: { secrets, probe },
  }: { readonly url: string; readonly token: string | null; readonly ports: Asking },
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const url = addressIn(about, name, secrets);
  if (typeof url !== 'string') return [url];
  const { hostname, port, protocol, origin } = new URL(url);
  if (token !== null) secrets.resolveFor(token, origin, `where ${name} leads`);
  const door = port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
  const open = await probe.port(hostname.replace(/^\[(.*)\]$/, '$1'), door, 5_000, signal);
  if (open) return [good(about, `something listens where the address in ${name} leads.`)];
  return [
    wrong(
      about,
      `nothing listens where the address in ${name} leads.`,
      'Check that it runs, and the address.',
    ),
  ];
}

/** Never shown: whoever knows such an address may use it. */
function addressIn(about: About, name: string, secrets: Ports['secrets']): string | Finding {
  try {
    const value = secrets.resolveAddress(name);
    if (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)) return value;
    return wrong(about, `what ${name} holds is no address.`, 'Give it the whole address, from https:// on.');
  } catch (error) {
    return troubled(about, toProblem(error));
  }
}
