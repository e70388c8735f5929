/** Events as an appointment makes them, for what is measured beside the worker. */
import type { PlainEvent } from './provider_stage.ts';

export function appointment(index: number): PlainEvent {
  const at = (slot: number) => new Date(Date.UTC(2027, 0, 1, 8) + slot * 30 * 60_000).toISOString();
  return {
    title: '[Cassius] Contrôle — Amélie Rousseau',
    description: 'Praticien : Dr Camille Bernard\nActe : Examen bucco-dentaire\nAppeler la veille',
    location: 'Fauteuil 1',
    startsAt: at(index),
    endsAt: at(index + 1),
  };
}
