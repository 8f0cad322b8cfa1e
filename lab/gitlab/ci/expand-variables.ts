import type { Variables } from './ci-file.ts';

const reference = /\$\$|\$\{(\w+)\}|\$([A-Za-z_]\w*)/g;

/** A text with `$NAME` and `${NAME}` replaced; one that is not there becomes nothing, `$$` a dollar sign. */
export function expandText(text: string, variables: Variables): string {
  return text.replaceAll(reference, (whole, braced?: string, plain?: string) =>
    whole === '$$' ? '$' : (variables[braced ?? plain ?? ''] ?? ''),
  );
}

/** Variables that name each other, each replaced by what it comes to; one that names itself gets nothing for itself. */
export function expandVariables(variables: Variables, verbatim: ReadonlySet<string> = new Set()): Variables {
  const valueOf = (name: string, above: readonly string[]): string => {
    const text = above.includes(name) ? '' : (variables[name] ?? '');
    if (verbatim.has(name)) return text;
    return text.replaceAll(reference, (whole, braced?: string, plain?: string) =>
      whole === '$$' ? '$' : valueOf(braced ?? plain ?? '', [...above, name]),
    );
  };
  return Object.fromEntries(Object.keys(variables).map((name) => [name, valueOf(name, [])]));
}
