import { exportAudit, verifyAudit } from '../../data/index.ts';
import { askDns } from '../../engine/providers/dns-question.ts';
import { renderMessage, type LabMessage, type Person } from '../discord/index.ts';
import type { House } from '../house/house.ts';
import type { Cast } from './cast.ts';
import type { Screen } from './screen.ts';

/** Plays the conversation and throws at the first state that is not reached. */
export async function play(house: House, screen: Screen, cast: Cast): Promise<void> {
  const { name: service } = cast;
  const { ana, ben } = house.people;
  await house.services.commit(cast.files, `feat: ${cast.shown} and the rest of the house`);
  await house.startBot();
  screen.note(
    'The real bot, logged in to a Discord on this machine; a services repository; hosts with Docker; Traefik, Pi-hole, Authentik and Glance.',
  );

  screen.scene('1. What would happen?');
  const plan = await asks(screen, ana, 'plan', { service });
  must(plan, 'first deployment');

  screen.scene('2. Deploying needs a second person');
  await asks(screen, ana, 'deploy', { service, reason: 'dashboards for the rack' });
  await approves(house, screen, ben);
  await ends(house, screen, 'succeeded');
  await answers(cast);
  await reached(screen, cast);

  screen.scene('3. A bad release is undone by itself, in Git too');
  await asks(screen, ana, 'deploy', { service, version: cast.brokenVersion });
  await approves(house, screen, ben);
  await ends(house, screen, 'rolled back');
  await answers(cast);
  await reached(screen, cast);
  if ((await house.services.read(cast.file))?.includes(cast.brokenVersion) === true)
    throw new Error('Git still asks for the bad version');

  screen.scene('4. Somebody changed the name by hand');
  moveName(cast, '10.9.9.9');
  const drifted = await asks(screen, ana, 'status', { service });
  must(drifted, '10.9.9.9');
  screen.says(ana.name, '[clicks Put back]');
  const putBack = await (await ana.click(drifted, 'Put back')).reply({ within: 60_000 });
  screen.shows(`only ${ana.name} sees:`, putBack);
  await (await ana.click(putBack, 'Request approval')).reply({ within: 60_000 });
  await approves(house, screen, ben);
  await ends(house, screen, 'succeeded', 2);
  await reached(screen, cast);

  screen.scene('5. How is everything?');
  must(await asks(screen, ana, 'status', {}), cast.shown);
  must(await asks(screen, ana, 'plan', { service }), 'Nothing to do');

  screen.scene('6. Who did what, and is the record whole?');
  tellAudit(house, screen);
  screen.note('\nEvery state was reached.');
}

async function asks(
  screen: Screen,
  who: Person,
  command: string,
  options: Readonly<Record<string, string>>,
): Promise<LabMessage> {
  const words = Object.entries(options).map(([name, value]) => `${name}:${value}`);
  screen.says(who.name, [`/${command}`, ...words].join(' '));
  const reply = await (await who.command(command, options)).reply({ within: 60_000 });
  screen.shows(`only ${who.name} sees:`, reply);
  return reply;
}

async function approves({ discord, channel }: House, screen: Screen, who: Person): Promise<void> {
  const card = await discord.waitFor(
    () => channel().findLast((message) => JSON.stringify(message.components).includes('"approve:')) ?? null,
    {
      what: 'a request for approval',
    },
  );
  screen.shows('#deployments', card);
  screen.says(who.name, '[clicks Approve]');
  await (await who.click(card, 'Approve')).reply({ within: 60_000 });
}

async function ends({ discord, channel }: House, screen: Screen, outcome: string, nth = 1): Promise<void> {
  const story = await discord.waitFor(
    () =>
      channel().filter((message) => message.embeds.some(({ title }) => title?.endsWith(`· ${outcome}`)))[
        nth - 1
      ] ?? null,
    { what: `a deployment that ends ${outcome}`, within: 120_000 },
  );
  screen.shows('#deployments (one message, edited in place)', story);
  const failed = [...discord.state.messages.values()].filter(
    ({ channelId, embeds }) => channelId === story.id && embeds.some(({ title }) => title?.startsWith('❌')),
  );
  for (const detail of failed) screen.shows('in its thread', detail);
}

async function answers({ url, shown }: Cast): Promise<void> {
  const { status } = await fetch(url);
  if (status !== 200) throw new Error(`${shown} answers ${status}, not 200`);
}

/** As a visitor: the name resolves, and the page asks to sign on before it shows anything. */
async function reached(screen: Screen, { hostname, systems }: Cast): Promise<void> {
  const addresses = await askDns(systems.pihole.server, hostname, AbortSignal.timeout(10_000));
  const stranger = await systems.visit(hostname);
  const known = await systems.visit(hostname, { signedOn: true });
  if (addresses.join() !== systems.address) throw new Error(`${hostname} resolves to ${addresses.join()}`);
  if (stranger?.status !== 302) throw new Error(`a stranger gets ${stranger?.status ?? 'nothing'}, no login`);
  if (known?.status !== 200)
    throw new Error(`who signed on gets ${known?.status ?? 'nothing'} from ${hostname}`);
  screen.note(`${hostname} → ${addresses.join()}: a stranger is asked to sign on, who did sees the page.`);
}

function moveName({ hostname, systems: { pihole } }: Cast, address: string): void {
  pihole.state.hosts = pihole.state.hosts.map((entry) =>
    entry.endsWith(` ${hostname}`) ? `${address} ${hostname}` : entry,
  );
}

function tellAudit({ database }: House, screen: Screen): void {
  const lines: string[] = [];
  exportAudit(database, {}, (line) => void lines.push(line));
  for (const line of lines) {
    const { seq, actor, action } = parseRow(line);
    screen.note(`${seq.padStart(4)}  ${actor.padEnd(14)} ${action}`);
  }
  const verified = verifyAudit(database);
  if (!verified.ok) throw new Error(`the audit chain breaks at row ${verified.row}: ${verified.reason}`);
  screen.note(`\nsentinel audit verify: ${verified.rows} rows, the chain holds.`);
}

function parseRow(line: string): { readonly seq: string; readonly actor: string; readonly action: string } {
  const row: unknown = JSON.parse(line);
  if (typeof row !== 'object' || row === null) throw new Error(`not an audit row: ${line}`);
  const fields = new Map<string, unknown>(Object.entries(row));
  const actor = fields.get('actor');
  const name =
    typeof actor === 'object' && actor !== null && 'name' in actor ? String(actor.name) : String(actor);
  return { seq: String(fields.get('seq')), actor: name, action: String(fields.get('action')) };
}

function must(message: LabMessage, text: string): void {
  if (!renderMessage(message).includes(text)) throw new Error(`nobody was told “${text}”`);
}
