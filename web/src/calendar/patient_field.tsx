/** Whose appointment it is: a patient found by name as one types, or a new one. */
import { useCallback, useEffect, useRef } from 'preact/hooks';
import type { Failure } from '../backend/failure.ts';
import { useWorkspace } from '../backend/workspace.ts';
import { Combobox, type Option } from '../parts/combobox.tsx';
import { formatDate } from '../words/i18n.ts';
import { useAsOneTypes } from './as_one_types.ts';
import { type FoundPatients, listedName, partsOf, type Patient, searchPatients } from './patients.ts';
import { words } from './words.ts';

export interface PatientChoice {
  /** What is in the field. */
  readonly text: string;
  readonly patient: Patient | null;
  /** They are to be made when the appointment is saved. */
  readonly isNew: boolean;
}

interface PatientFieldProps {
  readonly choice: PatientChoice;
  readonly onChange: (choice: PatientChoice) => void;
}

const CREATE = 'create';

export function chosen(patient: Patient | null): PatientChoice {
  return { text: patient === null ? '' : listedName(patient), patient, isNew: false };
}

export function PatientField({ choice, onChange }: PatientFieldProps) {
  const wasNew = useRef(choice.isNew);
  const back = wasNew.current && !choice.isNew;
  wasNew.current = choice.isNew;
  return choice.isNew && choice.patient !== null
    ? <NewPatient patient={choice.patient} onChange={onChange} />
    : <KnownPatient choice={choice} focused={back} onChange={onChange} />;
}

function KnownPatient({ choice: { text, patient }, focused, onChange }: PatientFieldProps & { focused: boolean }) {
  const { backend: { db }, member: { organisation } } = useWorkspace();
  const wanted = patient === null ? text.trim() : '';
  const search = useCallback(
    (name: string, signal: AbortSignal) => searchPatients(db, organisation.id, name, signal),
    [db, organisation.id],
  );
  const { found, stale, failure } = useAsOneTypes(wanted, 'patients.search', search);
  const patients = wanted === '' ? [] : found?.patients ?? [];
  const options: Option[] = wanted === '' ? [] : [
    ...patients.map((one) => ({ key: one.id, label: listedName(one), hint: bornOf(one) })),
    { key: CREATE, label: words.patient.create(wanted) },
  ];
  const choose = (key: string) => {
    const one = patients.find(({ id }) => id === key);
    if (one !== undefined) onChange(chosen(one));
    else {
      const fresh = { id: crypto.randomUUID(), ...partsOf(wanted), birthDate: null };
      onChange({ text, patient: fresh, isNew: true });
    }
  };

  return (
    <Combobox
      name='patient'
      label={words.form.patient}
      placeholder={words.patient.placeholder}
      text={text}
      options={options}
      note={noteOf(wanted, stale, failure, found)}
      announced={stale ? '' : words.patient.found(patients.length)}
      problem={wanted === '' ? '' : words.patient.choose}
      hint={patient === null ? null : bornOf(patient)}
      stale={stale}
      focused={focused}
      onText={(typed) => onChange({ text: typed, patient: null, isNew: false })}
      onChoose={choose}
    />
  );
}

function noteOf(wanted: string, stale: boolean, failure: Failure | null, found: FoundPatients | null): string | null {
  if (wanted === '') return null;
  if (failure !== null) return failure.message;
  if (stale || found === null) return words.patient.searching;
  if (found.more) return words.patient.more(found.patients.length);
  return found.patients.length === 0 ? words.patient.none : null;
}

export function bornOf({ birthDate }: Patient): string {
  return birthDate === null ? words.patient.birthUnknown : words.patient.born(formatDate(birthDate));
}

interface NewPatientProps {
  readonly patient: Patient;
  readonly onChange: (choice: PatientChoice) => void;
}

function NewPatient({ patient, onChange }: NewPatientProps) {
  // The last name was typed before: what is missing comes next.
  const next = useRef<HTMLInputElement>(null);
  useEffect(() => next.current?.focus(), []);
  const field = (name: 'firstName' | 'lastName') => ({
    name,
    value: patient[name],
    maxLength: 200,
    autocomplete: 'off' as const,
    onInput: ({ currentTarget: { value } }: { currentTarget: HTMLInputElement }) =>
      onChange({ text: '', patient: { ...patient, [name]: value }, isNew: true }),
  });
  return (
    <fieldset class='new-patient'>
      <legend>{words.patient.new}</legend>
      <div class='fields'>
        <label>
          {words.patient.lastName}
          <input {...field('lastName')} required pattern='.*\S.*' />
        </label>
        <label>
          {words.patient.firstName}
          <input {...field('firstName')} ref={next} />
        </label>
        <label>
          {words.patient.birthDate}
          <input
            type='date'
            name='birthDate'
            min='1850-01-01'
            max={new Date().toISOString().slice(0, 10)}
            value={patient.birthDate ?? ''}
            onInput={({ currentTarget: { value } }) =>
              onChange({ text: '', patient: { ...patient, birthDate: value || null }, isNew: true })}
          />
        </label>
      </div>
      <button
        type='button'
        class='quiet'
        onClick={() => onChange({ text: listedName(patient), patient: null, isNew: false })}
      >
        {words.patient.back}
      </button>
    </fieldset>
  );
}
