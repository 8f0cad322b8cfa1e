import type { SignOnBinding, SignOnProviderState, SignOnState } from '../types.ts';
import {
  flag,
  integer,
  keyOf,
  list,
  literal,
  nullable,
  object,
  optional,
  tagged,
  text,
  type Shape,
} from './shape.ts';

/** For a field that records from before it was there do not have. */
function added<T>(shape: Shape<T>, before: T): Shape<T> {
  return (value, at) => (value === undefined ? before : shape(value, at));
}

type ProviderOf<K extends SignOnProviderState['kind']> = Extract<SignOnProviderState, { kind: K }>;
const signOnProvider = tagged<SignOnProviderState, 'kind'>('kind', {
  proxy: object<ProviderOf<'proxy'>>({
    kind: literal('proxy'),
    name: text,
    mode: keyOf<ProviderOf<'proxy'>['mode']>({ forward_single: true, proxy: true }),
    externalHost: text,
    internalHost: nullable(text),
    skipPaths: list(text),
    authorizationFlow: text,
    invalidationFlow: text,
    settings: added(text, ''),
  }),
  oidc: object<ProviderOf<'oidc'>>({
    kind: literal('oidc'),
    name: text,
    clientId: text,
    clientSecret: nullable(text),
    redirectUris: list(text),
    authorizationFlow: text,
    invalidationFlow: text,
    settings: added(text, ''),
  }),
});
const signOnBinding = object<SignOnBinding>({
  policy: nullable(text),
  group: nullable(text),
  user: nullable(integer),
  order: integer,
  enabled: flag,
  negate: flag,
  timeout: integer,
  failureResult: flag,
});
export const signOnState = object<SignOnState>({
  slug: text,
  name: text,
  group: text,
  launchUrl: text,
  icon: text,
  provider: nullable(signOnProvider),
  outpost: nullable(text),
  bindings: added(list(signOnBinding), []),
  settings: added(text, ''),
  leftover: optional(flag),
});
