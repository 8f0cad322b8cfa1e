import { posix } from 'node:path';
import { stringify } from 'yaml';
import type { Layout } from '../../types.ts';
import { schemaFolder, type InitFile } from './files.ts';
import type { ServiceAnswers } from './service-answers.ts';

export interface ServicePlace {
  readonly layout: Layout;
  /** Folder of the definitions; the top is ''. */
  readonly root: string;
  /** The repository keeps a schema editors can read. */
  readonly hasSchema: boolean;
}

/** The definition, and for a repository with one service its compose file too. */
export function serviceFiles(
  answers: ServiceAnswers,
  { layout, root, hasSchema }: ServicePlace,
): readonly InitFile[] {
  const folder = layout === 'fleet' ? posix.join(root, answers.category) : root;
  const path = posix.join(folder, layout === 'fleet' ? `${answers.name}.yml` : 'service.yml');
  const schema = posix.relative(folder, posix.join(schemaFolder, 'service-schema.json'));
  const head = hasSchema ? `# yaml-language-server: $schema=${schema}\n` : '';
  const definition = { path, text: head + definitionText(answers, layout), starter: false };
  if (layout === 'fleet') return [definition];
  const compose = {
    path: posix.join(root, 'config/docker-compose.yml'),
    text: composeText(answers),
    starter: true,
  };
  return [definition, compose];
}

function definitionText(answers: ServiceAnswers, layout: Layout): string {
  const { name, displayName, description, category, host, image, port, containerPort, health } = answers;
  const { subdomain, sso, dashboard } = answers;
  const sections: readonly object[] = [
    {
      service: {
        name,
        ...given({ display_name: displayName, description }),
        category,
        ...given({ version: tagOf(image) }),
      },
    },
    {
      deployment: {
        target_host: host,
        ...(layout === 'fleet' ? { image } : {}),
        port,
        ...given({ container_port: containerPort }),
        ...(health === null ? {} : { healthcheck: { endpoint: health } }),
      },
    },
    ...(subdomain === null ? [] : [{ traefik: { subdomain } }, { dns: { hostname: subdomain } }]),
    ...(sso ? [{ authentik: { enabled: true } }] : []),
    ...(dashboard ? [{ glance: { bookmark: { enabled: true }, monitor: { enabled: true } } }] : []),
  ];
  return sections.map((section) => stringify(section, { lineWidth: 0 })).join('\n');
}

function composeText({ name, image, port, containerPort }: ServiceAnswers): string {
  const inside = containerPort ?? port;
  const container = {
    image,
    container_name: name,
    restart: 'unless-stopped',
    ...(inside === null ? {} : { ports: [`\${SERVICE_PORT:-${port ?? inside}}:${inside}`] }),
  };
  return stringify({ services: { [name]: container } }, { lineWidth: 0 });
}

/** The tag, where the reference has one that says something. */
function tagOf(image: string): string | null {
  const tag = /:([\w][\w.-]*)$/.exec(image)?.[1] ?? null;
  return tag === 'latest' ? null : tag;
}

/** Without what nobody said anything about. */
function given(
  fields: Readonly<Record<string, string | number | null>>,
): Readonly<Record<string, string | number>> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === null ? [] : [[name, value] as const])),
  );
}
