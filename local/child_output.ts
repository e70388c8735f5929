/** What the programs of the stack print. */

/** Calls `take` with every line until the stream ends. */
export async function eachLine(stream: ReadableStream<Uint8Array>, take: (line: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
  }
  if (rest !== '') take(rest);
}

/** Reads both outputs of a child to their end and keeps the last lines, for the message when it fails. */
export function tailOf(child: Deno.ChildProcess): { finished: Promise<void>; text(): string } {
  const lines: string[] = [];
  const keep = (line: string) => {
    lines.push(line);
    if (lines.length > 40) lines.shift();
  };
  const finished = Promise.all([eachLine(child.stdout, keep), eachLine(child.stderr, keep)]).then(() => {});
  return { finished, text: () => lines.join('\n').trim() };
}
