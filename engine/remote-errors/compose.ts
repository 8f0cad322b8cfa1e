import type { Rule } from './rule.ts';

export const composeInvalid: Rule = (text, { host, exitCode, command }) => {
  const missing =
    /(?:network (?<network>\S+) (?:declared as external, but could not be found|not found)|external volume "?(?<volume>[^"\s]+)"? not found)/.exec(
      text,
    )?.groups;
  if (missing !== undefined) {
    const kind = missing['network'] === undefined ? 'volume' : 'network';
    const name = missing[kind] ?? '';
    return {
      code: 'compose-invalid',
      message: `The file uses the external ${kind} ${name}, which ${host} does not have.`,
      hint: `Create it with \`docker ${kind} create ${name}\` on ${host}, or take out \`external: true\`.`,
    };
  }
  const line = text
    .split('\n')
    .find((candidate) => composeComplaints.some((pattern) => pattern.test(candidate)));
  // Compose releases around 2.20 to 2.3x had numbers of their own for what is wrong with a file.
  const byNumber = exitCode >= 14 && exitCode <= 16 && /\bcompose\b/.test(command);
  if (line === undefined && !byNumber) return null;
  const complaint = (line ?? text.trim().split('\n').at(-1) ?? '').trim().replace(/^(Error: |ERROR: )/, '');
  const next = /unmarshal errors:$/.test(complaint)
    ? (text.split('\n').at(text.split('\n').indexOf(line ?? '') + 1) ?? '').trim()
    : '';
  return {
    code: 'compose-invalid',
    message: `Docker Compose on ${host} does not accept the file: ${`${complaint} ${next}`.trim().replace(/[.:]+$/, '')}.`,
    hint: 'Correct the definition; `docker compose config` in the folder of the service shows the same message.',
  };
};
const composeComplaints: readonly RegExp[] = [
  /^yaml: |^(go-)?yaml: |: yaml: |failed to parse .*: yaml/i,
  /invalid compose project|^validating \S+: |[Aa]dditional propert(y \S+ is|ies .* ) ?not allowed/,
  /refers to undefined (volume|network|config|secret)|depends on undefined service|has neither an image nor a build context/,
  /dependency cycle detected|empty compose file|no configuration file provided|^no such service: /,
  /[Ee]nv file \S+ not found|env_file .*no such file/,
  /error while interpolating|required variable \S+ is missing a value|invalid interpolation format/,
  /Invalid (hostPort|containerPort|ip address|proto|port|range)|invalid (hostPort|containerPort|IP address|proto)/,
  /services\.\S+ (must be|contains|value|array items)|(^|: )\S+ must be a (string|mapping|list|number|boolean|object)/,
  /invalid (mount config|mount path|volume specification|spec)|undefined volume|mount path must be absolute/,
  /bind: cannot assign requested address|conflicts with network mode|has been declared multiple times/,
];

export const unhealthy: Rule = (text, { host }) => {
  const exited =
    /container (\S+) exited \((\d+)\)|service "([^"]+)" didn't complete successfully: exit (\d+)/.exec(text);
  if (exited !== null)
    return {
      code: 'container-not-running',
      message: `The container ${exited[1] ?? exited[3] ?? ''} on ${host} ended with exit code ${exited[2] ?? exited[4] ?? ''}.`,
      hint: 'Its log says why.',
    };
  const sick = /container (\S+) is unhealthy|container for service "([^"]+)" is unhealthy/.exec(text);
  if (sick === null) return null;
  return {
    code: 'health-failed',
    message: `The container ${sick[1] ?? sick[2] ?? ''} on ${host} did not become healthy.`,
    hint: 'Its log and its health check’s output say why.',
  };
};
