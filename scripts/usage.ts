/** What a command of this folder answers to --help: the comment at the head of its file, so that there is one text for both. */
import { print } from '../local/terminal.ts';

/** True where it was asked for, and is printed. */
export function printsUsage(file: string): boolean {
  if (!Deno.args.includes('--help')) return false;
  const [, comment] = Deno.readTextFileSync(file).match(/^\/\*\*\n([\s\S]*?)\n \*\//)!;
  print(comment!.replaceAll(/^ \* ?/gm, ''));
  return true;
}
