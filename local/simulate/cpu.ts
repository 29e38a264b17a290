/** Time of this process on the processor so far, in milliseconds: the simulation itself knows no real clock. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
