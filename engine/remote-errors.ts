import type { Problem } from './problems.ts';
import { composeInvalid, unhealthy } from './remote-errors/compose.ts';
import { imageNotFound, registryUnreachable } from './remote-errors/images.ts';
import {
  diskFull,
  dockerMissing,
  dockerNotRunning,
  nameTaken,
  noNetworksLeft,
  notWritable,
  portTaken,
  sudoRefused,
} from './remote-errors/machine.ts';
import type { CommandFailure, Rule } from './remote-errors/rule.ts';

export type { CommandFailure };

/** The first that knows the text wins; causes come before what they lead to. */
const rules: readonly Rule[] = [
  sudoRefused,
  dockerMissing,
  dockerNotRunning,
  diskFull,
  portTaken,
  unhealthy,
  nameTaken,
  noNetworksLeft,
  registryUnreachable,
  imageNotFound,
  composeInvalid,
  notWritable,
];

/** A failed command on a host, in words a person can act on. Secrets are for the caller to replace. */
export function classifyCommandFailure(failure: CommandFailure): Problem {
  const text = withoutProgress(failure.stderr.trim() === '' ? failure.stdout : failure.stderr);
  const said = lastLines(text);
  const base = {
    where: failure.host,
    ...(said === '' ? {} : { evidence: [{ title: failure.command, text: said }] }),
  };
  // Programs end with what stopped them; only when that tells nothing do earlier lines count.
  for (const part of [lastLines(text, 1), text]) {
    for (const rule of rules) {
      const found = rule(part, failure);
      if (found !== null) return { ...found, ...base };
    }
  }
  const reason = lastLines(text, 1).trim();
  return {
    code: 'command-failed',
    message: `\`${failure.command}\` failed on ${failure.host} with exit code ${failure.exitCode}${reason === '' ? '' : `: ${shorten(reason)}`}.`,
    hint: `Run it by hand on ${failure.host} to see more.`,
    ...base,
  };
}

/** The last lines of a program's output, as evidence. */
export function lastLines(text: string, count = 15): string {
  return text
    .trimEnd()
    .split('\n')
    .slice(-count)
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Compose reports every layer on its own line, again and again; none of that explains a failure. */
function withoutProgress(text: string): string {
  return text
    .split('\n')
    .filter((line) => !progress.test(line))
    .join('\n');
}
const progress =
  /^ ?[0-9a-f]{12} (Pulling fs layer|Waiting|Downloading|Verifying Checksum|Download complete|Extracting|Pull complete|Already exists)|^WARN\[|^time="[^"]*" level=warning/;

function shorten(line: string): string {
  return line.length > 200 ? `${line.slice(0, 199)}…` : line.replace(/\.+$/, '');
}
