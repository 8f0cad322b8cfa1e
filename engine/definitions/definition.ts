import type { Service } from '../types.ts';

/** A service and where the facts about it were written, for checks that compare services with each other. */
export interface Definition {
  readonly service: Service;
  readonly places: Places;
  /** Host names it asks for in DNS or Traefik, with the domain where there is one. */
  readonly hostnames: readonly { readonly name: string; readonly where: string }[];
}

/** `file:line:column` of what other services or people may disagree with. */
export interface Places {
  readonly name: string;
  readonly host: string;
  /** Of the install path. */
  readonly path: string;
  /** By `tcp/3030`. */
  readonly ports: Readonly<Record<string, string>>;
  readonly dependsOn: Readonly<Record<string, string>>;
  /** Of the slug people sign on by. */
  readonly slug: string;
  /** Of the sections that ask something of a system, by their names. */
  readonly sections: Readonly<Record<string, string>>;
  /** By the secret's name. */
  readonly secrets: Readonly<Record<string, string>>;
}

const known = new WeakMap<Service, Places>();

/** Remembers the places for as long as the service lives, so that `Service` itself stays plain data. */
export function remember(definition: Definition): Definition {
  known.set(definition.service, definition.places);
  return definition;
}

/** Where a section of its file is, or at least in which file. */
export function placeOfSection(service: Service, section: string): string {
  return known.get(service)?.sections[section] ?? service.file;
}

/** Where a secret is named, or at least in which file. */
export function placeOfSecret(service: Service, secret: string): string {
  return known.get(service)?.secrets[secret] ?? service.file;
}
