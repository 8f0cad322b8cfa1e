import { parseArgs } from 'node:util';

export interface DemoOptions {
  readonly help: boolean;
  readonly play: boolean;
  readonly docker: boolean;
  /** Null: the usual one, or the next that is free. */
  readonly port: number | null;
}

/** What was asked for on the command line; null when it is not understood. */
export function readOptions(args: readonly string[]): DemoOptions | null {
  const values = valuesOf(args);
  if (values === null) return null;
  const { help = false, play = false, docker = false } = values;
  const port = values.port === undefined ? null : Number(values.port);
  const isPort = port === null || (/^\d+$/.test(values.port ?? '') && port <= 65_535);
  if (!isPort || (docker && !play) || (play && port !== null)) return null;
  return { help, play, docker, port };
}

function valuesOf(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: { type: 'boolean' },
        play: { type: 'boolean' },
        docker: { type: 'boolean' },
        port: { type: 'string' },
      },
    }).values;
  } catch {
    return null;
  }
}
