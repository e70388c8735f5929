import { connect, type Socket } from 'node:net';
import postgres from 'postgres';

/**
 * One connection whose small packets leave at once, as those of libpq do. Otherwise a COPY waits twice for an
 * acknowledgement that the other side delays by 40 ms, and whatever is measured against it looks better than it is.
 */
export function promptConnection(url: string): postgres.Sql {
  const options = { max: 1, onnotice: () => {}, socket: openSocket };
  return postgres(url, options);
}

function openSocket({ host: [host], port: [port] }: { host: string[]; port: number[] }): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port!, host!, () => resolve(socket));
    socket.setNoDelay(true);
    socket.once('error', reject);
  });
}
