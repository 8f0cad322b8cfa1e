import type { Executed, Inside, Program, Running } from '../host/program.ts';
import { type GlanceConfiguration, readConfiguration } from './configuration.ts';
import { putIncludes } from './includes.ts';
import { pageAt } from './page.ts';

export interface GlanceOptions {
  /** How often files are looked at, and how long they have to rest. Default 20. */
  readonly everyMs?: number;
  /** Path of the main file, when it is another than the image's. */
  readonly main?: string;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
/** Where the image expects its configuration. */
export const mainPath = '/app/config/glance.yml';

/** Glance as the program of a simulated container: for `registry.publishProgram`. */
export function createGlanceProgram({ everyMs = 20, main = mainPath }: GlanceOptions = {}): Program {
  return {
    start: (inside) => startGlance(inside, { everyMs, main }),
    exec(argv, inside, stdin) {
      if (argv[0] !== '/app/glance' && argv[0] !== 'glance') return undefined;
      return runCommand(argv.slice(1), inside, stdin);
    },
  };
}

async function runCommand(
  argv: readonly string[],
  inside: Inside,
  stdin: () => Promise<string>,
): Promise<Executed> {
  const at = argv.findIndex((word) => word === '--config' || word === '-config');
  const path = at < 0 ? mainPath : (argv[at + 1] ?? '');
  const verb = argv.filter((_, index) => at < 0 || (index !== at && index !== at + 1))[0] ?? '';
  const given = path === '/dev/stdin' ? await stdin() : undefined;
  const read = (file: string) => (file === path && given !== undefined ? given : inside.read(file));
  try {
    if (verb === 'config:print')
      return { exitCode: 0, stdout: `${putIncludes(path, read).text}\n`, stderr: '' };
    if (verb !== 'config:validate') return { exitCode: 1, stdout: '', stderr: `unknown command ${verb}\n` };
    readConfiguration(path, { env: inside.env, read });
    return { exitCode: 0, stdout: '', stderr: '' };
  } catch (error) {
    return { exitCode: 1, stdout: '', stderr: `Config file is invalid: ${messageOf(error)}\n` };
  }
}

/** Invalid at the start ends it; invalid later keeps what was valid. */
function startGlance(inside: Inside, { everyMs, main }: Required<GlanceOptions>): Running {
  const outside = { env: inside.env, read: inside.read };
  let shown: GlanceConfiguration;
  try {
    shown = readConfiguration(main, outside);
  } catch (error) {
    inside.say(`Config file is invalid: ${messageOf(error)}`);
    inside.exit(1);
    return { answer: () => undefined, stop: () => undefined };
  }
  const snapshot = () => JSON.stringify(shown.files.map((file) => inside.read(file) ?? null));
  let taken = snapshot();
  let resting = taken;
  const look = () => {
    const now = snapshot();
    const rests = now === resting;
    resting = now;
    if (!rests || now === taken) return;
    taken = now;
    try {
      shown = readConfiguration(main, outside);
      taken = resting = snapshot();
      inside.say('Config file changed, reloading...');
    } catch (error) {
      inside.say(`Config has errors: ${messageOf(error)}`);
    }
  };
  const timer = setInterval(look, everyMs);
  inside.say('Starting server on :8080');
  return {
    answer: (port, path) => (port === 8080 ? pageAt(shown, path) : undefined),
    stop: () => clearInterval(timer),
  };
}
