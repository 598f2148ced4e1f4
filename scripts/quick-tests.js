import { enableCompileCache } from 'node:module'
import path from 'node:path'
import processOnSpawn from 'process-on-spawn'

/*
 * Loaded before every test file (.taprc). In a run without coverage (tap then sets the variable to 0), modules
 * that were compiled, and stripped of types, are cached on disk; child processes start without tap's loader;
 * and no source maps are read, which only tap's own code has. Each start costs half the CPU time. With
 * coverage nothing changes: the loader is needed, and cached code makes coverage imprecise.
 */
if (process.env._TAPJS_PROCESSINFO_COVERAGE_ === '0') {
  const cache = path.resolve('.tap/compile-cache')
  enableCompileCache(cache)
  process.env.NODE_COMPILE_CACHE ??= cache
  process.setSourceMapsEnabled(false)
  processOnSpawn.removeAllListeners()
}
