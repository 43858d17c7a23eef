import { useState } from 'preact/hooks'
import { useDeed } from '../../asked.js'
import { ask } from '../../control.js'
import { ChoiceField, Form, TextField } from '../../parts/fields.js'
import { RefusalNote } from '../../parts/notes.js'
import type { Vendor } from '../../shapes.js'
import { effectKinds, effectOf, matchOf, type FaultDraft } from './fault-draft.js'

/** Form that adds one fault: its requests, its effect and its count. */
export function FaultForm({ vendors, onMade }: { vendors: readonly Vendor[]; onMade: () => void }) {
  const [draft, setDraft] = useState<FaultDraft>({ vendor: vendors[0]?.id ?? '', kind: 'named', times: '1', position: 'before' })
  const vendor = vendors.find(({ id }) => id === draft.vendor)
  const replies = vendor?.replies ?? []
  const firstRefusal = (replies.find(({ status }) => status >= 400) ?? replies[0])?.name
  const full = { ...draft, name: replies.some(({ name }) => name === draft.name) ? draft.name : firstRefusal }
  const isPercent = !draft.percent || (Number(draft.percent) >= 0 && Number(draft.percent) <= 100)
  const deed = useDeed(async () => {
    if (!isPercent) return
    const { times, skip, percent, position } = full
    await ask('POST', 'faults', {
      match: matchOf(full),
      effect: effectOf(full),
      position,
      ...(times && { times: Number(times) }),
      ...(skip && { skip: Number(skip) }),
      ...(percent && { probability: Number(percent) / 100 }),
    })
    onMade()
  })
  const { refusal } = deed
  const bind = (member: keyof FaultDraft, label: string, pointer: string, hint?: string) => ({
    label,
    name: pointer,
    value: draft[member] ?? '',
    onValue: (value: string) => setDraft({ ...draft, [member]: value }),
    refusal,
    hint,
  })
  const fields = effectKinds.find(({ id }) => id === draft.kind)?.fields ?? []
  return (
    <Form label="Make a fault" onSend={deed.run}>
      <div class="row">
        <ChoiceField
          {...bind('vendor', 'Vendor', 'match/vendor')}
          choices={[['', 'any vendor'], ...vendors.map(({ id, title }) => [id, title] as const)]}
        />
        <ChoiceField
          {...bind('method', 'Method', 'match/method')}
          choices={[['', 'any'], ...['GET', 'POST', 'PUT', 'DELETE'].map((method) => [method, method] as const)]}
        />
        <TextField
          {...bind('path', 'Path', 'match/path', 'Whole, or with * at its end; empty: any')}
          suggestions={[...new Set(vendor?.routes.map(({ path }) => path.replace(/\{.*/, '*')))]}
        />
      </div>
      <ChoiceField {...bind('kind', 'What happens', 'effect')} choices={effectKinds.map(({ id, words }) => [id, words] as const)} />
      <div class="row">
        {fields.includes('name') && (
          <ChoiceField
            {...bind('name', 'Reply', 'effect/name', replies.find(({ name }) => name === full.name)?.summary)}
            value={full.name ?? ''}
            choices={replies.map(({ name, status }) => [name, `${status} ${name}`] as const)}
          />
        )}
        {fields.includes('status') && <TextField {...bind('status', 'Status', 'effect/status')} isNumber />}
        {fields.includes('ms') && <TextField {...bind('ms', 'Milliseconds', 'effect/ms')} isNumber />}
        {fields.includes('bytes') && <TextField {...bind('bytes', 'Bytes', 'effect/bytes')} isNumber />}
        {fields.includes('bytesPerSecond') && <TextField {...bind('bytesPerSecond', 'Bytes a second', 'effect/bytesPerSecond')} isNumber />}
      </div>
      {fields.includes('body') && (
        <TextField {...bind('body', 'Body', 'effect/body', 'JSON is sent as JSON, anything else as text')} rows={3} />
      )}
      <div class="row">
        <TextField {...bind('times', 'How often', 'times', 'Empty: for ever')} isNumber />
        <TextField {...bind('skip', 'Let pass first', 'skip')} isNumber />
        <TextField {...bind('percent', 'In % of cases', 'probability')} isNumber fault={isPercent ? undefined : 'takes 0 to 100'} />
        <ChoiceField
          {...bind('position', 'When', 'position')}
          choices={[
            ['before', 'before the vendor'],
            ['after', 'after its commit'],
          ]}
        />
      </div>
      <RefusalNote refusal={refusal} shownFields={['times', 'skip', 'probability', 'position']} />
      <button type="submit" aria-busy={deed.isBusy ? 'true' : undefined}>
        Make the fault
      </button>
    </Form>
  )
}
