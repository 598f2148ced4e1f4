import { defineConfig, globalIgnores } from 'eslint/config'
import tseslint from 'typescript-eslint'

/** What each room may import, besides itself, the packages and Node (ARCHITECTURE.md). */
const rooms = {
  common: [],
  evidence: ['common'],
  service: ['common'],
  plugin: ['common', 'evidence', 'service'],
  webhook: ['common', 'evidence', 'service'],
  analysis: ['common', 'evidence', 'service'],
  loop: ['common', 'evidence', 'service']
}

/** The imports of other rooms that a room may not have. */
function arrowsOf(room) {
  const open = rooms[room]
  const closed = [...Object.keys(rooms), 'bin', 'test', 'bench'].filter(
    other => other !== room && !open.includes(other)
  )
  const message = `${room}/ may import ${open.length === 0 ? 'no other room' : open.join(', ')} only.`
  return [{ regex: `^(\\.\\./)+(${closed.join('|')})/`, message }]
}

const closedRooms = Object.keys(rooms).map(room => ({
  files: [`${room}/**/*.ts`],
  ignores: ['service/http/**'],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        paths: [{ name: 'fastify', message: 'Only service/http/ imports fastify.' }],
        patterns: arrowsOf(room)
      }
    ]
  }
}))

const serverRoom = {
  files: ['service/http/**/*.ts'],
  rules: { 'no-restricted-imports': ['error', { patterns: arrowsOf('service') }] }
}

const noSleep = 'Wait for a condition with eventually().'

export default defineConfig(
  globalIgnores(['dist', '.stryker', '.tap', 'coverage', 'test/golden', '**/*.generated.js']),
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      complexity: ['error', 12],
      'max-lines': ['error', { max: 300, skipBlankLines: false, skipComments: false }],
      'max-lines-per-function': ['error', { max: 60, skipComments: true }],
      'max-params': ['error', 4],
      'no-console': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true }
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }]
    }
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: { 'max-lines-per-function': 'off', '@typescript-eslint/no-floating-promises': 'off' }
  },
  {
    // @kubernetes/client-node declares its models as classes and takes object literals for them.
    files: [
      'service/kubernetes/{access,event-recorder,leader-election}.ts',
      'service/certificates/secret-store.ts',
      'test/service/kubernetes/*.ts'
    ],
    rules: {
      '@typescript-eslint/no-misused-spread': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off'
    }
  },
  {
    // A test waits for a condition (test/eventually.ts). Clocks, fakes and loads have timers of their own.
    files: ['test/**/*.ts'],
    ignores: [
      'test/eventually.ts',
      'test/plugin/argocd/command.ts',
      'test/service/kubernetes/{fake-watches,served}.ts',
      'test/service/tls-load.ts',
      'test/webhook/webhook-process.ts',
      'test/e2e/{peers,rig}/*.ts',
      'test/e2e/argocd/operators.ts',
      'test/e2e/flagger/{bench,kserve-logger,traffic}.ts',
      'test/e2e/flux/faults.ts',
      'test/e2e/loop/suite.ts',
      'test/e2e/model-servers/server-program.ts'
    ],
    rules: {
      'no-restricted-globals': ['error', { name: 'setTimeout', message: noSleep }],
      'no-restricted-imports': [
        'error',
        {
          paths: ['node:timers', 'node:timers/promises'].map(name => ({
            name,
            importNames: ['setTimeout', 'setInterval', 'scheduler'],
            message: noSleep
          }))
        }
      ]
    }
  },
  ...closedRooms,
  serverRoom
)
