/** The host names a rule of Traefik asks for, in lower case; those it excludes with `!` are not among them. */
export function hostsOfRule(rule: string): readonly string[] {
  const hosts: string[] = [];
  /** Whether each open bracket is excluded, and whether it holds the arguments of a matcher for host names. */
  const open: { readonly excluded: boolean; readonly names: boolean }[] = [];
  let matcher = '';
  let excluded = false;
  for (const [token] of rule.matchAll(/`[^`]*`|"(?:[^"\\]|\\.)*"|[A-Za-z]+|[!(),]|&&|\|\|/g)) {
    const inside = open.at(-1);
    if (token === '!') excluded = !excluded;
    else if (token === '(') {
      open.push({ excluded: excluded !== (inside?.excluded ?? false), names: /^host(sni)?$/i.test(matcher) });
      excluded = false;
      matcher = '';
    } else if (token === ')') open.pop();
    else if (/^[A-Za-z]/.test(token)) matcher = token;
    else if (/^[`"]/.test(token) && inside?.names === true && !inside.excluded)
      hosts.push(token.slice(1, -1).toLowerCase());
  }
  return [...new Set(hosts)];
}

/** The host names of all rules anywhere in a text we cannot read as YAML: templates, TOML. */
export function hostsOfText(text: string): readonly string[] {
  const rules = [...text.matchAll(/host(?:sni)?\(([^)]*)\)/gi)].flatMap(([call]) =>
    hostsOfRule(call.replaceAll('\\"', '"').replaceAll("'", '"')),
  );
  return [...new Set(rules)];
}
