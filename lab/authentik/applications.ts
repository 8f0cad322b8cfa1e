import { randomUUID } from 'node:crypto';
import { type Call, invalid, missing, page, requireFields, type Route } from './call.ts';
import { showApplication } from './show.ts';
import { asText, type LabApplication } from './state.ts';

const base = '/core/applications/';

export const applicationRoutes: readonly Route[] = [
  {
    method: 'GET',
    template: base,
    answer: (call) => {
      const { state, settings, query } = call;
      const whole = settings.superuser && query.get('superuser_full_list')?.toLowerCase() === 'true';
      const rows = state.applications
        .map((each) => showApplication(state, each))
        .filter((row) => whole || settings.mayUse(asText(row['slug'])));
      return page(call, rows, ['slug', 'name', 'group', 'meta_publisher', 'meta_launch_url']);
    },
  },
  {
    method: 'GET',
    template: `${base}{slug}/`,
    answer: (call) => ({ status: 200, body: showApplication(call.state, find(call)) }),
  },
  {
    method: 'POST',
    template: base,
    answer: (call) => {
      requireFields(call.body, ['name', 'slug']);
      check(call, null);
      const made = { pk: randomUUID(), fields: call.body };
      call.state.applications.push(made);
      return { status: 201, body: showApplication(call.state, made) };
    },
  },
  {
    method: 'PATCH',
    template: `${base}{slug}/`,
    answer: (call) => {
      const application = find(call);
      check(call, application);
      application.fields = { ...application.fields, ...call.body };
      return { status: 200, body: showApplication(call.state, application) };
    },
  },
  {
    method: 'DELETE',
    template: `${base}{slug}/`,
    answer: (call) => {
      const application = find(call);
      call.state.applications = call.state.applications.filter((each) => each !== application);
      call.state.bindings = call.state.bindings.filter(({ fields }) => fields['target'] !== application.pk);
      return { status: 204 };
    },
  },
];

function find({ state, key }: Call): LabApplication {
  const found = state.applications.find(({ fields }) => fields['slug'] === key);
  if (found === undefined) throw missing('Application');
  return found;
}

function check({ state, body }: Call, current: LabApplication | null): void {
  const { slug, provider } = body;
  const others = state.applications.filter((each) => each !== current);
  if (typeof slug === 'string' && !/^[-a-zA-Z0-9_]+$/.test(slug))
    throw invalid('slug', 'Enter a valid “slug” consisting of letters, numbers, underscores or hyphens.');
  if (slug !== undefined && others.some(({ fields }) => fields['slug'] === slug))
    throw invalid('slug', 'Application with this Slug already exists.');
  if (provider === undefined || provider === null) return;
  if (!state.providers.some(({ pk }) => pk === provider))
    throw invalid('provider', `Invalid pk "${asText(provider)}" - object does not exist.`);
  if (others.some(({ fields }) => fields['provider'] === provider))
    throw invalid('provider', 'This field must be unique.');
}
