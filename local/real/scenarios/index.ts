/** All scenarios, in the order in which they are run. */
import { crash } from './crash';
import { databaseAway } from './database-away';
import { freeze } from './freeze';
import { ownAddresses } from './own-addresses';
import { registrations } from './registrations';
import { restartInPlace } from './restart-in-place';
import type { Scenario } from './scenario';
import { standbyHolder } from './standby-holder';
import { succession } from './succession';
import { switchover } from './switchover';
import { twoVips } from './two-vips';

/** The limits of audio are those of `docs/call-survival.md`. */
export const SCENARIOS: readonly Scenario[] = [
  { name: 'crash-20', title: 'SIGKILL of the holder, 20 calls', run: crash(20, 1_500) },
  { name: 'crash-200', title: 'SIGKILL of the holder, 200 calls', run: crash(200, 3_500) },
  { name: 'succession', title: 'three failovers in a row with the same calls', run: succession },
  { name: 'freeze', title: 'the holder freezes, is replaced, and wakes up', run: freeze },
  { name: 'two-vips', title: 'two VIPs and one spare: one fails over', run: twoVips },
  { name: 'own-addresses', title: 'no service address: rows are rewritten', run: ownAddresses },
  { name: 'switchover', title: 'a planned move that keeps the calls', run: switchover },
  { name: 'database-away', title: 'the database is away for 10 s at the failover', run: databaseAway },
  { name: 'standby-holder', title: 'the holder falls into standby', run: standbyHolder },
  { name: 'restart-in-place', title: 'the process is started again on its node', run: restartInPlace },
  { name: 'registrations', title: 'a phone and a gateway that registered follow the VIP', run: registrations },
];
