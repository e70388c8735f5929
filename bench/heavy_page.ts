/** (l) A first import of events that weigh as much as events do, long texts and many guests: the memory that it takes. */
import { Person } from '../tests/functions/person.ts';
import { fill, firstImport, rpcCounter } from './import_cost.ts';
import { atMost, type Bench } from './measure.ts';
import { openPractices, startOver } from './practices.ts';

export const HEAVY_EVENTS = 1_700;
const TEXT = 'Ordre du jour : le point sur les commandes, puis les congés de l’équipe. '.repeat(52);
const GUESTS = Array.from({ length: 30 }, (_, at) => `participant.numero.${at}@une-grande-entreprise.test`);
/** What makes an event heavy: 3.8 KB of text and 30 guests. */
export const HEAVY = { description: TEXT, guests: GUESTS };

export const heavyPage: Bench = {
  name: 'heavy_page',
  title: 'Importing heavy events',
  perProvider: true,
  async run(context) {
    const { stack, stage } = context;
    await startOver(context);
    await stage.steer(stack, 'settings', stage.withoutQuotas);
    const [practice] = await openPractices(context, 1);
    const person = (await Person.signIn(stack, practice!.account.login)).at(stage.provider);
    const calendar = await stage.openCalendar(stack, practice!.account);
    context.say(
      `  filling the calendar with ${HEAVY_EVENTS} events of ${TEXT.length} characters and ${GUESTS.length} guests`,
    );
    await fill(calendar, HEAVY_EVENTS, HEAVY);
    const rpcs = await rpcCounter(context);
    // The first one warms up: what it leaves behind is the idle function's.
    await firstImport(context, person, practice!, rpcs);
    const { ms, apiCalls, peakMb, idleMb } = await firstImport(context, person, practice!, rpcs);
    return {
      figures: [
        { what: `import of ${HEAVY_EVENTS} heavy events`, value: ms, unit: 'ms' },
        { what: 'API calls', value: apiCalls, unit: '' },
        { what: 'peak memory of the function', value: peakMb ?? NaN, unit: 'MB' },
        { what: 'above what the idle function held', value: (peakMb ?? NaN) - (idleMb ?? NaN), unit: 'MB' },
      ],
      claims: peakMb === null ? [] : [atMost('peak memory of the function, heavy events, MB', peakMb, 150)],
    };
  },
};
