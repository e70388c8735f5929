import { useEffect, useState } from 'preact/hooks';
import { useWorkspace } from '../backend/workspace.ts';
import { dayOf, wallToInstant } from '../../../supabase/functions/_shared/zoned_time.ts';
import type { IntegrationSettings } from '../backend/api.ts';

/**
 * How many appointments the start of the export would send: those that `decide` would make events of, from this day on. Null until
 * known, and where the tables do not tell.
 */
export function useUpcoming(scope: IntegrationSettings['scope'], wanted: boolean): number | null {
  const { backend: { db }, member: { memberId, organisation } } = useWorkspace();
  const [count, setCount] = useState<number | null>(null);
  useEffect(() => {
    setCount(null);
    if (!wanted) return;
    const abort = new AbortController();
    const { id, timezone } = organisation;
    const today = wallToInstant(`${dayOf(new Date().toISOString(), timezone)}T00:00`, timezone);
    const request = db.from('rdv').select('id', { count: 'exact', head: true }).eq('organisation_id', id)
      .eq('source', 'cassius').neq('status', 'cancelled').not('patient_id', 'is', null).gte('starts_at', today);
    const own = scope === 'practitioner' ? request.eq('practitioner_id', memberId) : request;
    own.abortSignal(abort.signal).then(({ count }) => abort.signal.aborted || setCount(count), () => {});
    return () => abort.abort();
  }, [db, memberId, organisation, scope, wanted]);
  return count;
}
