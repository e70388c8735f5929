/**
 * What Graph v1.0 is said to take and to give, as a table: routes with their query options, bodies and scopes, the
 * fields of resources with their types and values, and bounds. Everything else is a mistake of the client's (strict
 * mode) or of the emulator's own.
 */
import type { FieldFact } from '../core/resource_check.ts';
import { type MatchedRoute, matchRoute, type RouteFact, routesOf } from '../core/routes.ts';

export interface GraphRoute extends RouteFact {
  /** Query options that the route takes. */
  readonly options: readonly string[];
  readonly required?: readonly string[];
  /** Schema of the body. */
  readonly request?: string;
  /** Schema of the answer, or of the members of its `value`. */
  readonly response?: string;
  readonly list?: true;
  /** Any of these. */
  readonly scopes: readonly string[];
}

export const BOUNDS = {
  batchRequests: 20,
  batchAtATime: 4,
  clientState: 128,
  maxTop: 999,
  viewDays: 1825,
  translatedIds: 1000,
} as const;

const WRITE = ['Calendars.ReadWrite', 'Calendars.ReadWrite.Shared'];
const READ = [...WRITE, 'Calendars.Read', 'Calendars.Read.Shared'];
const BASIC = [...READ, 'Calendars.ReadBasic'];

const PAGING = ['$top', '$skip', '$skiptoken', '$count'];
const SHAPE = ['$select', '$expand'];
const LIST = [...PAGING, ...SHAPE, '$filter', '$orderby'];
const WINDOW = ['startDateTime', 'endDateTime'];

/** The same routes below each of the addresses that a calendar has. */
const CALENDARS = ['me', 'me/calendar', 'me/calendars/{calendarId}'];

function below(base: string, name: string, fact: GraphRoute): [string, GraphRoute] {
  return [name, { ...fact, path: `${base}/${fact.path}` }];
}

const EVENT_ROUTES: ReadonlyArray<[string, GraphRoute]> = CALENDARS.flatMap((base): [string, GraphRoute][] => [
  below(base, 'events.insert', {
    verb: 'POST',
    path: 'events',
    options: [],
    request: 'event',
    response: 'event',
    scopes: WRITE,
  }),
  below(base, 'events.list', {
    verb: 'GET',
    path: 'events',
    options: LIST,
    response: 'event',
    list: true,
    scopes: BASIC,
  }),
  below(base, 'events.get', {
    verb: 'GET',
    path: 'events/{eventId}',
    options: SHAPE,
    response: 'event',
    scopes: BASIC,
  }),
  below(base, 'events.calendar', {
    verb: 'GET',
    path: 'events/{eventId}/calendar',
    options: ['$select'],
    response: 'calendar',
    scopes: BASIC,
  }),
  below(base, 'events.patch', {
    verb: 'PATCH',
    path: 'events/{eventId}',
    options: [],
    request: 'event',
    response: 'event',
    scopes: WRITE,
  }),
  below(base, 'events.delete', { verb: 'DELETE', path: 'events/{eventId}', options: [], scopes: WRITE }),
  below(base, 'events.cancel', {
    verb: 'POST',
    path: 'events/{eventId}/cancel',
    options: [],
    request: 'cancel',
    scopes: WRITE,
  }),
  below(base, 'events.instances', {
    verb: 'GET',
    path: 'events/{eventId}/instances',
    options: [...LIST, ...WINDOW],
    required: WINDOW,
    response: 'event',
    list: true,
    scopes: BASIC,
  }),
  below(base, 'events.view', {
    verb: 'GET',
    path: 'calendarView',
    options: [...LIST, ...WINDOW],
    required: WINDOW,
    response: 'event',
    list: true,
    scopes: BASIC,
  }),
  below(base, 'events.delta', {
    verb: 'GET',
    path: 'calendarView/delta',
    options: [...WINDOW, '$deltatoken', '$skiptoken'],
    response: 'change',
    list: true,
    scopes: BASIC,
  }),
]);

