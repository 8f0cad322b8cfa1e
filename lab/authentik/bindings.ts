import { randomUUID } from 'node:crypto';
import { type Call, invalid, missing, page, Refusal, requireFields, type Route } from './call.ts';
import { showBinding } from './show.ts';
import { asText, type LabBinding } from './state.ts';

const base = '/policies/bindings/';

/** Rules about who may use an application. */
export const bindingRoutes: readonly Route[] = [
  {
    method: 'GET',
    template: base,
    answer: (call) =>
      page(
        call,
        call.state.bindings.map((each) => showBinding(call.state, each)),
        ['target', 'policy', 'order', 'enabled', 'timeout'],
      ),
  },
  {
    method: 'POST',
    template: base,
    answer: (call) => {
      requireFields(call.body, ['target', 'order']);
      check(call);
      const made = { pk: randomUUID(), fields: call.body };
      call.state.bindings.push(made);
      return { status: 201, body: showBinding(call.state, made) };
    },
  },
  {
    method: 'DELETE',
    template: `${base}{policy_binding_uuid}/`,
    answer: (call) => {
      const binding = find(call);
      call.state.bindings = call.state.bindings.filter((each) => each !== binding);
      return { status: 204 };
    },
  },
];

function find({ state, key }: Call): LabBinding {
  const found = state.bindings.find(({ pk }) => pk === key);
  if (found === undefined) throw missing('PolicyBinding');
  return found;
}

function check({ state, body }: Call): void {
  const { target, group, policy, user } = body;
  if (!state.applications.some(({ pk }) => pk === target)) throw unknown('target', target);
  if (typeof group === 'string' && !state.groups.some(({ pk }) => pk === group))
    throw unknown('group', group);
  const set = [group, policy, user].filter((each) => each !== undefined && each !== null);
  if (set.length !== 1)
    throw new Refusal(400, {
      non_field_errors: [
        set.length === 0 ? "One of 'policy', 'group' or 'user' must be set." : 'Only one can be set.',
      ],
    });
}

function unknown(field: string, pk: unknown): Refusal {
  return invalid(field, `Invalid pk "${asText(pk)}" - object does not exist.`);
}
