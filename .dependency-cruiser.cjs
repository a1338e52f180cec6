/**
 * Who may import whom. A folder of server/ sees only what stands before it here; its README says how much of that it
 * uses, and tests/unit/house.test.ts holds the two and the real imports together.
 */
const LADDER = {
  kernel: [],
  clock: ['kernel'],
  workflow: ['kernel', 'clock'],
  activity: ['kernel', 'clock'],
  identity: ['kernel', 'clock', 'workflow', 'activity'],
  keys: ['kernel', 'clock', 'workflow', 'activity', 'identity'],
}
const BELOW_SIBLINGS = [...Object.keys(LADDER)]
const SIBLINGS = ['keyvault', 'managed-hsm', 'encryption']
for (const folder of SIBLINGS) LADDER[folder] = BELOW_SIBLINGS
LADDER.storage = ['kernel']
LADDER.dataplane = ['kernel', 'storage']
LADDER.postgres = [...BELOW_SIBLINGS, ...SIBLINGS, 'storage', 'dataplane']
LADDER.metrics = [...LADDER.postgres, 'postgres']
LADDER.alerts = [...LADDER.metrics, 'metrics']
LADDER.diagnostics = [...LADDER.alerts, 'alerts']
LADDER.advisor = [...LADDER.diagnostics, 'diagnostics']
LADDER.monitor = [...LADDER.advisor, 'advisor']
const DOORS = ['surfaces', 'queries', 'actions']
for (const folder of DOORS) LADDER[folder] = [...LADDER.monitor, 'monitor']
// The portal's two doors tell in one way who is asking, and the rooms are handed to each other once for both.
LADDER.queries = [...LADDER.queries, 'wiring']
LADDER.actions = [...LADDER.actions, 'queries']

const one = (names) => `(${names.join('|')})`
const PACKAGE = (names) => `(^|/)node_modules/${one(names)}/`
const TYPES = ['type-only']

const ladder = Object.entries(LADDER).map(([folder, left]) => ({
  name: `ladder-${folder}`,
  comment: `server/${folder} sees ${left.join(', ') || 'nothing of ours'}.`,
  severity: 'error',
  from: { path: `^server/${folder}/` },
  to: { path: '^(server|app|components)/', pathNot: `^server/${one([folder, ...left])}(/|[.]ts$)` },
}))

module.exports = {
  forbidden: [
    ...ladder,
    {
      name: 'through-the-door',
      comment: "Of another folder only service, model and contract are seen; the kernel is everybody's.",
      severity: 'error',
      from: { path: `^server/${one(Object.keys(LADDER))}/` },
      to: {
        path: '^server/',
        pathNot: [
          '^server/$1/',
          '^server/(kernel|queries)/',
          '^server/wiring[.]ts$',
          '^server/[^/]+/(service|model|contract)(\\.ts$|/)',
          // A pure table, like a model.
          '^server/postgres/catalog\\.ts$',
        ],
      },
    },
    {
      name: 'prisma-in-stores-only',
      comment: 'Rows are turned into models in store files; nothing else knows the database client.',
      severity: 'error',
      from: {
        path: '^(server|app|components)/',
        pathNot: ['^server/[^/]+/store(\\.ts$|/)', '^server/kernel/db\\.ts$', '^server/cli/'],
      },
      to: { path: ['^prisma/', PACKAGE(['@prisma', 'prisma'])] },
    },
    {
      name: 'next-in-the-portal-only',
      comment: 'Surfaces speak Request and Response, so that any server can host them.',
      severity: 'error',
      from: { path: '^(server|prisma)/', pathNot: '^server/(actions|queries)/' },
      to: { path: PACKAGE(['next']) },
    },
    {
      name: 'pure-rings',
      comment: 'Contracts, models and rules decide from what they are given.',
      severity: 'error',
      from: { path: '^server/[^/]+/(contract|model|rules)(\\.ts$|/)' },
      to: {
        path: [
          PACKAGE(['@prisma', 'prisma', 'next', 'react', 'react-dom', 'pg', 'hono', '@hono', '@azure']),
          '^(node:)?(fs|http|https|net|tls|dns|child_process|crypto|timers|os)(/|$)',
          '^server/kernel/(db|time|ids|notify|config|custody|log)\\.ts$',
          '^prisma/',
        ],
        dependencyTypesNot: TYPES,
      },
    },
    {
      name: 'app-behind-doors',
      comment: 'Pages and routes use actions, queries, surfaces and components, never a domain.',
      severity: 'error',
      from: { path: '^app/' },
      to: {
        path: '^(server|prisma|tests)/',
        pathNot: `^server/${one(DOORS)}/`,
        dependencyTypesNot: TYPES,
      },
    },
    {
      name: 'components-in-the-browser',
      comment: 'Components use actions, contracts and the pure tables behind those; of the rest they may name types.',
      severity: 'error',
      from: { path: '^components/' },
      to: {
        path: '^(server|prisma|tests|app)/',
        pathNot: [
          '^server/actions/',
          '^server/[^/]+/(contract|model)(\\.ts$|/)',
          '^server/kernel/(regions|resource-id|time)\\.ts$',
          '^server/postgres/(catalog|prices)\\.ts$',
        ],
        dependencyTypesNot: TYPES,
      },
    },
    {
      name: 'no-tests-in-the-product',
      severity: 'error',
      from: { path: '^(server|app|components|prisma)/' },
      to: { path: '^tests/' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: TYPES } },
    },
    {
      name: 'no-barrels',
      comment: 'A file that only hands on hides where things live.',
      severity: 'error',
      from: { path: '^(server|app|components|prisma)/' },
      to: { path: '^(server|app|components)/.*index[.]tsx?$' },
    },
    {
      name: 'nothing-unresolved',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '^prisma/generated'] },
    exclude: { path: ['^\\.next', '^prisma/generated/.+/.+'] },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
    skipAnalysisNotInRules: true,
  },
}
