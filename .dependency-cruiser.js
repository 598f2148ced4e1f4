/** No module imports itself through others, types included. What a room may import is in eslint.config.js. */
export default {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'Move what both modules need into a third module.',
      severity: 'error',
      from: {},
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
