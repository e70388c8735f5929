import { createHash } from 'node:crypto';

/**
 * The id of an appointment's event, known before the event exists: a create whose answer is lost is repeated under the same
 * id. A new epoch gives a new id, for ids of deleted events can never be used again.
 */
export function deriveEventId(organisationId: string, integrationId: string, rdvId: string, epoch: number): string {
  const digest = createHash('sha256').update([organisationId, integrationId, rdvId, epoch].join('/')).digest('hex');
  return `cs${digest.slice(0, 40)}`;
}
