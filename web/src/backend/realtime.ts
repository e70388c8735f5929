/** Being told of changes by Supabase Realtime, where the project has it. */
import type { RealtimeChannel, RealtimeClient } from '@supabase/realtime-js';
import type { Backend } from './backend.ts';

type Watcher = () => void;

export interface ChangeFeed {
  /** Whether changes are being announced at this moment: who may not rely on it must read again by itself. */
  live(): boolean;
  /** Calls back after every change of the organisation's rows in one of the tables, and whenever `live` changes. */
  watch(tables: readonly PublishedTable[], watcher: Watcher): () => void;
  close(): void;
}

/** Tables whose changes the migrations publish: these and no others. */
export const TABLES = [
  'rdv',
  'calendar_integrations',
  'appointment_external_links',
  'external_events',
  'sync_conflicts',
  'sync_runs',
] as const;
export type PublishedTable = typeof TABLES[number];

export function changeFeed(backend: Backend, organisationId: string): ChangeFeed {
  const watchers = new Map<Watcher, readonly PublishedTable[]>();
  let client: RealtimeClient | null = null;
  let channel: RealtimeChannel | null = null;
  let live = false;
  let closed = false;
  let known = false;

  const tell = (table: PublishedTable | null) => {
    for (const [watcher, tables] of watchers) if (table === null || tables.includes(table)) watcher();
  };
  const settle = (now: boolean) => {
    if (live === now) return;
    live = now;
    tell(null);
  };

  const open = async () => {
    // Its code is only fetched where there is something to connect to.
    const { RealtimeClient } = await import('@supabase/realtime-js');
    if (closed) return;
    const { url, publishableKey } = backend.config;
    client = new RealtimeClient(`${url.replace(/^http/, 'ws')}/realtime/v1`, {
      params: { apikey: publishableKey },
      accessToken: backend.token,
    });
    channel = client.channel(`organisation:${organisationId}`);
    for (const table of TABLES) {
      const filter = `organisation_id=eq.${organisationId}`;
      channel.on('postgres_changes', { event: '*', schema: 'public', table, filter }, () => tell(table));
    }
    let refusals = 0;
    channel.subscribe((status) => {
      settle(status === 'SUBSCRIBED');
      // A project that never had Realtime would be asked for ever.
      if (status === 'SUBSCRIBED') refusals = 0;
      else if (status === 'CHANNEL_ERROR' && ++refusals === 3 && !known) client?.disconnect();
      known ||= status === 'SUBSCRIBED';
    });
  };
  if (backend.config.realtime) open().catch(() => settle(false));

  return {
    live: () => live,
    watch(tables, watcher) {
      watchers.set(watcher, tables);
      return () => void watchers.delete(watcher);
    },
    close() {
      closed = true;
      watchers.clear();
      void channel?.unsubscribe();
      client?.disconnect();
    },
  };
}
