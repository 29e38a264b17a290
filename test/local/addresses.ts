/**
 * Loopback addresses that no other test uses: one block for each jest worker, one address for each call. With an
 * address of its own a test can have FreeSWITCH's real port numbers.
 */
let used = 0;

export function freshAddress(): string {
  used += 1;
  const worker = Number(process.env['JEST_WORKER_ID'] ?? '1') % 100;
  // The process id keeps two jest runs on one machine apart.
  return `127.${100 + worker}.${process.pid % 250}.${used}`;
}
