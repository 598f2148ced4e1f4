// Started by mlgitops.js under the Node of npm.
import './end-with-launcher.js'
await import('./mlgitops.ts')
