// Started by mlgitops.js under the Node of npm: whoever ends that process, however hard, ends this one.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
process.channel.unref()
await import('./mlgitops.ts')
