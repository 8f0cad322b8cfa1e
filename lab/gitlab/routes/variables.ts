import { type Call, guarded, projectRoute, type Route, route } from '../lab.ts';
import { page } from '../paging.ts';
import { flag, isRecord, type Params, required, text } from '../params.ts';
import { created, forbidden, noContent, notFound, ok, refuse, type Reply } from '../reply.ts';
import { atLeast, type GitlabVariable, unset } from '../state.ts';
import { groupFor } from './projects.ts';

type Deed = (call: Call, variables: GitlabVariable[]) => Reply;

const show: Deed = (call, variables) => ok(shown(pick(call, variables)));
const list: Deed = (call, variables) => page(call, variables.map(shown));
const create: Deed = (call, variables) => {
  const made = variableOf(call.params, null);
  if (!/^\w{1,255}$/.test(made.key))
    throw refuse(400, { key: ["can contain only letters, digits and '_'."] });
  if (variables.some(({ key, scope }) => key === made.key && scope === made.scope))
    throw refuse(400, { key: [`(${made.key}) has already been taken`] });
  if (made.masked && !/^[\w+=/@:.~-]{8,}$/.test(made.value)) throw refuse(400, { value: ['is invalid'] });
  variables.push(made);
  return created(shown(made));
};
const update: Deed = (call, variables) => {
  const old = pick(call, variables);
  const made = variableOf(call.params, old);
  variables.splice(variables.indexOf(old), 1, made);
  return ok(shown(made));
};
const remove: Deed = (call, variables) => {
  variables.splice(variables.indexOf(pick(call, variables)), 1);
  return noContent;
};

const deeds: Readonly<Record<string, Deed>> = {
  'GET /variables': list,
  'POST /variables': create,
  'GET /variables/:key': show,
  'PUT /variables/:key': update,
  'DELETE /variables/:key': remove,
};
/** Those of projects and those of groups: the lists know nothing of each other. */
export const variableRoutes: readonly Route[] = Object.entries(deeds).flatMap(([line, deed]) => [
  guarded(projectRoute(line, 'maintainer', (call) => deed(call, call.project.variables))),
  guarded(
    route(line.replace(' /', ' /groups/:group/'), (call) => {
      const group = groupFor(call);
      if (!atLeast(call.user.role, 'maintainer')) throw forbidden();
      return deed(call, group.variables);
    }),
  ),
]);

function pick({ path, params }: Call, variables: readonly GitlabVariable[]): GitlabVariable {
  const filter = isRecord(params['filter']) ? text(params['filter'], 'environment_scope') : undefined;
  const found = variables.filter(
    ({ key, scope }) => key === path['key'] && (filter === undefined || scope === filter),
  );
  if (found.length > 1)
    throw refuse(
      409,
      "There are multiple variables with provided parameters. Please use 'filter[environment_scope]'",
    );
  const [one] = found;
  if (one === undefined) throw notFound('Variable');
  return one;
}

function variableOf(params: Params, old: GitlabVariable | null): GitlabVariable {
  const before = old ?? { ...unset, key: required(params, 'key'), value: required(params, 'value') };
  const type = text(params, 'variable_type') ?? before.type;
  const hidden = flag(params, 'masked_and_hidden') ?? before.hidden;
  return {
    key: before.key,
    value: text(params, 'value') ?? before.value,
    type: type === 'file' ? 'file' : 'env_var',
    scope: text(params, 'environment_scope') ?? before.scope,
    protected: flag(params, 'protected') ?? before.protected,
    masked: hidden || (flag(params, 'masked') ?? before.masked),
    hidden,
    raw: flag(params, 'raw') ?? before.raw,
    description: text(params, 'description') ?? before.description,
  };
}

/** In clear, masked or not; only a hidden one never shows its value again. */
function shown({ type, scope, value, ...rest }: GitlabVariable): object {
  return {
    ...{ variable_type: type, ...rest, environment_scope: scope },
    value: rest.hidden ? null : value,
  };
}
