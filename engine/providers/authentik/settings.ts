import { isRecord, list } from '../../json.ts';
import type { SignOnProviderState } from '../../state-types.ts';
import type { Row } from './api.ts';

type Kind = SignOnProviderState['kind'];

/**
 * The fields no definition speaks about and a person can set, to be put back with what is made again. Named one by one,
 * so that no secret a later release adds gets into a record: keys are named by their id, passwords by an attribute.
 */
const applicationFields = [
  'backchannel_providers',
  'meta_description',
  'meta_hide',
  'open_in_new_tab',
  'policy_engine_mode',
];
const providerFields: Readonly<Record<Kind, readonly string[]>> = {
  // Without its property mappings: the server sets them by itself, whatever it is sent.
  proxy: [
    'access_token_validity',
    'authentication_flow',
    'basic_auth_enabled',
    'basic_auth_password_attribute',
    'basic_auth_user_attribute',
    'certificate',
    'cookie_domain',
    'intercept_header_auth',
    'internal_host_ssl_validation',
    'jwt_federation_providers',
    'jwt_federation_sources',
    'refresh_token_validity',
  ],
  oidc: [
    'access_code_validity',
    'access_token_validity',
    'authentication_flow',
    'client_type',
    'encryption_key',
    'grant_types',
    'include_claims_in_id_token',
    'issuer_mode',
    'jwt_federation_providers',
    'jwt_federation_sources',
    'logout_method',
    'logout_uri',
    'property_mappings',
    'refresh_token_threshold',
    'refresh_token_validity',
    'signing_key',
    'sub_mode',
  ],
};

export function applicationSettings(row: Row): string {
  return settingsText(row, applicationFields);
}

export function providerSettings(kind: Kind, row: Row): string {
  const leaving = list(row['redirect_uris']).filter(isRecord).filter(isLogout);
  return settingsText(leaving.length === 0 || kind === 'proxy' ? row : { ...row, [leavingKey]: leaving }, [
    ...providerFields[kind],
    leavingKey,
  ]);
}

/** What an application or a new provider gets of the settings a state keeps. */
export function settingsBody(settings: string): Row {
  return Object.fromEntries(Object.entries(parsed(settings)).filter(([key]) => key !== leavingKey));
}

/** Addresses people are led to after signing off. */
export function leavingAddresses(settings: string): readonly Row[] {
  return list(parsed(settings)[leavingKey]).filter(isRecord);
}

/** They share a field with addresses that are ours to say, so they are kept under a name of their own. */
const leavingKey = 'after signing off';

/** Addresses people are led to after signing off are not ours to say. */
export function isLogout(entry: Row): boolean {
  return entry['redirect_uri_type'] === 'logout';
}

function parsed(settings: string): Row {
  const found: unknown = settings === '' ? {} : JSON.parse(settings);
  return isRecord(found) ? found : {};
}

/** The same text for the same settings: the server promises no order, and its lists here are sets. */
function settingsText(row: Row, fields: readonly string[]): string {
  const entries = fields.flatMap((field) => {
    const value = row[field] ?? '';
    return value === '' ? [] : [[field, Array.isArray(value) ? sorted(list(value)) : value] as const];
  });
  return entries.length === 0 ? '' : JSON.stringify(Object.fromEntries(entries));
}

function sorted(values: readonly unknown[]): readonly unknown[] {
  return values.toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
}
