import { text } from '../../json.ts';
import type { SignOnBinding } from '../../state-types.ts';
import type { Api, Row } from './api.ts';
import { paths } from './paths.ts';
import { type Application, requiredText } from './shapes.ts';
import type { Work } from './work.ts';

/** The rules about who may use what; those of one application where its id is given. */
export async function readBindings(api: Api, application?: string): Promise<readonly Row[]> {
  const filter = application === undefined ? {} : { target: application };
  const rows = await api.all({ path: paths.bindings, what: 'list who may use its applications' }, filter);
  return application === undefined ? rows : rows.filter((row) => row['target'] === application);
}

/** The rules of one application, always in the same order. */
export function bindingsOf(rows: readonly Row[], application: string): readonly SignOnBinding[] {
  return rows
    .filter((row) => row['target'] === application)
    .map(parseBinding)
    .toSorted((a, b) => a.order - b.order || JSON.stringify(a).localeCompare(JSON.stringify(b)));
}

function parseBinding(row: Row): SignOnBinding {
  const { user, order, timeout } = row;
  return {
    policy: text(row['policy']),
    group: text(row['group']),
    user: typeof user === 'number' ? user : null,
    order: typeof order === 'number' ? order : 0,
    enabled: row['enabled'] !== false,
    negate: row['negate'] === true,
    timeout: typeof timeout === 'number' ? timeout : 30,
    failureResult: row['failure_result'] === true,
  };
}

/** Gives an application the rules it lacks of those it had. */
export async function addBindings(
  work: Work,
  { pk, slug }: Application,
  wanted: readonly SignOnBinding[],
): Promise<void> {
  if (wanted.length === 0) return;
  const { api } = work;
  const there = await readBindings(api, pk);
  const known = new Set(there.map((row) => row['pk']));
  const same = new Set(bindingsOf(there, pk).map((each) => JSON.stringify(each)));
  const missing = wanted.filter((each) => !same.has(JSON.stringify(inOrder(each))));
  if (missing.length === 0) return;
  work.back.push(async (calm) => {
    for (const row of await readBindings(calm, pk))
      if (!known.has(row['pk']))
        await calm.remove({
          path: `${paths.bindings}${requiredText(calm, row, 'pk')}/`,
          what: `take back who may use ${slug}`,
        });
  });
  for (const binding of missing) await createBinding(api, { pk, slug }, binding);
  work.did.push(`said again who may use ${slug}`);
}

/** With its fields as they are read: a record may keep them in another order. */
function inOrder(binding: SignOnBinding): SignOnBinding {
  const { policy, group, user, order, enabled, negate, timeout, failureResult } = binding;
  return { policy, group, user, order, enabled, negate, timeout, failureResult };
}

export async function createBinding(
  api: Api,
  { pk, slug }: Pick<Application, 'pk' | 'slug'>,
  { failureResult, ...binding }: SignOnBinding,
): Promise<void> {
  await api.write(
    { path: paths.bindings, what: `say who may use ${slug}` },
    { method: 'POST', json: { target: pk, ...binding, failure_result: failureResult } },
  );
}
