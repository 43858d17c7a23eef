import { ChoiceField, TextField } from '../../parts/fields.js'
import { goTo, linkTo, usePlace } from '../../place.js'
import type { OutcomeCounts, Vendor } from '../../shapes.js'

/** Query members of the page that are a filter, as the control API names them. */
export const filterNames = ['vendor', 'method', 'path', 'status', 'outcome', 'search'] as const

/** The filter in a place, as the control API takes it. */
export function filterQuery(query: Readonly<Record<string, string>>): string {
  return new URLSearchParams(filterNames.flatMap((name) => (query[name] ? [[name, query[name]]] : []))).toString()
}

const statuses = ['2xx', '3xx', '4xx', '5xx']

/** Filter of the list of requests; it is part of the URL, so that it can be shared. */
export function Filters({ counts, vendors }: { counts: OutcomeCounts | undefined; vendors: readonly Vendor[] }) {
  const { rest, query } = usePlace()
  const set = (name: (typeof filterNames)[number]) => (value: string) =>
    goTo(linkTo('live', rest, { ...query, page: undefined, [name]: value }), { replace: true })
  const outcomes = [...new Set((counts?.outcomes ?? []).map(({ outcome }) => outcome))].sort()
  return (
    <form class="filters" role="search" aria-label="Filter requests" onSubmit={(event: Event) => event.preventDefault()}>
      <TextField
        label="Search"
        type="search"
        value={query['search'] ?? ''}
        onValue={set('search')}
        placeholder="anything sent, answered or said"
      />
      <ChoiceField
        label="Vendor"
        value={query['vendor'] ?? ''}
        onValue={set('vendor')}
        choices={[['', 'all'], ...vendors.map(({ id, title }) => [id, title] as const)]}
      />
      <ChoiceField
        label="Status"
        value={query['status'] ?? ''}
        onValue={set('status')}
        choices={[['', 'all'], ...withOwn(statuses, query['status'])]}
      />
      <ChoiceField
        label="Outcome"
        value={query['outcome'] ?? ''}
        onValue={set('outcome')}
        choices={[['', 'all'], ...withOwn(outcomes, query['outcome'])]}
      />
      <ChoiceField
        label="Method"
        value={query['method'] ?? ''}
        onValue={set('method')}
        choices={[['', 'all'], ...withOwn(['GET', 'POST', 'PUT', 'DELETE'], query['method'])]}
      />
      <TextField label="Path" value={query['path'] ?? ''} onValue={set('path')} placeholder="/v2/* or a whole path" />
    </form>
  )
}

/** Choices, with the current value added if it is not among them. */
function withOwn(values: readonly string[], own: string | undefined): (readonly [string, string])[] {
  const all = own && !values.includes(own) ? [...values, own] : values
  return all.map((value) => [value, value])
}
