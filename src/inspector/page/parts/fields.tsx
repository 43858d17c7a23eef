import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'
import type { Refusal } from '../control.js'
import { isOf, plainWords } from './notes.js'

interface FieldProps {
  label: string
  value: string
  onValue: (value: string) => void
  /** Name of the member, by which what was wrong with it is found. */
  name?: string
  refusal?: Refusal | undefined
  /** Wrong before anything was sent. */
  fault?: string | undefined
  hint?: string | undefined
  isRequired?: boolean
}

interface TextProps extends FieldProps {
  type?: 'text' | 'search' | 'password'
  /** Phones show digits to type. */
  isNumber?: boolean
  rows?: number
  suggestions?: readonly string[]
  placeholder?: string
}

/** A labelled text field with its own faults; `rows` makes it one for long texts. */
export function TextField({ label, value, onValue, type = 'text', isNumber = false, rows, suggestions, placeholder, ...rest }: TextProps) {
  const { id, faults, described, hintId, faultId } = useFieldIds(rest)
  const common = {
    id,
    value,
    placeholder,
    inputmode: isNumber ? 'numeric' : undefined,
    spellcheck: false,
    autocomplete: 'off',
    'aria-describedby': described,
    'aria-invalid': faults.length > 0 ? 'true' : undefined,
    required: rest.isRequired,
    onInput: (event: Event) => onValue((event.target as HTMLInputElement).value),
  } as const
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {rows ? (
        <textarea {...common} rows={rows} />
      ) : type === 'password' ? (
        <input {...common} type="password" />
      ) : (
        <input {...common} type={type} list={suggestions && `${id}-list`} />
      )}
      {suggestions && (
        <datalist id={`${id}-list`}>
          {suggestions.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      )}
      <Explained hint={rest.hint} hintId={hintId} faults={faults} faultId={faultId} />
    </div>
  )
}

/** A labelled choice. */
export function ChoiceField({ label, value, onValue, choices, ...rest }: FieldProps & { choices: readonly (readonly [string, string])[] }) {
  const { id, faults, described, hintId, faultId } = useFieldIds(rest)
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value}
        aria-describedby={described}
        aria-invalid={faults.length > 0 ? 'true' : undefined}
        onChange={(event: Event) => onValue((event.target as HTMLSelectElement).value)}
      >
        {choices.map(([choice, text]) => (
          <option key={choice} value={choice} selected={choice === value}>
            {text}
          </option>
        ))}
      </select>
      <Explained hint={rest.hint} hintId={hintId} faults={faults} faultId={faultId} />
    </div>
  )
}

/** A form of which sending does something here, not a page load. */
export function Form({ onSend, children, label }: { onSend: () => void; children: ComponentChildren; label: string }) {
  return (
    <form
      aria-label={label}
      novalidate
      onSubmit={(event: Event) => {
        event.preventDefault()
        onSend()
      }}
    >
      {children}
    </form>
  )
}

function useFieldIds({ name, refusal, fault, hint }: Pick<FieldProps, 'name' | 'refusal' | 'fault' | 'hint'>) {
  const id = useId()
  const told =
    name === undefined ? [] : (refusal?.errors ?? []).filter(({ path }) => isOf(path, name)).map(({ message }) => plainWords(message))
  const faults = fault === undefined ? told : [fault, ...told]
  const hintId = `${id}-hint`
  const faultId = `${id}-fault`
  const described = [hint && hintId, faults.length > 0 && faultId].filter(Boolean).join(' ') || undefined
  return { id, faults, described, hintId, faultId }
}

function Explained(props: { hint: string | undefined; hintId: string; faults: readonly string[]; faultId: string }) {
  return (
    <>
      {props.hint && <small id={props.hintId}>{props.hint}</small>}
      {props.faults.length > 0 && (
        <small id={props.faultId} class="fault" role="alert">
          {props.faults.join('; ')}
        </small>
      )}
    </>
  )
}
