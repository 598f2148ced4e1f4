/** Modules that still import each other. */
const known = [
  'analysis/(replay/replay-source|source/sources)',
  'analysis/replay/(protocol|v1|v2)',
  'analysis/hook/(handle-hook|judge-analysis|asked-settings)'
]

/** No module imports itself through others, types included. What a room may import is in eslint.config.js. */
export default {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'Move what both modules need into a third module.',
      severity: 'error',
      from: { pathNot: known.map(modules => `^${modules}\\.ts$`) },
      to: { circular: true }
    }
  ],
  options: {
    // Before the compiler drops them, type-only imports are seen.
    tsPreCompilationDeps: true,
    doNotFollow: { path: '^node_modules/' },
    exclude: { path: '^(dist|coverage|\\.tap|\\.stryker)/' }
  }
}
