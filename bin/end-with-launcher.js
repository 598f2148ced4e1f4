// Loaded by a child process that has an IPC channel: kills it when its launcher is gone, killed or not.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
process.channel?.unref()
