import { type ServedEmulator, serveEmulator, type ServerOptions } from '../core/server.ts';
import { GoogleEmulator } from './emulator.ts';

/** Starts the emulator on a port of its own. */
export function startGoogleEmulator({ port, host, ...rest }: ServerOptions): ServedEmulator<GoogleEmulator> {
  return serveEmulator(
    { port, ...(host === undefined ? {} : { host }) },
    (publicUrl) => new GoogleEmulator({ ...rest, publicUrl }),
  );
}
