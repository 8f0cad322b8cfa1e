import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { buffer as readAll } from 'node:stream/consumers';
import { quietGit } from './git/repository.ts';
import type { Lab } from './lab.ts';
import type { Reply } from './reply.ts';
import { atLeast, type GitlabProject, type GitlabUser, may, roleIn, type Scope } from './state.ts';

/** `/homelab/services.git/info/refs` → the project and what follows, or null. */
const address = /^\/(.+)\.git(\/(?:info\/refs|git-upload-pack|git-receive-pack))$/;
export const isGit = (url: URL): boolean => address.test(url.pathname);

/** Git over HTTP, with git's own server program behind GitLab's door. */
export async function serveGit(
  lab: Lab,
  root: string,
  { incoming, url }: { readonly incoming: IncomingMessage; readonly url: URL },
): Promise<Reply> {
  const [, path = '', rest = ''] = address.exec(url.pathname) ?? [];
  const writes = rest === '/git-receive-pack' || url.searchParams.get('service') === 'git-receive-pack';
  const user = whoIs(lab, incoming.headers.authorization, writes);
  if (user === null) return plain(401, denied, { 'www-authenticate': 'Basic realm="GitLab"' });
  const project = lab.projects.find((each) => each.path === path);
  if (project === undefined || !atLeast(roleIn(user, project), 'reporter')) return plain(404, missing);
  if (writes && !atLeast(roleIn(user, project), 'developer')) return plain(403, readOnly);
  const run = (): Promise<Buffer> =>
    backend(incoming, { ...environment(root, { incoming, url }), ...rules(user, project) });
  if (rest !== '/git-receive-pack') return replyOf(await run());
  return project.alone(async () => {
    const output = await run();
    await lab.notice(project, user);
    return replyOf(output);
  });
}
const denied =
  'HTTP Basic: Access denied. If a password was provided for Git authentication, the password was incorrect or you are required to use a token instead of a password.\n';
const missing =
  "The project you were looking for could not be found or you don't have permission to view it.\n";
const readOnly = 'You are not allowed to push code to this project.\n';

function whoIs(lab: Lab, authorization: string | undefined, writes: boolean): GitlabUser | null {
  const [, encoded = ''] = /^basic (.+)$/i.exec(authorization ?? '') ?? [];
  const decoded = Buffer.from(encoded, 'base64').toString('utf8');
  const token = lab.tokens.get(decoded.slice(decoded.indexOf(':') + 1));
  const enough: readonly Scope[] = writes
    ? ['api', 'write_repository']
    : ['api', 'read_repository', 'write_repository'];
  if (token === undefined || token.revoked || !token.scopes.some((scope) => enough.includes(scope)))
    return null;
  return token.user;
}

/** Branches this person may not push to, for the repository's own hook. */
function rules(user: GitlabUser, project: GitlabProject): Record<string, string> {
  const closed = [...project.protectedBranches.keys()].filter(
    (branch) => !may('push', { user, project, branch }),
  );
  return {
    REMOTE_USER: user.username,
    LAB_PROTECTED: closed.map((branch) => `refs/heads/${branch}`).join('\n'),
  };
}

function environment(
  root: string,
  { incoming, url }: { readonly incoming: IncomingMessage; readonly url: URL },
): Record<string, string> {
  const {
    'content-type': type = '',
    'content-encoding': encoding,
    'git-protocol': protocol,
  } = incoming.headers;
  return {
    ...quietGit,
    PATH: process.env['PATH'] ?? '',
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: '1',
    PATH_INFO: decodeURIComponent(url.pathname),
    REQUEST_METHOD: incoming.method ?? 'GET',
    QUERY_STRING: url.search.slice(1),
    CONTENT_TYPE: type,
    ...(encoding === undefined ? {} : { HTTP_CONTENT_ENCODING: encoding }),
    ...(typeof protocol === 'string' ? { GIT_PROTOCOL: protocol } : {}),
  };
}

/** Runs the program as a web server runs a CGI script: headers, an empty line, the body. */
async function backend(incoming: IncomingMessage, env: Record<string, string>): Promise<Buffer> {
  const program = spawn('git', ['http-backend'], { env, stdio: ['pipe', 'pipe', 'ignore'] });
  const failed = once(program, 'error').then(([error]) => Promise.reject(error as Error));
  // A client that leaves early is its own affair.
  program.stdin.on('error', () => undefined);
  incoming.pipe(program.stdin);
  return Promise.race([readAll(program.stdout), failed]);
}

function replyOf(output: Buffer): Reply {
  const end = output.indexOf('\r\n\r\n');
  const head = output.subarray(0, Math.max(0, end)).toString('latin1').split('\r\n');
  const headers = Object.fromEntries(
    head.map((line) => [line.slice(0, line.indexOf(': ')).toLowerCase(), line.slice(line.indexOf(': ') + 2)]),
  );
  const { status = '200', 'content-type': type = 'text/plain', ...rest } = headers;
  return {
    status: Number(status.slice(0, 3)),
    headers: rest,
    raw: { type, content: output.subarray(end + 4) },
  };
}
const plain = (status: number, content: string, headers: Record<string, string> = {}): Reply => ({
  ...{ status, headers },
  raw: { type: 'text/plain', content },
});
