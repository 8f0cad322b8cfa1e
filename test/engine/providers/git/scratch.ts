import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Log, Publication } from '../../../../engine/ports.ts';
import type { Actor } from '../../../../engine/types.ts';

/** Temp directories that end with the test file. */
export function createScratch(): {
  readonly directory: (name: string) => string;
  readonly remove: () => void;
} {
  const root = mkdtempSync(join(tmpdir(), 'sentinel-git-'));
  return {
    directory: (name) => {
      const path = join(root, name);
      mkdirSync(path, { recursive: true });
      return path;
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** A person's own clone, driven with the ordinary git. */
export interface Clone {
  readonly path: string;
  readonly git: (...args: readonly string[]) => string;
  /** Writes files (null deletes), commits and answers the id. */
  readonly commit: (files: Readonly<Record<string, string | Buffer | null>>, message?: string) => string;
}

const identity = {
  GIT_AUTHOR_NAME: 'Owner',
  GIT_AUTHOR_EMAIL: 'owner@example.org',
  GIT_COMMITTER_NAME: 'Owner',
  GIT_COMMITTER_EMAIL: 'owner@example.org',
  GIT_CONFIG_GLOBAL: '/dev/null',
};

export function createClone(path: string, branch = 'main'): Clone {
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-C', path, ...args], {
      encoding: 'utf8',
      env: { ...process.env, ...identity },
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  git('init', '--quiet', '--initial-branch', branch);
  return {
    path,
    git,
    commit(files, message = 'change') {
      for (const [name, content] of Object.entries(files)) {
        const file = join(path, name);
        mkdirSync(dirname(file), { recursive: true });
        if (content === null) rmSync(file);
        else writeFileSync(file, content);
      }
      git('add', '--all');
      git('commit', '--quiet', '--allow-empty', '-m', message);
      return git('rev-parse', 'HEAD');
    },
  };
}

/** A bare repository, as a server keeps it, and a clone that pushes to it. */
export function createRemote(directory: (name: string) => string): {
  readonly url: string;
  readonly owner: Clone;
} {
  const url = directory('remote.git');
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch', 'main', url]);
  const owner = createClone(directory('owner'));
  owner.git('remote', 'add', 'origin', url);
  return { url, owner };
}

export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
};

export const ann: Actor = { id: 'discord:4711', name: 'Ann', roles: [] };
export const idle = (): AbortSignal => new AbortController().signal;

/** A commit on its way to a branch, for a request nobody else knows of. */
export function publicationTo(branch: string, commit: string): Publication {
  return {
    draft: { commit, base: commit, branch },
    ...{ environment: 'production', request: 'p-test', author: ann, approvedBy: [] },
    ...{ description: '', skipPipeline: false },
  };
}
