import { statSync } from 'node:fs';
import { privateFile, wrong, type Finding } from '../doctor/index.ts';
import { inCi } from './desk.ts';
import type { CliPorts } from './ports.ts';
import { filled } from './repository-options.ts';

const area = 'configuration';

/**
 * The variables that name a file or a folder. What names none may be the key itself, which GitLab gives where a
 * variable is not of the type File; so such a value is never told.
 */
export function variableFindings(ports: Pick<CliPorts, 'env'>): readonly Finding[] {
  return Object.entries(ports.env).flatMap(([subject, given]) => {
    const value = filled(given);
    if (value === undefined) return [];
    const about = { area, subject } as const;
    if (subject === 'SENTINEL_SECRETS')
      return isThere(value, 'folder')
        ? []
        : [wrong(about, 'does not name a folder.', 'Set it to a folder with one file for each secret.')];
    const isKey = /^SENTINEL_SSH_KEY(_|$)/.test(subject);
    if (!isKey && subject !== 'SENTINEL_KNOWN_HOSTS') return [];
    if (!isThere(value, 'file')) return [wrong(about, 'does not name a file.', noFile)];
    // A job's variables of the type File are written by its runner, which has its own ideas of who may read them.
    return isKey && !inCi(ports) ? [privateFile(about, value)] : [];
  });
}

const noFile = 'Set it to the path of a file; in GitLab the variable has to be of the type File.';

function isThere(value: string, kind: 'file' | 'folder'): boolean {
  if (value.includes('\n') || value.includes('PRIVATE KEY')) return false;
  try {
    const found = statSync(value);
    return kind === 'folder' ? found.isDirectory() : !found.isDirectory();
  } catch {
    return false;
  }
}
