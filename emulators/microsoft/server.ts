import { type ServedEmulator, serveEmulator, type ServerOptions } from '../core/server.ts';
import { MicrosoftEmulator } from './emulator.ts';

/** Starts the emulator on a port of its own. */
export function startMicrosoftEmulator({ port, host, ...rest }: ServerOptions): ServedEmulator<MicrosoftEmulator> {
  return serveEmulator(
    { port, ...(host === undefined ? {} : { host }) },
    (publicUrl) => new MicrosoftEmulator({ ...rest, publicUrl }),
  );
}
