/** How a server shows a cut connection. */
import { ConnectionDropped } from './misbehave.ts';

/**
 * An answer whose body breaks off at once. Deno's server always sends a head: a 502 leaves no client in doubt that this
 * is no answer, whether it reads the body (and meets a connection error) or not.
 */
export function cutConnection(): Response {
  const body = new ReadableStream({ start: (controller) => controller.error(new ConnectionDropped()) });
  return new Response(body, { status: 502 });
}
