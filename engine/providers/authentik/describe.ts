import { isRecord, list, text } from '../../json.ts';
import type { SignOnProviderState } from '../../state-types.ts';
import type { Row } from './api.ts';
import { isLogout, leavingAddresses, providerSettings, settingsBody } from './settings.ts';
import type { Provider } from './shapes.ts';

export interface Reading {
  /** Slug of a flow by its id. */
  readonly flow: (id: string) => string | null;
  /** What the flow that ends a session counts as where the release has no such field. */
  readonly invalidationFlow: string;
  /** Name of the secret a client secret is the value of. */
  readonly secretName: (value: string) => string | null;
}

/** A provider in the plan's words; null for one that guards a whole domain. */
export function describeProvider(provider: Provider, reading: Reading): SignOnProviderState | null {
  const { kind, name, row } = provider;
  const settings = providerSettings(kind, row);
  const flows = {
    authorizationFlow: reading.flow(text(row['authorization_flow']) ?? '') ?? '',
    // Releases before late 2024 do not have it, so nothing can differ.
    invalidationFlow:
      'invalidation_flow' in row
        ? (reading.flow(text(row['invalidation_flow']) ?? '') ?? '')
        : reading.invalidationFlow,
  };
  if (kind === 'oidc')
    return {
      kind,
      name,
      clientId: text(row['client_id']) ?? '',
      clientSecret: reading.secretName(text(row['client_secret']) ?? ''),
      redirectUris: redirects(row)
        .filter((entry) => !isLogout(entry))
        .map((entry) => `${entry['matching_mode'] === 'regex' ? regexMark : ''}${text(entry['url']) ?? ''}`),
      ...flows,
      settings,
    };
  const mode = row['mode'];
  if (mode !== 'forward_single' && mode !== 'proxy') return null;
  return {
    kind,
    name,
    mode,
    externalHost: text(row['external_host']) ?? '',
    internalHost: mode === 'proxy' ? (text(row['internal_host']) ?? '') : null,
    skipPaths: (text(row['skip_path_regex']) ?? '').split('\n').filter((line) => line !== ''),
    ...flows,
    settings,
  };
}

/** Before an address that is a regular expression; no address has a space. */
const regexMark = 'regex ';

function redirects(row: Row): readonly Row[] {
  return list(row['redirect_uris']).filter(isRecord);
}

export interface BodyParts {
  /** Ids of flows by slug. */
  readonly flows: ReadonlyMap<string, string>;
  /** Value of the client secret; null leaves what is there. */
  readonly clientSecret: string | null;
  /** What is there now. */
  readonly current: Row | null;
}

/** The fields of a provider that are ours to say, as the API takes them. */
export function providerBody(wanted: SignOnProviderState, { flows, clientSecret, current }: BodyParts): Row {
  const authorization = flows.get(wanted.authorizationFlow);
  const invalidation = flows.get(wanted.invalidationFlow);
  const shared = {
    ...(current === null ? settingsBody(wanted.settings) : {}),
    name: wanted.name,
    ...(authorization === undefined ? {} : { authorization_flow: authorization }),
    ...(invalidation === undefined || (current !== null && !('invalidation_flow' in current))
      ? {}
      : { invalidation_flow: invalidation }),
  };
  switch (wanted.kind) {
    case 'proxy':
      return {
        ...shared,
        mode: wanted.mode,
        external_host: wanted.externalHost,
        ...(wanted.internalHost === null ? {} : { internal_host: wanted.internalHost }),
        skip_path_regex: wanted.skipPaths.join('\n'),
      };
    case 'oidc':
      return {
        ...shared,
        client_id: wanted.clientId,
        ...(clientSecret === null ? {} : { client_secret: clientSecret }),
        redirect_uris: [
          ...wanted.redirectUris.map(redirect),
          ...(current === null ? leavingAddresses(wanted.settings) : redirects(current).filter(isLogout)),
        ],
      };
  }
}

function redirect(entry: string): Row {
  return entry.startsWith(regexMark)
    ? { matching_mode: 'regex', url: entry.slice(regexMark.length), redirect_uri_type: 'authorization' }
    : { matching_mode: 'strict', url: entry, redirect_uri_type: 'authorization' };
}

/** The fields of a body that say something else than what is there. */
export function differing(body: Row, current: Row): Row {
  return Object.fromEntries(
    Object.entries(body).filter(([key, value]) => plain(key, value) !== plain(key, current[key])),
  );
}

/** Older releases do not say what a redirect address is for. */
function plain(key: string, value: unknown): string {
  if (key !== 'redirect_uris') return JSON.stringify(value ?? '');
  const entries = redirects({ redirect_uris: value });
  return JSON.stringify(
    entries.map((entry) => [
      entry['matching_mode'],
      entry['url'],
      entry['redirect_uri_type'] ?? 'authorization',
    ]),
  );
}
