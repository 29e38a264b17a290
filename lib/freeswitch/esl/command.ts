import { UnsafeEslCommand } from './failure';

/** @throws UnsafeEslCommand when the command is empty or holds a control character */
export function refuseUnsafe(command: string): void {
  if (command.trim() !== '' && !hasControlBytes(command)) return;
  throw new UnsafeEslCommand('an ESL command must be one line of text: a line break would start a second command');
}

export function hasControlBytes(text: string): boolean {
  return [...text].some((char) => char < ' ' || char === '\x7f');
}

/** What a message may name of a command: its first two words. What follows is not always for a log. */
export function verbOf(command: string): string {
  return command.split(' ', 2).join(' ');
}
