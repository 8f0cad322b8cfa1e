import { randomBytes } from 'node:crypto';
import type { GitlabToken, GitlabUser, Role, Scope } from './state.ts';

export interface NewUser {
  readonly username: string;
  readonly name?: string;
  readonly email?: string;
  /** Everywhere; developer unless told. */
  readonly role?: Role;
  /** Another role in some projects, by full path. */
  readonly projects?: Readonly<Record<string, Role>>;
}
/** People, bots and their tokens. */
export interface Accounts {
  readonly users: readonly GitlabUser[];
  readonly tokens: ReadonlyMap<string, GitlabToken>;
  readonly addUser: (user: NewUser) => GitlabUser;
  /** A new token for an account; with scope `api` unless told. */
  readonly addToken: (username: string, scopes?: readonly Scope[]) => string;
  readonly revoke: (token: string) => void;
  /** From this day on it is no good any more. */
  readonly expire: (token: string, day: string) => void;
  readonly userNamed: (username: string) => GitlabUser;
}

export function createAccounts(nextId: () => number): Accounts {
  const users: GitlabUser[] = [];
  const tokens = new Map<string, GitlabToken>();
  const userNamed = (username: string): GitlabUser => {
    const user = users.find((each) => each.username === username);
    if (user === undefined) throw new Error(`the lab's GitLab has no account ${username}`);
    return user;
  };
  return {
    ...{ users, tokens, userNamed },
    addUser({
      username,
      name = username,
      email = `${username}@home.example`,
      role = 'developer',
      projects = {},
    }) {
      const user = { id: nextId(), username, name, email, role, projects: { ...projects } };
      users.push(user);
      return user;
    },
    addToken(username, scopes = ['api']) {
      const value = `glpat-${randomBytes(15).toString('base64url')}`;
      tokens.set(value, { user: userNamed(username), scopes, revoked: false, expiresAt: null });
      return value;
    },
    expire(token, day) {
      const known = tokens.get(token);
      if (known !== undefined) known.expiresAt = day;
    },
    revoke(token) {
      const known = tokens.get(token);
      if (known !== undefined) known.revoked = true;
    },
  };
}
