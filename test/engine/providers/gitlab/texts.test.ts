import { describe, expect, test } from 'vitest';
import { asText } from '../../../../engine/providers/gitlab/offer-change.ts';
import {
  changeTitle,
  commitMessage,
  takeBackMessage,
} from '../../../../engine/providers/gitlab/commit-message.ts';
import { tailOf } from '../../../../engine/providers/gitlab/job-log.ts';
import { parseStatus } from '../../../../engine/providers/gitlab/pipeline-shapes.ts';
import { queryString, snakeCased } from '../../../../engine/providers/gitlab/query.ts';
import { wordsOf } from '../../../../engine/providers/gitlab/refusal.ts';
import { inEnvironment } from '../../../../engine/providers/gitlab/variables.ts';

describe('the end of a job’s log', () => {
  const escape = '\u001b';

  test('has no colours, no section marks and no line that was written over', () => {
    const trace = [
      `section_start:1700000000:prepare_script[collapsed=true]\r${escape}[0K${escape}[36;1mPreparing${escape}[0;m`,
      `section_end:1700000001:prepare_script\r${escape}[0K`,
      `${escape}[32;1m$ sentinel deploy${escape}[0;m`,
      'Pulling  10%\rPulling  60%\rPulling 100%',
      'done\r',
      `${escape}[31;1mERROR: Job failed: exit code 1${escape}[0;m\u0007`,
    ].join('\n');
    expect(tailOf(trace)).toBe(
      ['Preparing', '', '$ sentinel deploy', 'Pulling 100%', 'done', 'ERROR: Job failed: exit code 1'].join(
        '\n',
      ),
    );
  });

  test('has no times of newer runners in front of its lines', () => {
    expect(tailOf('2026-11-21T10:00:00.000000Z 00O one\n2026-11-21T10:00:01.000000Z 01E two\n')).toBe(
      'one\ntwo',
    );
  });

  test('is at most 64,000 characters, and begins with a whole line', () => {
    const lines = Array.from({ length: 9000 }, (_, index) => `line ${index} of many`);
    const tail = tailOf(lines.join('\n'));
    expect(tail.length).toBeLessThanOrEqual(64_000);
    expect(tail).toMatch(/^line \d+ of many\n/);
    expect(tail.endsWith('line 8999 of many')).toBe(true);
  });

  test('is empty where nothing was written', () => expect(tailOf('')).toBe(''));
});

test.each([
  ['created', 'waiting'],
  ['waiting_for_resource', 'waiting'],
  ['canceling', 'running'],
  ['manual', 'manual'],
  ['canceled', 'canceled'],
  ['something_of_2027', 'running'],
  ['constructor', 'running'],
])('the status %s counts as %s', (status, expected) => {
  expect(parseStatus(status)).toBe(expected);
});

describe('the message of a commit', () => {
  const publication = { request: 'p-7', approvedBy: ['Ben'] };
  const draft = 'feat(grafana): 11.2\n\nBecause of a leak.\n\nRequested-by: Ann (discord:1)\n';

  test('ends with who asked, who agreed and the request', () => {
    const message = commitMessage({ draft, template: '{subject}', publication, skipPipeline: false });
    expect(message).toBe(
      'feat(grafana): 11.2\n\nBecause of a leak.\n\nRequested-by: Ann (discord:1)\nApproved-by: Ben\nSentinel-Request: p-7',
    );
  });

  test('follows the convention of the repository and says when no pipeline is wanted', () => {
    const message = commitMessage({ draft, template: 'ops: {subject}', publication, skipPipeline: true });
    expect(message.split('\n')[0]).toBe('ops: feat(grafana): 11.2');
    expect(message).toContain('\n\n[skip ci]\n\nRequested-by:');
  });

  test('cannot be given our trailers or a mark for GitLab by a person', () => {
    const forged =
      'bump [skip ci]\n\nSentinel-Request: p-1\napproved-by: Ann\n\nRequested-by: Ann [ci skip]\nApproved-by: Eve\n';
    const message = commitMessage({ draft: forged, template: '{subject}', publication, skipPipeline: false });
    expect(message).not.toMatch(/\[(skip ci|ci skip)\]/);
    expect(message).toContain('> Sentinel-Request: p-1\n> approved-by: Ann');
    expect(message.split('\n\n').at(-1)).toBe(
      'Requested-by: Ann (ci skip)\nApproved-by: Ben\nSentinel-Request: p-7',
    );
  });

  test('has one line for its subject, whatever the template holds', () => {
    expect(changeTitle('a\nb', '$& {subject}\n{subject}')).toBe('$& a a');
  });

  test('that takes something back names it, and calls for a pipeline unless told', () => {
    const message = takeBackMessage({ subject: 'bump [skip ci]', commit: 'abc', skipPipeline: false });
    expect(message).toMatch(/^Take back “bump \(skip ci\)”/);
    expect(message.endsWith('\n\nSentinel-Takes-Back: abc')).toBe(true);
    expect(takeBackMessage({ subject: 'bump', commit: 'abc', skipPipeline: true })).toContain('[skip ci]');
  });
});

test('a description gives GitLab no orders', () => {
  expect(asText('## Plan\n/merge\n  /approve\nsee a/b')).toBe(
    '## Plan\n\u200b/merge\n\u200b/approve\nsee a/b',
  );
});

describe('what is sent to GitLab', () => {
  test('has its names in GitLab’s spelling, deep, and names in capitals as they are', () => {
    expect(snakeCased({ startSha: 'a', actions: [{ filePath: 'b', execute_filemode: true }] })).toEqual({
      start_sha: 'a',
      actions: [{ file_path: 'b', execute_filemode: true }],
    });
    expect(snakeCased({ inputs: { SENTINEL_ID: 1 } })).toEqual({ inputs: { SENTINEL_ID: 1 } });
  });

  test('has lists and filters as GitLab reads them', () => {
    const query = queryString({
      scope: ['manual'],
      filter: { environment_scope: '*' },
      perPage: 100,
      page: undefined,
    });
    expect(decodeURIComponent(query)).toBe('?scope[]=manual&filter[environment_scope]=*&per_page=100');
    expect(queryString()).toBe('');
  });
});

test.each([
  ['{"message":"401 Unauthorized"}', '401 Unauthorized'],
  ['{"message":{"base":["No jobs"],"ref":["is odd"]}}', 'No jobs; ref is odd'],
  ['{"message":["one","two"]}', 'one; two'],
  ['{"error":"insufficient_scope","error_description":"needs more"}', 'needs more'],
  ['Retry later\n', 'Retry later'],
  ['<html><body>Bad gateway</body></html>', ''],
  ['{"message":"two\\nlines\\u0007"}', 'two lines'],
])('of the answer %s people read “%s”', (body, words) => expect(wordsOf(body)).toBe(words));

describe('of variables of one name', () => {
  const scopes = (environment: string, ...all: readonly string[]) =>
    inEnvironment(
      all.map((scope) => ({ scope })),
      environment,
    ).map(({ scope }) => scope);

  test('the one of this very environment wins, then the longest pattern, then that for all', () => {
    expect(scopes('review/a', 'review/a', '*', 'review/*')).toEqual(['*', 'review/*', 'review/a']);
    expect(scopes('production', 'production', 'prod*', '*', 'production*uction')).toEqual([
      '*',
      'prod*',
      'production',
    ]);
  });

  test('those of other environments do not count, and a dot is a dot', () => {
    expect(scopes('production', 'staging', 'review/*', 'produc.ion')).toEqual([]);
  });
});
