import { useState } from 'preact/hooks'
import { refreshAll, useDeed } from '../../asked.js'
import { ask, download, Refusal } from '../../control.js'
import { Form, TextField } from '../../parts/fields.js'
import { RefusalNote } from '../../parts/notes.js'
import { goTo, linkTo, workspaceParameter } from '../../place.js'

/** Session files: requests, rows, purchases and webhooks of a workspace in one file, for a colleague to look at. */
export function Sessions() {
  const [keepsSecrets, setKeepsSecrets] = useState(false)
  const [name, setName] = useState('session')
  const [document, setDocument] = useState<unknown>(undefined)
  const save = useDeed(() => download(keepsSecrets ? 'session?secrets=keep' : 'session', 'coinslot-session.json'))
  const open = useDeed(async () => {
    await ask('PUT', `workspaces/${encodeURIComponent(name)}/session`, document)
    refreshAll()
    goTo(linkTo('live', [], { [workspaceParameter]: name }))
  })
  const read = useDeed()
  const choose = (event: Event) =>
    read.perform(async () => {
      const text = (await (event.target as HTMLInputElement).files?.[0]?.text()) ?? ''
      try {
        setDocument(JSON.parse(text))
      } catch (error) {
        throw new Refusal(0, 'That is not a session file.', (error as Error).message)
      }
    })
  return (
    <section class="part" aria-labelledby="sessions-title">
      <h2 id="sessions-title">Sessions</h2>
      <p>A session file shows a colleague what this workspace shows now: requests, rows, purchases, webhooks and their reasons.</p>
      <label>
        <input type="checkbox" checked={keepsSecrets} onChange={() => setKeepsSecrets(!keepsSecrets)} />
        With keys and tokens, which are redacted otherwise
      </label>
      <button type="button" class="outline" onClick={save.run} aria-busy={save.isBusy ? 'true' : undefined}>
        Save session
      </button>
      <RefusalNote refusal={save.refusal} />
      <Form label="Open a session" onSend={open.run}>
        <label class="file">
          Session file <input type="file" accept=".json,application/json" onChange={choose} />
        </label>
        <div class="inline">
          <TextField label="Workspace for it" value={name} onValue={setName} hint="a-z, 0-9 and -; what it holds is replaced" />
          <button type="submit" disabled={document === undefined || name === ''}>
            Open session
          </button>
        </div>
        <RefusalNote refusal={open.refusal ?? read.refusal} />
      </Form>
    </section>
  )
}
