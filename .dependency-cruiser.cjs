/** The dependency rule of the product: who may import whom. Run by scripts/lib/checks.mjs, which also demands that modules were read. */

// Feature packages, left to right: each may import those before it, never those after it.
const FEATURES = [
  'runs',
  'identity',
  'providers',
  'knowledge',
  'tools',
  'agents',
  'recipes',
  'tasks',
  'routing',
  'integrations',
  'plugins',
  'intelligence',
  'telemetry',
];

// What each place that is not a feature may import of the product, its own files aside.
const PLACES = {
  'packages/kernel': [],
  'packages/contracts': ['kernel'],
  'packages/sdk': ['contracts', 'kernel'],
  'packages/database': ['kernel', 'contracts'],
  'packages/testing': ['kernel', 'contracts', 'database', ...FEATURES],
  'apps/web': ['sdk', 'contracts'],
  'apps/cli': ['sdk', 'kernel'],
};

const TESTS = '(\\.(test|suite|test-d|fixture)\\.tsx?$|/testing/)';

function allowList(folder, packages) {
  const own = `^${folder}/`;
  const allowed = packages.length === 0 ? [] : [`^packages/(${packages.join('|')})/`];
  return {
    name: `${folder.replace('/', '-')}-imports`,
    comment: `${folder} may import ${packages.join(', ') || 'nothing'} of this product.`,
    severity: 'error',
    from: { path: own, pathNot: TESTS },
    to: { path: '^(packages|apps)/', pathNot: [own, ...allowed] },
  };
}

const featureRules = FEATURES.map((feature, index) =>
  allowList(`packages/${feature}`, [
    'kernel',
    'contracts',
    'database',
    ...FEATURES.slice(0, index),
  ]),
);

module.exports = {
  forbidden: [
    ...Object.entries(PLACES).map(([folder, packages]) => allowList(folder, packages)),
    ...featureRules,
    {
      name: 'no-cycles',
      comment: 'Modules that need each other cannot be understood or tested alone.',
      severity: 'error',
      from: { pathNot: '^packages/sdk/src/generated/' },
      to: { circular: true },
    },
    {
      name: 'public-entry-only',
      comment: 'Another package is imported by its name, so that only what it exports is used.',
      severity: 'error',
      from: { path: '^(packages|apps)/([^/]+)/' },
      to: {
        path: '^(packages|apps)/',
        pathNot: '^$1/$2/',
        dependencyTypes: ['local'],
      },
    },
    {
      name: 'testing-from-tests-only',
      comment: 'Fakes and fixtures are for development: product code never reaches them.',
      severity: 'error',
      from: { path: '^(packages|apps)/', pathNot: [TESTS, '^packages/testing/'] },
      to: { path: '^packages/(testing/|[^/]+/src/testing/)' },
    },
    {
      name: 'apps-are-not-imported',
      comment: 'Apps compose packages; nothing imports an app.',
      severity: 'error',
      from: { path: '^(packages|apps)/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^$1/$2/' },
    },
    {
      name: 'not-resolvable',
      comment: 'The import names a file or package that is not there.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(/\\.next/|/fixtures/|/node_modules/)' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
      extensions: ['.ts', '.tsx', '.mts', '.mjs', '.js', '.json', '.d.ts'],
    },
  },
};
