import { join } from 'node:path';
import postgres from 'postgres';
import { expect, test } from 'vitest';
import { eachLine } from '../../local/child_output.ts';
import { freePortBase } from '../../local/ports.ts';
import { startStack } from '../../local/stack.ts';

test('a killed stack starts again, on the same ports, with what was committed', async () => {
  const stateDir = await Deno.makeTempDir({ prefix: 'cassius-test-' });
  const portBase = freePortBase();
  const child = new Deno.Command(join(import.meta.dirname!, '..', '..', 'node_modules', 'deno', 'deno'), {
    args: [
      'run',
      '-A',
      '--quiet',
      '--no-check',
      join(import.meta.dirname!, 'stack_child.ts'),
      stateDir,
      String(portBase),
    ],
    stdin: 'null',
    stdout: 'piped',
    stderr: 'piped',
  }).spawn();
  const { promise: ready, resolve, reject } = Promise.withResolvers<string>();
  const printed: string[] = [];
  const finished = Promise.all([
    eachLine(child.stdout, (line) => line.startsWith('ready ') && resolve(line.slice('ready '.length))),
    eachLine(child.stderr, (line) => printed.push(line)),
    child.status.then(() => reject(new Error(`The stack ended: ${printed.join('\n')}`))),
  ]);
  let stack;
  try {
    const sql = postgres(await ready, { max: 1, onnotice: () => {} });
    await sql`create table public.kept (id int)`;
    await sql`insert into public.kept values (1)`;
    child.kill('SIGKILL');
    await child.status;
    await sql.end({ timeout: 1 }).catch(() => {});

    stack = await startStack({ stateDir, portBase, web: false, quiet: true });
    const again = postgres(stack.dbUrl, { max: 1, onnotice: () => {} });
    expect(await again`select id from public.kept`).toEqual([{ id: 1 }]);
    await again.end();
  } finally {
    await stack?.stop();
    await finished.catch(() => {});
    await Deno.remove(stateDir, { recursive: true });
  }
});
