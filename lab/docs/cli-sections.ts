import { runCli } from '../../engine/cli/program.ts';
import { bareCliPorts } from '../bare-cli-ports.ts';

/** The command line's own words, command by command. */
export async function cliSections(): Promise<readonly string[]> {
  const names = commandNames(await helpOf([]));
  const texts = await Promise.all(names.map(async (name) => [name, await helpOf([name])] as const));
  return texts.map(([name, text]) => `### \`sentinel ${name}\`\n\n\`\`\`\n${withoutExitCodes(text)}\n\`\`\``);
}

async function helpOf(command: readonly string[]): Promise<string> {
  let text = '';
  const ports = { ...bareCliPorts, out: (more: string) => void (text += more) };
  await runCli([...command, '--help'], ports, new AbortController().signal);
  if (text === '') throw new Error(`sentinel ${command.join(' ')} --help says nothing`);
  return text;
}

/** As the overview lists them: two spaces, then the name. */
function commandNames(overview: string): readonly string[] {
  const list = overview.slice(overview.indexOf('Commands:'));
  const names = [...list.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name = '']) => name);
  return names.filter((name) => name !== 'help');
}

/** They are the same for all commands, and are told once in docs/cli.md. */
function withoutExitCodes(text: string): string {
  return text.slice(0, text.includes('Exit codes:') ? text.indexOf('Exit codes:') : undefined).trim();
}
