import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { oldestCompose, oldestEngine } from '../../engine/doctor/hosts.ts';
import { sudoersLine } from '../../engine/sudoers-line.ts';

const install = readFileSync('docs/install.md', 'utf8');

test('the versions and the sudoers line of the installation are those the doctor asks for', () => {
  expect(install).toContain(`Docker Engine ${oldestEngine.join('.')} or newer`);
  expect(install).toContain(`\`docker compose\` ${oldestCompose.join('.')} or newer`);
  expect(install).toContain(`\n${sudoersLine('sentinel')}\n`);
});
