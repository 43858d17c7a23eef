import type { Failure } from '../../contract.js'
import { json, type Reply } from '../../kernel/reply.js'
import type { Request } from '../../kernel/request.js'
import type { FieldProblem } from './problems.js'
import type { Version } from './versions.js'

/** A reply as restify sends it, with the version header once a version is chosen. */
export function answer(status: number, body: object, version?: Version): Reply {
  if (version === undefined) return json(status, body)
  return { status, headers: { 'Content-Type': 'application/json', 'api-version': version }, body: JSON.stringify(body) }
}

/** An error body in the form of restify-errors. */
export function failure(status: number, code: string, message: string, version?: Version): Reply {
  return answer(status, { code, message }, version)
}

/** A failure inside the service: restify-errors prints the wrapped error's name and message (vendor page, offers). */
export function internalFailure(cause: string, version?: Version): Reply {
  return failure(500, 'InternalServer', `caused by ${cause}`, version)
}

/** The refusal of invalid fields. Only the three key names are the vendor's. */
export function validationFailure(problems: readonly FieldProblem[], version?: Version): Reply {
  const entries = problems.slice(0, mostProblems).map(({ dataPath, keyword, message }) => ({ dataPath, keyword, message }))
  return answer(400, { code: 'BadRequest', message: 'Request validation failed', problems: entries }, version)
}

/** The refusal of an unknown version. */
export function invalidVersion(asked: string, { method, path }: Request): Reply {
  return failure(400, 'InvalidVersion', `${asked} is not supported by ${method} ${path}`)
}

/** The refusal of a body that is not JSON. */
export function invalidContent(parserText: string): Reply {
  return failure(400, 'InvalidContent', `Invalid JSON: ${parserText}`)
}

/** The refusal of an unknown path. */
export function notFound({ path }: Request): Reply {
  return failure(404, 'ResourceNotFound', `${path} does not exist`)
}

/** The documented error of methods that do not create users. */
export const profileNotFound = 'UnprocessableEntityError: Profile not found'

/** By analogy with the profile's error; no page shows the error of an unknown game key. */
export const gameNotFound = 'UnprocessableEntityError: Game not found'

/** Game of Whales' reply where no route answers: restify's own errors. */
export function failureReply(problem: Failure, request: Request): Reply {
  switch (problem.kind) {
    case 'not-found':
      return notFound(request)
    case 'method-not-allowed': {
      const reply = failure(405, 'MethodNotAllowed', `${request.method} is not allowed`)
      return { ...reply, headers: { ...reply.headers, Allow: problem.allow.join(', ') } }
    }
    case 'body-too-large':
      return failure(413, 'PayloadTooLarge', `Request body size exceeds ${problem.limitBytes}`)
    case 'uri-too-long':
      return failure(414, 'UriTooLong', `Request URI exceeds ${problem.limitBytes} bytes`)
    case 'body-stalled':
      return failure(408, 'RequestTimeout', 'The request body did not arrive')
    // The sandbox's own words and advice belong into the explanation.
    case 'storage-full':
      return internalFailure('StorageError: no space left')
    case 'unavailable':
      return internalFailure('StorageError: the store cannot be reached')
    case 'failed':
      return internalFailure('Error: Internal error')
  }
}

// A body of two mebibytes can have a hundred thousand errors; a reply lists these at most.
const mostProblems = 100
