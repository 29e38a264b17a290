import { Dice } from '../dice';
import { GIANTS, type Mutation, MUTATIONS } from '../peer/mutations';
import { honestScript, type Persona, recordedScript } from '../peer/scripts';
import type { Behaviour, Chunking } from '../peer/session';
import { answerTo, hostileAnswers } from '../peer/sip-answers';
import type { Recording, Recordings } from '../recordings';
import type { Exchange } from './exchange';
import { optionsRun } from './options';
import { fenceRun, promoteRun } from './orders';
import { probeRun } from './probe';
import { recoverRun, stateRun } from './recovery';
import { replayRun } from './replay';

const PASSWORD = 's3cret-esl';
/** So spaced, the truncations of a short run are spread over all recordings; of a long one, none is left out. */
const STRIDE = 7_919;
const GIANT_SHARE = 1 / 100;

const WHOLE: Chunking = { kind: 'whole', gapMs: 0 };

/** Exchange `index` of a run with this seed. Two of three end a recording at one byte, each byte in its turn. */
export function exchangeOf(seed: number, index: number, recordings: Recordings): Exchange {
  const dice = new Dice(seed, index);
  if (index % 3 !== 0) {
    const nth = Math.floor(index / 3) * 2 + (index % 3) - 1;
    return truncated(seed + nth * STRIDE, dice, recordings);
  }
  return dice.chance(0.25) ? hostileSip(dice, recordings) : hostileEsl(dice, recordings);
}

/** All bytes that a server sent in the recordings: after each of them a peer may fall silent or hang up. */
export function truncationPoints({ esl, optionsAnswers }: Recordings): number {
  const sent = [...esl.flatMap(({ turns }) => turns.map(({ data }) => data)), ...optionsAnswers];
  return sent.reduce((sum, { length }) => sum + length, 0);
}

function truncated(position: number, dice: Dice, recordings: Recordings): Exchange {
  const points = truncationPoints(recordings);
  let offset = ((position % points) + points) % points;
  for (const recording of recordings.esl) {
    for (const { afterCommands, data } of recording.turns) {
      if (offset < data.length) return truncatedEsl(recording, afterCommands, offset, dice);
      offset -= data.length;
    }
  }
  for (const answer of recordings.optionsAnswers) {
    if (offset < answer.length) return truncatedSip(answer, offset);
    offset -= answer.length;
  }
  throw new Error('a truncation point beyond all recordings');
}

function truncatedEsl(recording: Recording, afterCommands: number, offset: number, dice: Dice): Exchange {
  const before = recording.turns.filter((turn) => turn.afterCommands === afterCommands);
  const cutAt = offset + (before.length > 1 ? dice.below(2) * (before[0]?.data.length ?? 0) : 0);
  const then = dice.pick(['fin', 'reset', 'silence'] as const);
  const behaviour = {
    ...peer(recordedScript(recording)),
    // By place in the recording: what the product does not say (`exit`) moves nothing.
    cut: { message: afterCommands, offset: cutAt, then },
    chunking: dice.chance(0.02) ? chunking(dice) : WHOLE,
  };
  const title = `${recording.name}, ended (${then}) at byte ${cutAt} of message ${afterCommands}`;
  return { title, connections: [behaviour], sip: () => [], ...replayRun(recording) };
}

function truncatedSip(recorded: Buffer, offset: number): Exchange {
  const sip: Exchange['sip'] = (request) => [
    { afterMs: 0, data: answerTo(request, recorded).subarray(0, offset), pristine: false },
  ];
  return { title: `an answer to OPTIONS, ended at byte ${offset}`, connections: [], sip, ...optionsRun() };
}

function hostileSip(dice: Dice, { optionsAnswers }: Recordings): Exchange {
  const sip: Exchange['sip'] = (request) => hostileAnswers(request, optionsAnswers, dice);
  return { title: 'hostile answers to OPTIONS', connections: [], sip, ...optionsRun() };
}

function hostileEsl(dice: Dice, recordings: Recordings): Exchange {
  const persona = personaOf(dice);
  const sip: Exchange['sip'] = (request) =>
    dice.chance(0.7)
      ? [{ afterMs: 1, data: answerTo(request, dice.pick(recordings.optionsAnswers)), pristine: true }]
      : hostileAnswers(request, recordings.optionsAnswers, dice);
  const honest = (): Behaviour => hostile(honestScript(persona, recordings), dice);
  const recording = dice.pick(recordings.esl);
  const recorded = (): Behaviour => hostile(recordedScript(recording), dice);
  const either = (): Behaviour[] =>
    Array.from({ length: 1 + dice.below(3) }, () => (dice.chance(0.85) ? honest() : recorded()));
  switch (dice.below(10)) {
    case 0:
    case 1:
    case 2:
      return { title: 'probe', connections: either(), sip, ...probeRun(PASSWORD, 1 + dice.below(3)) };
    case 3:
    case 4:
      return { title: `replay of ${recording.name}`, connections: [recorded()], sip, ...replayRun(recording) };
    case 5:
      return { title: 'state', connections: either(), sip, ...stateRun(PASSWORD) };
    case 6:
    case 7:
      return { title: 'recover', connections: [honest()], sip, ...recoverRun(PASSWORD) };
    case 8:
      return {
        title: 'fence',
        connections: [...either(), dice.chance(0.6) ? { ...honest(), accept: 'refuse' } : honest()],
        sip,
        ...fenceRun(PASSWORD, dice.pick([null, persona.coreUuid, dice.id()])),
      };
    default:
      return { title: 'promote', connections: [honest()], sip, ...promoteRun(PASSWORD) };
  }
}

function personaOf(dice: Dice): Persona {
  const paused = dice.chance(0.2);
  return {
    coreUuid: dice.id(),
    password: dice.chance(0.05) ? 'another' : PASSWORD,
    paused,
    ready: !paused || dice.chance(0.5),
    sessions: dice.below(10),
    limit: dice.pick([0, 4, 1000]),
    profiles: dice.pick([['external', 'second'], ['external', 'second'], ['external'], []]),
    promoted: dice.chance(0.3),
    dies: dice.chance(0.8),
    shutdownPending: dice.chance(0.2),
    format: dice.pick(['json', 'json', 'plain']),
  };
}

function hostile(script: Behaviour['script'], dice: Dice): Behaviour {
  const mutations = new Map<number, Mutation[]>();
  const wounds = dice.pick([0, 1, 1, 1, 2, 3]);
  for (let wound = 0; wound < wounds; wound += 1) {
    const message = dice.below(8);
    const from = dice.chance(GIANT_SHARE) ? GIANTS : MUTATIONS;
    mutations.set(message, [...(mutations.get(message) ?? []), dice.pick(Object.values(from))]);
  }
  const accept = dice.chance(0.04) ? dice.pick(['refuse', 'never'] as const) : 'yes';
  const then = dice.pick(['fin', 'reset', 'silence'] as const);
  const cut = dice.chance(0.15) ? { message: dice.below(8), offset: dice.below(200), then } : null;
  return { accept, script, mutations, cut, chunking: dice.chance(0.4) ? chunking(dice) : WHOLE };
}

function peer(script: Behaviour['script']): Behaviour {
  return { accept: 'yes', script, mutations: new Map(), cut: null, chunking: WHOLE };
}

function chunking(dice: Dice): Chunking {
  return { kind: dice.pick(['drip', 'pieces', 'whole'] as const), gapMs: dice.pick([0, 0, 0, 1, 3, 30]) };
}
