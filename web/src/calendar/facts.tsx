import type { ComponentChildren } from 'preact';
import { Fragment } from 'preact';

type Fact = readonly [name: string, value: ComponentChildren];

/** Names and values; what is not known is left out. */
export function Facts({ facts }: { facts: ReadonlyArray<Fact | null | false> }) {
  const known = facts.filter((fact): fact is Fact => Boolean(fact) && Boolean((fact as Fact)[1]));
  return (
    <dl class='facts'>
      {known.map(([name, value]) => (
        <Fragment key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}
