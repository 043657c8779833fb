/** Answers the parent's `cpu` with the CPU time this process has used, in microseconds; ends with the parent. */
export function reportCpu(): void {
  process.on('message', (message) => {
    if (message !== 'cpu') return;
    const { user, system } = process.cpuUsage();
    process.send?.({ cpuUs: user + system });
  });
  process.on('disconnect', () => process.exit());
}
