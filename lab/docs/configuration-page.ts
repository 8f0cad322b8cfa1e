import { readFileSync } from 'node:fs';
import { projectFile } from '../project-file.ts';
import { parseSchema } from './schema.ts';
import { schemaSections } from './schema-sections.ts';

const files = [
  {
    name: 'Service files',
    short: 'a service file',
    schema: 'service-schema',
    example: 'examples/homelab/services/monitoring/grafana.yml',
  },
  {
    name: '`sentinel.yml`',
    short: 'sentinel.yml',
    schema: 'sentinel-schema',
    example: 'examples/homelab/sentinel.yml',
  },
  { name: '`bot.yml`', short: 'bot.yml', schema: 'bot-schema', example: 'examples/bot.yml' },
] as const;

/** `docs/configuration.md`: every key of every file a person writes. */
export function configurationPage(): string {
  return `${[intro, ...files.map(section)].join('\n\n')}\n`;
}

const intro = `# Configuration

<!-- Written by \`npm run docs\` from the schemas; a test keeps it equal. Change the schemas. -->

Three kinds of files, all YAML, all checked whole before anything is done, with file, line and column. Keys that begin with \`x-\` are yours: Sentinel does not look at them.
Secrets are in none of them: a key that takes the *name of a secret* is given its name; [where values come from](systems.md#where-secrets-may-be-sent).

- **Service files**, one for each service, in Git: what runs, where, and what belongs around it.
- **\`sentinel.yml\`**, in Git beside them: machines and systems.
- **\`bot.yml\`**, on the bot's machine and never in the services repository: Discord, who may do what, who must agree. The command line does not need it.`;

function section({ name, short, schema: file, example }: (typeof files)[number]): string {
  const schema = parseSchema(readFileSync(projectFile(`schema/${file}.json`), 'utf8'));
  return `## ${name}\n\n${schema.description ?? ''} Example: [\`${example}\`](../${example}).\n\n${schemaSections(schema, short)}`;
}
