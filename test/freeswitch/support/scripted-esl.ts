/** An ESL connection that says what the script has for each command, one after the other; the last one again and again. */
import type { EslConnection } from '../../../lib/freeswitch/esl/connection';
import { EslFailure, type EslFailureKind } from '../../../lib/freeswitch/esl/failure';

export type Answer = string | EslFailure;
/** By the beginning of a command. */
export type Script = Record<string, Answer | readonly Answer[]>;

export const failed = (kind: EslFailureKind): EslFailure => new EslFailure(kind, 'ready', `the node is ${kind}`);

/** @param sent where each command is noted */
export function scriptedEsl(script: Script, sent: string[] = []): EslConnection {
  const left = new Map(Object.entries(script).map(([command, said]) => [command, [said].flat()]));
  const connection: Pick<EslConnection, 'isOpen' | 'api' | 'quote' | 'close'> = {
    isOpen: true,
    api: (command) => {
      sent.push(command);
      const [, answers] = [...left].find(([beginning]) => command.startsWith(beginning)) ?? [];
      if (answers === undefined) return Promise.reject(new Error(`the script has nothing for \`${command}\``));
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      return answer instanceof EslFailure ? Promise.reject(answer) : Promise.resolve(answer ?? '');
    },
    quote: (text) => text,
    close: () => undefined,
  };
  return connection as EslConnection;
}
