import type { Answer, MediaType, Operation, Parameter } from '../operations.js'

/** One call on the documents' page, collapsed at first. */
export function CallDetails({ method, path, operation }: { method: string; path: string; operation: Operation }) {
  const evidence = operation['x-evidence']
  const { parameters = [], requestBody } = operation
  return (
    <details class="call" id={operation.operationId}>
      <summary>
        <span class={`verb ${method.toLowerCase()}`}>{method}</span>
        <code class="path">{path}</code>
        <span class="what">{operation.summary}</span>
        {evidence && <span class="level">{evidence.level}</span>}
      </summary>
      <div>
        {evidence && (
          <>
            <h3>Evidence</h3>
            <p>
              {evidence.level}: {evidence.source}
            </p>
            {evidence.gaps.length > 0 && (
              <ul class="plain">
                {evidence.gaps.map((gap) => (
                  <li>{gap}</li>
                ))}
              </ul>
            )}
          </>
        )}
        {parameters.length > 0 && <Parameters parameters={parameters} />}
        {requestBody && (
          <>
            <h3>Body</h3>
            {Object.entries(requestBody.content).map(([type, media], at) => (
              <Media type={type} media={at === 0 ? media : { ...media, example: undefined }} />
            ))}
          </>
        )}
        <h3>Try it</h3>
        {operation['x-needs'] !== undefined && <p>{operation['x-needs']}</p>}
        <pre tabindex={0} aria-label="Command">
          {curlLine(exampleRequest(method, path, operation))}
        </pre>
        <h3>Answers</h3>
        <Answers responses={operation.responses} />
      </div>
    </details>
  )
}

function Parameters({ parameters }: { parameters: Parameter[] }) {
  return (
    <>
      <h3>Parameters</h3>
      <table>
        <tbody>
          {parameters.map(({ name, in: place, required, description, schema }) => (
            <tr>
              <td>
                <code>{name}</code>
              </td>
              <td class="soft">
                {place}
                {required ? '' : ', optional'}
              </td>
              <td>{description ?? typeOf(schema)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}

function Answers({ responses }: { responses: Record<string, Answer> }) {
  return (
    <table>
      <thead>
        <tr>
          <th>Status</th>
          <th>Meaning</th>
          <th>Outcomes</th>
        </tr>
      </thead>
      <tbody>
        {Object.entries(responses).map(([status, { description, content = {}, 'x-outcomes': outcomes = [] }]) => (
          <tr>
            <td>{status}</td>
            <td>
              {description}
              {Object.entries(content).map(([type, media]) => (
                <Media type={type} media={media} />
              ))}
            </td>
            <td>{outcomes.join(', ')}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Media({ type, media: { schema, example } }: { type: string; media: MediaType }) {
  if (!schema && example === undefined) return <div class="soft">{type}</div>
  return (
    <>
      {example !== undefined && <pre tabindex={0}>{JSON.stringify(example, null, 2)}</pre>}
      {schema && (
        <details class="shape">
          <summary>{type}: shape</summary>
          <pre tabindex={0}>{JSON.stringify(schema, null, 2)}</pre>
        </details>
      )}
    </>
  )
}

function typeOf(schema: object): string {
  const { type, enum: values } = schema as { type?: unknown; enum?: unknown[] }
  if (values) return values.join(', ')
  return typeof type === 'string' ? type : ''
}

/** A request made from the examples of an operation. */
interface ExampleRequest {
  method: string
  /** Path and query; a parameter of the path without an example stays in braces. */
  target: string
  headers: readonly (readonly [name: string, value: string])[]
  body: string | undefined
}

/** The request that a document shows for a call: it works against the default seed unless the call needs something first. */
export function exampleRequest(method: string, path: string, { parameters = [], requestBody }: Operation): ExampleRequest {
  const given = (place: string) =>
    parameters.flatMap((one): [string, string][] => (one.in === place && one.example !== undefined ? [[one.name, one.example]] : []))
  const values = new Map(given('path'))
  const filled = path.replaceAll(/\{(\w+)\}/g, (all, name: string) =>
    encodeURIComponent(values.get(name) ?? all).replaceAll(/%7B|%7D/g, brace),
  )
  const query = new URLSearchParams(given('query')).toString()
  const [type, media] = Object.entries(requestBody?.content ?? {}).find(([, { example }]) => example !== undefined) ?? []
  return {
    method,
    target: query === '' ? filled : `${filled}?${query}`,
    headers: [...given('header'), ...(type === undefined ? [] : [['Content-Type', type] as const])],
    body: type === undefined ? undefined : bodyText(type, media?.example),
  }
}

/** A line that works when pasted into a shell, once `COINSLOT_URL` says where the sandbox is. */
export function curlLine({ method, target, headers, body }: ExampleRequest): string {
  const verb = method === 'GET' ? '' : ` -X ${method}`
  const parts = [
    `curl${verb} "$COINSLOT_URL"${quoted(target)}`,
    ...headers.map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...(body === undefined ? [] : [`--data-raw ${quoted(body)}`]),
  ]
  return parts.join(' \\\n  ')
}

function brace(escape: string): string {
  return escape === '%7B' ? '{' : '}'
}

/** An example of a form is an object of texts. */
function bodyText(type: string, example: unknown): string {
  if (typeof example === 'string') return example
  if (type !== 'application/x-www-form-urlencoded') return JSON.stringify(example)
  return new URLSearchParams(example as Record<string, string>).toString()
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
