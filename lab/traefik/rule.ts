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
  const hosts: string[] = [];
  const tokens = tokensOf(text);
  const matches = either(tokens, hosts);
  if (tokens.peek() !== '') throw tokens.wrong(`unexpected ${tokens.peek()}`);
  return { hosts, matches };
}

interface Tokens {
  peek(): string;
  take(wanted?: string): string;
  wrong(why: string): Error;
}

function tokensOf(text: string): Tokens {
  const all = [...text.matchAll(/`[^`]*`|"[^"]*"|[A-Za-z]+|&&|\|\||[!(),]|\S/g)].map(([token]) => token);
  let at = 0;
  const peek = () => all[at] ?? '';
  const wrong = (why: string) => new Error(`error while parsing rule ${text}: ${why}`);
  return {
    peek,
    wrong,
    take(wanted) {
      const token = peek();
      if (token === '' || (wanted !== undefined && token !== wanted))
        throw wrong(`expected ${wanted ?? 'more'}, got “${token}”`);
      at += 1;
      return token;
    },
  };
}

function either(tokens: Tokens, hosts: string[]): Test {
  const tests = [both(tokens, hosts)];
  while (tokens.peek() === '||') {
    tokens.take();
    tests.push(both(tokens, hosts));
  }
  return (asked) => tests.some((test) => test(asked));
}

function both(tokens: Tokens, hosts: string[]): Test {
  const tests = [one(tokens, hosts)];
  while (tokens.peek() === '&&') {
    tokens.take();
    tests.push(one(tokens, hosts));
  }
  return (asked) => tests.every((test) => test(asked));
}

function one(tokens: Tokens, hosts: string[]): Test {
  const token = tokens.take();
  if (token === '!') {
    const inner = one(tokens, hosts);
    return (asked) => !inner(asked);
  }
  if (token === '(') {
    const inner = either(tokens, hosts);
    tokens.take(')');
    return inner;
  }
  tokens.take('(');
  const value = tokens.take();
  tokens.take(')');
  if (!/^[`"]/.test(value)) throw tokens.wrong(`${value} is not a text`);
  const name = token.toLowerCase();
  if (name === 'host') hosts.push(value.slice(1, -1).toLowerCase());
  const test = matcher(name, value.slice(1, -1));
  if (test === null) throw tokens.wrong(`unsupported function: ${token}`);
  return test;
}

function matcher(name: string, value: string): Test | null {
  switch (name) {
    case 'host':
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
      return null;
  }
}

/** One label may be a star, in front. */
function isHost(host: string, wanted: string): boolean {
  return wanted.startsWith('*.') ? host.slice(host.indexOf('.')) === wanted.slice(1) : host === wanted;
}
