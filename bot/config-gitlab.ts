import { resolve } from 'node:path';
import { seconds, type Path } from '../schema/index.ts';
import { ownSecret, readFileAt, type Reading } from './config-reading.ts';

/** The GitLab server. Holds the values of its tokens; never logged. */
export interface GitlabConfig {
  /** Without a slash at the end. */
  readonly url: string;
  readonly token: string;
  /** An authority to trust besides the public ones, PEM. */
  readonly ca: { readonly file: string; readonly text: string } | null;
  /** What GitLab has to know to be heard, one of the two at least; null: it is not. */
  readonly webhook: { readonly token: string | null; readonly signing: string | null } | null;
  readonly lookMs: number;
  readonly appearMs: number;
}
export interface PersonConfig {
  /** Id of the Discord user. */
  readonly discord: string;
  /** Login in GitLab. */
  readonly gitlab: string;
  readonly name: string | null;
  readonly email: string | null;
}
/** Whose CI/CD variables are secrets too. */
export interface VariablesConfig {
  readonly projects: readonly string[];
  readonly groups: readonly string[];
}

export const usualPace = { lookMs: 20_000, appearMs: 120_000 } as const;

/** Its tokens are Sentinel's own secrets, so they are added to `own`. */
export function readGitlab(reading: Reading, own: Record<string, string>): GitlabConfig | null {
  const { bot, folder, complain } = reading;
  const section = bot.gitlab;
  if (section === undefined) {
    complainWithout(reading);
    return null;
  }
  const keep = (path: Path, name: string): string => (own[name] = ownSecret(reading, path, name));
  const { token = 'GITLAB_TOKEN', ca, webhook } = section;
  if (!URL.canParse(section.url))
    complain(
      ['gitlab', 'url'],
      `${section.url} is no address.`,
      'Write the address of GitLab, such as https://gitlab.home.lan.',
    );
  if (webhook !== undefined && webhook.token === undefined && webhook.signing === undefined)
    complain(
      ['gitlab', 'webhook'],
      'The webhook has neither a token nor a signing token, so anybody could post to it.',
      'Name one of the two as in GitLab, or leave `webhook` out.',
    );
  const named = (key: 'token' | 'signing'): string | null =>
    webhook?.[key] === undefined ? null : keep(['gitlab', 'webhook', key], webhook[key]);
  return {
    url: section.url.replace(/\/+$/, ''),
    token: keep(['gitlab', 'token'], token),
    ca: ca === undefined ? null : readAuthority(reading, resolve(folder, ca)),
    webhook: webhook === undefined ? null : { token: named('token'), signing: named('signing') },
    lookMs: section.look === undefined ? usualPace.lookMs : seconds(section.look) * 1000,
    appearMs: section.appear === undefined ? usualPace.appearMs : seconds(section.appear) * 1000,
  };
}

function readAuthority(reading: Reading, file: string): GitlabConfig['ca'] {
  const text = readFileAt(reading, ['gitlab', 'ca'], file);
  return text === null ? null : { file, text };
}

function complainWithout({ bot, complain }: Reading): void {
  const hint = 'Add `gitlab: { url: … }`.';
  for (const [index, { project, group }] of bot.repositories.entries())
    if (project !== undefined || group !== undefined)
      complain(
        ['repositories', index, project === undefined ? 'group' : 'project'],
        'Nothing says which GitLab server this is on.',
        hint,
      );
  if (bot.secrets?.gitlab !== undefined)
    complain(['secrets', 'gitlab'], 'Nothing says which GitLab server has these variables.', hint);
}

/** Everybody once, on either side. */
export function readPeople({ bot, complain }: Reading): readonly PersonConfig[] {
  const people = bot.people ?? [];
  for (const side of ['discord', 'gitlab'] as const)
    for (const [index, person] of people.entries()) {
      const same = (one: (typeof people)[number]): boolean =>
        one[side].toLowerCase() === person[side].toLowerCase();
      if (people.findIndex(same) !== index)
        complain(
          ['people', index, side],
          `${person[side]} is listed twice.`,
          'A Discord user has one GitLab account, and the other way round: remove one of the two.',
        );
    }
  return people.map(({ discord, gitlab, name = null, email = null }) => ({ discord, gitlab, name, email }));
}

export function readVariables({ bot }: Reading): VariablesConfig {
  const { projects = [], groups = [] } = bot.secrets?.gitlab ?? {};
  return { projects: projects.map(String), groups: groups.map(String) };
}
