/** A stack in a process of its own, for tests that kill it: `stack_child.ts <state directory> <port base>`. */
import { startStack } from '../../local/stack.ts';

const [stateDir, portBase] = Deno.args;
const stack = await startStack({ stateDir: stateDir!, portBase: Number(portBase), web: false, quiet: true });
Deno.stdout.writeSync(new TextEncoder().encode(`ready ${stack.dbUrl}\n`));
