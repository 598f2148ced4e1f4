/** CPU time of this process in milliseconds: unlike the clock, it does not depend on how busy the machine is. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
