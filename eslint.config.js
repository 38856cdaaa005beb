import eslint from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/**
 * The folders under src/ from the ground up: each imports only from those above it in this list.
 * `web` marks the folders that also run in a web page; they stand first, so that none imports one that does not. There,
 * everything that belongs to Node stands in `*.node.ts`.
 */
const LAYERS = [
  { folder: 'base', web: true },
  { folder: 'graph', web: true },
  { folder: 'autodiff', web: true },
  { folder: 'nn', web: true },
  { folder: 'models', web: true },
  { folder: 'runtime', web: true },
  { folder: 'formats', web: true },
  { folder: 'images', web: true },
  { folder: 'faces', web: true },
  { folder: 'explain', web: true },
  { folder: 'data', web: false },
  { folder: 'training', web: false },
  { folder: 'evaluation', web: false },
  { folder: 'reports', web: false },
  { folder: 'jobs', web: false },
  { folder: 'server', web: false },
  { folder: 'cli', web: false },
];

const TESTS = ['**/*.test.ts'];
const NODE_FILES = ['src/**/*.node.ts'];

const alternatives = (layers) => layers.map(({ folder }) => folder).join('|');

/** What the files of one folder must not import, as regular expressions over the import's text. */
function forbiddenImports({ folder }, index) {
  const above = LAYERS.slice(index + 1);
  const patterns = [];
  if (above.length > 0) {
    patterns.push({
      regex: `^(?:\\.\\./)+(?:${alternatives(above)})/`,
      message: `src/${folder} may import only from the folders before it in LAYERS (eslint.config.js).`,
    });
  }
  patterns.push({ regex: '^(?:\\.\\./)+index\\.js$', message: 'src/index.ts is for users of the package.' });
  if (folder !== 'runtime') {
    patterns.push({ regex: '^onnxruntime-', message: 'Only src/runtime touches ONNX Runtime.' });
  }
  return patterns;
}

const NODE_ONLY = {
  regex: '^(?:node:|sharp$|worker_threads$|onnxruntime-node$|@resvg/)|\\.node\\.js$',
  message: 'This folder runs in the browser too: what belongs to Node stands in a file named *.node.ts.',
};

/** Both ways to import, `import ... from` and `import()`, refuse the same names. */
function importRules(patterns) {
  const selectors = patterns.flatMap(({ regex, message }) => {
    const name = `/${regex.replaceAll('/', '\\u002F')}/`;
    return [
      { selector: `ImportExpression > Literal[value=${name}]`, message },
      { selector: `TSImportType > Literal[value=${name}]`, message },
    ];
  });
  return {
    'no-restricted-imports': ['error', { patterns }],
    'no-restricted-syntax': ['error', ...selectors],
  };
}

const layerRules = LAYERS.flatMap((layer, index) => {
  const files = [`src/${layer.folder}/**/*.ts`];
  const patterns = forbiddenImports(layer, index);
  if (!layer.web) return [{ files, ignores: TESTS, rules: importRules(patterns) }];
  return [
    { files, ignores: [...TESTS, ...NODE_FILES], rules: importRules([...patterns, NODE_ONLY]) },
    { files: [`src/${layer.folder}/**/*.node.ts`], rules: importRules(patterns) },
  ];
});

export default defineConfig(
  { ignores: ['dist/', 'coverage/', 'runs/', 'bench/gpu/node/'] },
  eslint.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // Numeric code indexes arrays whose bounds it has just computed.
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  { files: ['**/*.js'], ...tseslint.configs.disableTypeChecked },
  {
    files: ['scripts/**/*.js', 'test/reference/*.js', 'test/support/*.js'],
    languageOptions: { globals: { Buffer: 'readonly', console: 'readonly', process: 'readonly' } },
  },
  layerRules,
);
