/** The person, the ids of their items, and the zones of their mailbox. */
import type { Answer } from '../core/answers.ts';
import { badRequest } from './errors.ts';
import { BOUNDS } from './facts.ts';
import { selected } from './paging.ts';
import type { Call } from './scene.ts';
import { supportedTimeZones } from './zones.ts';

export function getMe(call: Call): Answer {
  const { account, scene } = call;
  const [givenName, surname] = account.name.split(' ');
  const user = {
    id: account.objectId,
    displayName: account.name,
    givenName,
    surname,
    mail: scene.settings.noMailAddress ? null : account.email,
    userPrincipalName: account.email,
    preferredLanguage: 'fr-FR',
    jobTitle: null,
    mobilePhone: null,
    officeLocation: null,
    businessPhones: [],
  };
  return { status: 200, body: selected(user, call.query.get('$select')) };
}

export function translateIds(call: Call): Answer {
  const { inputIds, sourceIdType, targetIdType } = call.body;
  if (!Array.isArray(inputIds) || inputIds.length > BOUNDS.translatedIds) throw badRequest('Give up to 1000 inputIds.');
  if (!sourceIdType || !targetIdType) throw badRequest('Give sourceIdType and targetIdType.');
  const value = inputIds.map((sourceId) => {
    const event = call.scene.world.event(String(sourceId));
    if (!event || event.account !== call.account.email) {
      return { sourceId, errorDetails: { code: 'ErrorItemNotFound', message: 'The id was not found.' } };
    }
    return { sourceId, targetId: targetIdType === 'restId' ? event.restId : event.immutableId };
  });
  return { status: 200, body: { value } };
}

export function listZones(call: Call): Answer {
  const name = call.method.path.supportedTimeZones ?? '';
  const match = /^supportedTimeZones(?:\(TimeZoneStandard=microsoft\.graph\.timeZoneStandard'(Iana|Windows)'\))?$/.exec(
    name,
  );
  if (!match) throw badRequest(`There is no ${name}`);
  return { status: 200, body: { value: supportedTimeZones(match[1] === 'Iana') } };
}
