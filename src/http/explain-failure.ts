import type { Failure, Vendor } from '../contract.js'
import type { FrameworkOutcome } from '../traffic/framework-outcomes.js'
import type { LiveCall } from './call.js'

/** Says in the traffic entry what the framework refused and what would have been accepted. */
export function explainFailure(vendor: Vendor, call: LiveCall, failure: Failure): void {
  call.explain(outcomeOf[failure.kind], sentence(vendor, call, failure))
}

/** The outcome word of each framework failure, the same for every vendor. */
const outcomeOf: Readonly<Record<Failure['kind'], FrameworkOutcome>> = {
  'not-found': 'not-found',
  'method-not-allowed': 'method-not-allowed',
  'body-too-large': 'too-large',
  'body-stalled': 'stalled',
  'uri-too-long': 'too-large',
  'storage-full': 'storage-full',
  unavailable: 'unavailable',
  failed: 'failed',
}

function sentence(vendor: Vendor, call: LiveCall, failure: Failure): string {
  const { method, path } = call.request
  switch (failure.kind) {
    case 'not-found':
      return `${vendor.title} is modelled without ${method} ${path}. ${slashAdvice(path)}${nearestRoutes(vendor, path)}`
    case 'method-not-allowed':
      return `${path} takes ${failure.allow.join(', ')}, not ${method}.`
    case 'body-too-large':
      return `The body is larger than ${failure.limitBytes} bytes, the sandbox's --body-limit.`
    case 'body-stalled':
      if (vendor.bodyTimeoutMs === undefined) return 'The headers came, the whole body did not come in time.'
      return `The headers came, the whole body did not within ${vendor.bodyTimeoutMs} ms of real time, as long as ${vendor.title} waits.`
    case 'uri-too-long':
      return `Path and query are longer than ${failure.limitBytes} bytes.`
    case 'storage-full':
    case 'unavailable':
      return `${failure.detail} Nothing was recorded.`
    case 'failed':
      return `The sandbox itself failed: ${failure.error instanceof Error ? failure.error.message : String(failure.error)}. The log has the stack.`
  }
}

/** A path with two slashes in a row comes from a base URL that ends with one. */
function slashAdvice(path: string): string {
  if (!path.includes('//')) return ''
  return `The path has two slashes in a row: send ${path.replaceAll(/\/{2,}/g, '/')}, with a base URL that has no slash at its end. `
}

function nearestRoutes(vendor: Vendor, path: string): string {
  const last = path.split('/').findLast((part) => part !== '')
  const alike = vendor.routes.filter((route) => last !== undefined && route.path.toLowerCase().includes(last.toLowerCase()))
  const shown = (alike.length > 0 ? alike : vendor.routes).slice(0, 4).map((route) => `${route.method} ${route.path}`)
  return shown.length > 0 ? `It has ${shown.join(', ')}${vendor.routes.length > shown.length ? ' …' : ''}.` : ''
}
