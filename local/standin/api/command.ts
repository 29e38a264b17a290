import type { SoftSwitch } from '../softswitch';

/** The body of an api reply; `null` means that no reply will ever come, because the process is gone. */
export type Reply = string | null;

/** One api command: the text behind its name, trimmed. */
export type Command = (system: SoftSwitch, args: string) => Reply | Promise<Reply>;

export const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');
