/**
 * What Glance has against a configuration, without anything it quotes: what people write there may be secret. The line
 * it names and the kind of error where it is a known one. Pure.
 */
export function faultOf(words: string): string {
  const first = words.split('\n').find((line) => starts.some((start) => line.includes(start))) ?? words;
  const line = /\bline (\d+)\b/.exec(words)?.[1];
  const kind = kinds.find((one) => first.includes(one)) ?? kinds.find((one) => words.includes(one));
  const parts = [...(line === undefined ? [] : [`line ${line}`]), ...(kind === undefined ? [] : [kind])];
  return parts.length === 0 ? 'it does not say why in words that can be shown' : parts.join(': ');
}

/** What its lines about a configuration begin with. */
const starts = ['Config file is invalid:', 'Config has errors:', 'Could not load config'];

/** Its own words and those of its reader of YAML. */
const kinds = [
  'unknown widget type',
  'did not find expected key',
  'did not find expected',
  'could not find expected',
  'mapping values are not allowed in this context',
  'found character that cannot start any token',
  'found undefined tag handle',
  'already defined',
  'unknown anchor',
  'cannot unmarshal',
  'invalid duration format',
  'invalid icon',
  'nested groups are not supported',
  'no pages configured',
  'has no name',
  'has no columns',
  'width can only be',
  'full width columns',
  'environment variable',
  'secret-key must be set',
  'no such file or directory',
  'permission denied',
] as const;

/** The lines of a log that are about the configuration, each without what it quotes. */
export function faultsIn(log: string): string {
  const told = log.split('\n').flatMap((line) => {
    const start = starts.find((one) => line.includes(one));
    return start === undefined ? [] : [`${start} ${faultOf(line)}`];
  });
  return told.join('\n');
}
