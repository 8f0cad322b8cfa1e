import { createHash } from 'node:crypto';
import { lastCommitOf } from '../git/commits.ts';
import { resolve } from '../git/repository.ts';
import { fileAt, listTree } from '../git/tree.ts';
import { projectRoute, type ProjectCall, type Route } from '../lab.ts';
import { page } from '../paging.ts';
import { flag, required, text } from '../params.ts';
import { notFound, ok, type Reply } from '../reply.ts';
import { nameOf } from '../show/people.ts';

/** Files and folders as they are at a commit. */
export const fileRoutes: readonly Route[] = [
  projectRoute('GET /repository/files/:file', 'reporter', async (call) => {
    const { file, content } = await read(call, required(call.params, 'ref'));
    return ok({ ...file, content: content.toString('base64') });
  }),
  projectRoute('HEAD /repository/files/:file', 'reporter', async (call) => {
    const { file } = await read(call, required(call.params, 'ref'));
    const headers = Object.entries(file).map(([key, value]) => [
      `x-gitlab-${key.replaceAll('_', '-')}`,
      String(value),
    ]);
    return { status: 200, headers: Object.fromEntries(headers) as Record<string, string> };
  }),
  projectRoute('GET /repository/files/:file/raw', 'reporter', async (call) => {
    const { content } = await read(call, text(call.params, 'ref') ?? call.project.defaultBranch);
    return { status: 200, raw: { type: 'text/plain', content } };
  }),
  projectRoute('GET /repository/tree', 'reporter', tree),
];

async function read({ project, path, params }: ProjectCall, ref: string) {
  const file = path['file'] ?? '';
  const commit = await resolve(project.repository, ref === 'HEAD' ? project.defaultBranch : ref);
  if (commit === null) throw notFound('Commit');
  const found = await fileAt(project.repository, commit, file);
  if (found === null) throw notFound('File');
  const shown = {
    file_name: nameOf({ path: file }),
    file_path: file,
    size: found.content.length,
    encoding: 'base64',
    content_sha256: createHash('sha256').update(found.content).digest('hex'),
    ref: text(params, 'ref') ?? ref,
    blob_id: found.blob,
    commit_id: commit,
    last_commit_id: await lastCommitOf(project.repository, commit, file),
    execute_filemode: found.executable,
  };
  return { file: shown, content: found.content };
}

async function tree(call: ProjectCall): Promise<Reply> {
  const { project, params } = call;
  const ref = await resolve(project.repository, text(params, 'ref') ?? project.defaultBranch);
  if (ref === null) throw notFound('Tree');
  const path = text(params, 'path') ?? '';
  const entries = await listTree(project.repository, {
    ref,
    path,
    recursive: flag(params, 'recursive') === true,
  });
  if (path !== '' && entries.length === 0) throw notFound('invalid revision or path');
  return page(
    call,
    entries.map(({ id, path: each, type, mode }) => ({
      id,
      name: nameOf({ path: each }),
      type,
      path: each,
      mode,
    })),
  );
}