const OTHER_ROUTES: ReadonlyArray<[string, GraphRoute]> = [
  ['me.get', { verb: 'GET', path: 'me', options: ['$select'], response: 'user', scopes: ['User.Read'] }],
  ['calendars.list', {
    verb: 'GET',
    path: 'me/calendars',
    options: [...PAGING, '$select', '$filter', '$orderby'],
    response: 'calendar',
    list: true,
    scopes: BASIC,
  }],
  ['calendars.get', { verb: 'GET', path: 'me/calendar', options: ['$select'], response: 'calendar', scopes: BASIC }],
  ['calendars.get', {
    verb: 'GET',
    path: 'me/calendars/{calendarId}',
    options: ['$select'],
    response: 'calendar',
    scopes: BASIC,
  }],
  ['ids.translate', {
    verb: 'POST',
    path: 'me/translateExchangeIds',
    options: [],
    request: 'translation',
    scopes: ['User.Read', ...BASIC],
  }],
  ['zones.list', {
    verb: 'GET',
    path: 'me/outlook/{supportedTimeZones}',
    options: [],
    scopes: ['User.Read', ...BASIC],
  }],
  ['subscriptions.create', {
    verb: 'POST',
    path: 'subscriptions',
    options: [],
    request: 'subscription',
    response: 'subscription',
    scopes: BASIC,
  }],
  ['subscriptions.list', {
    verb: 'GET',
    path: 'subscriptions',
    options: [],
    response: 'subscription',
    list: true,
    scopes: BASIC,
  }],
  ['subscriptions.get', {
    verb: 'GET',
    path: 'subscriptions/{subscriptionId}',
    options: [],
    response: 'subscription',
    scopes: BASIC,
  }],
  ['subscriptions.renew', {
    verb: 'PATCH',
    path: 'subscriptions/{subscriptionId}',
    options: [],
    request: 'renewal',
    response: 'subscription',
    scopes: BASIC,
  }],
  ['subscriptions.delete', { verb: 'DELETE', path: 'subscriptions/{subscriptionId}', options: [], scopes: BASIC }],
  ['subscriptions.reauthorize', {
    verb: 'POST',
    path: 'subscriptions/{subscriptionId}/reauthorize',
    options: [],
    scopes: BASIC,
  }],
];

const ROUTES = routesOf([...EVENT_ROUTES, ...OTHER_ROUTES]);

/** Finds the method for a verb and a path below `/v1.0/`. `users/<the caller>` is `me`. */
export function matchMethod(verb: string, path: string): MatchedRoute<GraphRoute> | 'path' | 'verb' {
  return matchRoute(ROUTES, verb, path);
}

const TEXT: FieldFact = { type: 'string' };
const FLAG: FieldFact = { type: 'boolean' };
const READ_TEXT: FieldFact = { type: 'string', readOnly: true };
const READ_FLAG: FieldFact = { type: 'boolean', readOnly: true };
const READ_INSTANT: FieldFact = { type: 'string', format: 'date-time', readOnly: true };

function oneOf(...values: string[]): FieldFact {
  return { type: 'string', values };
}

function object(fields: Readonly<Record<string, FieldFact>>): FieldFact {
  return { type: 'object', fields };
}

const COLORS = oneOf(
  'auto',
  'lightBlue',
  'lightGreen',
  'lightOrange',
  'lightGray',
  'lightYellow',
  'lightTeal',
  'lightPink',
  'lightBrown',
  'lightRed',
  'maxColor',
);
const DAYS = oneOf('sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday');

