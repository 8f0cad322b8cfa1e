import { schemas } from '../../../schema/index.ts';
import type { Layout } from '../../types.ts';
import type { Ask, Choice } from '../ask.ts';
import { usageError } from '../run.ts';

/** As given on the command line; what is missing is asked. */
export interface ServiceOptions {
  readonly directory: string;
  readonly layout?: Layout;
  readonly name?: string;
  readonly displayName?: string;
  readonly description?: string;
  readonly category?: string;
  readonly host?: string;
  readonly image?: string;
  readonly port?: string;
  readonly containerPort?: string;
  readonly health?: string;
  readonly subdomain?: string;
  readonly sso?: boolean;
  readonly dashboard?: boolean;
}
/** Everything a first definition says. */
export interface ServiceAnswers {
  readonly name: string;
  readonly displayName: string | null;
  readonly description: string | null;
  readonly category: string;
  readonly host: string;
  readonly image: string;
  /** Null: nobody connects to it. */
  readonly port: number | null;
  readonly containerPort: number | null;
  readonly health: string | null;
  readonly subdomain: string | null;
  readonly sso: boolean;
  readonly dashboard: boolean;
}
/** What sentinel.yml has to offer. */
export interface Offered {
  readonly hosts: readonly Choice[];
  readonly domain: string | null;
  readonly signOn: boolean;
  readonly dashboard: boolean;
}

const none = 'none';

/** Asks for what the options leave open; without a terminal takes the defaults, and complains where there is none. */
export async function answersOf(
  options: ServiceOptions,
  offered: Offered,
  ask: Ask | null,
): Promise<ServiceAnswers> {
  const name = await must(options.name, '--name', ask, {
    question: 'Name of the service',
    example: 'grafana',
    check: named,
  });
  const image = await must(options.image, '--image', ask, {
    question: 'Image, with its tag',
    example: 'grafana/grafana:10.2.3',
  });
  const host = options.host ?? (await hostOf(offered, ask));
  const category =
    options.category ?? (await ask?.choose('What kind of service is it?', categories())) ?? 'other';
  const port = portOf(
    await must(options.port, '--port', ask, {
      question: 'Port on the host, or “none”',
      example: '3030',
      check: isPort,
    }),
    '--port',
  );
  const described =
    options.description ?? (await ask?.text({ question: 'What it is for, in one sentence', initial: '' }));
  const reached = port === null ? unreachable : await reachedBy(options, { name, port, offered }, ask);
  return {
    ...{ name, image, host, category, port },
    displayName: options.displayName ?? null,
    description: described === undefined || described === '' ? null : described,
    ...reached,
  };
}

const unreachable = {
  containerPort: null,
  health: null,
  subdomain: null,
  sso: false,
  dashboard: false,
} as const;

type Reached = Pick<ServiceAnswers, 'containerPort' | 'health' | 'subdomain' | 'sso' | 'dashboard'>;

/** What only makes sense for a service somebody connects to. */
async function reachedBy(
  options: ServiceOptions,
  { name, port, offered }: { readonly name: string; readonly port: number; readonly offered: Offered },
  ask: Ask | null,
): Promise<Reached> {
  const inside = await optional(options.containerPort, ask, {
    question: 'Port in the container',
    initial: String(port),
    check: isPort,
  });
  const health = await optional(options.health, ask, {
    question: 'Path of its health check, or “none”',
    initial: none,
  });
  const { domain } = offered;
  const subdomain = await optional(options.subdomain, ask, {
    question: domain === null ? 'Subdomain, or “none”' : `Subdomain of ${domain}, or “none”`,
    initial: ask === null ? none : name.replaceAll('_', '-'),
  });
  const routed = subdomain !== none;
  const containerPort = portOf(inside, '--container-port');
  return {
    containerPort: containerPort === port ? null : containerPort,
    health: health === none ? null : health,
    subdomain: routed ? subdomain : null,
    sso:
      options.sso ??
      (routed && offered.signOn && (await ask?.confirm('Must people log in to reach it?')) === true),
    dashboard:
      options.dashboard ??
      (offered.dashboard && (await ask?.confirm('Show it on the dashboard?', true)) === true),
  };
}

async function must(
  given: string | undefined,
  option: string,
  ask: Ask | null,
  question: Parameters<Ask['text']>[0],
): Promise<string> {
  if (given !== undefined) return given;
  if (ask === null) throw usageError(`nobody can be asked here; say it with ${option}`);
  return ask.text({
    ...question,
    check: (answer) => (answer === '' ? 'It is needed.' : (question.check?.(answer) ?? null)),
  });
}

async function optional(
  given: string | undefined,
  ask: Ask | null,
  question: Parameters<Ask['text']>[0] & { readonly initial: string },
): Promise<string> {
  if (given !== undefined) return given;
  return ask === null ? question.initial : ask.text(question);
}

async function hostOf({ hosts }: Offered, ask: Ask | null): Promise<string> {
  if (ask !== null && hosts.length > 0) return ask.choose('Host it runs on', hosts);
  return must(undefined, '--host', ask, { question: 'Host it runs on', example: 'docker-01' });
}

function categories(): readonly Choice[] {
  return schemas.service.properties.service.properties.category.enum.map((value) => ({ value }));
}

function named(answer: string): string | null {
  const { pattern, maxLength } = schemas.service.properties.service.properties.name;
  const good = new RegExp(pattern).test(answer) && answer.length <= maxLength;
  return good ? null : 'Lower case letters, digits, - and _, beginning and ending with a letter or digit.';
}

function isPort(answer: string): string | null {
  const good =
    answer === none || (/^\d{1,5}$/.test(answer) && Number(answer) >= 1 && Number(answer) <= 65_535);
  return good ? null : 'A number from 1 to 65535.';
}

function portOf(text: string, option: string): number | null {
  if (isPort(text) !== null)
    throw usageError(`${option} ${text} is no port: a number from 1 to 65535, or none`);
  return text === none ? null : Number(text);
}
