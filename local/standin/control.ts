import type { Faults } from './faults';
import type { CallOrder } from './freeswitch-process';
import type { StandInState } from './node';

/** What a parent may ask of a stand-in over the process's IPC channel. */
export type ControlRequest =
  | { ask: 'state' }
  | { ask: 'api'; line: string }
  | { ask: 'faults'; faults: Partial<Faults> }
  | { ask: 'place-calls'; count: number; order: CallOrder }
  | { ask: 'hang-up'; count: number }
  | { ask: 'quick-restart' };

export type ControlAnswer = { state: StandInState } | { reply: string } | { done: true };

/** Child to parent. `booted` comes once, when SIP and ESL answer. */
export type ChildMessage =
  | { type: 'booted' }
  | { type: 'answer'; id: number; answer: ControlAnswer }
  | { type: 'failed'; id: number | null; error: string };

/** Parent to child. */
export interface ParentMessage {
  id: number;
  request: ControlRequest;
}
