/** Where the functions' lines go: every one to a file, and to the terminal those that ask for a person. */
import { print } from './terminal.ts';

/** What is no line of the functions' own log (a crash, a restart), and failures. */
export function asksForAPerson(line: string): boolean {
  try {
    return JSON.parse(line).level === 'error';
  } catch {
    return true;
  }
}

/** The file is begun anew with the first line, which comes when no other stack works there. `verbose`: every line to the terminal as well. */
export function functionLog(path: string, { verbose }: { verbose: boolean }): (name: string, line: string) => void {
  let file: Deno.FsFile | null = null;
  const encoder = new TextEncoder();
  return (name, line) => {
    const text = `[${name}] ${line}`;
    file ??= Deno.openSync(path, { create: true, write: true, truncate: true, mode: 0o600 });
    file.writeSync(encoder.encode(`${text}\n`));
    if (verbose || asksForAPerson(line)) print(text);
  };
}
