/** What a rule is asked about. */
export interface Asked {
  readonly host: string;
  readonly path: string;
  readonly method: string;
}
export interface Rule {
  readonly hosts: readonly string[];
  matches(asked: Asked): boolean;
}
type Test = (asked: Asked) => boolean;

/** Reads a rule in the syntax of version 3; throws with a reason for what it does not know. */
export function parseRule(text: string): Rule {
  const tokens = [...text.matchAll(/`[^`]*`|"[^"]*"|[A-Za-z]+|&&|\|\||[!(),]|\S/g)].map(([token]) => token);
  const hosts: string[] = [];
  let at = 0;
  const take = (wanted?: string): string => {
    const token = tokens[at] ?? '';
    if (token === '' || (wanted !== undefined && token !== wanted))
      throw new Error(`error while parsing rule ${text}: expected ${wanted ?? 'more'}, got “${token}”`);
    at += 1;
    return token;
  };
  const either = (): Test => {
    let left = both();
    while (tokens[at] === '||') {
      take();
      const [before, right] = [left, both()];
      left = (asked) => before(asked) || right(asked);
    }
    return left;
  };
  const both = (): Test => {
    let left = one();
    while (tokens[at] === '&&') {
      take();
      const [before, right] = [left, one()];
      left = (asked) => before(asked) && right(asked);
    }
    return left;
  };
  const one = (): Test => {
    const token = take();
    if (token === '!') {
      const inner = one();
      return (asked) => !inner(asked);
    }
    if (token === '(') {
      const inner = either();
      take(')');
      return inner;
    }
    take('(');
    const value = take();
    take(')');
    if (!/^[`"]/.test(value)) throw new Error(`error while parsing rule ${text}: ${value} is not a text`);
    return matcher(token.toLowerCase(), value.slice(1, -1));
  };
  const matcher = (name: string, value: string): Test => {
    switch (name) {
      case 'host':
        hosts.push(value.toLowerCase());
        return ({ host }) => isHost(host, value.toLowerCase());
      case 'hostregexp':
        return ({ host }) => new RegExp(value).test(host);
      case 'path':
        return ({ path }) => path === value;
      case 'pathprefix':
        return ({ path }) => path.startsWith(value);
      case 'pathregexp':
        return ({ path }) => new RegExp(value).test(path);
      case 'method':
        return ({ method }) => method === value.toUpperCase();
      default:
        throw new Error(`error while parsing rule ${text}: unsupported function: ${name}`);
    }
  };
  const matches = either();
  if (at < tokens.length) throw new Error(`error while parsing rule ${text}: unexpected ${tokens[at] ?? ''}`);
  return { hosts, matches };
}

/** One label may be a star, in front. */
function isHost(host: string, wanted: string): boolean {
  return wanted.startsWith('*.') ? host.slice(host.indexOf('.')) === wanted.slice(1) : host === wanted;
}
