import { DiscordAPIError } from 'discord.js';
import { pino, type DestinationStream } from 'pino';
import { ProblemError, type Log } from '../engine/index.ts';

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** Replaces the values of secrets in a finished line. */
  readonly redact: (line: string) => string;
  /** Default: standard output. */
  readonly to?: DestinationStream;
}

/** JSON lines. Errors are reduced to what helps, since Discord's carry addresses with tokens in them. */
export function createLog({ level, redact, to }: LogOptions): Log {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: describeError },
    redact: {
      paths: ['token', '*.token', 'authorization', '*.authorization', 'password', '*.password'],
      censor: '[secret]',
    },
    hooks: { streamWrite: redact },
  };
  return to ? pino(options, to) : pino(options);
}

function describeError(error: unknown): object {
  if (error instanceof ProblemError) {
    const { code, message, where } = error.problem;
    return { code, message, ...(where === undefined ? {} : { where }) };
  }
  if (error instanceof DiscordAPIError)
    return { name: error.name, code: error.code, status: error.status, message: error.message };
  if (!(error instanceof Error)) return { message: String(error) };
  const code = 'code' in error ? { code: error.code } : {};
  return { name: error.name, message: error.message, ...code, stack: error.stack };
}
