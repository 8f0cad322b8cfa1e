import type { Rule } from './rule.ts';

export const registryUnreachable: Rule = (text, { host }) => {
  const limited = /toomanyrequests|429 Too Many Requests/i.test(text);
  const why = limited ? 'allows no more pulls for now' : network.find(([pattern]) => pattern.test(text))?.[1];
  if (why === undefined) return null;
  const registry =
    /https?:\/\/([^/"\s]+)\/v[12]\b/.exec(text)?.[1] ??
    /lookup (\S+?)(?: on |:)/.exec(text)?.[1] ??
    /failed to resolve reference "([^/"]+)\//.exec(text)?.[1];
  // These words also come from programs that have nothing to do with registries.
  if (registry === undefined && !limited) return null;
  return {
    code: 'registry-unreachable',
    message:
      `The registry ${registry ?? ''}${registry === undefined ? '' : ' '}${why} (asked from ${host}).`.replace(
        '  ',
        ' ',
      ),
    hint: limited
      ? `Wait, or log in to the registry on ${host} with \`docker login\`.`
      : `On ${host}, try \`curl -I https://${registry ?? ''}/v2/\`; check its name servers, its way to the internet and the registry itself.`,
  };
};
const network: readonly (readonly [RegExp, string])[] = [
  [/dial tcp: lookup |no such host|server misbehaving/i, 'has a name that could not be looked up'],
  [/connect: connection refused/i, 'refused the connection'],
  [/no route to host|network is unreachable/i, 'cannot be reached'],
  [/x509: |tls: |http: server gave HTTP response to HTTPS client/i, 'did not speak proper TLS'],
  [
    /i\/o timeout|Client\.Timeout|TLS handshake timeout|context deadline exceeded|request canceled/i,
    'did not answer in time',
  ],
  [/connection reset by peer|unexpected EOF|: EOF$/im, 'broke off the connection'],
  [
    /(received unexpected HTTP status|unexpected status(?: code)?[^\n]*?): 5\d\d|50[0-4] (Internal Server Error|Bad Gateway|Service Unavailable|Gateway Time-?out)/i,
    'has trouble of its own',
  ],
];

export const imageNotFound: Rule = (text, { host }) => {
  const found = images.map((pattern) => pattern.exec(text)).find((match) => match !== null);
  const platform =
    /no matching manifest for (\S+) in the manifest list|image with reference (\S+) was found but (does not (match|provide) the specified platform)/.exec(
      text,
    );
  if (found === undefined && platform === null) return null;
  const image = found?.[1] ?? platform?.[2];
  const name =
    image === undefined ? 'the image' : `the image ${image.replace(/^docker\.io\/(library\/)?/, '')}`;
  if (platform !== null)
    return {
      code: 'image-not-found',
      message: `The registry has ${name} only for other processors than that of ${host}${platform[1] === undefined ? '' : ` (${platform[1]})`}.`,
      hint: 'Choose a tag that is built for this processor.',
    };
  if (/invalid reference format/.test(text))
    return {
      code: 'image-not-found',
      message: `${name.replace(/^t/, 'T')} is not a valid image name.`,
      hint: 'Image names are lower case, with a tag after a colon: `registry/name:tag`.',
    };
  const denied =
    /pull access denied|denied: |unauthorized|authentication required|no basic auth credentials/i.test(text);
  return {
    code: 'image-not-found',
    message: denied
      ? `The registry does not have ${name}, or wants a login for it (asked from ${host}).`
      : `The registry does not have ${name} (asked from ${host}).`,
    hint: denied
      ? `Check the name; for a private image run \`docker login\` on ${host} as root.`
      : 'Check the name and the tag in the definition; the tags that exist are listed on the registry’s page of the image.',
  };
};
const images: readonly RegExp[] = [
  /manifest for (\S+) not found/,
  /pull access denied for ([^\s,]+)/,
  /failed to resolve reference "([^"]+)": (?:[^\s:]+(?::[^\s:]+)*: not found|.*(?:pull access denied|unexpected status.*40[134]|authorization failed|failed to authorize))/,
  /unable to get image '([^']+)': .*no such image/i,
  /No such image: (\S+)/i,
  /(?:manifest|name) unknown/,
  /unauthorized: authentication required|no basic auth credentials|denied: requested access to the resource is denied/,
];
