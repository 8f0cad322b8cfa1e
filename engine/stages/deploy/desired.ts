import { sha256 } from '../../digest.ts';
import type { Secrets } from '../../ports.ts';
import type { Service } from '../../types.ts';

/** What a service's directory should hold. `envText` holds secrets: it stays in memory. */
export interface Desired {
  /** Relative path → hex sha256, with `+x` behind it for a program. */
  readonly files: Readonly<Record<string, string>>;
  readonly envText: string | null;
  readonly envHash: string | null;
}

/** Behind the hash of a file that is a program, so that a change of mode is a change. */
export const executableMark = '+x';

/** Renders the files of a service; throws ProblemError `secret-missing`. */
export function desire(service: Service, secrets: Secrets): Desired {
  const names = Object.keys(service.env);
  const envText = names.length === 0 ? null : renderEnv(service, secrets);
  return {
    files: Object.fromEntries(
      Object.entries(service.files).map(([name, content]) => [
        name,
        sha256(content) + (service.executable?.includes(name) === true ? executableMark : ''),
      ]),
    ),
    envText,
    envHash: envText === null ? null : sha256(envText),
  };
}

function renderEnv(service: Service, secrets: Secrets): string {
  return Object.entries(service.env)
    .map(([name, value]) => {
      const plain = 'secret' in value ? secrets.resolve(value.secret) : value.value;
      return `${name}=${quoteEnv(plain)}\n`;
    })
    .join('');
}

/**
 * A value as Compose's `.env` reader takes it literally. Single quotes need no escapes, but cannot hold a quote
 * or end in a backslash; double quotes can hold anything once `\`, `"` and `$` are escaped.
 */
export function quoteEnv(value: string): string {
  if (/^[\w./:@%+,-]*$/.test(value)) return value;
  if (!/'|\\$|\\'/.test(value)) return `'${value}'`;
  return `"${value.replace(/[\\"$]/g, '\\$&')}"`;
}
