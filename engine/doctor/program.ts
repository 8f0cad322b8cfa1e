import { programVersion } from '../providers/git/programs.ts';
import type { Check } from './examine.ts';
import { good, warning, wrong, type Finding } from './finding.ts';

export interface ProgramParts {
  /** Of Sentinel. */
  readonly version: string;
  /** `v20.11.0` */
  readonly node: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
}

/** The same as `engines` in package.json. */
const oldestNode = [20, 19] as const;
const oldestGit = [2, 31] as const;

/** This program and what it runs on. */
export function programChecks(parts: ProgramParts): readonly Check[] {
  const area = 'program' as const;
  return [
    { area, subject: 'sentinel', look: () => Promise.resolve([itself(parts)]) },
    { area, subject: 'git', look: (signal) => git(parts, signal) },
    { area, subject: 'ssh', look: (signal) => ssh(parts, signal) },
    { area, subject: 'clock', look: () => Promise.resolve([clock(parts)]) },
  ];
}

function itself({ version, node }: ProgramParts): Finding {
  const about = { area: 'program', subject: 'sentinel' } as const;
  const says = `${version} on Node.js ${node.replace(/^v/, '')}.`;
  const [, major, minor] = /(\d+)\.(\d+)/.exec(node) ?? [];
  const newer = Number(major) - oldestNode[0] || Number(minor) - oldestNode[1];
  return newer >= 0
    ? good(about, says)
    : wrong(about, says, `Install Node.js ${oldestNode.join('.')} or newer.`);
}

async function git({ env }: ProgramParts, signal: AbortSignal): Promise<readonly Finding[]> {
  const about = { area: 'program', subject: 'git' } as const;
  const said = await programVersion('git', { env, signal });
  if (said === null)
    return [wrong(about, 'is not installed, or not on the PATH.', 'Install git 2.31 or newer.')];
  const [, version = said, major, minor] = /((\d+)\.(\d+)[\d.]*)/.exec(said) ?? [];
  const newer = Number(major) - oldestGit[0] || Number(minor) - oldestGit[1];
  return [
    newer >= 0
      ? good(about, `${version}.`)
      : wrong(about, `${version} is too old.`, 'Install git 2.31 or newer.'),
  ];
}

async function ssh({ env }: ProgramParts, signal: AbortSignal): Promise<readonly Finding[]> {
  const about = { area: 'program', subject: 'ssh' } as const;
  const said = await programVersion('ssh', { env, signal });
  if (said !== null) return [good(about, `${said.split(',')[0] ?? said}.`)];
  return [
    warning(
      about,
      'is not installed. Hosts are reached without it; repositories with an ssh:// address are not.',
      'Install the OpenSSH client if you name a repository by ssh.',
    ),
  ];
}

function clock({ now }: ProgramParts): Finding {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return good(
    { area: 'program', subject: 'clock' },
    `${now().toISOString().slice(0, 16).replace('T', ' ')} UTC, time zone ${timeZone}.`,
  );
}
