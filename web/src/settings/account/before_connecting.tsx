/** What a person reads before they connect, and when connecting did not work. */
import type { Failure } from '../../backend/failure.ts';
import { FailureNote } from '../../parts/notices.tsx';
import type { Provider } from '../../providers.ts';
import { said } from '../../words/i18n.ts';
import { ConnectButton } from '../connect_button.tsx';
import { words as settings } from '../words.ts';
import { words } from './words.ts';

export interface RefusalProps {
  readonly provider: Provider;
  readonly failure: Failure;
  readonly onClose: () => void;
}

export interface PresentationProps {
  readonly provider: Provider;
  /** The page already offers to start again. */
  readonly secondary: boolean;
}

/** Why the consent page was left without a connection, and the one action that mends it. */
export function Refusal({ provider, failure, onClose }: RefusalProps) {
  const advice = said(words.connect.refusals, failure.code);
  return (
    <section class='card refusal' aria-labelledby='refusal-title'>
      <h2 id='refusal-title'>{words.connect.refusedTitle}</h2>
      <FailureNote failure={failure} onClose={onClose} />
      {advice !== undefined && <p>{advice}</p>}
      <div class='buttons'>
        <ConnectButton provider={provider} label={settings.connection.connect(provider.account)} />
      </div>
    </section>
  );
}

/** What a person should know before they connect. */
export function Presentation({ provider, secondary }: PresentationProps) {
  return (
    <section class='card' aria-labelledby='connection-title'>
      <h2 id='connection-title'>{settings.connection.heading}</h2>
      <p>{words.connect.intro}</p>
      <div class='columns'>
        <div>
          <h3>{words.connect.sentTitle}</h3>
          <ul class='list'>{words.connect.sent.map((line) => <li key={line}>{line}</li>)}</ul>
        </div>
        <div>
          <h3>{words.connect.neverTitle}</h3>
          <ul class='list list-never'>{words.connect.neverSent.map((line) => <li key={line}>{line}</li>)}</ul>
        </div>
      </div>
      {!secondary && (
        <div class='buttons'>
          <ConnectButton provider={provider} label={settings.connection.connect(provider.account)} />
        </div>
      )}
    </section>
  );
}
