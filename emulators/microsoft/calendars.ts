/** Calendars as answers show them. */
import type { Answer, JsonObject } from '../core/answers.ts';
import { GraphError, notFound } from './errors.ts';
import { changeKey } from './ids.ts';
import { paged, selected } from './paging.ts';
import { calendarOf, type Call, eventOf } from './scene.ts';
import type { Calendar } from './world.ts';

export function listCalendars(call: Call): Answer {
  const { world, settings } = call.scene;
  for (const option of ['$filter', '$orderby']) {
    const text = call.query.get(option);
    if (text !== null) {
      throw new GraphError(400, 'ErrorInvalidUrlQuery', { message: `${option} is not supported: ${text}` });
    }
  }
  return paged(call, world.calendarsOf(call.account), settings.calendarsPageSize, (calendar) => render(call, calendar));
}

export function getCalendar(call: Call): Answer {
  return { status: 200, body: selected(render(call, calendarOf(call)), call.query.get('$select')) };
}

/** The `calendar` of an event, which is not always one of the mailbox's list. */
export function calendarOfEvent(call: Call): Answer {
  const calendar = call.scene.world.calendars.get(eventOf(call).calendarId);
  if (!calendar) throw notFound();
  const shown = render(call, calendar);
  const stranger = call.scene.settings.calendarOfEvent === 'stranger';
  const id = stranger ? `${calendar.id.replace(/=+$/, '')}Stranger=` : calendar.id;
  return { status: 200, body: selected({ ...shown, id }, call.query.get('$select')) };
}

function render(call: Call, calendar: Calendar): JsonObject {
  const own = calendar.owner.address === call.account.email;
  return {
    id: calendar.id,
    name: calendar.name,
    color: calendar.color,
    // Empty until the user picks a colour of their own.
    hexColor: '',
    isDefaultCalendar: calendar.isDefault,
    changeKey: changeKey(calendar.version),
    canShare: own,
    canViewPrivateItems: own,
    canEdit: calendar.canEdit,
    isRemovable: !calendar.isDefault,
    isTallyingResponses: calendar.isDefault,
    allowedOnlineMeetingProviders: call.account.kind === 'work' ? ['teamsForBusiness'] : [],
    defaultOnlineMeetingProvider: call.account.kind === 'work' ? 'teamsForBusiness' : 'unknown',
    owner: calendar.owner,
  };
}
