import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

const vendor = ['discord.js', 'better-sqlite3', 'node-ssh', 'ssh2', '@gitbeaker/rest', 'execa'].map(
  (name) => ({ name, message: 'Only its adapter folder may know this library.' }),
);

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'coverage/', 'state/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'max-lines': ['warn', { max: 250, skipBlankLines: true, skipComments: true }],
      complexity: ['error', 16],
    },
  },
  {
    files: ['engine/**/*.ts', 'schema/**/*.ts', 'commands/**/*.ts'],
    ignores: ['engine/providers/**'],
    rules: { 'no-restricted-imports': ['error', { paths: vendor }] },
  },
  {
    files: ['test/**/*.ts'],
    rules: { 'max-lines': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  { files: ['**/*.js'], languageOptions: { globals: { process: 'readonly', console: 'readonly' } } },
  prettier,
);
