import { commands } from '../../commands/index.ts';
import { cliSections } from './cli-sections.ts';
import { code, table } from './table.ts';
import { parseDefinition, type Option } from './definition.ts';

/** `docs/commands.md`: what can be typed, in Discord and in a terminal. */
export async function commandsPage(): Promise<string> {
  const parts = [intro, ...commands.map(slashSection), terminal, ...(await cliSections())];
  return `${parts.join('\n\n')}\n`;
}

const intro = `# Commands

<!-- Written by \`npm run docs\` from the code; a test keeps it equal. Change the code. -->

## In Discord

Whoever types a command is alone in seeing the answer; requests and deployments are told in the channel \`bot.yml\` names. Which roles have which capability is said there, too (\`roles\`).
Everything can be typed on a phone: services, environments, releases and requests are suggested while you type.`;

const terminal = `## In a terminal, and in CI jobs

\`npx sentinel\` in this checkout, \`sentinel\` in the image. What the files and exit codes mean: [the command line](cli.md).`;

/** What the definition cannot say. A command without an entry is a type error. */
const stories: Readonly<Record<string, { readonly example: string; readonly then: string }>> = {
  plan: {
    example: '/plan service:grafana',
    then: 'Asks every system what is there and shows each step with its cause, before and after, the risks and the checks. Under it: *Deploy* or *Request approval*, for whoever may.',
  },
  deploy: {
    example: '/deploy service:grafana version:10.3.0 reason:security fix',
    then: 'With a `version`, the tag is changed in the service file and committed when everybody agreed. Where the policy or the risks ask for somebody, a card with *Approve* and *Reject* appears in the channel; else it begins. A service whose file was deleted in Git is removed; that always needs somebody.',
  },
  approve: {
    example: '/approve request:p-k7m2qd decision:approve',
    then: 'Without a request it lists those that wait, jobs of pipelines included. The buttons on the cards do the same. Nobody decides about their own request unless the policy says so.',
  },
  status: {
    example: '/status service:grafana',
    then: 'Looks at everything now: files, containers, health, route, name, sign-on, tile. What differs from Git is listed with *Put back* and *Keep*.',
  },
  rollback: {
    example: '/rollback service:grafana',
    then: 'Shows the way back as a plan, on every system; the release is kept on the host, so nothing has to be built or found again. Git is changed, too, so that the next deployment does not undo it.',
  },
};

function slashSection({ definition, needs }: (typeof commands)[number]): string {
  const { name, description, options } = parseDefinition(definition.toJSON());
  const story = stories[name];
  if (story === undefined) throw new Error(`lab/docs says nothing about /${name}`);
  return [
    `### \`/${name}\``,
    `${description}. Needs the capability ${code(needs)}.`,
    `\`\`\`\n${story.example}\n\`\`\``,
    story.then,
    table(['option', 'what it is', 'values'], options.map(optionRow)),
  ].join('\n\n');
}

function optionRow({ name, description, required, type, suggested, choices }: Option): readonly string[] {
  const values = [
    ...choices.map(code),
    ...(suggested ? ['suggested while typing'] : []),
    ...(type === 'flag' ? ['`True` or `False`'] : []),
  ];
  return [`${code(name)}${required ? ' **needed**' : ''}`, description, values.join(', ')];
}
