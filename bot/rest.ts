import { DefaultRestOptions, REST, type RESTOptions } from 'discord.js';

/** Where Discord is, and as whom we speak to it. */
export interface RestParts {
  readonly token: string;
  /** Another address than Discord's own, without a slash at the end. */
  readonly api?: string;
}

export function createRest({ token, ...where }: RestParts): REST {
  return new REST(restOptions(where)).setToken(token);
}

export function restOptions({ api }: Omit<RestParts, 'token'>): Partial<RESTOptions> {
  return { version: '10', makeRequest, ...(api === undefined ? {} : { api }) };
}

/**
 * All versions of undici in a process share one dispatcher, whichever is loaded first, and another version's cannot
 * read the form discord.js sends files in. So the form is made into bytes first.
 */
const makeRequest: RESTOptions['makeRequest'] = async (url, init) => {
  if (!(init.body instanceof FormData)) return DefaultRestOptions.makeRequest(url, init);
  const form = new Response(init.body);
  const headers = new Headers(Object.entries(init.headers ?? {}));
  headers.set('content-type', form.headers.get('content-type') ?? 'multipart/form-data');
  const body = new Uint8Array(await form.arrayBuffer());
  return DefaultRestOptions.makeRequest(url, { ...init, headers: Object.fromEntries(headers), body });
};