export const SCHEMAS: Readonly<Record<string, FieldFact>> = {
  dateTimeTimeZone: object({ dateTime: TEXT, timeZone: TEXT }),
  emailAddress: object({ name: TEXT, address: TEXT }),
  itemBody: object({ contentType: oneOf('text', 'html'), content: TEXT }),
  location: object({
    displayName: TEXT,
    locationType: oneOf(
      'default',
      'conferenceRoom',
      'homeAddress',
      'businessAddress',
      'geoCoordinates',
      'streetAddress',
      'hotel',
      'restaurant',
      'localBusiness',
      'postalAddress',
    ),
    uniqueId: TEXT,
    uniqueIdType: oneOf('unknown', 'locationStore', 'directory', 'private', 'bing'),
    locationUri: TEXT,
    locationEmailAddress: TEXT,
    address: object({ street: TEXT, city: TEXT, state: TEXT, countryOrRegion: TEXT, postalCode: TEXT }),
    coordinates: object({ latitude: { type: 'number' }, longitude: { type: 'number' } }),
  }),
  responseStatus: object({
    response: oneOf('none', 'organizer', 'tentativelyAccepted', 'accepted', 'declined', 'notResponded'),
    time: TEXT,
  }),
  attendee: object({
    type: oneOf('required', 'optional', 'resource'),
    status: { ref: 'responseStatus' },
    emailAddress: { ref: 'emailAddress' },
  }),
  recurrence: object({
    pattern: object({
      type: oneOf('daily', 'weekly', 'absoluteMonthly', 'relativeMonthly', 'absoluteYearly', 'relativeYearly'),
      interval: { type: 'integer' },
      month: { type: 'integer' },
      dayOfMonth: { type: 'integer' },
      daysOfWeek: { type: 'array', items: DAYS },
      firstDayOfWeek: DAYS,
      index: oneOf('first', 'second', 'third', 'fourth', 'last'),
    }),
    range: object({
      type: oneOf('endDate', 'noEnd', 'numbered'),
      startDate: { type: 'string', format: 'date' },
      endDate: { type: 'string', format: 'date' },
      recurrenceTimeZone: TEXT,
      numberOfOccurrences: { type: 'integer' },
    }),
  }),
  tag: object({ id: TEXT, value: TEXT }),
  event: object({
    id: READ_TEXT,
    createdDateTime: READ_INSTANT,
    lastModifiedDateTime: READ_INSTANT,
    changeKey: READ_TEXT,
    iCalUId: READ_TEXT,
    bodyPreview: READ_TEXT,
    hasAttachments: READ_FLAG,
    isCancelled: READ_FLAG,
    isDraft: READ_FLAG,
    isOrganizer: READ_FLAG,
    onlineMeetingUrl: READ_TEXT,
    onlineMeeting: {
      ...object({
        joinUrl: TEXT,
        conferenceId: TEXT,
        tollNumber: TEXT,
        tollFreeNumbers: { type: 'array', items: TEXT },
        quickDial: TEXT,
        phones: { type: 'array', items: { type: 'any' } },
      }),
      readOnly: true,
    },
    organizer: { ...object({ emailAddress: { ref: 'emailAddress' } }), readOnly: true },
    originalStart: READ_INSTANT,
    originalStartTimeZone: READ_TEXT,
    originalEndTimeZone: READ_TEXT,
    responseStatus: { ...object({ response: TEXT, time: TEXT }), readOnly: true },
    seriesMasterId: READ_TEXT,
    type: { ...oneOf('singleInstance', 'occurrence', 'exception', 'seriesMaster'), readOnly: true },
    webLink: READ_TEXT,
    allowNewTimeProposals: FLAG,
    attendees: { type: 'array', items: { ref: 'attendee' } },
    body: { ref: 'itemBody' },
    categories: { type: 'array', items: TEXT },
    end: { ref: 'dateTimeTimeZone' },
    hideAttendees: FLAG,
    importance: oneOf('low', 'normal', 'high'),
    isAllDay: FLAG,
    isOnlineMeeting: FLAG,
    isReminderOn: FLAG,
    location: { ref: 'location' },
    locations: { type: 'array', items: { ref: 'location' } },
    onlineMeetingProvider: oneOf('unknown', 'teamsForBusiness', 'skypeForBusiness', 'skypeForConsumer'),
    recurrence: { ref: 'recurrence' },
    reminderMinutesBeforeStart: { type: 'integer' },
    responseRequested: FLAG,
    sensitivity: oneOf('normal', 'personal', 'private', 'confidential'),
    showAs: oneOf('free', 'tentative', 'busy', 'oof', 'workingElsewhere', 'unknown'),
    singleValueExtendedProperties: { type: 'array', items: { ref: 'tag' } },
    start: { ref: 'dateTimeTimeZone' },
    subject: TEXT,
    transactionId: TEXT,
  }),
  // A removal has nothing but its id.
  change: { type: 'any' },
  cancel: object({ comment: TEXT, Comment: TEXT }),
  calendar: object({
    id: TEXT,
    name: TEXT,
    color: COLORS,
    hexColor: TEXT,
    groupClassId: TEXT,
    isDefaultCalendar: FLAG,
    changeKey: TEXT,
    canEdit: FLAG,
    canShare: FLAG,
    canViewPrivateItems: FLAG,
    isRemovable: FLAG,
    isTallyingResponses: FLAG,
    allowedOnlineMeetingProviders: { type: 'array', items: TEXT },
    defaultOnlineMeetingProvider: TEXT,
    owner: { ref: 'emailAddress' },
  }),
  user: object({
    id: TEXT,
    displayName: TEXT,
    givenName: TEXT,
    surname: TEXT,
    mail: TEXT,
    userPrincipalName: TEXT,
    preferredLanguage: TEXT,
    jobTitle: TEXT,
    mobilePhone: TEXT,
    officeLocation: TEXT,
    businessPhones: { type: 'array', items: TEXT },
  }),
  translation: object({
    inputIds: { type: 'array', items: TEXT },
    sourceIdType: oneOf('restId', 'restImmutableEntryId'),
    targetIdType: oneOf('restId', 'restImmutableEntryId'),
  }),
  subscription: object({
    id: READ_TEXT,
    applicationId: READ_TEXT,
    creatorId: READ_TEXT,
    changeType: TEXT,
    clientState: TEXT,
    expirationDateTime: { type: 'string', format: 'date-time' },
    latestSupportedTlsVersion: oneOf('v1_0', 'v1_1', 'v1_2', 'v1_3'),
    lifecycleNotificationUrl: TEXT,
    notificationUrl: TEXT,
    resource: TEXT,
  }),
  renewal: object({ expirationDateTime: { type: 'string', format: 'date-time' } }),
};

/** Whether granted scopes cover a method that accepts any of `accepted`. */
export function covers(granted: readonly string[], accepted: readonly string[]): boolean {
  return granted.some((scope) => accepted.includes(scope));
}
