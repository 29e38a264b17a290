/** Live SIP parties on the laptop's loopback, for a demo with real FreeSWITCH: a process of their own, with audio. */
import { spawn } from 'node:child_process';

import { UnderstudyError } from '../../lib/domain/errors';
import { trackChild } from '../emulator/processes';
import { hostOf, type Lane } from '../lane';
import { Parties } from '../real/parties';

const PER_SECOND = 50;
const ANSWERED_WITHIN_MS = 20_000;

export class RealParties {
  private readonly hosts: { caller: string; callee: string };
  private parties: Parties | null = null;
  private placed = 0;

  constructor(
    private readonly projectDir: string,
    { outside }: Lane,
  ) {
    this.hosts = { caller: hostOf(outside, '0.1'), callee: hostOf(outside, '0.2') };
  }

  get callee(): string {
    return this.hosts.callee;
  }

  /** @throws UnderstudyError when one of them is not answered */
  async call(count: number, address: string, port: number): Promise<void> {
    this.parties ??= await Parties.start(
      this.hosts,
      (command, args) =>
        trackChild(this.projectDir, 'SIP parties', (marker) =>
          spawn(command, args, {
            stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
            env: { ...process.env, ...marker },
            detached: true,
          }),
        ).child,
    );
    const calls = Array.from({ length: count }, () => ({ name: `8${(this.placed += 1)}`, via: address, port }));
    const reports = await this.parties.ask({ do: 'place', calls, perSecond: PER_SECOND, withinMs: ANSWERED_WITHIN_MS });
    const failed = reports.find(({ caller }) => caller.state !== 'up');
    if (failed !== undefined) {
      throw new UnderstudyError(`call ${failed.name} did not come up: ${failed.caller.detail ?? failed.caller.state}`);
    }
  }

  stop(): void {
    this.parties?.stop();
  }
}
