import { useState } from 'preact/hooks'
import { useDeed } from '../../asked.js'
import { ask } from '../../control.js'
import { ChoiceField, Form } from '../../parts/fields.js'
import { RefusalNote } from '../../parts/notes.js'
import type { Vendor } from '../../shapes.js'

const profiles = [
  ['flaky', 'flaky: 503 twice, then all is well'],
  ['brownout', 'brownout: about 2 s each, 20% answered 503'],
  ['offline', 'offline: every connection is dropped'],
  ['charged-but-lost', 'charged-but-lost: the vendor commits once, the answer never arrives'],
] as const

/** Form that adds a profile of faults for one vendor. */
export function ProfileForm({ vendors, onMade }: { vendors: readonly Vendor[]; onMade: () => void }) {
  const [vendor, setVendor] = useState(vendors[0]?.id ?? '')
  const [profile, setProfile] = useState<string>(profiles[0][0])
  const deed = useDeed(async () => {
    await ask('POST', 'faults', { profile, match: { vendor } })
    onMade()
  })
  return (
    <Form label="Make a ready set of faults" onSend={deed.run}>
      <ChoiceField
        label="Vendor"
        value={vendor}
        onValue={setVendor}
        choices={vendors.map(({ id, title }) => [id, title] as const)}
        name="match/vendor"
        refusal={deed.refusal}
      />
      <ChoiceField label="Set" value={profile} onValue={setProfile} choices={profiles} name="profile" refusal={deed.refusal} />
      <RefusalNote refusal={deed.refusal} shownFields={['profile']} />
      <button type="submit" aria-busy={deed.isBusy ? 'true' : undefined}>
        Make the set
      </button>
    </Form>
  )
}
