import type { FileAction } from '../git/tree.ts';
import { flag, isRecord, type Params, required, text } from '../params.ts';
import { badParameter } from '../reply.ts';

/** One action with the lock it may carry. */
export interface LockedAction {
  readonly action: FileAction;
  /** The file it is about as it was before. */
  readonly subject: string;
  readonly lastCommit: string | undefined;
}

export function parseActions(params: Params): readonly LockedAction[] {
  const given = params['actions'];
  if (!Array.isArray(given)) throw badParameter('actions is missing');
  return given.map((each: unknown) => {
    if (!isRecord(each)) throw badParameter('actions is invalid');
    const action = parseAction(each);
    const subject = action.kind === 'move' ? action.previous : action.path;
    return { action, subject, lastCommit: text(each, 'last_commit_id') };
  });
}

function parseAction(given: Params): FileAction {
  const path = required(given, 'file_path');
  const kind = required(given, 'action');
  const executable = flag(given, 'execute_filemode') === true;
  switch (kind) {
    case 'create':
    case 'update':
      return { kind, path, content: contentOf(given) ?? Buffer.alloc(0), executable };
    case 'delete':
      return { kind, path };
    case 'move':
      return { kind, path, previous: required(given, 'previous_path'), content: contentOf(given) };
    case 'chmod':
      return { kind, path, executable };
    default:
      throw badParameter('actions[0][action] does not have a valid value');
  }
}

function contentOf(given: Params): Buffer | null {
  const content = text(given, 'content');
  if (content === undefined) return null;
  return Buffer.from(content, text(given, 'encoding') === 'base64' ? 'base64' : 'utf8');
}
