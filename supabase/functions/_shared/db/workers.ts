/** The workers of one instance: what they have leased is given back when the platform ends it, and a successor goes on. */
import { z } from 'zod';
import type { Rpc } from './rpc.ts';

export interface Workers {
  /** Whether the platform has said that this instance ends. */
  readonly leaving: () => boolean;
  /** Does the work under a name of its own: the leases that it takes are known by it. */
  employ<T>(work: (worker: string) => Promise<T>): Promise<T>;
}

export interface WorkersOptions {
  readonly rpc: Rpc;
  readonly onUnload: (handler: () => Promise<void>) => void;
  /** Lets another instance go on. */
  readonly succeed: () => Promise<unknown>;
}

export function workers({ rpc, onUnload, succeed }: WorkersOptions): Workers {
  const atWork = new Set<string>();
  let leaving = false;
  onUnload(async () => {
    leaving = true;
    if (atWork.size === 0) return;
    await rpc('worker_abandon', { p_workers: [...atWork] }, z.number().int());
    await succeed();
  });
  return {
    leaving: () => leaving,
    async employ(work) {
      const worker = crypto.randomUUID();
      atWork.add(worker);
      try {
        return await work(worker);
      } finally {
        atWork.delete(worker);
      }
    },
  };
}
