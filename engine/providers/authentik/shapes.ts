import { list, text } from '../../json.ts';
import type { Api, Row } from './api.ts';
import { strangeAnswer } from './problems.ts';

/** An application as the API has it. */
export interface Application {
  readonly pk: string;
  readonly slug: string;
  readonly name: string;
  readonly group: string;
  readonly launchUrl: string;
  readonly icon: string;
  readonly publisher: string;
  readonly provider: number | null;
  readonly row: Row;
}
/** A provider of a kind we make. */
export interface Provider {
  readonly kind: 'proxy' | 'oidc';
  readonly pk: number;
  readonly name: string;
  /** Slug. */
  readonly application: string | null;
  readonly row: Row;
}
export interface Outpost {
  readonly pk: string;
  readonly name: string;
  readonly type: string;
  readonly embedded: boolean;
  readonly providers: readonly number[];
}

const embeddedMark = 'goauthentik.io/outposts/embedded';

export function parseApplication(api: Api, row: Row): Application {
  return {
    pk: requiredText(api, row, 'pk'),
    slug: requiredText(api, row, 'slug'),
    name: requiredText(api, row, 'name'),
    group: text(row['group']) ?? '',
    launchUrl: text(row['meta_launch_url']) ?? '',
    icon: text(row['meta_icon']) ?? '',
    publisher: text(row['meta_publisher']) ?? '',
    provider: number(row['provider']),
    row,
  };
}

export function parseProvider(api: Api, kind: Provider['kind'], row: Row): Provider {
  return {
    kind,
    pk: requiredNumber(api, row, 'pk'),
    name: requiredText(api, row, 'name'),
    application: text(row['assigned_application_slug']),
    row,
  };
}

export function parseOutpost(api: Api, row: Row): Outpost {
  return {
    pk: requiredText(api, row, 'pk'),
    name: requiredText(api, row, 'name'),
    type: requiredText(api, row, 'type'),
    embedded: row['managed'] === embeddedMark,
    providers: list(row['providers']).flatMap((pk) => number(pk) ?? []),
  };
}

export function requiredText(api: Api, row: Row, key: string): string {
  const found = text(row[key]);
  if (found === null) throw strangeAnswer(api.system, api.origin, `“${key}”`);
  return found;
}

function requiredNumber(api: Api, row: Row, key: string): number {
  const found = number(row[key]);
  if (found === null) throw strangeAnswer(api.system, api.origin, `“${key}”`);
  return found;
}

function number(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
